"""Makes the reference outputs that converted models are compared with.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt   (Python 3.11)
    VENV/bin/python reference.py ASTRONAUT.png ../../models/convert/testdata

ASTRONAUT.png is scikit-image's data/astronaut.png (NASA, public domain). The
models come from the mediapipe package itself. The reference is LiteRT with
one thread, and MediaPipe's own graph for the face mesh with attention, whose
operators LiteRT lacks. Nothing of this is part of the product.

Written are the test pictures and, for each model, NAME.json.gz: for each case
the picture, how often it is turned by 90 degrees against the clock, and of
each output the shape, its mean and mean magnitude over all elements, and every
stride-th element. A model's input is the picture, sampled without
interpolation (row y of H is row y*h//H of h), as RGB from 0 to 1, or from -1
to 1 for the detectors of faces and bodies.
"""
import gzip
import hashlib
import json
import math
import os
import sys

import mediapipe
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageDraw

ATTENTION = "face_landmark_with_attention"
ATTENTION_OUTPUTS = ["output_mesh_identity", "output_lips", "output_left_eye", "output_right_eye",
                     "output_left_iris", "output_right_iris", "conv_faceflag"]
SIGNED = {"face_detection_short_range", "face_detection_full_range_sparse", "pose_detection"}
FACE = [("astronaut_face.png", 0), ("astronaut_face.png", 1), ("figure.png", 0)]
SCENE = [("astronaut.png", 0), ("astronaut.png", 1), ("figure.png", 0)]
# In astronaut_eye.png the grid over one eye reaches beyond the picture.
CASES = {
    "face_detection/face_detection_short_range": SCENE,
    "face_detection/face_detection_full_range_sparse": SCENE,
    "face_landmark/face_landmark": FACE,
    "face_landmark/" + ATTENTION: FACE + [("astronaut_eye.png", 0)],
    "iris_landmark/iris_landmark": [("astronaut_eye.png", 0), ("astronaut_eye.png", 2), ("figure.png", 0)],
    "pose_detection/pose_detection": SCENE,
    "pose_landmark/pose_landmark_full": SCENE,
    "selfie_segmentation/selfie_segmentation": SCENE,
    "selfie_segmentation/selfie_segmentation_landscape": SCENE,
    "palm_detection/palm_detection_lite": SCENE,
    "hand_landmark/hand_landmark_lite": SCENE,
}
KEPT = 700  # elements of an output, about


def pictures(astronaut, folder):
    """Writes the test pictures: crops of the photograph, and a drawn figure."""
    photo = Image.open(astronaut).convert("RGB")
    crops = {"astronaut.png": (None, 256), "astronaut_face.png": ((140, 20, 310, 190), 192), "astronaut_eye.png": ((190, 70, 270, 150), 192)}
    for name, (box, size) in crops.items():
        photo.resize((size, size), Image.LANCZOS, box=box).save(os.path.join(folder, name), optimize=True)
    figure = Image.new("RGB", (256, 256), (176, 190, 197))
    d = ImageDraw.Draw(figure)
    d.polygon([(20, 256), (52, 182), (104, 164), (152, 164), (204, 182), (236, 256)], fill=(40, 70, 130))
    d.rectangle((108, 136, 148, 176), fill=(200, 150, 120))
    d.ellipse((80, 32, 176, 156), fill=(224, 176, 144))
    d.pieslice((74, 18, 182, 132), 180, 360, fill=(60, 40, 30))
    for x in (108, 148):
        d.line((x - 14, 78, x + 14, 76), fill=(60, 40, 30), width=4)
        d.ellipse((x - 12, 84, x + 12, 98), fill=(250, 250, 250))
        d.ellipse((x - 6, 85, x + 6, 97), fill=(70, 90, 60))
        d.ellipse((x - 3, 88, x + 3, 94), fill=(10, 10, 10))
    d.polygon([(126, 92), (118, 118), (138, 118)], fill=(204, 150, 120))
    d.ellipse((108, 126, 148, 140), fill=(180, 70, 70))
    d.ellipse((196, 120, 232, 164), fill=(224, 176, 144))
    for k, x in enumerate((194, 203, 212, 222)):
        d.rounded_rectangle((x, 92 - (6 if k in (1, 2) else 0), x + 7, 132), 3, fill=(224, 176, 144))
    figure.save(os.path.join(folder, "figure.png"), optimize=True)


def read(path, turns, height, width):
    a = np.rot90(np.asarray(Image.open(path).convert("RGB")), turns)
    rows, columns = np.arange(height) * a.shape[0] // height, np.arange(width) * a.shape[1] // width
    return np.ascontiguousarray(a[rows][:, columns])


def litert(path, name, cases, folder):
    it = Interpreter(path, num_threads=1)
    it.allocate_tensors()
    port = it.get_input_details()[0]
    for picture, turns in cases:
        x = read(os.path.join(folder, picture), turns, *port["shape"][1:3]).astype(np.float32) / 255
        it.set_tensor(port["index"], (x * 2 - 1 if name in SIGNED else x)[None])
        it.invoke()
        yield {o["name"]: it.get_tensor(o["index"]) for o in it.get_output_details()}


def attention_graph(path):
    ports = range(len(ATTENTION_OUTPUTS))
    ranges = " ".join(f"ranges: {{ begin: {i} end: {i + 1} }}" for i in ports)
    streams = " ".join(f'output_stream: "t{i}"' for i in ports)
    floats = "\n".join(f'node {{ calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:t{i}" output_stream: "FLOATS:f{i}" }}' for i in ports)
    return f"""
input_stream: "image"
node {{ calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:in"
  options {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{
    output_tensor_width: 192 output_tensor_height: 192 output_tensor_float_range {{ min: 0.0 max: 1.0 }} }} }} }}
node {{ calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:ops"
  options {{ [mediapipe.TfLiteCustomOpResolverCalculatorOptions.ext] {{ use_gpu: false }} }} }}
node {{ calculator: "InferenceCalculator" input_stream: "TENSORS:in" output_stream: "TENSORS:out" input_side_packet: "OP_RESOLVER:ops"
  options {{ [mediapipe.InferenceCalculatorOptions.ext] {{ model_path: "{path}" delegate {{ xnnpack {{ num_threads: 1 }} }} }} }} }}
node {{ calculator: "SplitTensorVectorCalculator" input_stream: "out" {streams}
  options {{ [mediapipe.SplitVectorCalculatorOptions.ext] {{ {ranges} }} }} }}
{floats}
"""


def attention(path, cases, folder):
    from google.protobuf import text_format
    from mediapipe.calculators.core import split_vector_calculator_pb2  # noqa: F401  (registers the graph's options)
    from mediapipe.calculators.tensor import image_to_tensor_calculator_pb2, inference_calculator_pb2  # noqa: F401
    from mediapipe.calculators.tensor import tensors_to_floats_calculator_pb2  # noqa: F401
    from mediapipe.calculators.tflite import tflite_custom_op_resolver_calculator_pb2  # noqa: F401
    from mediapipe.framework import calculator_pb2

    config = text_format.Parse(attention_graph(path), calculator_pb2.CalculatorGraphConfig())
    for picture, turns in cases:
        got = {}
        graph = mediapipe.CalculatorGraph(graph_config=config)
        for i, name in enumerate(ATTENTION_OUTPUTS):
            graph.observe_output_stream(f"f{i}", lambda _, p, name=name: got.__setitem__(
                name, np.array(mediapipe.packet_getter.get_float_list(p), np.float32).reshape(1, 1, 1, -1)))
        graph.start_run()
        rgb = read(os.path.join(folder, picture), turns, 192, 192)
        frame = mediapipe.packet_creator.create_image_frame(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
        graph.add_packet_to_input_stream("image", frame.at(0))
        graph.wait_until_idle()
        graph.close()
        yield got


def compact(a):
    flat = a.ravel()
    stride = max(1, flat.size // KEPT)
    while stride > 1 and math.gcd(stride, a.shape[-1] * a.shape[-2]) > 1:
        stride += 1  # else only some of the channels or columns would be seen
    return {
        "shape": list(a.shape), "stride": stride,
        "mean": float(flat.mean(dtype=np.float64)), "magnitude": float(np.abs(flat).mean(dtype=np.float64)),
        "largest": float(np.abs(flat).max()),
        "values": [float(f"{v:.7g}") for v in flat[::stride]],
    }


def main():
    astronaut, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    pictures(astronaut, folder)
    modules = os.path.join(os.path.dirname(mediapipe.__file__), "modules")
    for model, cases in CASES.items():
        name, path = os.path.basename(model), os.path.join(modules, model + ".tflite")
        runs = attention(path, cases, folder) if name == ATTENTION else litert(path, name, cases, folder)
        golden = {"sha256": hashlib.sha256(open(path, "rb").read()).hexdigest(), "cases": [
            {"picture": picture, "turns": turns, "outputs": {k: compact(v) for k, v in outputs.items()}}
            for (picture, turns), outputs in zip(cases, runs)]}
        with open(os.path.join(folder, name + ".json.gz"), "wb") as f:
            f.write(gzip.compress(json.dumps(golden, separators=(",", ":")).encode(), mtime=0))
        print(name, len(cases), "cases")


if __name__ == "__main__":
    main()

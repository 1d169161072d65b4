"""ISNet in onnxruntime's own Python package beside Cheval: reads a line with a photo's path, answers the milliseconds.

Usage: PYTHON bench_studio.py isnet.onnx. What is timed is what Cheval does for
a photo that is decoded: scale, run, scale back. It is the reference of
`cheval bench studio --python PYTHON` and no part of the product.
"""
import sys
import time

import numpy
import onnxruntime
from PIL import Image

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
print("ready", flush=True)
for line in sys.stdin:
    photo = Image.open(line.strip()).convert("RGB")
    photo.load()
    began = time.perf_counter()
    x = numpy.asarray(photo.resize((1024, 1024), Image.BILINEAR), numpy.float32)
    x = ((x - 128) / 256).transpose(2, 0, 1)[None]
    y = session.run(["output"], {"input": x})[0][0, 0]
    Image.fromarray((y.clip(0, 1) * 255).astype(numpy.uint8)).resize(photo.size, Image.BILINEAR)
    print((time.perf_counter() - began) * 1e3, flush=True)

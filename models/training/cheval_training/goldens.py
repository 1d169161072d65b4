"""What Go must compute alike: pictures and expected numbers for its tests.

  python -m cheval_training.goldens --weights models/weights --go .
"""
import argparse
import json
import os

import numpy as np
import onnxruntime
from PIL import Image

from . import colour, planes, products, synth
from .networks import SCALE


def save(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        json.dump(value, f, separators=(",", ":"))
        f.write("\n")


def rounded(values, digits=5):
    return [round(float(v), digits) for v in np.asarray(values).ravel()]


def colours(folder):
    """The colour rule over a grid of sRGB."""
    steps = list(range(0, 256, 17))
    grid = np.array([(r, g, b) for r in steps for g in steps for b in steps], np.uint8)
    save(os.path.join(folder, "colours.json"), {"steps": steps, "names": [colour.NAMES.index(colour.name_of(v)) for v in colour.to_lab(grid)],
                                               "words": colour.NAMES})


def garments():
    """Four pictures as a studio has them: a cut-out larger and one smaller than
    a normalised product, one on white, one photo."""
    rng = np.random.default_rng(11)
    dress, hat, shirt, skirt = (Image.fromarray(synth.garment(c, rng), "RGBA") for c in ("dress", "hat", "shirt", "skirt"))
    wide = Image.new("RGBA", (400, 300), (255, 255, 255, 0))
    wide.paste(dress.resize((230, 230), Image.BICUBIC), (120, 40))
    small = hat.resize((60, 60), Image.BOX)
    white = Image.new("RGB", (200, 260), "white")
    white.paste(shirt.convert("RGB"), (40, 60), shirt.split()[3])
    photo = Image.fromarray(rng.integers(60, 120, (210, 160, 3)).astype(np.uint8)).resize((320, 420), Image.BILINEAR)
    photo.paste(skirt.convert("RGB"), (90, 140), skirt.split()[3])
    return {"larger": wide, "smaller": small, "white": white, "photo": photo}


def normalised(im):
    """As studio/embed's Normalise: of a cut-out, of a product on white, of a photo."""
    if im.mode == "RGBA":
        return products.normalise(im.convert("RGB"), np.asarray(im)[..., 3])
    rgb = np.asarray(im)
    if rgb[0, 0].min() >= 245:
        return products.normalise(im, np.where(rgb.min(-1) >= 245, 0, 255).astype(np.uint8))
    square = np.asarray(im.resize((products.SIZE, products.SIZE), Image.BOX))
    return np.dstack([square, np.full(square.shape[:2], 255, np.uint8)])


def pictures(folder, weights):
    session = onnxruntime.InferenceSession(os.path.join(weights, "encoder.onnx"), providers=["CPUExecutionProvider"])
    expected = {}
    os.makedirs(folder, exist_ok=True)
    for name, im in garments().items():
        im.save(os.path.join(folder, name + ".png"))
        rgba = normalised(im)
        Image.fromarray(rgba, "RGBA").save(os.path.join(folder, name + ".normalised.png"))
        x = products.on_white(rgba).transpose(2, 0, 1)[None].astype(np.float32) / 255
        embedding, classes = session.run(None, {"picture": x})
        expected[name] = {"embedding": rounded(embedding), "classes": rounded(classes)}
    save(os.path.join(folder, "encoder.json"), expected)


def drawing(folder):
    """Planes to a picture: the offsets of a garment, drawn in another colour."""
    rgba = synth.garment("t-shirt", np.random.default_rng(12))
    alpha = rgba[..., 3:].astype(np.float32) / 255
    offset = (colour.to_lab(rgba[..., :3]) - colour.dominant(rgba)) / SCALE * alpha
    p = np.concatenate([offset, 2 * alpha - 1], -1).transpose(2, 0, 1).astype(np.float32)
    os.makedirs(folder, exist_ok=True)
    Image.fromarray(rgba, "RGBA").save(os.path.join(folder, "garment.png"))
    Image.fromarray(planes.to_rgba(p[None], [[45, 50, 25]])[0], "RGBA").save(os.path.join(folder, "garment.red.png"))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--weights", required=True)
    p.add_argument("--go", required=True, help="the repository")
    a = p.parse_args()
    colours(os.path.join(a.go, "studio/generate/testdata"))
    drawing(os.path.join(a.go, "studio/generate/testdata"))
    pictures(os.path.join(a.go, "studio/embed/testdata"), a.weights)


if __name__ == "__main__":
    main()

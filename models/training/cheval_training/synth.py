"""Drawn garments with their cut-outs: data for --smoke and for tests, which
need no photo. Categories differ in shape, pictures in colour, cut and stripes."""
import json
import os

import numpy as np
from PIL import Image, ImageDraw

from . import colour
from .products import CATEGORIES, SIZE, on_white

SHAPES = {  # outlines in 0 to 1 of the picture, right half; mirrored
    "dress": [(.5, .08), (.62, .08), (.60, .42), (.76, .92), (.5, .92)],
    "hat": [(.5, .25), (.72, .32), (.76, .6), (.95, .66), (.5, .72)],
    "longsleeve": [(.5, .12), (.64, .12), (.94, .78), (.82, .84), (.68, .46), (.68, .9), (.5, .9)],
    "outwear": [(.5, .06), (.68, .08), (.96, .8), (.82, .86), (.74, .5), (.76, .94), (.52, .94), (.52, .3), (.5, .3)],
    "pants": [(.5, .06), (.66, .06), (.72, .94), (.58, .94), (.5, .36)],
    "shirt": [(.5, .16), (.58, .08), (.70, .14), (.92, .6), (.80, .66), (.70, .4), (.70, .9), (.5, .9)],
    "shoes": [(.5, .36), (.62, .4), (.70, .54), (.94, .62), (.94, .72), (.5, .72)],
    "shorts": [(.5, .2), (.74, .2), (.84, .74), (.58, .78), (.5, .5)],
    "skirt": [(.5, .14), (.66, .14), (.86, .86), (.5, .9)],
    "t-shirt": [(.5, .16), (.64, .12), (.94, .36), (.84, .5), (.72, .42), (.72, .9), (.5, .9)],
}


def garment(category, rng):
    """RGBA, SIZE x SIZE."""
    big = SIZE * 2
    outline = [(x + rng.normal(0, .012), y + rng.normal(0, .012)) for x, y in SHAPES[category]]
    outline = outline + [(1 - x, y) for x, y in reversed(outline)]
    mask = Image.new("L", (big, big))
    ImageDraw.Draw(mask).polygon([(x * big, y * big) for x, y in outline], fill=255)
    base = rng.integers(20, 235, 3).astype(np.float32)
    rows = np.arange(big)[:, None, None] / big
    cols = np.arange(big)[None, :, None] / big
    fold = 1 + 0.15 * np.sin(cols * rng.uniform(8, 30) + rows * rng.uniform(-6, 6))
    if rng.random() < 0.3:
        fold = fold * np.where(np.sin(rows * rng.uniform(40, 90)) > 0.3, 0.6, 1)
    rgb = np.clip(base * fold + rng.normal(0, 4, (big, big, 1)), 0, 255)
    rgba = np.dstack([rgb, np.asarray(mask)]).astype(np.uint8)
    out = np.array(Image.fromarray(rgba, "RGBA").resize((SIZE, SIZE), Image.BOX))
    out[out[..., 3] < 5, :3] = 255
    return out


def write(cache, train=12, validation=4, seed=1):
    """A cache like products.build's, of so many drawn garments a category."""
    os.makedirs(cache, exist_ok=True)
    rng = np.random.default_rng(seed)
    rgba, square, items = [], [], []
    for split, n in (("train", train), ("validation", validation)):
        for i in range(n):
            for category in CATEGORIES:
                picture = garment(category, rng)
                lab = colour.dominant(picture)
                rgba.append(picture)
                square.append(on_white(picture) // 2 + rng.integers(0, 120, 3).astype(np.uint8))
                items.append({"photo": f"{split}/{category}/{i}", "split": split, "category": category,
                              "lab": [round(float(v), 2) for v in lab], "colour": colour.name_of(lab)})
    np.save(os.path.join(cache, "rgba.npy"), np.stack(rgba))
    np.save(os.path.join(cache, "square.npy"), np.stack(square))
    with open(os.path.join(cache, "products.json"), "w") as f:
        json.dump({"photos": len(items), "kept": len(items), "dropped": {}, "items": items}, f)


if __name__ == "__main__":
    import sys
    write(sys.argv[1])

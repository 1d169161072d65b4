"""From photos and masks to products: cut out, centred on white, one size.

Run as  python -m cheval_training.products --photos DIR --cache DIR
It takes the masks that are in the cache and writes beside them rgba.npy
(n x 128 x 128 x 4), square.npy (the whole photo, n x 128 x 128 x 3) and
products.json (category, split, colour of each, and why others were dropped).
"""
import argparse
import json
import os
from collections import Counter

import numpy as np
from PIL import Image

from . import colour
from .cutouts import EDGE, done_photos, load_photo, open_masks

SIZE = 128    # of a normalised product, pixels
FILL = 116    # its longer side within
CATEGORIES = ("dress", "hat", "longsleeve", "outwear", "pants", "shirt",
              "shoes", "shorts", "skirt", "t-shirt")


def fault_of(mask):
    """Why a mask (uint8) is no good, or ''."""
    inside = mask > 127
    area = inside.mean()
    if area < 0.03:
        return "nothing found"
    if area > 0.93:
        return "fills the photo"
    soft = ((mask > 25) & (mask < 230)).sum() / inside.sum()
    if soft > 0.35:
        return "unsure mask"
    edges = [inside[0], inside[-1], inside[:, 0], inside[:, -1]]
    if sum(e.mean() > 0.25 for e in edges) >= 3:
        return "cut off by the photo"
    return ""


def keep_whole(mask):
    """The mask without specks: what is apart from the main pieces goes."""
    small = mask[::4, ::4] > 127
    label = _components(small)
    count = np.bincount(label.ravel())
    count[0] = 0
    keep = np.isin(label, np.flatnonzero(count >= 0.08 * count.max()))
    grown = np.asarray(Image.fromarray(keep.astype(np.uint8) * 255).resize(mask.shape[::-1], Image.BILINEAR))
    grown = np.maximum.reduce([np.roll(grown, s, ax) for ax in (0, 1) for s in (-4, 4)] + [grown])
    return np.where(grown > 0, mask, 0).astype(np.uint8)


def _components(inside):
    """4-connected components, numbered from 1."""
    label = np.where(inside, np.arange(1, inside.size + 1).reshape(inside.shape), 0)
    while True:
        grown = np.pad(label, 1)
        best = np.maximum.reduce([grown[1:-1, 1:-1], grown[:-2, 1:-1], grown[2:, 1:-1],
                                  grown[1:-1, :-2], grown[1:-1, 2:]])
        best = np.where(inside, best, 0)
        if (best == label).all():
            return np.unique(label, return_inverse=True)[1].reshape(label.shape)
        label = best


def normalise(photo, mask):
    """The product as RGBA, SIZE x SIZE, centred, its longer side FILL.

    Colour is averaged where alpha is, so that no background bleeds in; where
    alpha is 0 it is white.
    """
    alpha = Image.fromarray(mask).resize(photo.size, Image.BILINEAR)
    a = np.asarray(alpha, np.float32) / 255
    ys, xs = np.nonzero(a > 0.5)
    box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    w, h = box[2] - box[0], box[3] - box[1]
    scale = FILL / max(w, h)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    planes = np.dstack([np.asarray(photo, np.float32) * a[..., None], a * 255])
    out = np.zeros((SIZE, SIZE, 4), np.float32)
    x0, y0 = (SIZE - size[0]) // 2, (SIZE - size[1]) // 2
    for c in range(4):
        plane = Image.fromarray(planes[..., c]).resize(size, Image.BOX if scale < 1 else Image.BILINEAR, box)
        out[y0:y0 + size[1], x0:x0 + size[0], c] = np.asarray(plane)
    alpha = out[..., 3:] / 255
    rgb = np.where(alpha > 0.02, out[..., :3] / np.maximum(alpha, 0.02), 255)
    return np.clip(np.dstack([rgb, out[..., 3]]) + 0.5, 0, 255).astype(np.uint8)


def on_white(rgba):
    """uint8 RGBA composed on white, uint8 RGB."""
    a = rgba[..., 3:].astype(np.float32) / 255
    return (rgba[..., :3] * a + 255 * (1 - a) + 0.5).astype(np.uint8)


def duplicates(rgba, split):
    """Indices to drop: near copies of an earlier picture, validation first.

    Two pictures are copies where their 16x16 means differ by less than 6 grey
    levels root mean square. A training picture that copies one of validation
    goes, so that validation stays unseen.
    """
    n = len(rgba)
    small = on_white(rgba).reshape(n, 16, 8, 16, 8, 3).mean((2, 4)).reshape(n, -1).astype(np.float32)
    order = sorted(range(n), key=lambda i: (split[i] != "validation", i))
    kept, drop = [], []
    for i in order:
        if kept and np.sqrt(((small[kept] - small[i]) ** 2).mean(1)).min() < 6:
            drop.append(i)
        else:
            kept.append(i)
    return set(drop)


def build(photos, cache):
    """Normalises every photo whose mask is cached; gives the report."""
    with open(os.path.join(cache, "photos.json")) as f:
        names = json.load(f)
    masks = open_masks(cache, len(names))
    items, rgba, squares, dropped = [], [], [], Counter()
    for i in done_photos(cache):
        why = fault_of(masks[i])
        if why:
            dropped[why] += 1
            continue
        photo = load_photo(os.path.join(photos, names[i]))
        picture = normalise(photo, keep_whole(masks[i]))
        lab = colour.dominant(picture)
        split, category, _ = names[i].split("/")
        items.append({"photo": names[i], "split": split, "category": category,
                      "lab": [round(float(v), 2) for v in lab], "colour": colour.name_of(lab)})
        rgba.append(picture)
        squares.append(np.asarray(photo.resize((SIZE, SIZE), Image.BOX)))
    rgba, squares = np.stack(rgba), np.stack(squares)
    copies = duplicates(rgba, [it["split"] for it in items])
    keep = [i for i in range(len(items)) if i not in copies]
    dropped["near copy"] = len(copies)
    items = [items[i] for i in keep]
    for name, array in (("rgba", rgba[keep]), ("square", squares[keep])):
        path = os.path.join(cache, name + ".npy")
        with open(path + ".part", "wb") as f:
            np.save(f, array)
        os.replace(path + ".part", path)
    report = {"edge_of_mask": EDGE, "photos": len(done_photos(cache)), "kept": len(items),
              "dropped": dict(dropped),
              "categories": dict(Counter(f'{i["split"]}/{i["category"]}' for i in items)),
              "colours": dict(Counter(i["colour"] for i in items)), "items": items}
    with open(os.path.join(cache, "products.json"), "w") as f:
        json.dump(report, f)
    return report


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--photos", required=True)
    p.add_argument("--cache", required=True)
    a = p.parse_args()
    report = build(a.photos, a.cache)
    del report["items"]
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()

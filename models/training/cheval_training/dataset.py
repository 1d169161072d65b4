"""The prepared products in memory, and how pictures are augmented."""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from . import colour
from .products import CATEGORIES, SIZE, on_white

# The encoder tells these apart: the photos' categories, and rendered eyewear.
CLASSES = CATEGORIES + ("eyewear",)


class Products:
    """One split of the cache. rgba: n x SIZE x SIZE x 4 uint8; category: index
    in CATEGORIES; lab: dominant colour, n x 3; square: the photos uncut."""

    def __init__(self, cache, split):
        with open(os.path.join(cache, "products.json")) as f:
            items = json.load(f)["items"]
        keep = [i for i, it in enumerate(items) if it["split"] == split]
        self.items = [items[i] for i in keep]
        self.rgba = np.load(os.path.join(cache, "rgba.npy"), mmap_mode="r")[keep]
        self.square = np.load(os.path.join(cache, "square.npy"), mmap_mode="r")[keep]
        self.category = np.array([CATEGORIES.index(it["category"]) for it in self.items])
        self.lab = np.array([it["lab"] for it in self.items], np.float32)

    def __len__(self):
        return len(self.items)

    def balanced(self, rng, n):
        """n indices, every category as likely as another, softened: the rarest
        would repeat too often, so a category's chance goes with the square root
        of its number of pictures."""
        count = np.bincount(self.category, minlength=len(CATEGORIES)).astype(float)
        weight = 1 / np.sqrt(np.maximum(count, 1))[self.category]
        return rng.choice(len(self), n, p=weight / weight.sum())


def load_renders(folder, validation):
    """Rendered eyewear: RGB pictures, and the number of the product and variant
    of each. Every fifth product is for validation."""
    pictures, group, products = [], [], {}
    for name in sorted(os.listdir(folder)) if folder else []:
        product, variant, _ = name.rsplit("_", 2)
        number = products.setdefault(product, len(products))
        if (number % 5 == 4) != validation:
            continue
        with Image.open(os.path.join(folder, name)) as im:
            pictures.append(np.asarray(im.convert("RGB").resize((SIZE, SIZE), Image.BOX)))
        group.append(f"{product}_{variant}")
    ids = {g: i for i, g in enumerate(dict.fromkeys(group))}
    shape = (len(pictures), SIZE, SIZE, 3)
    return np.array(pictures, np.uint8).reshape(shape), np.array([ids[g] for g in group], int)


def to_tensor(rgb):
    """uint8 n x h x w x 3 to float n x 3 x h x w in 0 to 1."""
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(0, 3, 1, 2))).float() / 255


def warp(x, rng, size, turn=12, zoom=(0.8, 1.15), shift=0.08, fill=1.0, flip=True):
    """Turns, scales, shifts and mirrors each picture at random; gives size x size."""
    n = len(x)
    angle = np.radians(rng.uniform(-turn, turn, n))
    scale = 1 / rng.uniform(*zoom, n)
    mirror = np.where(rng.random(n) < 0.5, -1.0, 1.0) if flip else np.ones(n)
    m = np.zeros((n, 2, 3), np.float32)
    m[:, 0, 0], m[:, 0, 1] = scale * np.cos(angle) * mirror, -scale * np.sin(angle)
    m[:, 1, 0], m[:, 1, 1] = scale * np.sin(angle) * mirror, scale * np.cos(angle)
    m[:, :, 2] = rng.uniform(-2 * shift, 2 * shift, (n, 2))
    grid = F.affine_grid(torch.from_numpy(m), (n, x.shape[1], size, size), align_corners=False)
    return F.grid_sample(x - fill, grid, align_corners=False) + fill


def relight(x, rng, strength=1.0):
    """Changes brightness, contrast, saturation and white balance of RGB in 0 to 1."""
    n = len(x)

    def factor(amount, channels=1):
        v = rng.uniform(1 - amount * strength, 1 + amount * strength, (n, channels, 1, 1))
        return torch.from_numpy(v.astype(np.float32))
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * factor(0.3)
    x = (x - 0.5) * factor(0.25) + 0.5
    return (x * factor(0.2) * factor(0.08, 3)).clamp(0, 1)


def erase(x, rng, chance=0.3):
    """Covers a random rectangle of some pictures with a random grey."""
    for i in np.flatnonzero(rng.random(len(x)) < chance):
        h, w = rng.integers(x.shape[2] // 8, x.shape[2] // 3, 2)
        top, left = rng.integers(0, x.shape[2] - h), rng.integers(0, x.shape[3] - w)
        x[i, :, top:top + h, left:left + w] = float(rng.random())
    return x


def whites(products, index):
    """The products of these indices on white, RGB in 0 to 1."""
    return to_tensor(on_white(products.rgba[index]))


def colour_index(lab):
    return colour.NAMES.index(colour.name_of(lab))

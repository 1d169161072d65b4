"""Masks of all photos, by the studio's own cut-out network, cached once.

Run as  python -m cheval_training.cutouts --photos DIR --isnet FILE --cache DIR
It goes on where it stopped: a photo whose mask is done is not done again.
"""
import argparse
import json
import os
import random
import time

import numpy as np
import torch
from PIL import Image, ImageOps

from .isnet import ISNet

EDGE = 512  # the network's input edge here, and that of a stored mask


def load_photo(path):
    """The photo upright, RGB."""
    with Image.open(path) as im:
        return ImageOps.exif_transpose(im).convert("RGB")


def mask_of(net, photo):
    """The mask as uint8, EDGE x EDGE, stretched over the whole photo."""
    small = np.asarray(photo.resize((net.edge, net.edge), Image.BILINEAR), np.float32)
    x = torch.from_numpy((small.transpose(2, 0, 1)[None] - 128) / 256)
    return (net(x)[0].numpy() * 255 + 0.5).astype(np.uint8)


def list_photos(folder):
    """Every photo as split/category/name, in a fixed order.

    Categories and splits take turns, so that a cache that is half done holds
    as much of each as there is.
    """
    groups = []
    for split in ("train", "validation"):
        for category in sorted(os.listdir(os.path.join(folder, split))):
            names = sorted(os.listdir(os.path.join(folder, split, category)))
            random.Random(1).shuffle(names)
            groups.append(["/".join((split, category, n)) for n in names])
    order = []
    for turn in range(max(len(g) for g in groups)):
        order += [g[turn] for g in groups if turn < len(g)]
    return order


def open_masks(cache, count):
    """The cached masks: uint8, count x EDGE x EDGE, on disk."""
    path = os.path.join(cache, "masks.npy")
    if not os.path.exists(path):
        np.lib.format.open_memmap(path, "w+", np.uint8, (count, EDGE, EDGE)).flush()
    return np.lib.format.open_memmap(path, "r+")


def done_photos(cache):
    """The indices of the photos whose masks are in the cache, sorted."""
    path = os.path.join(cache, "done.txt")
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return sorted({int(line) for line in f if line.endswith("\n")})


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--photos", required=True)
    p.add_argument("--isnet", required=True)
    p.add_argument("--cache", required=True)
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    os.makedirs(a.cache, exist_ok=True)
    names = list_photos(a.photos)
    with open(os.path.join(a.cache, "photos.json"), "w") as f:
        json.dump(names, f)
    net = ISNet(a.isnet, EDGE)
    masks = open_masks(a.cache, len(names))
    done = set(done_photos(a.cache))
    start = time.time()
    with open(os.path.join(a.cache, "done.txt"), "a") as log:
        for i, name in enumerate(names):
            if i in done:
                continue
            masks[i] = mask_of(net, load_photo(os.path.join(a.photos, name)))
            masks.flush()
            log.write(f"{i}\n")
            log.flush()
            if i % 100 == 0:
                print(f"{i}/{len(names)} {time.time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()

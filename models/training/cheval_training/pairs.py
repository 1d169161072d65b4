"""The refiner's pairs: what the mirror drew, and the path-traced truth.

  python -m cheval_training.pairs pack  SCENES CACHE
  python -m cheval_training.pairs synth CACHE

tools/pairs makes the scenes. pack gathers them: planes.npy (n, 15, 128, 256)
float16, the network's eleven planes, the truth (3), the fade; pairs.json names
each. synth draws a few instead, to try a training with.
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from . import run

W, H = 256, 128
FRAME, DRAWN, COVER, DEPTH, NORMAL, PLANES = 0, 3, 6, 7, 8, 11
TRUTH, FADE = 11, 14
# The sizes at which the mirror runs the network, and how often each is trained.
SIZES, CHANCES = ((256, 128), (192, 96), (128, 64)), (0.3, 0.4, 0.3)


def pack(scenes, cache):
    """Gathers every finished scene."""
    planes, items = [], []
    for name in sorted(os.listdir(scenes)):
        folder = os.path.join(scenes, name)
        if not os.path.exists(os.path.join(folder, "drawn.json")):
            continue
        with open(os.path.join(folder, "scene.json")) as f:
            plan = json.load(f)["plan"]
        p = np.fromfile(os.path.join(folder, "pair.f32"), "<f4").reshape(15, H, W)
        if not np.isfinite(p).all():
            raise SystemExit(f"pairs: {folder} holds numbers that are none")
        planes.append(p.astype(np.float16))
        items.append({"scene": name, "held": plan["held"], "head": plan["head"], "person": plan["person"], "product": plan["product"], "variant": plan["variant"]})
    if not planes:
        raise SystemExit(f"pairs: {scenes} holds no finished scene: run tools/pairs/pairs.py")
    write(cache, np.stack(planes), items)


def write(cache, planes, items):
    os.makedirs(cache, exist_ok=True)
    run.write_whole(os.path.join(cache, "planes.npy"), lambda f: np.save(f, planes))
    run.write_json(os.path.join(cache, "pairs.json"), {"items": items})
    print(f"{len(items)} pairs, {sum(i['held'] for i in items)} held back")


def synth(cache, train=12, held=4, seed=5):
    """Spectacles of two rings on a face of one colour, whose truth is lit from
    one side, which the frame shows, and throws a shadow."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:H, 0:W].astype(np.float32)
    planes, items = [], []
    for i in range(train + held):
        skin, lit, glass = rng.uniform(0.3, 0.8, 3), rng.uniform(-0.3, 0.3), rng.uniform(0, 0.8)
        light = 1 + lit * (x - W / 2) / W
        frame = skin[:, None, None] * light
        ring = np.minimum(np.hypot(x - 92, (y - 64) * 1.1), np.hypot(x - 164, (y - 64) * 1.1))
        rim = np.clip(1 - np.abs(ring - 28) / 5, 0, 1) > 0.3
        lens = ring < 28
        cover = np.where(rim, 1, np.where(lens, glass, 0)).astype(np.float32)
        colour = rng.uniform(0.05, 0.9, 3)[:, None, None]
        drawn = frame * (1 - cover) + colour * cover
        shadow = 1 - 0.25 * np.exp(-((ring - 34) / 6) ** 2)
        truth = np.where(cover > 0, frame * (1 - cover) + 0.8 * colour * light * cover, frame * shadow)
        normal = np.stack([(x - 128) / 256 * (cover > 0), 0 * x, 0.9 * (cover > 0)])
        fade = np.clip((48 - ring) / 10, 0, 1)
        planes.append(np.concatenate([frame, drawn, cover[None], 0.1 * (cover > 0)[None], normal, np.clip(truth, 0, 1), fade[None]]))
        items.append({"scene": f"{i:04d}", "held": i >= train, "head": i, "person": i, "product": "rings", "variant": 0})
    write(cache, np.stack(planes).astype(np.float16), items)


class Pairs:
    """One split of the pairs in memory."""

    def __init__(self, cache, held):
        with open(os.path.join(cache, "pairs.json")) as f:
            items = json.load(f)["items"]
        keep = [i for i, it in enumerate(items) if it["held"] == held]
        self.items = [items[i] for i in keep]
        self.planes = np.load(os.path.join(cache, "planes.npy"), mmap_mode="r")[keep]

    def __len__(self):
        return len(self.items)

    def batch(self, index, size=(W, H)):
        """Those pairs as a tensor (n, 15, h, w)."""
        x = torch.from_numpy(self.planes[index].astype(np.float32))
        return x if size == (W, H) else F.interpolate(x, (size[1], size[0]), mode="area")


def vary(x, rng):
    """The same pair mirrored, or brighter, darker, warmer, colder, and noisier."""
    x = x.clone()
    for i in range(len(x)):
        if rng.random() < 0.5:
            x[i] = x[i].flip(-1)
            x[i, NORMAL] *= -1
        gain, gamma = torch.from_numpy(rng.uniform(0.85, 1.12, (3, 1, 1)).astype(np.float32)), rng.uniform(0.85, 1.2)
        for k in (FRAME, DRAWN, TRUTH):
            x[i, k:k + 3] = (x[i, k:k + 3].clamp(1e-4, 1) ** gamma * gain).clamp(0, 1)
    return grainy(x, rng, 0.01)


def grainy(x, rng, most):
    """Noise on what the camera saw, and on the same pixels of what was drawn."""
    x = x.clone()
    noise = run.noise(rng, len(x), 3, *x.shape[2:]) * torch.from_numpy(rng.uniform(0, most, (len(x), 1, 1, 1)).astype(np.float32))
    x[:, FRAME:FRAME + 3] += noise
    x[:, DRAWN:DRAWN + 3] += noise
    return x


def moved(x, dx, dy):
    """Pictures moved by whole cells, their borders going on."""
    h, w = x.shape[2:]
    rows, columns = torch.arange(h).sub(dy).clamp(0, h - 1), torch.arange(w).sub(dx).clamp(0, w - 1)
    return x[:, :, rows][..., columns]


if __name__ == "__main__":
    if sys.argv[1:2] == ["pack"] and len(sys.argv) == 4:
        pack(sys.argv[2], sys.argv[3])
    elif sys.argv[1:2] == ["synth"] and len(sys.argv) == 3:
        synth(sys.argv[2])
    else:
        raise SystemExit("pairs: say pack SCENES CACHE, or synth CACHE")

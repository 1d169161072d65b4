"""How good the enhancer is, by the product itself, on photos that were not
trained on: made worse, and lit by lamps that the training does not know.

  python -m cheval_training.enhancer_card --photos DIR --weights DIR --cheval build/cheval --work DIR [--every 4]

Writes the figures into enhancer.card.json beside the weights, with those of
doing nothing and of the usual automatic setting.
"""
import argparse
import json
import os
import shutil
import subprocess

import numpy as np
import torch
from PIL import Image

from . import enhancer, run
from .dataset import to_tensor

# Without contrast, noise and sharpness, which change a photo more than its light.
LIGHT = ["--local-contrast", "0", "--denoise", "0", "--sharpness", "0"]
SETTINGS = {
    "usual_light": ["--learned", "0"] + LIGHT,
    "learned_light": LIGHT,
    "usual": ["--learned", "0"],
    "learned": [],
}


def lamp(x, i):
    """Light of a bulb, of a cloudy sky, or of neither but too little of it: gains
    of linear light (of Planck's law at 3200 K, 7500 K and 5500 K to 6500 K by
    the half that a camera leaves)."""
    gains = ([1.25, 0.96, 0.68], [0.94, 1.0, 1.07], [1.0, 1.0, 1.0])[i % 3]
    return enhancer.stored((enhancer.linear(x) * torch.tensor(gains).reshape(1, 3, 1, 1) * (0.6, 0.7, 0.4)[i % 3]).clamp(0, 1))


def prepare(a):
    """Folders of PNGs: whole, worse, lamp; the names are the same in each."""
    names = enhancer.pictures(os.path.join(a.photos, "validation"))[::a.every]
    for i, name in enumerate(names):
        with Image.open(name) as im:
            rgb = np.asarray(im.convert("RGB"))
        x = to_tensor(rgb[None])
        for kind, v in (("whole", x), ("worse", enhancer.worsen(x, np.random.default_rng((21, i)), whole=0)), ("lamp", lamp(x, i))):
            os.makedirs(os.path.join(a.work, kind), exist_ok=True)
            picture = (v[0] * 255).round().numpy().astype(np.uint8).transpose(1, 2, 0)
            Image.fromarray(picture).save(os.path.join(a.work, kind, f"{i:03d}.png"), compress_level=1)
    return len(names)


def read(folder, i):
    with Image.open(os.path.join(folder, f"{i:03d}.png")) as im:
        return np.asarray(im.convert("RGB"))


def apart(picture, whole):
    """PSNR and ΔE of a picture to the photo as it was."""
    return enhancer.psnr(picture, whole), enhancer.delta_e(picture, whole)


def figures(a, n):
    out = {"photos": n}
    whole = [read(os.path.join(a.work, "whole"), i) for i in range(n)]
    for kind in ("worse", "lamp", "whole"):
        found = {"nothing": os.path.join(a.work, kind)}
        for setting, flags in SETTINGS.items():
            found[setting] = os.path.join(a.work, f"{kind}_{setting}")
            subprocess.run([a.cheval, "studio", "enhance", found["nothing"], "--out", found[setting], "--device", "cpu", "--json"] + flags,
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        off = {s: [apart(read(f, i), whole[i]) for i in range(n)] for s, f in found.items()}
        out[kind] = {s: {"psnr_db": round(float(np.mean([p for p, _ in v])), 2), "delta_e": round(float(np.mean([e for _, e in v])), 2)} for s, v in off.items()}
        if kind == "whole":
            del out[kind]["nothing"]  # is what it is
        out[kind]["learned_is_nearer"] = round(float(np.mean([l[1] < u[1] for l, u in zip(off["learned_light"], off["usual_light"])])), 3)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--photos", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--cheval", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--every", type=int, default=4, help="take every so manieth photo")
    a = p.parse_args()
    shutil.rmtree(a.work, ignore_errors=True)
    measured = figures(a, prepare(a))
    run.note(a.weights, "enhancer", measured=measured)
    print(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()

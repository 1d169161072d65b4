"""The refiner from checkpoint to ONNX, its figures and its sheet.

  python -m cheval_training.refined export   --out DIR --weights DIR [--stage judge-ns] [--name refiner.onnx]
  python -m cheval_training.refined choose   --cache DIR --weights DIR --out DIR [--scenes DIR]
  python -m cheval_training.refined evaluate --cache DIR --weights DIR [--scenes DIR] [--plain FILE] [--out DIR] [--docs DIR]

choose takes of the stages' networks in OUT the one that comes nearest to the
truth for refiner.onnx. evaluate measures the committed network on the pairs that are held back, beside
the drawn picture left as it is and, where it is given, the network that learned
without a discriminator. Figures go to refiner.card.json. Perceptual distance is
1 - cosine of the picture encoder's embeddings of the crop. With scenes, the
change is laid over each picture's own pixels, as the mirror does, and the sheet
shows those.
"""
import argparse
import json
import os
import sys
import time

import numpy as np
import torch
from PIL import Image

from . import run
from .evaluate import Net, write_card
from .export import to_onnx
from .pairs import COVER, DRAWN, FADE, PLANES, SIZES, TRUTH, H, Pairs, W
from .refiner import Refiner


def export(a):
    """Writes the best averaged weights of a stage, height and width open."""
    path = os.path.join(a.out, a.stage, "best.pt")
    if not os.path.exists(path):
        raise SystemExit(f"refined: {path} is missing: train the stage {a.stage} first")
    best = torch.load(path, map_location="cpu")
    net = Refiner()
    net.load_state_dict(best["net"])
    os.makedirs(a.weights, exist_ok=True)
    axes = {2: "height", 3: "width"}
    to_onnx(net, torch.zeros(1, PLANES, H, W), ["crop"], ["change"], os.path.join(a.weights, a.name), {"crop": axes, "change": axes})
    print(f"the best of {a.stage}: step {best['step']}, gain {best['gain']:.2f} dB")


class Changer:
    """A refining network; gives the faded change (6, h, w) of a pair's planes."""

    def __init__(self, path):
        self.net = Net(*os.path.split(path))

    def __call__(self, x):
        return self.net(x[None, :PLANES])[0] * x[FADE:FADE + 1]


def laid(drawn, change):
    return np.clip(drawn * (1 + change[:3]) + change[3:], 0, 1)


def decibels(a, b, mask):
    return -10 * np.log10(max(((a - b) ** 2)[:, mask].mean(), 1e-8))


class Scene:
    """A pair at its pictures' own pixels."""

    def __init__(self, folder):
        def read(name):
            return np.asarray(Image.open(os.path.join(folder, name)).convert("RGB"), np.float32).transpose(2, 0, 1) / 255
        self.frame, self.drawn, self.truth = (read(n + ".png") for n in ("frame", "drawn", "truth"))
        with open(os.path.join(folder, "drawn.json")) as f:
            grid = json.load(f)
        self.x, self.y, self.cell = grid["grid"]

    def spread(self, planes):
        """Planes of cells at the picture's pixels, blended between the cells'
        middles; 0 beyond the grid."""
        n, h, w = self.drawn.shape
        ph, pw = planes.shape[1:]
        def along(size, origin, count):
            at = (np.arange(size) + 0.5 - origin) / self.cell - 0.5
            k = np.clip(at, 0, count - 1.000001)
            return k.astype(int), (k - k.astype(int)).astype(np.float32), (at > -0.5) & (at < count - 0.5)
        i, fx, inx = along(w, self.x, pw)
        j, fy, iny = along(h, self.y, ph)
        rows = planes[:, j] * (1 - fy)[:, None] + planes[:, j + 1] * fy[:, None]
        out = rows[:, :, i] * (1 - fx) + rows[:, :, i + 1] * fx
        return out * (inx[None, None] & iny[None, :, None])

    def crop(self, picture):
        x, y = max(int(self.x), 0), max(int(self.y), 0)
        return picture[:, y:int(self.y + self.cell * H), x:int(self.x + self.cell * W)]


def figures(pairs, changers, encoder, scenes=""):
    """For "drawn" and each of changers: PSNR in the mask and around it, the
    perceptual distance, over all pairs."""
    names = ["drawn", *changers]
    rows = {n: {"mask": [], "around": [], "far": [], "change": []} for n in names}
    for i, item in enumerate(pairs.items):
        x = pairs.planes[i].astype(np.float32)
        scene = Scene(os.path.join(scenes, item["scene"])) if scenes else None
        if scene:
            cover, fade = scene.spread(x[COVER:COVER + 1])[0], scene.spread(x[FADE:FADE + 1])[0]
            drawn, truth = scene.drawn, scene.truth
        else:
            cover, fade, drawn, truth = x[COVER], x[FADE], x[DRAWN:DRAWN + 3], x[TRUTH:TRUTH + 3]
        mask, around = cover > 0.05, (cover <= 0.05) & (fade > 0.5)
        pictures = []
        for name in names:
            made = drawn
            if name != "drawn":
                change = changers[name](x)
                made = laid(drawn, scene.spread(change) if scene else change)
                rows[name]["change"].append(float(np.abs(made - drawn)[:, mask].mean()))
            rows[name]["mask"].append(decibels(made, truth, mask))
            rows[name]["around"].append(decibels(made, truth, around))
            pictures.append(made)
        if encoder:
            seen = [see(p if not scene else scene.crop(p)) for p in [*pictures, truth]]
            e = encoder(np.stack(seen))[0]
            for k, name in enumerate(names):
                rows[name]["far"].append(float(1 - e[k] @ e[-1]))
    return rows


def see(picture):
    """A crop as the encoder takes it: on white, 128 by 128."""
    p = Image.fromarray((np.clip(picture, 0, 1).transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8))
    p.thumbnail((128, 128), Image.LANCZOS)
    out = Image.new("RGB", (128, 128), "white")
    out.paste(p, ((128 - p.width) // 2, (128 - p.height) // 2))
    return np.asarray(out, np.float32).transpose(2, 0, 1) / 255


def summary(rows):
    out = {}
    for name, r in rows.items():
        out[name] = {"psnr_in_the_mask_db": round(float(np.mean(r["mask"])), 2), "psnr_around_it_db": round(float(np.mean(r["around"])), 2)}
        if r["far"]:
            out[name]["perceptual_distance"] = round(float(np.mean(r["far"])), 5)
        if name != "drawn":
            gain = np.array(r["mask"]) - np.array(rows["drawn"]["mask"])
            out[name].update(gain_db=round(float(gain.mean()), 2), gain_interval_db=round(float(1.96 * gain.std(ddof=1) / np.sqrt(len(gain))), 2) if len(gain) > 1 else 0,
                             better_pairs=round(float((gain > 0).mean()), 3), worst_pair_db=round(float(gain.min()), 2))
    return out


def times(path):
    """Milliseconds of one run at each size, on two threads: the least of many."""
    changer = Changer(path)
    out = {}
    for w, h in SIZES:
        x, t = np.random.default_rng(1).random((FADE + 1, h, w), np.float32), []
        for _ in range(80):
            began = time.perf_counter()
            changer(x)
            t.append(time.perf_counter() - began)
        out[f"{w}x{h}"] = round(min(t) * 1000, 2)
    return out


def sheet(pairs, changer, scenes, path, most=20):
    """Pairs that are held back, as they come: drawn, refined, truth."""
    from PIL import ImageDraw
    index = np.linspace(0, len(pairs) - 1, min(most, len(pairs))).astype(int)
    wide, high, rows = 288, 144, []
    for i in index:
        x = pairs.planes[i].astype(np.float32)
        change = changer(x)
        if scenes:
            s = Scene(os.path.join(scenes, pairs.items[i]["scene"]))
            three = [s.crop(s.drawn), s.crop(laid(s.drawn, s.spread(change))), s.crop(s.truth)]
        else:
            three = [x[DRAWN:DRAWN + 3], laid(x[DRAWN:DRAWN + 3], change), x[TRUTH:TRUTH + 3]]
        three = [Image.fromarray((np.clip(p, 0, 1).transpose(1, 2, 0) * 255 + 0.5).astype(np.uint8)) for p in three]
        row = Image.new("RGB", (3 * wide, high), "white")
        for k, p in enumerate(three):
            p.thumbnail((wide - 4, high - 4), Image.LANCZOS)
            p = p.resize((wide - 4, round(p.height * (wide - 4) / p.width)), Image.LANCZOS) if p.width < wide - 4 else p
            row.paste(p, (k * wide + 2, 2))
        rows.append(row)
    across = 2
    out = Image.new("RGB", (across * 3 * wide, 20 + high * -(-len(rows) // across)), "white")
    draw = ImageDraw.Draw(out)
    for c in range(across):
        for k, name in enumerate(("as drawn", "refined", "path-traced")):
            draw.text(((3 * c + k) * wide + 4, 4), name, fill=(60, 60, 60))
    for i, row in enumerate(rows):
        out.paste(row, (i % across * 3 * wide, 20 + i // across * high))
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    out.save(path, quality=88)


# How the network may have been trained last: the loss of its discriminator, or none.
LAST = {"ns": "judge-ns", "hinge": "judge-hinge", "plain": "plain", "fit": "fit"}


def choose(a):
    """Of the stages' best networks the one that comes nearest to the truth by
    the pairs that are held back (PSNR in the mask) is what ships."""
    held = Pairs(a.cache, True)
    nets = {n: os.path.join(a.out, n + ".onnx") for n in LAST}
    found = summary(figures(held, {n: Changer(p) for n, p in nets.items()}, encoder_of(a.weights), a.scenes))
    best = max(nets, key=lambda n: found[n]["gain_db"])
    with open(nets[best], "rb") as f:
        data = f.read()
    run.write_whole(os.path.join(a.weights, "refiner.onnx"), lambda f: f.write(data))
    run.write_json(os.path.join(a.weights, "refiner.card.json"), {"training": {  # the measures were another network's
        "commit": run.commit(), "ships": best, "compared": {n: found[n] for n in nets}, "stages": {n: spent(a.out, s) for n, s in LAST.items()}}})
    print(f"{best} ships:", json.dumps(found))


def encoder_of(weights):
    """The picture encoder where it is among the weights, else None."""
    return Net(weights, "encoder.onnx") if os.path.exists(os.path.join(weights, "encoder.onnx")) else None


def spent(out, stage):
    """Steps and minutes of a stage, and which step was the best."""
    folder = os.path.join(out, stage)
    return {**run.stage_of(folder), "best_step": torch.load(os.path.join(folder, "best.pt"), map_location="cpu")["step"]}


def evaluate(a):
    held = Pairs(a.cache, True)
    path = os.path.join(a.weights, "refiner.onnx")
    changers = {"refined": Changer(path)}
    for given in a.plain:
        name, file = given.split("=", 1)
        changers[name] = Changer(file)
    rows = figures(held, changers, encoder_of(a.weights), a.scenes)
    out = {"pairs": len(held), "people": len({i["person"] for i in held.items}), "products": sorted({i["product"] for i in held.items}),
           **summary(rows), "milliseconds": times(path)}
    write_card(a.weights, "refiner", out)
    if a.out:
        os.makedirs(a.out, exist_ok=True)
        run.write_json(os.path.join(a.out, "evaluation.json"), {n: r for n, r in rows.items()})
    if a.docs:
        sheet(held, changers["refined"], a.scenes, os.path.join(a.docs, "traced.jpg"))


def main(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("export", "choose", "evaluate"))
    p.add_argument("--cache", default="")
    p.add_argument("--scenes", default="", help="folder of the scenes that the cache was packed from")
    p.add_argument("--out", default="")
    p.add_argument("--stage", default="judge-ns")
    p.add_argument("--name", default="refiner.onnx")
    p.add_argument("--plain", action="append", default=[], help="NAME=FILE of a network to compare with")
    p.add_argument("--weights", required=True)
    p.add_argument("--docs", default="", help="write a sheet here")
    a = p.parse_args(argv)
    {"export": export, "choose": choose, "evaluate": evaluate}[a.what](a)


if __name__ == "__main__":
    main(sys.argv[1:])

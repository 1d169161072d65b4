"""The enhancer: what takes a photo's cast, dullness and uneven light away, read
off a thumbnail of it.

  python -m cheval_training.enhancer data   --photos DIR --cache DIR
  python -m cheval_training.enhancer train  --cache DIR --out DIR
  python -m cheval_training.enhancer export --out DIR --weights models/weights
  python -m cheval_training.enhancer goldens --weights models/weights --go .

The network gives a smooth change of colours (three curves, a matrix that keeps
greys, a coarse field of gains) and no pixels, so whatever it was taught it
cannot draw: laid over the photo at its full size, it leaves every letter where
it is. It learns from photos that were made worse, to give the photo back.
"""
import argparse
import os
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

from . import run
from .colour import to_lab
from .dataset import to_tensor

EDGE = 96        # of the thumbnail, pixels; the photo stretched to a square
KNOTS = 8        # of each channel's curve, even from 0 to 1
FIELD = 6        # side of the field of gains
STORED = 112     # side of the cached thumbnails, from which EDGE are cut


class Enhancer(nn.Module):
    """(n, 3, EDGE, EDGE) sRGB in 0 to 1: curves (n, 3, KNOTS), the value at each
    knot; matrix (n, 3, 3); gain (n, 3, FIELD, FIELD), factors."""

    def __init__(self):
        super().__init__()
        layers, i = [], 3
        for o in (16, 32, 48, 64):
            layers += [nn.Conv2d(i, o, 3, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
            i = o
        self.body = nn.Sequential(*layers, nn.Conv2d(64, 96, 3, 1, 1, bias=False), nn.BatchNorm2d(96), nn.ReLU())
        self.all = nn.Sequential(nn.Linear(96 + 6, 96), nn.ReLU(), nn.Dropout(0.1))
        self.local = nn.Conv2d(96 + 96, 64, 1)
        self.gain = nn.Conv2d(64, 3, 1)
        self.curve, self.matrix = nn.Linear(96, 3 * KNOTS), nn.Linear(96, 9)
        for last in (self.gain, self.curve, self.matrix):  # begins by changing nothing
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x):
        n = x.shape[0]
        y = self.body((x - 0.5) / 0.3)
        spread = ((x - x.mean((2, 3), keepdim=True)) ** 2).mean((2, 3)).add(1e-6).sqrt()
        g = self.all(torch.cat([y.mean((2, 3)), x.mean((2, 3)), spread], 1))
        wide = g[:, :, None, None].expand(-1, -1, FIELD, FIELD)
        gain = torch.exp(0.7 * torch.tanh(self.gain(F.relu(self.local(torch.cat([y, wide], 1))))))
        raw = self.curve(g).reshape(n, 3, KNOTS)
        start = 0.25 * torch.tanh(raw[:, :, :1])
        rise = torch.exp(1.2 * torch.tanh(raw[:, :, 1:])) / (KNOTS - 1)  # above 0: colours keep their order
        curve = torch.cat([start, start + torch.cumsum(rise, 2)], 2)
        m = 0.5 * torch.tanh(self.matrix(g).reshape(n, 3, 3))
        m = m - m.mean(2, keepdim=True) + torch.eye(3)
        return curve, m, gain


def apply(x, curve, matrix, gain):
    """Pictures (n, 3, h, w) with each its own change; any h and w."""
    n, _, h, w = x.shape
    at = x.clamp(0, 1) * (KNOTS - 1)
    low = at.detach().floor().clamp(0, KNOTS - 2).long()
    flat = low.reshape(n, 3, -1)
    a = torch.gather(curve, 2, flat).reshape(x.shape)
    b = torch.gather(curve, 2, flat + 1).reshape(x.shape)
    y = a + (b - a) * (at - low)
    y = torch.einsum("nij,njhw->nihw", matrix, y)
    return y * F.interpolate(gain, (h, w), mode="bilinear", align_corners=False)


# ---- photos made worse

def linear(x):
    return torch.where(x <= 0.04045, x / 12.92, ((x.clamp(min=0) + 0.055) / 1.055) ** 2.4)


def stored(x):
    x = x.clamp(0, 1)
    return torch.where(x <= 0.0031308, 12.92 * x, 1.055 * x.clamp(min=1e-8) ** (1 / 2.4) - 0.055)


def worsen(x, rng, whole=0.15):
    """Photos (n, 3, h, w) in other light and badly exposed, in 8 bits; a share of
    whole is left as it is, so that good photos are left alone."""
    n, _, h, w = x.shape

    def t(v):
        return torch.from_numpy(np.asarray(v, np.float32))
    k = t(rng.random(n) >= whole).reshape(n, 1, 1, 1)  # 0: left alone
    stops = t(np.clip(rng.normal(-0.4, 0.5, (n, 1, 1, 1)), -1.6, 0.7))
    warm, green = t(rng.normal(0.03, 0.17, (n, 1, 1, 1))), t(rng.normal(0, 0.05, (n, 1, 1, 1)))
    light = torch.cat([warm, -green, -warm], 1)
    angle, steep = rng.uniform(0, 2 * np.pi, n), rng.uniform(0, 0.9, n) * (rng.random(n) < 0.6)
    across = torch.linspace(-1, 1, w).reshape(1, 1, 1, w) * t(np.cos(angle)).reshape(n, 1, 1, 1) \
        + torch.linspace(-1, 1, h).reshape(1, 1, h, 1) * t(np.sin(angle)).reshape(n, 1, 1, 1)
    tinted = torch.cat([t(rng.normal(0, 0.08, (n, 1, 1, 1))), torch.zeros(n, 1, 1, 1), t(rng.normal(0, 0.08, (n, 1, 1, 1)))], 1)
    field = across * (t(steep / 2).reshape(n, 1, 1, 1) + tinted * t(steep > 0).reshape(n, 1, 1, 1))
    round_ = torch.linspace(-1, 1, w).reshape(1, 1, 1, w) ** 2 + torch.linspace(-1, 1, h).reshape(1, 1, h, 1) ** 2
    dark = t(rng.uniform(0, 0.35, (n, 1, 1, 1)) * (rng.random((n, 1, 1, 1)) < 0.5))
    y = linear(x) * torch.exp(k * (stops * np.log(2) + light + field - dark * round_))
    haze = k * t(rng.uniform(0, 0.06, (n, 1, 1, 1)) * (rng.random((n, 1, 1, 1)) < 0.4))
    y = stored(y.clamp(0, 1) * (1 - haze) + haze)
    gamma = torch.exp(k * t(rng.normal(0, 0.12, (n, 1, 1, 1))))
    y = y.clamp(min=1e-6) ** gamma
    contrast = 1 + k * t(rng.uniform(-0.3, 0.1, (n, 1, 1, 1)))
    y = (y - 0.5) * contrast + 0.5
    grey = y.mean(1, keepdim=True)
    y = grey + (y - grey) * (1 + k * t(rng.uniform(-0.4, 0.1, (n, 1, 1, 1))))
    return (y.clamp(0, 1) * 255).round() / 255


# ---- data

def pictures(folder):
    return [os.path.join(d, f) for d, _, files in sorted(os.walk(folder)) for f in sorted(files)
            if f.lower().endswith((".jpg", ".jpeg", ".png"))]


def data(argv):
    """Thumbnails of the photos, STORED x STORED, one array a split."""
    p = argparse.ArgumentParser()
    p.add_argument("--photos", required=True)
    p.add_argument("--cache", required=True)
    a = p.parse_args(argv)
    os.makedirs(a.cache, exist_ok=True)
    for split in ("train", "validation"):
        path = os.path.join(a.cache, f"thumbnails.{split}.npy")
        if os.path.exists(path):
            continue
        names = pictures(os.path.join(a.photos, split))
        if not names:
            raise SystemExit(f"enhancer: {split} holds no photos; the folder needs train/CATEGORY/ and validation/CATEGORY/")
        out = np.zeros((len(names), STORED, STORED, 3), np.uint8)
        for i, name in enumerate(names):
            with Image.open(name) as im:
                im.draft("RGB", (2 * STORED, 2 * STORED))
                out[i] = np.asarray(im.convert("RGB").resize((STORED, STORED), Image.BOX))
        run.write_whole(path, lambda f: np.save(f, out))
        print(f"{split}: {len(out)} photos", flush=True)


def smoke(argv):
    """Drawn photos for --smoke: garments on rooms' floors, lit from one side."""
    from . import synth
    p = argparse.ArgumentParser()
    p.add_argument("--cache", required=True)
    a = p.parse_args(argv)
    os.makedirs(a.cache, exist_ok=True)
    rng = np.random.default_rng(3)
    for split, n in (("train", 24), ("validation", 8)):
        out = []
        for _ in range(n):
            rgba = synth.garment(rng.choice(list(synth.SHAPES)), rng).astype(np.float32)
            floor = rng.uniform(90, 230) + rng.normal(0, 6, rgba.shape[:2] + (3,)) + np.linspace(-20, 20, rgba.shape[1])[None, :, None]
            alpha = rgba[..., 3:] / 255
            im = Image.fromarray((rgba[..., :3] * alpha + floor * (1 - alpha)).clip(0, 255).astype(np.uint8))
            out.append(np.asarray(im.resize((STORED, STORED), Image.BOX)))
        run.write_whole(os.path.join(a.cache, f"thumbnails.{split}.npy"), lambda f: np.save(f, np.stack(out)))


class Photos:
    """One split's thumbnails, cut and mirrored at random."""

    def __init__(self, cache, split):
        self.all = np.load(os.path.join(cache, f"thumbnails.{split}.npy"))

    def batch(self, rng, n):
        out = np.empty((n, EDGE, EDGE, 3), np.uint8)
        for k, i in enumerate(rng.integers(0, len(self.all), n)):
            side = int(rng.integers(EDGE * 3 // 4, STORED + 1))
            top, left = rng.integers(0, STORED - side + 1, 2)
            cut = self.all[i, top:top + side, left:left + side, :]
            if rng.random() < 0.5:
                cut = cut[:, ::-1]
            out[k] = np.asarray(Image.fromarray(np.ascontiguousarray(cut)).resize((EDGE, EDGE), Image.BILINEAR))
        return to_tensor(out)

    def whole(self, n):
        """The first n photos, whole."""
        return to_tensor(np.stack([np.asarray(Image.fromarray(p).resize((EDGE, EDGE), Image.BOX)) for p in self.all[:n]]))


# ---- training

def loss(y, x):
    """How far off a photo is: in each channel, and in colour apart from light;
    what goes beyond white or black is off by that much."""
    luma = torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)
    a, b = (y * luma).sum(1, keepdim=True), (x * luma).sum(1, keepdim=True)
    return (y - x).abs().mean() + ((y - a) - (x - b)).abs().mean()


def delta_e(a, b):
    """Mean CIE76 of uint8 RGB arrays."""
    return float(np.sqrt(((to_lab(a) - to_lab(b)) ** 2).sum(-1)).mean())


def psnr(a, b):
    d = a.astype(np.float64) - b.astype(np.float64)
    return float(10 * np.log10(255 ** 2 / max((d ** 2).mean(), 1e-3)))


def mend(net, x, seed=9):
    """Photos made worse, and mended."""
    net.eval()
    worse = worsen(x, np.random.default_rng(seed), whole=0)
    with torch.no_grad():
        return worse, apply(worse, *net(worse))


def measure(net, x, seed=9):
    """PSNR and ΔE of thumbnails made worse, before and after; ΔE of whole ones after."""
    def bytes_(v):
        return (v.clamp(0, 1) * 255).round().numpy().astype(np.uint8).transpose(0, 2, 3, 1)
    worse, mended = mend(net, x, seed)
    held = float(loss(mended, x))
    with torch.no_grad():
        better, kept = bytes_(mended), bytes_(apply(x, *net(x)))
    whole, worse = bytes_(x), bytes_(worse)
    each = range(len(whole))
    return {"loss": held,
            "psnr_before": np.mean([psnr(worse[i], whole[i]) for i in each]), "psnr": np.mean([psnr(better[i], whole[i]) for i in each]),
            "delta_e_before": np.mean([delta_e(worse[i], whole[i]) for i in each]), "delta_e": np.mean([delta_e(better[i], whole[i]) for i in each]),
            "delta_e_whole": np.mean([delta_e(kept[i], whole[i]) for i in each])}


COLUMNS = ["loss", "train_loss", "psnr_before", "psnr", "delta_e_before", "delta_e", "delta_e_whole"]


def train(argv):
    p = run.options(__doc__, steps=1800, batch=32)
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when the steps are done")
    a = p.parse_args(argv)
    run.start(a)
    rank, _ = run.world()
    torch.manual_seed(a.seed)
    net = Enhancer().to(memory_format=torch.channels_last)
    run.alike(net)
    mean = run.Mean(net, 0.995)
    optimiser = torch.optim.AdamW(net.parameters(), a.rate, weight_decay=0.02)
    parts = {"net": net, "mean": mean, "optimiser": optimiser}
    checkpoint = run.Checkpoint(a.out, a.save_every)
    first, seconds = checkpoint.load(parts)
    seen, held = Photos(a.cache, "train"), Photos(a.cache, "validation")
    losses, table = run.Table(a.out, "losses", ["loss"], first), run.Table(a.out, "metrics", COLUMNS, first)
    began, step, sums = time.process_time(), first, []
    while step < a.steps:
        for g in optimiser.param_groups:
            g["lr"] = a.rate * min(1, (step + 1) / 50) * 0.5 * (1 + np.cos(np.pi * step / a.steps))
        rng = run.chance(a.seed, step, rank)
        x = seen.batch(rng, a.batch)
        worse = worsen(x, rng)
        net.train()
        torch.manual_seed(a.seed * 1_000_003 + step)
        off = loss(apply(worse, *net(worse.contiguous(memory_format=torch.channels_last))), x)
        run.descend(off, optimiser, net)
        mean.update(net, step)
        run.finite(step, loss=off.item())
        sums.append(off.item())
        step += 1
        if step % 50 == 0 or step == a.steps:
            losses.add(step, loss=np.mean(sums))
            print(step, round(float(np.mean(sums)), 4), f"{seconds + time.process_time() - began:.0f} s", flush=True)
            sums = []
        if step % 500 == 0 or step == a.steps:
            m = measure(mean.module, held.whole(341))
            x = seen.whole(341)
            m["train_loss"] = float(loss(mend(mean.module, x)[1], x))
            table.add(step, **m)
            print(step, {k: round(float(v), 4) for k, v in m.items()}, flush=True)
        late = a.minutes and time.process_time() - began > a.minutes * 60
        if checkpoint.due() or step == a.steps or late:
            checkpoint.save(parts, step, seconds + time.process_time() - began)
        if late:
            break
    losses.draw()
    table.draw()
    draw(mean.module, held, os.path.join(a.out, "samples.png"))


def draw(net, photos, path, n=8):
    """A sheet: made worse, mended, as it was."""
    if run.world()[0] != 0:
        return
    x = photos.whole(n)
    worse = worsen(x, np.random.default_rng(4), whole=0)
    with torch.no_grad():
        rows = [worse, apply(worse, *net.eval()(worse)), x]
    sheet = torch.cat([torch.cat(list(r.clamp(0, 1)), 2) for r in rows], 1)
    Image.fromarray((sheet * 255).round().numpy().astype(np.uint8).transpose(1, 2, 0)).save(path)


def load(out):
    """The trained network (its averaged weights) of folder out."""
    net = Enhancer()
    net.load_state_dict(torch.load(f"{out}/checkpoint.pt", map_location="cpu")["mean"])
    return net.eval()


def export(argv):
    from .export import to_onnx
    p = argparse.ArgumentParser()
    p.add_argument("--out", required=True)
    p.add_argument("--weights", required=True)
    a = p.parse_args(argv)
    to_onnx(load(a.out), torch.zeros(1, 3, EDGE, EDGE), ["thumbnail"], ["curve", "matrix", "gain"], os.path.join(a.weights, "enhancer.onnx"))
    rows = run.rows_of(os.path.join(a.out, "metrics.csv"))
    run.write_json(os.path.join(a.weights, "enhancer.card.json"), {"training": {  # the measures were another network's
        "commit": run.commit(), **run.stage_of(a.out),
        "thumbnails": {k: round(float(v), 4) for k, v in rows[-1].items() if k != "step"} if rows else {}}})


def goldens(argv):
    """What Go must compute alike: a change laid over a picture, and what the
    network says of it."""
    import json

    import onnxruntime
    p = argparse.ArgumentParser()
    p.add_argument("--weights", required=True)
    p.add_argument("--go", required=True, help="the repository")
    a = p.parse_args(argv)
    folder = os.path.join(a.go, "studio/enhance/testdata")
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(17)
    small = rng.integers(20, 230, (12, 12, 3)).astype(np.uint8)
    picture = np.asarray(Image.fromarray(small).resize((EDGE, EDGE), Image.BICUBIC))
    Image.fromarray(picture).save(os.path.join(folder, "correction.png"))
    curve = np.cumsum(rng.uniform(0.02, 0.24, (1, 3, KNOTS)), 2).astype(np.float32)
    matrix = (np.eye(3) + rng.normal(0, 0.1, (3, 3))).astype(np.float32)[None]
    gain = np.exp(rng.normal(0, 0.2, (1, 3, FIELD, FIELD))).astype(np.float32)
    x = to_tensor(picture[None])
    changed = (apply(x, *(torch.from_numpy(v) for v in (curve, matrix, gain))).clamp(0, 1)[0] * 255).round().numpy().astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(changed).save(os.path.join(folder, "correction.changed.png"))
    session = onnxruntime.InferenceSession(os.path.join(a.weights, "enhancer.onnx"), providers=["CPUExecutionProvider"])
    read = session.run(["curve", "matrix", "gain"], {"thumbnail": x.numpy()})

    def numbers(*arrays):
        return dict(zip(("curve", "matrix", "gain"), ([round(float(v), 6) for v in arr.ravel()] for arr in arrays)))
    with open(os.path.join(folder, "correction.json"), "w") as f:
        json.dump({"changed": numbers(curve, matrix, gain), "read": numbers(*read)}, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    {"data": data, "smoke": smoke, "train": train, "export": export, "goldens": goldens}[sys.argv[1]](sys.argv[2:])

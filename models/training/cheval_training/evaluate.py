"""The figures of the cards, from the committed weights alone and pictures that
were not trained on.

  python -m cheval_training.evaluate --weights DIR --cache DIR --cheval build/cheval --work DIR [--docs docs/designs]

Writes NAME.card.json beside the weights; compare says where they moved.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np
import onnxruntime
import torch
from PIL import Image, ImageDraw

from . import colour, metrics, planes, run
from .dataset import CLASSES, Products, load_renders, relight, to_tensor, warp, whites
from .networks import NOISE, STYLE, asked
from .products import CATEGORIES, SIZE, on_white


class Net:
    """A committed network; called with arrays of n, gives arrays of n."""

    def __init__(self, folder, name):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(os.path.join(folder, name), options, providers=["CPUExecutionProvider"])
        self.inputs = [i.name for i in self.session.get_inputs()]

    def __call__(self, *arrays):
        rows = [self.session.run(None, {n: np.asarray(a[i:i + 1], np.float32) for n, a in zip(self.inputs, arrays)})
                for i in range(len(arrays[0]))]
        out = [np.concatenate(c) for c in zip(*rows)]
        return out if len(out) > 1 else out[0]


def encoder_figures(net, cache, renders):
    """Accuracy and recall on the validation split; see encoder.measure."""
    p = Products(cache, "validation")
    index, rng = np.arange(len(p)), np.random.default_rng(5)
    base, classes = net(whites(p, index).numpy())
    changed, _ = net(relight(warp(whites(p, index), rng, SIZE), rng, 0.5).numpy())
    uncut, uncut_classes = net(to_tensor(p.square).numpy())
    near = base @ base.T
    np.fill_diagonal(near, -1)
    out = {"pictures": len(p),
           "accuracy": mean(classes.argmax(1) == p.category),
           "accuracy_by_category": {c: mean(classes.argmax(1)[p.category == i] == i) for i, c in enumerate(CATEGORIES) if (p.category == i).any()},
           "accuracy_of_the_commonest": mean(p.category == np.bincount(p.category).argmax()),
           "accuracy_uncut": mean(uncut_classes.argmax(1) == p.category),
           "nearest_is_of_the_same_category": mean(p.category[near.argmax(1)] == p.category)}
    for name, query in (("changed", changed), ("uncut", uncut)):
        rank = (-(query @ base.T)).argsort(1)
        for k in (1, 5, 10):
            out[f"recall_at_{k}_{name}"] = mean((rank[:, :k] == index[:, None]).any(1))
    pictures, _ = load_renders(renders, True)
    if len(pictures):
        out["accuracy_eyewear"] = mean(net(to_tensor(pictures).numpy())[1].argmax(1) == CLASSES.index("eyewear"))
    return out


def mean(v):
    return round(float(np.mean(v)), 4)


def generate(cheval, folder, category, count, seed, name=None):
    """Designs by the product itself: pictures (RGBA) and what it says of each."""
    command = [cheval, "studio", "generate", "--category", category, "--count", str(count), "--seed", str(seed),
               "--out", folder, "--json", "--device", "cpu"] + (["--colour", name] if name else [])
    began = time.time()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    rgba = np.stack([np.asarray(Image.open(line["out"]).convert("RGBA")) for line in lines])
    return rgba, lines, time.time() - began


def see(encoder, rgba):
    return encoder(to_tensor(on_white(rgba)).numpy())


def conditions(seen, category, rng):
    """What would be asked for a product of each of these categories: the colour
    of some training product of it."""
    lab = np.stack([seen.lab[rng.choice(np.flatnonzero(seen.category == c))] for c in category])
    return lab, asked(torch.from_numpy(category), torch.from_numpy(lab)).numpy()


def unfiltered(weights, baseline, seen, category, encoder):
    """The designer and, where it is there, the baseline without any filter,
    asked for the same: pictures, and what the encoder says of them."""
    rng = np.random.default_rng(7)
    lab, ask = conditions(seen, category, rng)
    style = Net(weights, "designer_map.onnx")(rng.standard_normal((len(category), NOISE)), ask)
    made = {"designer": planes.to_rgba(Net(weights, "designer_draw.onnx")(style, style), lab)}
    if os.path.exists(baseline):
        net = Net(*os.path.split(baseline))
        made["baseline"] = planes.to_rgba(net(rng.standard_normal((len(category), STYLE)), ask), lab)
    else:
        print(f"evaluate: {baseline} is not there: the baseline's figures are left out", file=sys.stderr)
    return made, {n: see(encoder, v) for n, v in made.items()}


def baseline_figures(real, category, seen):
    """The figures of the baseline to be beaten; none where it was not seen."""
    if "baseline" not in seen:
        return {}
    e, classes = seen["baseline"]
    return {"kid_baseline": metrics.kid(real, e), "category_recognised_baseline": mean(classes.argmax(1) == category),
            "diversity_baseline": round(metrics.diversity(e, category), 4)}


def redrawing(weights, held, encoder):
    """How well products that were not trained on are drawn again."""
    index = np.arange(len(held))
    x = planes.of_products(held, index).numpy()
    style = Net(weights, "designer_read.onnx")(x)
    again = on_white(planes.to_rgba(Net(weights, "designer_draw.onnx")(style, style), held.lab)).astype(float)
    real = on_white(held.rgba).astype(float)
    average = np.broadcast_to(real.mean(0), real.shape)

    def psnr(a):
        return round(float(np.mean(10 * np.log10(255 ** 2 / ((a - real) ** 2).mean((1, 2, 3))))), 2)
    e = encoder(to_tensor(again.astype(np.uint8)).numpy())[0]
    real_e = encoder(to_tensor(real.astype(np.uint8)).numpy())[0]
    return {"psnr_db": psnr(again), "psnr_of_the_average_picture_db": psnr(average),
            "distance": mean(1 - (e * real_e).sum(1)),
            "distance_to_another_of_its_category": mean([np.median(1 - real_e[held.category == c] @ real_e[i]) for i, c in enumerate(held.category)])}


def designer_figures(a, encoder):
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    real, _ = see(encoder, held.rgba)
    train, _ = see(encoder, seen.rgba)
    counts = np.bincount(held.category, minlength=len(CATEGORIES))
    asked_for, made, lines = [], [], []
    for i, category in enumerate(CATEGORIES):
        if counts[i] == 0:
            continue
        rgba, said, _ = generate(a.cheval, os.path.join(a.work, category), category, int(counts[i]), 1000 + i)
        asked_for += [i] * len(rgba)
        made.append(rgba)
        lines += said
    made, asked_for = np.concatenate(made), np.array(asked_for)
    e, classes = see(encoder, made)
    raw, raw_seen = unfiltered(a.weights, a.baseline, seen, held.category, encoder)
    limit = metrics.copy_limit(train)
    rng = np.random.default_rng(9)
    out = {
        "kid": metrics.kid(real, e), "kid_unfiltered": metrics.kid(real, raw_seen["designer"][0]),
        "kid_of_training_pictures": metrics.kid(real, train[rng.choice(len(train), min(len(train), len(real)), False)]),
        "category_recognised": mean(classes.argmax(1) == asked_for),
        "category_recognised_unfiltered": mean(raw_seen["designer"][1].argmax(1) == held.category),
        **baseline_figures(real, held.category, raw_seen),
        "colour": colours_right(a),
        "diversity": round(metrics.diversity(e, asked_for), 4), "diversity_of_photos": round(metrics.diversity(real, held.category), 4),
        "copy_limit": round(limit, 5), "nearest_of_all_designs": round(float(metrics.nearest(e, train).min()), 5),
        "nearer_than_the_limit": int((metrics.nearest(e, train) < limit).sum()),
        "doubted": mean([bool(line.get("doubt")) for line in lines]),
        "redrawing": redrawing(a.weights, held, encoder),
        "seconds_for_100": hundred(a),
    }
    if a.docs:
        sheets(a)
        if "baseline" in raw:
            sheet(raw["baseline"][:100], os.path.join(a.docs, "baseline.jpg"), 10)
    return out


def hundred(a):
    """Seconds for 100 designs in one call, start-up of the program included."""
    return round(generate(a.cheval, os.path.join(a.work, "hundred"), "t-shirt", 100, 7)[2], 2)


def colours_right(a):
    """The share of designs that have the asked colour, over all colours."""
    right, all_of = 0, 0
    for i, name in enumerate(colour.NAMES):
        category = CATEGORIES[i % len(CATEGORIES)]
        rgba, _, _ = generate(a.cheval, os.path.join(a.work, "colours"), category, 10, 50 + i, name)
        right += sum(colour.name_of(colour.dominant(p)) == name for p in rgba)
        all_of += len(rgba)
    return round(right / all_of, 4)


def sheet(rgba, path, across, edge=72):
    """A contact sheet, numbered as the files are."""
    pictures = on_white(rgba)
    down = -(-len(pictures) // across)
    out = Image.new("RGB", (across * edge, down * edge), "white")
    draw = ImageDraw.Draw(out)
    for i, p in enumerate(pictures):
        at = (i % across * edge, i // across * edge)
        out.paste(Image.fromarray(p).resize((edge, edge), Image.LANCZOS), at)
        draw.text((at[0] + 1, at[1]), str(i + 1), fill=(150, 150, 150))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    out.save(path, quality=88)


def sheets(a):
    """100 designs of every category, as they come, seed 7."""
    for category in CATEGORIES:
        rgba, _, _ = generate(a.cheval, os.path.join(a.work, "sheet_" + category), category, 100, 7)
        sheet(rgba, os.path.join(a.docs, category + ".jpg"), 10)


def write_card(weights, name, figures):
    """The figures into NAME.card.json, beside what the training wrote there."""
    before = run.note(weights, name, measured=figures)["measured"]
    print(name, json.dumps(figures, indent=1))
    if before:
        for key, value in before.items():
            if isinstance(value, float) and isinstance(figures.get(key), float) and abs(value - figures[key]) > 0.02 and "seconds" not in key:
                print(f"evaluate: {name}: {key} was {value} on the card and is {figures[key]}", file=sys.stderr)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--weights", required=True)
    p.add_argument("--cache", required=True)
    p.add_argument("--renders", default="")
    p.add_argument("--baseline", default="", help="the baseline's ONNX")
    p.add_argument("--cheval", default="")
    p.add_argument("--work", required=True, help="where designs go")
    p.add_argument("--docs", default="", help="write contact sheets here")
    p.add_argument("--only", choices=("encoder", "designer"))
    a = p.parse_args()
    torch.set_num_threads(2)
    encoder = Net(a.weights, "encoder.onnx")
    if a.only != "designer":
        write_card(a.weights, "encoder", encoder_figures(encoder, a.cache, a.renders))
    if a.only != "encoder":
        write_card(a.weights, "designer", designer_figures(a, encoder))


if __name__ == "__main__":
    main()

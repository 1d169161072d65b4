"""How the designer came on, and which setting of the baseline is best.

  python -m cheval_training.choose --cache DIR --out DIR --encoder DIR --weights DIR

KID of the designer without any filter at each kept step of draw, and of each
trained baseline, to validation. Writes OUT/best_vae, OUT/best_step, and the course into
WEIGHTS/designer.card.json and OUT/course.png.
"""
import argparse
import glob
import json
import os

import numpy as np
import torch

from . import metrics, planes, run
from .dataset import Products, to_tensor, whites
from .encoder import embed_all
from .encoder import load as load_encoder
from .evaluate import conditions
from .export import load_designer
from .networks import NOISE, STYLE, Drawer, Mapper, Reader, parameters_of
from .products import on_white


class Course:
    """Measures generators against validation, all with the same conditions."""

    def __init__(self, cache, encoder):
        seen, held = Products(cache, "train"), Products(cache, "validation")
        self.encoder = load_encoder(encoder)
        self.real, _ = embed_all(self.encoder, whites(held, np.arange(len(held))))
        self.lab, ask = conditions(seen, held.category, np.random.default_rng(7))
        self.ask = torch.from_numpy(ask)

    def kid(self, mapper, drawer, width):
        rng = np.random.default_rng(8)
        made = []
        with torch.no_grad(), run.fast():
            for i in range(0, len(self.ask), 32):
                c = self.ask[i:i + 32]
                w = mapper(run.noise(rng, len(c), width), c)
                made.append(drawer(w, w).float())
        rgba = planes.to_rgba(torch.cat(made).numpy(), self.lab)
        e, _ = embed_all(self.encoder, to_tensor(on_white(rgba)))
        return metrics.kid(self.real, e)


def baselines(course, out):
    """KID and losses of every trained setting."""
    found = {}
    for path in sorted(glob.glob(os.path.join(out, "vae_*", "checkpoint.pt"))):
        state = torch.load(path, map_location="cpu")
        mapper, drawer = Mapper(STYLE), Drawer()
        mapper.load_state_dict(state["mean_mapper"])
        drawer.load_state_dict(state["mean_drawer"])
        folder = os.path.dirname(path)
        found[folder] = {"kl": float(folder.rsplit("_", 1)[1]), "steps": state["step"], "minutes": round(state["seconds"] / 60, 1),
                         **course.kid(mapper.eval(), drawer.eval(), STYLE)}
    return found


def designs(course, out):
    """KID at each kept step of the adversarial stage."""
    rows = []
    for path in sorted(glob.glob(os.path.join(out, "draw", "at_*.pt"))):
        _, mapper, drawer = load_designer(torch.load(path, map_location="cpu"))
        rows.append({"step": int(path[-9:-3]), **course.kid(mapper, drawer, NOISE)})
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__)
    for name in ("cache", "out", "encoder", "weights"):
        p.add_argument("--" + name, required=True)
    a = p.parse_args()
    course = Course(a.cache, a.encoder)
    vae, rows = baselines(course, a.out), designs(course, a.out)
    with open(os.path.join(a.out, "best_vae"), "w") as f:
        f.write(min(vae, key=lambda k: vae[k]["kid"]) if vae else "")
    with open(os.path.join(a.out, "best_step"), "w") as f:
        f.write(str(min(rows, key=lambda r: r["kid"])["step"] if rows else 0))
    training = {
        "commit": run.commit(), "stages": {s: run.stage_of(os.path.join(a.out, s)) for s in ("read", "style", "draw")},
        "parameters": {"designer": parameters_of(Reader(), Mapper(), Drawer()), "baseline": parameters_of(Reader(), Mapper(STYLE), Drawer())},
        "course": rows, "baselines": list(vae.values()),
        "products": {s: len(Products(a.cache, s)) for s in ("train", "validation")},
    }
    run.note(a.weights, "designer", training=training)
    print(json.dumps(training, indent=1))


if __name__ == "__main__":
    main()

"""The baseline that the designer must beat: a variational autoencoder of the
same Reader, Mapper and Drawer, on the same data, for as many steps.

  python -m cheval_training.vae --cache DIR --out DIR --kl 0.01

Its noise is as wide as a style, so that it is not starved; what is asked for
enters through the Mapper, as in the designer. The best of three --kl counts.
"""
import sys

import numpy as np
import torch

from . import adversary, planes, run
from .dataset import Products
from .designer import AVERAGE, RATE, batch_of
from .networks import STYLE, Drawer, Mapper, Reader, asked


def main(argv):
    p = run.options(__doc__, steps=6600, batch=16)
    p.add_argument("--kl", type=float, default=0.01, help="weight of the divergence")
    p.add_argument("--measure-every", type=int, default=500)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when the steps are done")
    a = p.parse_args(argv)
    run.start(a)
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    torch.manual_seed(a.seed)
    reader, mapper, drawer = Reader(), Mapper(STYLE), Drawer()
    nets = {"reader": reader, "mapper": mapper, "drawer": drawer}
    for m in nets.values():
        m.to(memory_format=torch.channels_last)
    run.alike(*nets.values())
    means = {"mean_" + n: run.Mean(m, AVERAGE) for n, m in nets.items()}
    opt = run.optimiser(RATE, *nets.values())
    stage = run.Stage(a, f"vae_{a.kl:g}", ["likeness", "kl", "bound_train", "bound_validation"], {**nets, **means, "opt": opt})

    def redraw(reader, mapper, drawer, x, ask, rng):
        mean, log_var = reader(x)
        w = mapper(mean + (log_var / 2).exp() * run.noise(rng, *mean.shape), ask)
        return drawer(w, w), mean, log_var

    def do(step, rng):
        for g in opt.param_groups:
            g["lr"] = RATE * min(1, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * step / a.steps)))
        x, ask = batch_of(seen, rng, a.batch)
        with run.fast():
            made, mean, log_var = redraw(reader, mapper, drawer, x.contiguous(memory_format=torch.channels_last), ask, rng)
        like, kl = adversary.likeness(made, x), adversary.divergence(mean, log_var)
        run.descend(like + a.kl * kl, opt, *nets.values())
        for m, net in zip(means.values(), nets.values()):
            m.update(net, step)
        return {"likeness": like.item(), "kl": kl.item()}

    def bound(products):
        index = np.arange(min(64, len(products)))
        ask = asked(torch.from_numpy(products.category[index]), torch.from_numpy(products.lab[index]))
        with torch.no_grad():
            x = planes.of_products(products, index)
            made, mean, log_var = redraw(*(m.module for m in means.values()), x, ask, run.chance(a.seed, 0, 98))
            return (adversary.likeness(made, x) + a.kl * adversary.divergence(mean, log_var)).item()
    stage.loop(do, lambda step: {"bound_train": bound(seen), "bound_validation": bound(held)})


if __name__ == "__main__":
    main(sys.argv[1:])

"""The designer: new products from noise, a category and a colour.

  python -m cheval_training.designer read  --cache DIR --out DIR
  python -m cheval_training.designer style --cache DIR --out DIR
  python -m cheval_training.designer draw  --cache DIR --out DIR [--loss ns|hinge]

Three stages, each with its checkpoint. read: Reader and Drawer learn to draw
real products again. style: Mapper learns, against StyleJudge, to make styles
that real products could have. draw: Mapper and Drawer learn together against
Judge, which sees pictures; how the first stage would have drawn a design, flat
but of a clean outline, is the sketch that its form is held to. The baseline (vae.py) has the same networks and steps.
"""
import copy
import os
import sys

import numpy as np
import torch

from . import adversary, planes, run
from .dataset import Products
from .networks import NOISE, Drawer, Judge, Mapper, Reader, StyleJudge, asked

RATE = 6e-4
KL = 3e-4        # how strongly styles are drawn to the standard normal
SLOPE = 0.3      # weight of the discriminator's squared gradient
SLOPE_EVERY = 8  # steps
AVERAGE = 0.998  # of the weights that are kept, a step


def batch_of(products, rng, n):
    """Planes of n products, varied, and what would have to be asked for them."""
    index = products.balanced(rng, n)
    x = planes.vary(planes.of_products(products, index), rng)
    return x, asked(torch.from_numpy(products.category[index]), torch.from_numpy(products.lab[index]))


def redraw(reader, drawer, x, rng):
    """Reads x and draws it again: planes, mean, log variance."""
    with run.fast():
        mean, log_var = reader(x)
        w = mean + (log_var / 2).exp() * run.noise(rng, *mean.shape)
        return drawer(w, w), mean, log_var


def redraw_held(reader, drawer, products):
    """likeness over the first 64 products of a split."""
    with torch.no_grad():
        x = planes.of_products(products, np.arange(min(64, len(products))))
        w = reader(x)[0]
        return adversary.likeness(drawer(w, w), x).item()


def saved(out, stage, **modules):
    """Fills modules from a stage's checkpoint."""
    path = os.path.join(out, stage, "checkpoint.pt")
    if not os.path.exists(path):
        raise SystemExit(f"training: {path} is missing: train the stage {stage} first")
    state = torch.load(path, map_location="cpu")
    for name, m in modules.items():
        m.load_state_dict(state[name])


def read(a):
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    torch.manual_seed(a.seed)
    reader, drawer = Reader(), Drawer()
    for m in (reader, drawer):
        m.to(memory_format=torch.channels_last)
    run.alike(reader, drawer)
    mean_reader, mean_drawer = run.Mean(reader, AVERAGE), run.Mean(drawer, AVERAGE)
    opt = run.optimiser(RATE, reader, drawer)
    stage = run.Stage(a, "read", ["likeness", "kl", "likeness_train", "likeness_validation"],
                  {"reader": reader, "drawer": drawer, "mean_reader": mean_reader, "mean_drawer": mean_drawer, "opt": opt})

    def do(step, rng):
        for g in opt.param_groups:
            g["lr"] = RATE * min(1, (step + 1) / 100) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * step / a.steps)))
        x, _ = batch_of(seen, rng, a.batch)
        made, mean, log_var = redraw(reader, drawer, x.contiguous(memory_format=torch.channels_last), rng)
        like, kl = adversary.likeness(made, x), adversary.divergence(mean, log_var)
        run.descend(like + KL * kl, opt, reader, drawer)
        mean_reader.update(reader, step)
        mean_drawer.update(drawer, step)
        return {"likeness": like.item(), "kl": kl.item()}
    stage.loop(do, lambda step: {"likeness_" + n: redraw_held(mean_reader.module, mean_drawer.module, p)
                                 for n, p in (("train", seen), ("validation", held))})


def styles_of(reader, products, passes, seed):
    """Styles of varied views of every product: (passes * n, STYLE) mean and
    deviation, and what would be asked for each."""
    means, deviations = [], []
    with torch.no_grad(), run.fast():
        for k in range(passes):
            for i in range(0, len(products), 64):
                index = np.arange(i, min(i + 64, len(products)))
                x = planes.of_products(products, index)
                mean, log_var = reader(planes.vary(x, run.chance(seed, i, k)) if k else x)
                means.append(mean)
                deviations.append((log_var / 2).exp())
    c = asked(torch.from_numpy(products.category), torch.from_numpy(products.lab))
    return torch.cat(means), torch.cat(deviations), c.repeat(passes, 1)


def style(a):
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    reader = Reader()
    saved(a.out, "read", mean_reader=reader)
    w, deviation, c = styles_of(reader, seen, 4, a.seed)
    held_w, _, held_c = styles_of(reader, held, 1, a.seed)
    weight = np.tile(1 / np.sqrt(np.bincount(seen.category, minlength=10)[seen.category]), 4)
    weight /= weight.sum()
    torch.manual_seed(a.seed + 1)
    mapper, judge = Mapper(), StyleJudge()
    run.alike(mapper, judge)
    mean = run.Mean(mapper, 0.999)
    opt, opt_judge = run.optimiser(3e-4, mapper, betas=(0.5, 0.99)), run.optimiser(6e-4, judge, betas=(0.5, 0.99))
    stage = run.Stage(a, "style", ["judge", "maker", "straying", "moments"],
                  {"mapper": mapper, "judge": judge, "mean_mapper": mean, "opt": opt, "opt_judge": opt_judge})

    def do(step, rng):
        i = rng.choice(len(w), a.batch, p=weight)
        real, ask = w[i] + deviation[i] * run.noise(rng, a.batch, w.shape[1]), c[i]
        with run.fast():
            made = mapper(run.noise(rng, a.batch, NOISE), ask).float()
            on_real, on_made = judge(real, ask).float(), judge(made.detach(), ask).float()
        judging = adversary.judge_loss(a.loss, on_real, on_made)
        run.descend(judging, opt_judge, judge)
        with run.fast():
            score = judge(made, ask).float()
        making = adversary.maker_loss(a.loss, score)
        run.descend(making, opt, mapper)
        mean.update(mapper, step)
        return {"judge": judging.item(), "maker": making.item()}

    def measure(step):
        """moments: how far the held styles' mean and deviation are from made ones'."""
        rng = run.chance(a.seed, 0, 99)
        with torch.no_grad():
            made = mean.module(run.noise(rng, len(held_w), NOISE), held_c)
            apart = ((made.mean(0) - held_w.mean(0)) ** 2).mean() + ((made.std(0) - held_w.std(0)) ** 2).mean()
            return {"straying": adversary.straying(judge(w[:len(held)], c[:len(held)]), judge(held_w, held_c)),
                    "moments": apart.item()}
    stage.loop(do, measure)


def draw(a):
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    torch.manual_seed(a.seed + 2)
    reader, drawer, mapper, judge, style_judge = Reader(), Drawer(), Mapper(), Judge(), StyleJudge()
    saved(a.out, "read", mean_reader=reader, mean_drawer=drawer)
    saved(a.out, "style", mean_mapper=mapper, judge=style_judge)
    nets = (reader, drawer, mapper, judge, style_judge)
    for m in nets:
        m.to(memory_format=torch.channels_last)
    run.alike(*nets)
    sketcher = copy.deepcopy(drawer).eval()
    means = {"mean_" + n: run.Mean(m, AVERAGE) for n, m in (("reader", reader), ("drawer", drawer), ("mapper", mapper))}
    opt = run.optimiser(2e-4, reader, drawer, betas=(0.0, 0.99))
    opt_map = run.optimiser(5e-5, mapper, betas=(0.0, 0.99))
    opt_judge = run.optimiser(4e-4, judge, style_judge, betas=(0.0, 0.99))
    parts = {"reader": reader, "drawer": drawer, "mapper": mapper, "judge": judge, "style_judge": style_judge,
             "opt": opt, "opt_map": opt_map, "opt_judge": opt_judge, **means}
    stage = run.Stage(a, "draw", ["judge", "maker", "likeness", "folds", "form", "straying", "likeness_validation"], parts)
    half = a.batch // 2

    def do(step, rng):
        """One step: half of the drawn pictures are real products drawn again,
        half are designs."""
        x, ask = batch_of(seen, rng, a.batch)
        x = x.contiguous(memory_format=torch.channels_last)
        with run.fast():
            w_new = mapper(run.noise(rng, half, NOISE), ask[half:]).float()
            mean, log_var = reader(x[:half])
            w_old = mean + (log_var / 2).exp() * run.noise(rng, *mean.shape)
            w = torch.cat([w_old, w_new])
            made = drawer(w, w)
            with torch.no_grad():
                sketch = sketcher(w_new, w_new)
            scores = judge(torch.cat([planes.confuse(x, rng), planes.confuse(made.detach(), rng)]), torch.cat([ask, ask])).float()
            styles = style_judge(w.detach(), ask).float()
        judging = adversary.judge_loss(a.loss, *scores.chunk(2))
        judging_style = adversary.judge_loss(a.loss, *styles.chunk(2))
        game = judging + judging_style
        if step % SLOPE_EVERY == 0:  # lazily, as strongly as if at each step
            game = game + SLOPE / 2 * SLOPE_EVERY * adversary.slope(judge, x[:half], ask[:half])
        run.descend(game, opt_judge, judge, style_judge)
        with run.fast():
            score = judge(planes.confuse(made, rng), ask).float()
            score_style = style_judge(w_new, ask[half:]).float()
            with torch.no_grad():
                real = judge.features(x[:half])
            folds = adversary.feature_distance(judge.features(made[:half]), real)
        like = adversary.outline(made[:half], x[:half])
        making = adversary.maker_loss(a.loss, score)
        making_style = adversary.maker_loss(a.loss, score_style)
        opt_map.zero_grad(set_to_none=True)
        form = adversary.form(made[half:], sketch)
        loss = (a.adversarial * making + 0.2 * making_style + like + a.folds * folds + form
                + KL * adversary.divergence(mean, log_var))
        run.descend(loss, opt, reader, drawer)
        run.share(mapper)
        opt_map.step()
        for m, net in zip(means.values(), (reader, drawer, mapper)):
            m.update(net, step)
        return {"judge": judging.item(), "maker": making.item(), "likeness": like.item(), "folds": folds.item(), "form": form.item()}

    def measure(step):
        some = [planes.of_products(p, np.arange(min(64, len(p)))) for p in (seen, held)]
        asks = [asked(torch.from_numpy(p.category[:64]), torch.from_numpy(p.lab[:64])) for p in (seen, held)]
        with torch.no_grad():
            strays = adversary.straying(*(judge(x, c) for x, c in zip(some, asks)))
        if stage.rank == 0:
            torch.save({k: m.state_dict() for k, m in means.items()}, os.path.join(stage.out, f"at_{step:06d}.pt"))
        return {"straying": strays, "likeness_validation":
                redraw_held(means["mean_reader"].module, means["mean_drawer"].module, held)}
    stage.loop(do, measure)


STAGES = {"read": (read, 3000, 16), "style": (style, 30000, 256), "draw": (draw, 3600, 16)}


def main(argv):
    if not argv or argv[0] not in STAGES:
        raise SystemExit(f"designer: give one stage of {', '.join(STAGES)}")
    do, steps, batch = STAGES[argv[0]]
    p = run.options(__doc__, steps=steps, batch=batch)
    p.add_argument("--loss", choices=adversary.KINDS, default="ns")
    p.add_argument("--adversarial", type=float, default=0.3, help="weight of the judge's word beside likeness")
    p.add_argument("--folds", type=float, default=0.5, help="weight of the likeness in the judge's own features")
    p.add_argument("--measure-every", type=int, default=500)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when the steps are done")
    a = p.parse_args(argv[1:])
    run.start(a)
    do(a)


if __name__ == "__main__":
    main(sys.argv[1:])

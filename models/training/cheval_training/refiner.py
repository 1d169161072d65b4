"""The refiner: what was drawn, made to look photographed.

  python -m cheval_training.refiner fit   --cache DIR --out DIR
  python -m cheval_training.refiner plain --cache DIR --out DIR
  python -m cheval_training.refiner judge --cache DIR --out DIR [--loss ns|hinge]

A small U-Net tells for each cell of a crop a gain and an offset that are laid
over the drawn picture, faded as the mirror fades them. fit learns from the
difference to the truth alone. From there judge goes on against a discriminator
of patches, and plain goes on as before: the network that judge is compared with.
"""
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import adversary, pairs, run
from .pairs import COVER, DRAWN, FADE, FRAME, NORMAL, PLANES, TRUTH, Pairs

RATE = 1e-3
AVERAGE = 0.995  # of the weights that are kept, a step
STEADY = 0.5     # weight of steadiness
PATIENCE = 6     # measures without a better one, after which a stage ends


def conv(i, o, stride=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1), nn.LeakyReLU(0.1))


class Refiner(nn.Module):
    """(n, PLANES, h, w) to the change (n, 6, h, w): gain - 1 and offset of red,
    green and blue. h and w are multiples of 16. It begins by changing nothing."""

    def __init__(self, widths=(16, 32, 64, 96)):
        super().__init__()
        a, b, c, d = widths
        self.stem = nn.Sequential(nn.Conv2d(PLANES, a, 4, 2, 1), nn.LeakyReLU(0.1))
        self.one = conv(a, a)
        self.two = nn.Sequential(conv(a, b, 2), conv(b, b))
        self.three = nn.Sequential(conv(b, c, 2), conv(c, c))
        self.four = nn.Sequential(conv(c, d, 2), conv(d, d))
        self.whole = nn.Sequential(nn.Conv2d(d, d, 1), nn.LeakyReLU(0.1), nn.Conv2d(d, d, 1))  # of the crop
        self.from_four, self.up_three = nn.Conv2d(d, c, 1), conv(c, c)
        self.from_three, self.up_two = nn.Conv2d(c, b, 1), conv(b, b)
        self.from_two, self.up_one = nn.Conv2d(b, a, 1), conv(a, a)
        self.end = nn.Conv2d(a, 24, 3, 1, 1)
        with torch.no_grad():
            self.end.weight.mul_(0.05)
            self.end.bias.zero_()

    def forward(self, x):
        one = self.one(self.stem(x))
        two = self.two(one)
        three = self.three(two)
        four = self.four(three)
        four = four + self.whole(four.mean((2, 3), keepdim=True))
        def up(v):
            return F.interpolate(v, scale_factor=2.0, mode="nearest")
        three = self.up_three(three + up(self.from_four(four)))
        two = self.up_two(two + up(self.from_three(three)))
        one = self.up_one(one + up(self.from_two(two)))
        return F.pixel_shuffle(self.end(one), 2)


class PatchJudge(nn.Module):
    """How photographed each patch looks, (n, 1, h/8, w/8), seen with the frame
    without the product, its coverage and its normals."""

    def __init__(self):
        super().__init__()
        def layer(i, o, stride):
            return [nn.Conv2d(i, o, 4 if stride == 2 else 3, stride, 1), nn.LeakyReLU(0.2)]
        self.net = nn.Sequential(*layer(10, 24, 2), *layer(24, 48, 2), *layer(48, 80, 2), *layer(80, 80, 1), nn.Conv2d(80, 1, 3, 1, 1))
        for m in self.net:  # variance kept from layer to layer: what sets picture from picture is faint
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, 0.2)
                nn.init.zeros_(m.bias)

    def forward(self, picture, x):
        return self.net(torch.cat([picture, x[:, FRAME:FRAME + 3], x[:, COVER:COVER + 1], x[:, NORMAL:NORMAL + 3]], 1)).float()


def laid(x, change):
    """The drawn picture with a change laid over it, as the mirror does."""
    change = change * x[:, FADE:FADE + 1]
    return x[:, DRAWN:DRAWN + 3] * (1 + change[:, :3]) + change[:, 3:]


def wanted(x):
    """The truth as far as the fade lets it come."""
    drawn = x[:, DRAWN:DRAWN + 3]
    return drawn + (x[:, TRUTH:TRUTH + 3] - drawn) * x[:, FADE:FADE + 1]


def apart(made, x):
    """How far a picture is from what is wanted, where it counts: absolute and
    squared differences, what is covered twice."""
    weight = x[:, FADE:FADE + 1] * (1 + 2 * (x[:, COVER:COVER + 1] > 0.05).float())
    d = (made - wanted(x)).abs()
    return ((d + 3 * d * d) * weight).sum() / (3 * weight.sum() + 1)


def psnr(made, x):
    """Peak signal to noise in the product's mask, dB, of each of n pictures."""
    mask = (x[:, COVER:COVER + 1] > 0.05).float()
    error = ((made.clamp(0, 1) - x[:, TRUTH:TRUTH + 3]) ** 2 * mask).sum((1, 2, 3)) / (3 * mask.sum((1, 2, 3)) + 1e-6)
    return -10 * torch.log10(error + 1e-8)


def gain_of(net, split, most=60):
    """Mean gain in PSNR over the drawn picture, dB, and its mean, over a split."""
    better, drawn = [], []
    step = max(len(split) // most, 1)
    index = np.arange(0, len(split), step)
    with torch.no_grad():
        for i in range(0, len(index), 8):
            x = split.batch(index[i:i + 8])
            before = psnr(x[:, DRAWN:DRAWN + 3], x)
            better.append(psnr(laid(x, net(x[:, :PLANES])), x) - before)
            drawn.append(before)
    return torch.cat(better).mean().item(), torch.cat(drawn).mean().item()


class Learning:
    """What the stages share: a network, its averaged weights, its batches."""

    def __init__(self, a, name, columns, parts=(), begin=None):
        self.a, self.seen, self.held = a, Pairs(a.cache, False), Pairs(a.cache, True)
        torch.manual_seed(a.seed)
        self.net = Refiner().to(memory_format=torch.channels_last)
        if begin:
            self.net.load_state_dict(begin)
        run.alike(self.net)
        self.mean = run.Mean(self.net, AVERAGE)
        self.opt = run.optimiser(a.rate, self.net, betas=(0.5, 0.99) if parts else (0.9, 0.99))
        self.stage = run.Stage(a, name, columns, {"net": self.net, "mean": self.mean, "opt": self.opt, **dict(parts)})
        self.best, self.waited = self.known(), 0

    def known(self):
        """The best gain that was measured before."""
        path = os.path.join(self.stage.out, "best.pt")
        return torch.load(path, map_location="cpu")["gain"] if os.path.exists(path) else -99.0

    def batch(self, step, rng):
        size = pairs.SIZES[np.random.default_rng((self.a.seed, step)).choice(3, p=pairs.CHANCES)]  # one for all processes
        index = rng.choice(len(self.seen), min(self.a.batch, len(self.seen)), False)
        x = pairs.vary(self.seen.batch(index, size), rng)
        for g in self.opt.param_groups:
            g["lr"] = self.a.rate * min(1, (step + 1) / 50) * (0.03 + 0.97 * 0.5 * (1 + np.cos(np.pi * step / self.a.steps)))
        return x.contiguous(memory_format=torch.channels_last)

    def refine(self, x):
        with run.fast():
            return self.net(x[:, :PLANES]).float()

    def steadiness(self, x, change, rng):
        """How far the change of a few pictures differs where they have moved
        by whole cells and the camera's noise is another."""
        n = max(len(x) // 4, 1)
        dx, dy = (int(v) for v in rng.integers(-5, 6, 2))
        other = self.refine(pairs.grainy(pairs.moved(x[:n], dx, dy), rng, 0.015))
        fade = pairs.moved(x[:n, FADE:FADE + 1], dx, dy)
        return ((other - pairs.moved(change[:n], dx, dy)).abs() * fade).sum() / (6 * fade.sum() + 1)

    def measure(self, step):
        """Gains on both splits; the best averaged weights are kept in best.pt."""
        gain, _ = gain_of(self.mean.module, self.held)
        seen, _ = gain_of(self.mean.module, self.seen)
        self.waited += 1
        if gain > self.best:
            self.best, self.waited = gain, 0
            if self.stage.rank == 0:
                run.write_whole(os.path.join(self.stage.out, "best.pt"),
                                lambda f: torch.save({"net": self.mean.state_dict(), "gain": gain, "step": step}, f))
        self.stage.enough = self.waited >= PATIENCE
        return {"gain_train": seen, "gain_validation": gain}


COLUMNS = ["apart", "steady", "gain_train", "gain_validation"]


def learn(a, name, begin=None):
    """Towards the truth alone."""
    l = Learning(a, name, COLUMNS, begin=begin)

    def do(step, rng):
        x = l.batch(step, rng)
        change = l.refine(x)
        far, steady = apart(laid(x, change), x), l.steadiness(x, change, rng)
        run.descend(far + STEADY * steady, l.opt, l.net)
        l.mean.update(l.net, step)
        return {"apart": far.item(), "steady": steady.item()}
    l.stage.loop(do, l.measure)


def fit(a):
    learn(a, "fit")


def fitted(a):
    path = os.path.join(a.out, "fit", "best.pt")
    if not os.path.exists(path):
        raise SystemExit(f"training: {path} is missing: train the stage fit first")
    return torch.load(path, map_location="cpu")["net"]


def plain(a):
    learn(a, "plain", fitted(a))


def judge(a):
    torch.manual_seed(a.seed + 1)
    critic = PatchJudge()
    run.alike(critic)
    opt = run.optimiser(1e-3, critic, betas=(0.5, 0.99))
    l = Learning(a, "judge-" + a.loss, COLUMNS + ["judge", "maker", "straying"],
                 {"critic": critic, "opt_critic": opt}, fitted(a))

    def scores(picture, x):
        """The critic's word where the change counts, as one list."""
        where = F.avg_pool2d(x[:, FADE:FADE + 1], 8) > 0.2
        with run.fast():
            return critic(picture, x)[where]

    def do(step, rng):
        x = l.batch(step, rng)
        change = l.refine(x)
        made, real = laid(x, change), wanted(x)
        judging = adversary.judge_loss(a.loss, scores(real, x), scores(made.detach(), x))
        run.descend(judging, opt, critic)
        far, steady = apart(made, x), l.steadiness(x, change, rng)
        making = adversary.maker_loss(a.loss, scores(made, x))
        warm = min(1, step / 100)  # the critic learns first
        run.descend(far + STEADY * steady + a.adversarial * warm * making, l.opt, l.net)
        l.mean.update(l.net, step)
        return {"apart": far.item(), "steady": steady.item(), "judge": judging.item(), "maker": making.item()}

    def measure(step):
        out = l.measure(step)
        with torch.no_grad():
            some = [s.batch(np.arange(0, len(s), max(len(s) // 24, 1))) for s in (l.seen, l.held)]
            out["straying"] = adversary.straying(*(scores(wanted(x), x) for x in some))
        return out
    l.stage.loop(do, measure)


STAGES = {"fit": (fit, 1500), "plain": (plain, 600), "judge": (judge, 600)}


def main(argv):
    if not argv or argv[0] not in STAGES:
        raise SystemExit(f"refiner: give one stage of {', '.join(STAGES)}")
    do, steps = STAGES[argv[0]]
    p = run.options(__doc__, steps=steps, batch=8)
    p.add_argument("--loss", choices=adversary.KINDS, default="ns")
    p.add_argument("--rate", type=float, default=RATE if argv[0] == "fit" else RATE / 3)
    p.add_argument("--adversarial", type=float, default=0.006, help="weight of the discriminator's word")
    p.add_argument("--measure-every", type=int, default=100)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when the steps are done")
    a = p.parse_args(argv[1:])
    run.start(a)
    do(a)


if __name__ == "__main__":
    main(sys.argv[1:])

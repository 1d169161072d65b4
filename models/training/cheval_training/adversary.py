"""The losses of generator and discriminator.

ns: the non-saturating loss, -log D(G(z)), with binary cross entropy for D
(Goodfellow et al. 2014). hinge: Lim and Ye 2017. Scores are logits.
"""
import torch
import torch.nn.functional as F

KINDS = ("ns", "hinge")


def judge_loss(kind, real, drawn):
    """What the discriminator lowers."""
    if kind == "ns":
        return F.softplus(-real).mean() + F.softplus(drawn).mean()
    return F.relu(1 - real).mean() + F.relu(1 + drawn).mean()


def maker_loss(kind, drawn):
    """What the generator lowers."""
    return F.softplus(-drawn).mean() if kind == "ns" else -drawn.mean()


def likeness(made, wanted):
    """How far made planes are from wanted ones: the picture, a quarter of its
    size, its edges; alpha counts as its own plane. Zero where they are equal."""
    area = ((wanted[:, 3:] + 1) / 2).mean((1, 2, 3), keepdim=True).clamp(0.1, 1)

    def apart(a, b):
        d = (a - b).abs()
        return (d[:, :3].mean(1, keepdim=True) / area).mean() + d[:, 3:].mean()
    small = [F.avg_pool2d(v, 4) for v in (made, wanted)]
    edge = [(made[..., 1:] - made[..., :-1], wanted[..., 1:] - wanted[..., :-1]),
            (made[..., 1:, :] - made[..., :-1, :], wanted[..., 1:, :] - wanted[..., :-1, :])]
    return apart(made, wanted) + apart(*small) + 0.5 * sum(apart(*e) for e in edge)


def slope(judge, real, ask):
    """The squared gradient of the discriminator at real pictures (R1: Mescheder
    et al. 2018), a picture; lowering it keeps the game stable."""
    real = real.detach().requires_grad_(True)
    (g,) = torch.autograd.grad(judge(real, ask).sum(), real, create_graph=True)
    return (g ** 2).sum((1, 2, 3)).mean()


def outline(made, wanted):
    """likeness without what is finer than a quarter of the size, the transparency
    apart: how a fold runs is left to the discriminator."""
    area = ((wanted[:, 3:] + 1) / 2).mean((1, 2, 3), keepdim=True).clamp(0.1, 1)
    small = (F.avg_pool2d(made[:, :3], 4) - F.avg_pool2d(wanted[:, :3], 4)).abs()
    return (small.mean(1, keepdim=True) / area).mean() + (made[:, 3:] - wanted[:, 3:]).abs().mean()


def form(made, sketch):
    """How far the outline of designs is from that of their sketches, at a quarter
    of the size: edges may be sharpened, forms not bent."""
    return (F.avg_pool2d(made[:, 3:], 4) - F.avg_pool2d(sketch[:, 3:], 4)).abs().mean()


def feature_distance(made, real):
    """How far apart the discriminator's features of made and real pictures are,
    each layer's over its own size (a learned likeness: Larsen et al. 2016)."""
    return sum((m - r).abs().mean() / (r.abs().mean() + 1e-6) for m, r in zip(made, real)) / len(made)


def divergence(mean, log_var):
    """Kullback-Leibler divergence from the standard normal, a picture."""
    return 0.5 * (mean ** 2 + log_var.exp() - 1 - log_var).sum(1).mean()


def straying(score_seen, score_held):
    """How much higher the discriminator holds pictures that it was trained on
    than ones it was not: 0 is no overfitting."""
    with torch.no_grad():
        return (score_seen.mean() - score_held.mean()).item()

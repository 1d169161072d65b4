"""The picture encoder: what a product looks like, as 128 numbers.

  python -m cheval_training.encoder train  --cache DIR --renders DIR --out DIR
  python -m cheval_training.encoder export --cache DIR --out DIR --weights models/weights

Contrastive (supervised by identity: views of one product attract each other,
all else repels: InfoNCE) with a category head. One view is the product on
white, the other now the same, now the uncut photo, so that an uncut photo
finds its product.
"""
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from . import run
from .dataset import CLASSES, Products, erase, load_renders, relight, to_tensor, warp, whites

EDGE = 128       # of the input, pixels; that of a normalised product
WIDTH = 128      # of the embedding
TEMPERATURE = 0.1


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut, halving the picture."""

    def __init__(self, i, o):
        super().__init__()
        self.a = nn.Conv2d(i, o, 3, 2, 1, bias=False)
        self.b = nn.Conv2d(o, o, 3, 1, 1, bias=False)
        self.short = nn.Conv2d(i, o, 1, bias=False)
        self.na, self.nb, self.ns = nn.BatchNorm2d(o), nn.BatchNorm2d(o), nn.BatchNorm2d(o)

    def forward(self, x):
        y = F.relu(self.na(self.a(x)))
        y = self.nb(self.b(y))
        return F.relu(y + self.ns(self.short(F.avg_pool2d(x, 2))))


class Encoder(nn.Module):
    """(n, 3, EDGE, EDGE) RGB in 0 to 1, on white: unit embedding (n, WIDTH),
    category logits (n, len(CLASSES))."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 4, 4, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
                                  nn.Conv2d(32, 48, 3, 1, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU())
        self.body = nn.Sequential(Block(48, 96), Block(96, 192), Block(192, 320))
        self.drop = nn.Dropout(0.2)
        self.embed = nn.Linear(320, WIDTH)
        self.classify = nn.Linear(320, len(CLASSES))

    def forward(self, x):
        y = self.body(self.stem((x - 0.7) / 0.3)).mean((2, 3))
        return F.normalize(self.embed(y), dim=1), self.classify(self.drop(y))


def info_nce(a, b, identity):
    """Each view must find the other view of its product among all of the batch."""
    z = torch.cat([a, b])
    who = torch.cat([identity, identity])
    logits = z @ z.T / TEMPERATURE
    logits.fill_diagonal_(-1e4)
    same = (who[:, None] == who[None]).float()
    same.fill_diagonal_(0)
    log_p = logits - torch.logsumexp(logits, 1, keepdim=True)
    return -((log_p * same).sum(1) / same.sum(1)).mean()


class Views:
    """Pairs of views of products, garments and frames mixed."""

    def __init__(self, cache, renders, split):
        self.products = Products(cache, split)
        self.renders, self.group = load_renders(renders, split == "validation")

    def pair(self, rng, n):
        """Two views (n, 3, EDGE, EDGE) of n products, their identity and class."""
        frames = n // 12 if len(self.renders) else 0
        index = self.products.balanced(rng, n - frames)
        whole = whites(self.products, index)
        uncut = to_tensor(self.products.square[index])
        other = torch.where(torch.from_numpy(rng.random(len(index)) < 0.3)[:, None, None, None], uncut, whole)
        one, two = warp(whole, rng, EDGE), warp(other, rng, EDGE)
        identity, classes = index, self.products.category[index]
        if frames:
            first = rng.integers(0, len(self.renders), frames)
            second = np.array([rng.choice(np.flatnonzero(self.group == self.group[i])) for i in first])
            one = torch.cat([one, warp(to_tensor(self.renders[first]), rng, EDGE)])
            two = torch.cat([two, warp(to_tensor(self.renders[second]), rng, EDGE)])
            identity = np.concatenate([identity, len(self.products) + self.group[first]])
            classes = np.concatenate([classes, np.full(frames, CLASSES.index("eyewear"))])
        views = [erase(relight(v, rng, 0.5), rng) for v in (one, two)]
        return views[0], views[1], torch.from_numpy(identity), torch.from_numpy(classes)


def embed_all(net, pictures, batch=64):
    """Embeddings and logits of RGB pictures (n, 3, EDGE, EDGE), as arrays."""
    net.eval()
    e, l = [], []
    with torch.no_grad():
        for i in range(0, len(pictures), batch):
            a, b = net(pictures[i:i + batch])
            e.append(a.numpy())
            l.append(b.numpy())
    return np.concatenate(e), np.concatenate(l)


def measure(net, views, seed=5):
    """Recall and accuracy on a split that was not trained on.

    Recall: a changed view of every product (warped, relit) looks for its
    product among all; uncut: the uncut photo does. Class: the nearest other
    product is of the same category.
    """
    p = views.products
    rng = np.random.default_rng(seed)
    index = np.arange(len(p))
    base, logits = embed_all(net, whites(p, index))
    changed, _ = embed_all(net, relight(warp(whites(p, index), rng, EDGE), rng, 0.5))
    uncut, uncut_logits = embed_all(net, to_tensor(p.square))
    out = {"accuracy": float((logits.argmax(1) == p.category).mean()),
           "accuracy_uncut": float((uncut_logits.argmax(1) == p.category).mean())}
    for name, query in (("changed", changed), ("uncut", uncut)):
        rank = (-(query @ base.T)).argsort(1)
        for k in (1, 5, 10):
            out[f"recall@{k}_{name}"] = float((rank[:, :k] == index[:, None]).any(1).mean())
    near = base @ base.T
    np.fill_diagonal(near, -1)
    out["same_class_nearest"] = float((p.category[near.argmax(1)] == p.category).mean())
    out["loss_class"] = float(F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(p.category)))
    if len(views.renders):
        _, l = embed_all(net, to_tensor(views.renders))
        out["accuracy_eyewear"] = float((l.argmax(1) == CLASSES.index("eyewear")).mean())
    return out


def train(argv):
    p = run.options(__doc__, steps=1500, batch=64)
    p.add_argument("--renders", default="")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--minutes", type=float, default=0, help="stop after so many; 0: when the steps are done")
    a = p.parse_args(argv)
    run.start(a)
    rank, _ = run.world()
    torch.manual_seed(a.seed)
    net = Encoder().to(memory_format=torch.channels_last)
    run.alike(net)
    mean = run.Mean(net, 0.99)
    optimiser = torch.optim.AdamW(net.parameters(), a.rate, weight_decay=0.05)
    parts = {"net": net, "mean": mean, "optimiser": optimiser}
    checkpoint = run.Checkpoint(a.out, a.save_every)
    first, seconds = checkpoint.load(parts)
    seen, held = Views(a.cache, a.renders, "train"), Views(a.cache, a.renders, "validation")
    losses = run.Table(a.out, "losses", ["contrast", "class"], first)
    table = run.Table(a.out, "metrics", ["accuracy", "recall@1_changed", "recall@1_uncut", "loss_class", "train_loss_class", "train_accuracy"], first)
    began = time.time()
    sums, step = [], first
    while step < a.steps:
        for g in optimiser.param_groups:
            g["lr"] = a.rate * min(1, (step + 1) / 50) * 0.5 * (1 + np.cos(np.pi * step / a.steps))
        one, two, who, classes = seen.pair(run.chance(a.seed, step, rank), a.batch)
        net.train()
        torch.manual_seed(a.seed * 1_000_003 + step)
        with run.fast():
            both, logits = net(torch.cat([one, two]).contiguous(memory_format=torch.channels_last))
        both, logits = F.normalize(both.float(), dim=1), logits.float()
        contrast = info_nce(both[:len(one)], both[len(one):], who)
        category = F.cross_entropy(logits, torch.cat([classes, classes]), label_smoothing=0.1)
        optimiser.zero_grad()
        (contrast + category).backward()
        run.share(net)
        optimiser.step()
        mean.update(net, step)
        run.finite(step, contrast=contrast.item(), category=category.item())
        sums.append((contrast.item(), category.item()))
        step += 1
        if step % 25 == 0:
            losses.add(step, **dict(zip(("contrast", "class"), np.mean(sums, 0))))
            print(step, np.mean(sums, 0).round(3), f"{seconds + time.time() - began:.0f} s", flush=True)
            sums = []
        if step % 250 == 0 or step == a.steps:
            m = measure(mean.module, held)
            t = measure(mean.module, Sample(seen, 300))
            table.add(step, **{k: m[k] for k in table.columns[:4]}, train_loss_class=t["loss_class"], train_accuracy=t["accuracy"])
            print(step, {k: round(v, 3) for k, v in m.items()}, flush=True)
        late = a.minutes and time.time() - began > a.minutes * 60
        if checkpoint.due() or step == a.steps or late:
            checkpoint.save(parts, step, seconds + time.time() - began)
        if late:
            break
    losses.draw()
    table.draw()


class Sample:
    """The first n products of views, to measure training data like validation."""

    def __init__(self, views, n):
        import copy
        self.products, self.renders = copy.copy(views.products), views.renders[:0]
        for name in ("rgba", "square", "category", "items"):
            setattr(self.products, name, getattr(views.products, name)[:n])


def load(out):
    """The trained network (its averaged weights) of folder out."""
    net = Encoder()
    net.load_state_dict(torch.load(f"{out}/checkpoint.pt", map_location="cpu")["mean"])
    return net.eval()


if __name__ == "__main__":
    train(sys.argv[2:])

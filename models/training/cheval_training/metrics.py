"""How good drawn products are, in the encoder's embeddings.

Embeddings are unit vectors of 128 numbers; distance is 1 - cosine.
"""
import numpy as np


def kid(real, drawn, subsets=5, size=200, seed=3):
    """Kernel inception distance (Binkowski et al. 2018) on the embeddings times
    the root of their width: unbiased MMD² with kernel (x·y + 1)³, the mean of
    subsets and its 95 % interval (1.96 standard errors)."""
    rng = np.random.default_rng(seed)
    size = min(size, len(real), len(drawn))
    values = []
    for _ in range(subsets):
        x, y = real[rng.choice(len(real), size, False)], drawn[rng.choice(len(drawn), size, False)]
        xx, yy, xy = (x @ x.T + 1) ** 3, (y @ y.T + 1) ** 3, (x @ y.T + 1) ** 3
        off = size * (size - 1)
        values.append((xx.sum() - np.trace(xx)) / off + (yy.sum() - np.trace(yy)) / off - 2 * xy.mean())
    return {"kid": float(np.mean(values)), "interval": float(1.96 * np.std(values, ddof=1) / np.sqrt(subsets))}


def diversity(embeddings, category):
    """The mean distance between pictures of one category, over categories."""
    means = []
    for c in np.unique(category):
        e = embeddings[category == c]
        if len(e) > 1:
            d = 1 - e @ e.T
            means.append(d.sum() / (len(e) * (len(e) - 1)))
    return float(np.mean(means))


def nearest(a, b, same=False):
    """The distance of each of a to its nearest of b; same: a is b, itself apart."""
    d = 1 - a @ b.T
    if same:
        np.fill_diagonal(d, np.inf)
    return d.min(1)


def copy_limit(train):
    """The 1st percentile of the distance from a training picture to its nearest other."""
    return float(np.percentile(nearest(train, train, True), 1))

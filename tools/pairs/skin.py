"""What a head's skin looks like: colours at the vertices of its fine mesh."""
import numpy as np

BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
OVAL = (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
        136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
# Skin from light to dark, hair from black to grey, linear RGB.
SKINS = np.array([(0.72, 0.52, 0.43), (0.62, 0.42, 0.32), (0.50, 0.31, 0.21), (0.36, 0.21, 0.13), (0.22, 0.12, 0.075), (0.12, 0.065, 0.042)])
HAIRS = np.array([(0.012, 0.010, 0.010), (0.03, 0.018, 0.011), (0.08, 0.045, 0.025), (0.22, 0.14, 0.07), (0.30, 0.10, 0.04), (0.35, 0.34, 0.33)])
IRISES = np.array([(0.10, 0.055, 0.03), (0.20, 0.11, 0.05), (0.22, 0.20, 0.10), (0.20, 0.28, 0.20), (0.22, 0.32, 0.44), (0.28, 0.30, 0.32)])


def person(r):
    """One person's looks and build, drawn from r."""
    k = r.uniform(0, len(SKINS) - 1.001)
    i, f = int(k), k - int(k)
    skin = (SKINS[i] * (1 - f) + SKINS[i + 1] * f) * r.uniform(0.9, 1.1) * r.uniform(0.95, 1.05, 3)
    hair = HAIRS[r.integers(3 if k > 3.2 and r.random() < 0.9 else len(HAIRS))] * r.uniform(0.7, 1.3)
    traits = dict(gender=r.uniform(0, 1), age=r.uniform(0.42, 0.9), muscle=r.uniform(0.3, 0.7), weight=r.uniform(0.25, 0.75),
                  height=r.uniform(0.3, 0.8), proportions=r.uniform(0.3, 0.8))
    return dict(skin=skin.tolist(), hair=hair.tolist(), iris=(IRISES[r.integers(len(IRISES))] * r.uniform(0.8, 1.2)).tolist(),
                traits=traits, rough=r.uniform(0.36, 0.6), bald=bool(r.random() < 0.2), hairline=r.uniform(0.94, 1.1),
                brow=r.uniform(0.35, 0.95), lips=r.uniform(0.2, 0.8), mottle=r.uniform(0.02, 0.09), seed=int(r.integers(1 << 30)))


def inside(points, polygon):
    """Which of points (n, 2) lie in a polygon."""
    out = np.zeros(len(points), bool)
    x, y = points.T
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, 1, 0)):
        if ay == by:
            continue
        out ^= ((ay > y) != (by > y)) & (x < ax + (bx - ax) * (y - ay) / (by - ay))
    return out


def grown(polygon, by):
    middle = polygon.mean(0)
    return middle + (polygon - middle) * by


def noise(v, r, size, count=8):
    """A smooth field of about unit deviation over points, its waves size mm long."""
    out = np.zeros(len(v))
    for _ in range(count):
        k = r.normal(0, 1, 3)
        out += np.sin(v @ (k / np.linalg.norm(k)) * (2 * np.pi / size) * r.uniform(0.6, 1.6) + r.uniform(0, 6.3))
    return out / np.sqrt(count / 2)


def paint(p, v, marks):
    """Linear RGB at fine vertices v (origin between the eyes, nose to +z) of
    person p whose landmarks are marks."""
    r = np.random.default_rng(p["seed"])
    skin, hair = np.array(p["skin"]), np.array(p["hair"])
    c = skin * (1 + p["mottle"] * (0.6 * noise(v, r, 9) + 0.4 * noise(v, r, 3.2)))[:, None]
    front = v[:, 2] > marks[:, 2].min() - 5
    for place, size, much in ((50, 17, 0.5), (280, 17, 0.5), (4, 9, 0.5), (152, 16, 0.25)):
        blush = much * np.exp(-((v - marks[place]) ** 2).sum(1) / size**2 / 2)
        c *= 1 - blush[:, None] * np.array([0.05, 0.22, 0.20])
    lips = inside(v[:, :2], marks[list(LIPS), :2]) & front
    c[lips] *= 1 - p["lips"] * np.array([0.15, 0.5, 0.42])
    for brow in BROWS:
        at = inside(v[:, :2], grown(marks[list(brow), :2], 1.05)) & front
        hairs = p["brow"] * np.clip(0.75 + 0.35 * noise(v[at], r, 2.2), 0, 1)[:, None]
        c[at] = c[at] * (1 - hairs) + hair * hairs
    if not p["bald"]:
        face = inside(v[:, :2], grown(marks[list(OVAL), :2], p["hairline"])) & (v[:, 2] > marks[234, 2] - 8)
        ear = (np.abs(v[:, 0]) > np.abs(marks[[234, 454], 0]).mean() + 5) & (v[:, 2] > marks[234, 2] - 32) & (v[:, 1] < 22) & (v[:, 1] > -55)
        low = np.where(v[:, 2] > marks[234, 2] - 22, -12.0, -60.0)
        scalp = ~face & ~ear & (v[:, 1] > low + 3 * noise(v, r, 8))
        strands = np.clip(1 + 0.45 * noise(v[scalp] * [1.0, 0.25, 0.6], r, 2.0), 0.2, 2)[:, None]
        c[scalp] = hair * strands + 0.004
    return np.clip(c, 0.003, 0.9)

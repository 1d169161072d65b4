"""What the tools that path-trace anny's heads have in common.

Heads are anny's (code Apache-2.0, MakeHuman data CC0). Millimetres; camera
space as Cheval's: x right, y up, z to the viewer.
"""
import numpy as np
import torch

IRIS = 11.7
TRAITS = ("gender", "age", "muscle", "weight", "height", "proportions")


def vertices(model, traits, actions=None):
    """All of a body's vertices, head upright, nose to +z."""
    kinds = {k: torch.tensor([float(traits.get(k, 0.5))]) for k in TRAITS}
    moves = {k: torch.tensor([float(v)]) for k, v in (actions or {}).items()}
    out = model(phenotype_kwargs=kinds, facial_actions=moves) if moves else model(phenotype_kwargs=kinds)
    v = out["vertices"][0].detach().numpy() * 1000
    return np.stack([v[:, 0], v[:, 2], -v[:, 1]], 1)


def eyeballs(faces, v):
    """The indices of each eyeball's vertices, the one further left first."""
    balls = [c for c in components(faces, len(v)) if 60 <= len(c) <= 90]
    assert len(balls) == 2, "anny's eyes have changed"
    return sorted(balls, key=lambda c: v[c][:, 0].mean())


def components(faces, n):
    parent = np.arange(n)

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b, c in faces:
        parent[root(a)] = root(b)
        parent[root(b)] = root(c)
    roots = np.array([root(i) for i in range(n)])
    return [np.flatnonzero(roots == r) for r in np.unique(roots)]


def sphere_fit(p):
    a = np.c_[2 * p, np.ones(len(p))]
    x, *_ = np.linalg.lstsq(a, (p**2).sum(1), rcond=None)
    return x[:3], float(np.sqrt(x[3] + (x[:3] ** 2).sum()))


def eyeball(centre, radius, gaze, iris, rings=(320, 40), behind=0.76, m=96, white=(0.78, 0.97)):
    """A sphere whose iris and pupil are vertex colours about the gaze: vertices,
    normals, faces, colours, and the iris's middle. rings are those of the
    front and, from the angle behind on, of the back, m the vertices of each,
    white the grey and its blue's share."""
    n = sum(rings)
    t = np.r_[np.linspace(0, 0.75, rings[0]), np.linspace(behind, np.pi, rings[1])]
    phi = np.linspace(0, 2 * np.pi, m, endpoint=False)
    T, P = np.meshgrid(t, phi, indexing="ij")
    local = np.stack([np.sin(T) * np.cos(P), np.sin(T) * np.sin(P), np.cos(T)], -1).reshape(-1, 3)
    across = radius * np.sin(T).ravel()
    front = np.cos(T).ravel() > 0
    colour = np.full((len(local), 3), white[0])
    colour[:, 2] *= white[1]
    is_iris = front & (across < IRIS / 2)
    rim = np.clip((across - 0.82 * IRIS / 2) / (0.18 * IRIS / 2), 0, 1)[:, None]
    streak = 1 + 0.25 * np.sin(23 * P.ravel())[:, None] * (across / IRIS)[:, None]
    colour = np.where(is_iris[:, None], np.array(iris) * streak * (1 - 0.6 * rim), colour)
    colour = np.where((front & (across < 1.9))[:, None], 0.01, colour)
    gaze = gaze / np.linalg.norm(gaze)
    x = np.cross([0, 1, 0], gaze)
    x /= np.linalg.norm(x)
    frame = np.stack([x, np.cross(gaze, x), gaze], 1)
    vertices = centre + radius * local @ frame.T
    idx = np.arange(n * m).reshape(n, m)
    a, b = idx[:-1], idx[1:]
    quads = np.stack([a, b, np.roll(b, -1, 1), np.roll(a, -1, 1)], -1).reshape(-1, 4)
    faces = np.r_[quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    depth = np.sqrt(radius**2 - (IRIS / 2) ** 2)
    return vertices, local @ frame.T, faces, colour, centre + gaze * depth


def rotation(yaw, pitch, roll=0):
    """Cheval's angles: yaw to the picture's right, pitch up, roll clockwise, degrees."""
    y, p, r = np.radians(yaw), np.radians(-pitch), np.radians(-roll)
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rx = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    rz = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return rz @ ry @ rx

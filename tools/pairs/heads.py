"""Heads for the refiner's truth: anny's (code Apache-2.0, MakeHuman data CC0).

Millimetres; camera space as Cheval's: x right, y up, z to the viewer. Skin is
one mesh whose topology is the same for all, so that landmarks.json names each
of the face mesh's 468 points by a triangle and its weights.
"""
import json
import os

import anny
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
IRIS = 11.7
NECK = 210  # mm below the eyes, where the bust is cut


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


def normals_of(v, faces):
    n = np.zeros_like(v)
    face = np.cross(v[faces[:, 1]] - v[faces[:, 0]], v[faces[:, 2]] - v[faces[:, 0]])
    for k in range(3):
        np.add.at(n, faces[:, k], face)
    return n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-9)


def halved(faces, n):
    """Every triangle in four: the edges' ends, whose middles are the new
    vertices from n on, and the new triangles."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    unique, inverse = np.unique(edges, axis=0, return_inverse=True)
    ab, bc, ca = (inverse.ravel().reshape(3, -1) + n)
    a, b, c = faces.T
    return unique, np.concatenate([np.stack(t, 1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])


class Body:
    def __init__(self):
        torch.set_num_threads(1)
        self.model = anny.Anny(facial_actions="all")
        every = self.model.get_triangular_faces().numpy()
        v = self.vertices({}, {})
        parts = components(every, len(v))
        self.balls = [c for c in parts if 60 <= len(c) <= 90]
        assert len(self.balls) == 2, "anny's eyes have changed"
        self.balls.sort(key=lambda c: v[c][:, 0].mean())
        height = np.mean([v[c][:, 1].mean() for c in self.balls])
        keep = v[:, 1] > height - NECK
        keep[np.concatenate(self.balls)] = False
        faces = every[keep[every].all(1)]
        self.used, faces = np.unique(faces, return_inverse=True)
        self.faces = faces.reshape(-1, 3)
        # Twice as fine, for colours; the form stays.
        self.edges, self.fine = halved(self.faces, len(self.used))
        path = os.path.join(HERE, "landmarks.json")
        self.marks = json.load(open(path)) if os.path.exists(path) else None

    def vertices(self, traits, actions):
        """All of anny's vertices, mm, head upright, nose to +z."""
        kinds = {k: torch.tensor([float(traits.get(k, 0.5))]) for k in ("gender", "age", "muscle", "weight", "height", "proportions")}
        moves = {k: torch.tensor([float(a)]) for k, a in actions.items()}
        out = self.model(phenotype_kwargs=kinds, facial_actions=moves or None)
        v = out["vertices"][0].detach().numpy() * 1000
        return np.stack([v[:, 0], v[:, 2], -v[:, 1]], 1).astype(float)

    def build(self, traits, actions):
        """The skin's coarse vertices and the eyes (centre, radius), left first;
        the origin is midway between the eyes."""
        v = self.vertices(traits, actions)
        eyes = [sphere_fit(v[c]) for c in self.balls]
        middle = (eyes[0][0] + eyes[1][0]) / 2
        return v[self.used] - middle, [(c - middle, r) for c, r in eyes]

    def refine(self, v):
        """Fine vertices and normals of coarse ones."""
        n, (a, b) = normals_of(v, self.faces), self.edges.T
        m = n[a] + n[b]
        m /= np.maximum(np.linalg.norm(m, axis=1, keepdims=True), 1e-9)
        return np.concatenate([v, (v[a] + v[b]) / 2]), np.concatenate([n, m])

    def landmarks(self, v):
        """The face mesh's 468 points on coarse vertices v."""
        faces, weights = np.array(self.marks["faces"]), np.array(self.marks["weights"])
        return (v[self.faces[faces]] * weights[:, :, None]).sum(1)


def eyeball(centre, radius, gaze, iris):
    """A sphere whose iris and pupil are vertex colours about the gaze; and the
    iris's middle."""
    n, m = 160, 48
    t = np.r_[np.linspace(0, 0.75, n - 24), np.linspace(0.77, np.pi, 24)]
    phi = np.linspace(0, 2 * np.pi, m, endpoint=False)
    T, P = np.meshgrid(t, phi, indexing="ij")
    local = np.stack([np.sin(T) * np.cos(P), np.sin(T) * np.sin(P), np.cos(T)], -1).reshape(-1, 3)
    across = radius * np.sin(T).ravel()
    front = np.cos(T).ravel() > 0
    colour = np.full((len(local), 3), 0.70)
    colour[:, 2] *= 0.96
    is_iris = front & (across < IRIS / 2)
    rim = np.clip((across - 0.82 * IRIS / 2) / (0.18 * IRIS / 2), 0, 1)[:, None]
    streak = 1 + 0.25 * np.sin(23 * P.ravel())[:, None] * (across / IRIS)[:, None]
    colour = np.where(is_iris[:, None], np.array(iris) * streak * (1 - 0.6 * rim), colour)
    colour = np.where((front & (across < 1.9))[:, None], 0.01, colour)
    gaze = gaze / np.linalg.norm(gaze)
    x = np.cross([0, 1, 0], gaze)
    x /= np.linalg.norm(x)
    frame = np.stack([x, np.cross(gaze, x), gaze], 1)
    idx = np.arange(n * m).reshape(n, m)
    a, b = idx[:-1], idx[1:]
    quads = np.stack([a, b, np.roll(b, -1, 1), np.roll(a, -1, 1)], -1).reshape(-1, 4)
    faces = np.r_[quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    depth = np.sqrt(radius**2 - (IRIS / 2) ** 2)
    normals = local @ frame.T
    return centre + radius * normals, normals, faces, colour, centre + gaze * depth


def rotation(yaw, pitch, roll):
    """Cheval's angles: yaw to the picture's right, pitch up, roll clockwise, degrees."""
    y, p, r = np.radians(yaw), np.radians(-pitch), np.radians(-roll)
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rx = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    rz = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return rz @ ry @ rx

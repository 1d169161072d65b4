"""Heads for the refiner's truth: anny's (code Apache-2.0, MakeHuman data CC0).

Millimetres; camera space as Cheval's: x right, y up, z to the viewer. Skin is
one mesh whose topology is the same for all, so that landmarks.json names each
of the face mesh's 468 points by a triangle and its weights.
"""
import json
import os
import sys

import anny
import numpy as np
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "heads"))
import anatomy

NECK = 210  # mm below the eyes, where the bust is cut


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
        self.balls = anatomy.eyeballs(every, v)
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
        return anatomy.vertices(self.model, traits, actions).astype(float)

    def build(self, traits, actions):
        """The skin's coarse vertices and the eyes (centre, radius), left first;
        the origin is midway between the eyes."""
        v = self.vertices(traits, actions)
        eyes = [anatomy.sphere_fit(v[c]) for c in self.balls]
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
    """An eye as small as it is in these pictures."""
    return anatomy.eyeball(centre, radius, gaze, iris, rings=(136, 24), behind=0.77, m=48, white=(0.70, 0.96))

"""Path-traces heads whose measures are known, with and without a bank card.

For checking Cheval's millimetres against truth (tools/truth/check.py). Heads
are anny's (code Apache-2.0, MakeHuman data CC0), rendered by Mitsuba. Writes
NAME.png (1280x720) and truth.json into a folder.

    python render.py OUT [--samples 48] [--only SUBSTRING]

Millimetres throughout; camera space as Cheval's: x right, y up, z to the
viewer. Each eye is a sphere at the model's own eye centre whose iris, 11.7 mm
wide, looks into the lens: pd_far is the distance between the eyes' centres,
pd_near between the irises' centres, as the mirror sees them.
"""
import argparse
import json
import os
import sys

import anny
import mitsuba as mi
import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "heads"))
from anatomy import IRIS, eyeball, eyeballs, rotation, sphere_fit, vertices

mi.set_variant("scalar_rgb")
torch.set_num_threads(1)

W, H = 1280, 720
CARD = (85.60, 53.98, 0.76)  # ISO/IEC 7810 ID-1
CARD_CORNER = 3.18

PEOPLE = {
    "a": dict(gender=0.1, age=0.62, weight=0.45, height=0.5, skin=(0.72, 0.50, 0.40), iris=(0.20, 0.30, 0.42)),
    "b": dict(gender=0.9, age=0.66, weight=0.55, height=0.7, skin=(0.60, 0.40, 0.31), iris=(0.25, 0.15, 0.08)),
    "c": dict(gender=0.5, age=0.7, weight=0.7, height=0.35, skin=(0.33, 0.20, 0.14), iris=(0.12, 0.07, 0.04)),
    "d": dict(gender=0.95, age=0.75, weight=0.35, height=0.85, skin=(0.78, 0.57, 0.47), iris=(0.28, 0.33, 0.24)),
}


def scenes():
    for person in PEOPLE:
        for distance, yaw, fov in ((450, 0, 65), (600, 8, 65), (750, -6, 65), (550, -12, 78)):
            for card in (False, True):
                yield f"{person}-{distance}-{yaw:+d}-{'card' if card else 'bare'}", person, distance, yaw, fov, card


class Body:
    def __init__(self):
        self.model = anny.Anny(facial_actions="all")
        self.faces = self.model.get_triangular_faces().numpy()

    def build(self, p):
        """Vertices in mm, head upright, nose to +z; and the eye centres."""
        v = vertices(self.model, p)
        balls = eyeballs(self.faces, v)
        eyes = [sphere_fit(v[c]) for c in balls]
        drop = np.zeros(len(v), bool)
        for c in balls:
            drop[c] = True
        faces = self.faces[~drop[self.faces].any(1)]
        return v, faces, eyes


def ply(vertices, faces, colours=None, smooth=True):
    mesh = mi.Mesh("m", len(vertices), len(faces), has_vertex_normals=smooth)
    params = mi.traverse(mesh)
    params["vertex_positions"] = np.ascontiguousarray(vertices, np.float32).ravel()
    params["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
    params.update()
    if colours is not None:
        mesh.add_attribute("vertex_color", 3, np.ascontiguousarray(colours, np.float32).ravel())
    if smooth:
        mesh.recompute_vertex_normals()
    return mesh


def write_mesh(path, *args, **kw):
    ply(*args, **kw).write_ply(path)
    return path


def card_mesh(centre, right, up):
    """The card's back: a rounded slab with stripe and signature panel."""
    w, h, d = CARD
    normal = np.cross(right, up)
    angles = np.linspace(0, np.pi / 2, 9)
    ring = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        c = np.array([sx * (w / 2 - CARD_CORNER), sy * (h / 2 - CARD_CORNER)])
        ring += [c + CARD_CORNER * np.array([np.cos(a + k * np.pi / 2), np.sin(a + k * np.pi / 2)]) for a in angles]
    ring = np.array(ring)
    n = len(ring)
    flat = np.r_[np.c_[ring, np.full(n, d / 2)], np.c_[ring, np.full(n, -d / 2)], [[0, 0, d / 2], [0, 0, -d / 2]]]
    faces = []
    for i in range(n):
        j = (i + 1) % n
        faces += [[2 * n, i, j], [2 * n + 1, n + j, n + i], [i, n + i, n + j], [i, n + j, j]]
    place = lambda p: centre + p[:, :1] * right + p[:, 1:2] * up + p[:, 2:] * normal
    stripe = [[-w / 2, h / 2 - 16, 0.4], [w / 2, h / 2 - 16, 0.4], [w / 2, h / 2 - 5, 0.4], [-w / 2, h / 2 - 5, 0.4]]
    panel = [[-w / 2 + 6, -4, 0.4], [w / 2 - 28, -4, 0.4], [w / 2 - 28, 5, 0.4], [-w / 2 + 6, 5, 0.4]]
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    corners = place(np.array([[sx * w / 2, sy * h / 2, d / 2] for sx, sy in ((-1, 1), (1, 1), (1, -1), (-1, -1))]))
    return (place(flat), np.array(faces)), (place(np.array(stripe)), quad), (place(np.array(panel)), quad), corners


def render(name, body, person, distance, yaw, fov, card, out, samples):
    p = PEOPLE[person]
    v, faces, eyes = body.build(p)
    middle = (eyes[0][0] + eyes[1][0]) / 2
    radius = (eyes[0][1] + eyes[1][1]) / 2
    turn = rotation(yaw, 2)
    to = lambda q: (np.asarray(q) - middle) @ turn.T + np.array([0, 0, -distance])
    v = to(v)
    focal = W / 2 / np.tan(np.radians(fov / 2))
    project = lambda q: [float(W / 2 + focal * q[0] / -q[2]), float(H / 2 - focal * q[1] / -q[2])]

    scene = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 5},
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [0.30, 0.32, 0.35]}},
        "key": {
            "type": "sphere", "center": [-700, 700, 300], "radius": 220,
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [9, 8.6, 8]}},
        },
        "body": {
            "type": "ply", "filename": write_mesh(os.path.join(out, "tmp-body.ply"), v, faces),
            "bsdf": {"type": "twosided", "b": {"type": "principled", "base_color": {"type": "rgb", "value": list(p["skin"])}, "roughness": 0.5, "specular": 0.4}},
        },
    }
    irises = []
    for side, (centre, _) in enumerate(eyes):
        c = to(centre)
        ball, _, faces, colours, iris = eyeball(c, radius, -c, p["iris"])
        irises.append(iris)
        scene[f"eye{side}"] = {
            "type": "ply", "filename": write_mesh(os.path.join(out, f"tmp-eye{side}.ply"), ball, faces, colours),
            "bsdf": {"type": "principled", "base_color": {"type": "mesh_attribute", "name": "vertex_color"}, "roughness": 0.15, "specular": 0.5},
        }
    truth = dict(
        name=name, width=W, height=H, focal=float(focal), yaw=yaw, pitch=2, distance_mm=distance,
        pd_far_mm=float(np.linalg.norm(eyes[0][0] - eyes[1][0])),
        pd_near_mm=float(np.linalg.norm(irises[0] - irises[1])),
        irises=[project(i) for i in irises], iris_mm=IRIS, card=None,
    )
    if card:
        right, up, normal = turn @ [1, 0, 0], turn @ [0, 1, 0], turn @ [0, 0, 1]
        local = (v - np.array([0, 0, -distance])) @ turn
        brow = local[(abs(local[:, 0]) < 38) & (local[:, 1] > 28) & (local[:, 1] < 84)]
        centre = np.array([0, 0, -distance]) + turn @ [2.0, 56.0, brow[:, 2].max() + 1.0]
        slab, stripe, panel, corners = card_mesh(centre, right, up)
        for key, mesh, colour in (("card", slab, (0.10, 0.22, 0.42)), ("stripe", stripe, (0.02, 0.02, 0.02)), ("panel", panel, (0.7, 0.7, 0.68))):
            scene[key] = {
                "type": "ply", "filename": write_mesh(os.path.join(out, f"tmp-{key}.ply"), *mesh, smooth=False), "face_normals": True,
                "bsdf": {"type": "twosided", "b": {"type": "principled", "base_color": {"type": "rgb", "value": list(colour)}, "roughness": 0.35}},
            }
        truth["card"] = [project(c) for c in corners]

    # Only the head's window is path-traced; the rest is the constant sky.
    head = np.array([project(q) for q in v[v[:, 1] > -150]])
    x0, y0 = np.maximum(head.min(0).astype(int) - 8, 0)
    x1, y1 = np.minimum(head.max(0).astype(int) + 8, [W, H])
    y1 = H
    scene["sensor"] = {
        "type": "perspective", "fov": fov, "fov_axis": "x", "near_clip": 10, "far_clip": 1e5,
        "to_world": mi.ScalarTransform4f().look_at(origin=[0, 0, 0], target=[0, 0, -1], up=[0, 1, 0]),
        "film": {"type": "hdrfilm", "width": W, "height": H, "crop_offset_x": int(x0), "crop_offset_y": int(y0), "crop_width": int(x1 - x0), "crop_height": int(y1 - y0), "rfilter": {"type": "gaussian"}},
        "sampler": {"type": "independent", "sample_count": samples},
    }
    pixels = np.array(mi.render(mi.load_dict(scene)))[:, :, :3]
    full = np.empty((H, W, 3), np.float32)
    full[:] = (0.30, 0.32, 0.35)
    full[y0:y1, x0:x1] = pixels
    srgb = np.where(full <= 0.0031308, 12.92 * full, 1.055 * np.maximum(full, 1e-6) ** (1 / 2.4) - 0.055)
    noise = np.random.default_rng(1).normal(0, 1.5, full.shape)
    Image.fromarray(np.clip(srgb * 255 + noise, 0, 255).astype(np.uint8)).save(os.path.join(out, name + ".png"))
    return truth


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("--samples", type=int, default=48)
    ap.add_argument("--only", default="")
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    body, path = Body(), os.path.join(args.out, "truth.json")
    done = {t["name"]: t for t in json.load(open(path))} if os.path.exists(path) else {}
    for name, *what in scenes():
        if args.only in name and name not in done:
            done[name] = render(name, body, *what, args.out, args.samples)
            with open(path + ".tmp", "w") as f:
                json.dump(list(done.values()), f, indent=1)
            os.replace(path + ".tmp", path)
            print(name, f"pd far {done[name]['pd_far_mm']:.1f} near {done[name]['pd_near_mm']:.1f}", flush=True)


if __name__ == "__main__":
    main()

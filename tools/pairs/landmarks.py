"""Finds where on anny's head the face mesh's 468 points lie: landmarks.json.

    python landmarks.py WORK --cheval build/cheval --pairs BINARY

Heads of several kinds are rendered from several sides; the mirror's own face
mesh finds its points in the pictures, and their rays meet the skin. What they
say is made one with the canonical face: it is laid over the head, and what it
misses by is smoothed over its neighbours, both halves alike, what stands alone
left out. BINARY is tools/pairs built.
"""
import argparse
import json
import os
import subprocess

import mitsuba as mi
import numpy as np
from PIL import Image

mi.set_variant("scalar_rgb")
from heads import HERE, Body, anatomy, eyeball
from meshes import write

SIZE, FOCAL, DISTANCE = 448, 1000, 700
KINDS = [dict(gender=0.1, age=0.6), dict(gender=0.9, age=0.65), dict(gender=0.5, age=0.7, weight=0.65), dict(gender=0.8, age=0.6, weight=0.35)]


def picture(work, body, v, eyes, turn):
    to = lambda q: q @ turn.T + np.array([0, 0, -DISTANCE])
    fine, normals = body.refine(to(v))
    scene = {
        "type": "scene", "integrator": {"type": "path", "max_depth": 4},
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": [0.3, 0.32, 0.35]}},
        "key": {"type": "sphere", "center": [-600, 700, 300], "radius": 250, "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [7, 6.8, 6.4]}}},
        "skin": {"type": "ply", "filename": write(work, "skin", fine, body.fine, normals),
                 "bsdf": {"type": "twosided", "b": {"type": "principled", "base_color": {"type": "rgb", "value": [0.6, 0.4, 0.31]}, "roughness": 0.5}}},
        "sensor": {"type": "perspective", "fov": 2 * np.degrees(np.arctan(SIZE / 2 / FOCAL)), "fov_axis": "x", "near_clip": 10, "far_clip": 1e5,
                   "to_world": mi.ScalarTransform4f().look_at(origin=[0, 0, 0], target=[0, 0, -1], up=[0, 1, 0]),
                   "film": {"type": "hdrfilm", "width": SIZE, "height": SIZE, "rfilter": {"type": "gaussian"}},
                   "sampler": {"type": "independent", "sample_count": 12}},
    }
    for side, (centre, radius) in enumerate(eyes):
        c = to(centre)
        ev, en, ef, ec, _ = eyeball(c, radius, -c, (0.2, 0.12, 0.06))
        scene[f"eye{side}"] = {"type": "ply", "filename": write(work, f"eye{side}", ev, ef, en, ec),
                               "bsdf": {"type": "principled", "base_color": {"type": "mesh_attribute", "name": "vertex_color"}, "roughness": 0.15}}
    linear = np.array(mi.render(mi.load_dict(scene)))[:, :, :3]
    path = os.path.join(work, "view.png")
    Image.fromarray((np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)).save(path)
    coarse = mi.load_dict({"type": "scene", "skin": {"type": "ply", "filename": write(work, "coarse", to(v), body.faces)}})
    return path, coarse


def meet(scene, body, v, pixel, middle):
    """The triangle and weights under a pixel, pulled inwards where it misses."""
    for pull in np.arange(0, 0.09, 0.01):
        p = pixel + (middle - pixel) * pull
        d = np.array([(p[0] - SIZE / 2) / FOCAL, -(p[1] - SIZE / 2) / FOCAL, -1])
        si = scene.ray_intersect(mi.Ray3f([0, 0, 0], list(d / np.linalg.norm(d))))
        if not si.is_valid():
            continue
        face = int(si.prim_index)
        a, b, c = v[body.faces[face]]
        m = np.stack([a, b, c], 1)
        w = np.linalg.solve(m, np.array(si.p))
        n = np.cross(b - a, c - a)
        facing = n @ -d / (np.linalg.norm(n) * np.linalg.norm(d))
        if facing > 0.02:
            return face, w / w.sum(), facing * (1 - 10 * pull)
    return None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("work")
    ap.add_argument("--cheval", required=True)
    ap.add_argument("--pairs", required=True)
    a = ap.parse_args()
    os.makedirs(a.work, exist_ok=True)
    body = Body()
    plain, _ = body.build({}, {})
    said = [[] for _ in range(468)]
    for kind in KINDS:
        v, eyes = body.build(kind, {})
        for yaw, pitch in ((0, 0), (-28, 0), (28, 0), (0, 14)):
            turn = anatomy.rotation(yaw, pitch, 0)
            path, scene = picture(a.work, body, v, eyes, turn)
            out = subprocess.run([a.cheval, "perceive", "--photo", path, "--json"], capture_output=True, text=True, check=True).stdout
            face = json.loads(out)["faces"][0]
            points = np.array(face["landmarks"])[:468, :2]
            print(kind, yaw, pitch, face["pose"], flush=True)
            placed = v @ turn.T + np.array([0, 0, -DISTANCE])
            for i, p in enumerate(points):
                hit = meet(scene, body, placed, p, points.mean(0))
                if hit:
                    said[i].append((*hit, (plain[body.faces[hit[0]]] * hit[1][:, None]).sum(0)))
    found, apart = [], []
    for hits in said:
        w = np.array([h[2] for h in hits]) ** 2
        at = np.array([h[3] for h in hits])
        far = np.linalg.norm(at[:, None] - at[None], axis=2) @ w / w.sum()
        found.append(at[far.argmin()])
        apart.append(far.min())
    print(f"spread of a point over the pictures: median {np.median(apart):.2f} mm")
    np.save(os.path.join(a.work, "found.npy"), found)
    geometry = json.loads(subprocess.run([a.pairs, "geometry"], capture_output=True, text=True, check=True).stdout)
    points = settle(np.array(found), np.array(geometry["vertices"]) * 10, np.array(geometry["triangles"]))
    faces, weights, off = nearest(points, plain, body.faces)
    print(f"from the points found: median {np.median(np.linalg.norm(points - found, axis=1)):.2f} mm; to the skin: median {np.median(off):.2f}, greatest {off.max():.1f} mm")
    with open(os.path.join(HERE, "landmarks.json"), "w") as f:
        json.dump({"faces": faces.tolist(), "weights": weights.round(4).tolist()}, f)


def settle(found, canonical, triangles):
    """Points near found that are the canonical face bent smoothly."""
    mirror = np.array([np.linalg.norm(canonical * [-1, 1, 1] - c, axis=1).argmin() for c in canonical])
    near = np.zeros((468, 468))
    for t in triangles:
        for i in t:
            near[i, t] = 1
    near = near @ near
    near = (near > 0) / (near > 0).sum(1, keepdims=True)
    both = np.stack([found, found[mirror] * [-1, 1, 1]])
    trust = np.ones((2, 468))
    for _ in range(30):
        wanted = (both * trust[..., None]).sum(0) / trust.sum(0)[:, None]
        sure = trust.sum(0)
        c, f = np.average(canonical, axis=0, weights=sure), np.average(wanted, axis=0, weights=sure)
        u, d, vt = np.linalg.svd(((wanted - f) * sure[:, None]).T @ (canonical - c))
        turn = u @ vt
        size = d.sum() / (sure * ((canonical - c) ** 2).sum(1)).sum()
        laid = (canonical - c) @ (size * turn).T + f
        missed = wanted - laid
        smooth = near @ (missed * sure[:, None]) / (near @ sure)[:, None]
        bent = laid + smooth
        trust = 1 / (1 + (np.linalg.norm(both - bent, axis=2) / 3.0) ** 2) ** 2 + 1e-4
    return bent


def nearest(points, v, triangles):
    """The triangles and weights of the skin's points nearest to points, and how far."""
    a, b, c = v[triangles[:, 0]], v[triangles[:, 1]], v[triangles[:, 2]]
    faces, weights, off = [], [], []
    grid = np.array([(i, j, 8 - i - j) for i in range(9) for j in range(9 - i)]) / 8
    for p in points:
        some = np.argsort(np.linalg.norm((a + b + c) / 3 - p, axis=1))[:24]
        at = grid[None, :, :1] * a[some][:, None] + grid[None, :, 1:2] * b[some][:, None] + grid[None, :, 2:] * c[some][:, None]
        far = np.linalg.norm(at - p, axis=2)
        t, k = np.unravel_index(far.argmin(), far.shape)
        faces.append(some[t])
        weights.append(grid[k])
        off.append(far[t, k])
    return np.array(faces), np.array(weights), np.array(off)


if __name__ == "__main__":
    main()

"""Path-traces photos of eyewear as a phone takes them, with exact truth.

For checking Cheval's anchors (tools/photos/check.py): frames of shapes that the
starter catalogue does not have, standing open, standing folded or lying folded,
in perspective, on tables, in many lights. Writes NAME.jpg and truth.json
(pixels of the picture; millimetres) into a folder.

    python render.py OUT [--count 64] [--samples 18] [--only SUBSTRING]

The frames' meshes come from tools/photos/frames; materials, light and camera
are Mitsuba's, so nothing of how Cheval looks at or draws a frame is used. Odd
numbers are held back: look at the even ones while developing.
"""
import argparse
import json
import math
import os
import subprocess

import cv2
import mitsuba as mi
import numpy as np

mi.set_variant("scalar_rgb")
T = mi.ScalarTransform4f
HERE = os.path.dirname(os.path.abspath(__file__))


# ---- shapes: the wearer's right lens, nose towards +x, counter-clockwise ----
def quarters(top, bottom, nose, temple, n, sweep=0.0):
    """Four superellipse quarters: apex places and the squareness of corners."""
    out = []
    for side, y0, ax, ay, k, up in ((1, nose, top, 1, n[0], True), (-1, temple, top, 1, n[1], False),
                                    (-1, temple, bottom, -1, n[2], True), (1, nose, bottom, -1, n[3], False)):
        for i in range(16):
            a = math.pi / 2 * i / 16
            a = a if up else math.pi / 2 - a
            x = ax + (side - ax) * math.cos(a) ** (2 / k)
            y = y0 + (ay - y0) * math.sin(a) ** (2 / k)
            out.append((x, y - sweep * x))
    return out


def polygon(points, cut):
    out, n = [], len(points)
    p = np.array(points, float)
    for i in range(n):
        a, b, c = p[i] + (p[i - 1] - p[i]) * cut, p[i], p[i] + (p[(i + 1) % n] - p[i]) * cut
        for f in np.linspace(0, 1, 10):
            out.append(tuple((a * (1 - f) + b * f) * (1 - f) + (b * (1 - f) + c * f) * f))
    return out


SHAPES = {
    "crown-panto": lambda r: polygon([(0.96, 0.62), (0.62, 0.98), (-0.62, 1.0), (-0.98, 0.62), (-0.86, -0.3), (-0.42, -0.98), (0.36, -1), (0.84, -0.34)], 0.3),
    "butterfly": lambda r: quarters(-0.3, 0.15, 0.2, 0.45, (2.3, 3.4, 2.0, 2.4), 0.12),
    "hexagon": lambda r: polygon([(1, 0.0), (0.55, 0.95), (-0.55, 1), (-1, 0.05), (-0.58, -1), (0.52, -0.96)], 0.12),
    "octagon": lambda r: polygon([(1, 0.4), (0.5, 1), (-0.5, 1), (-1, 0.4), (-1, -0.4), (-0.5, -1), (0.5, -1), (1, -0.4)], 0.14),
    "navigator": lambda r: quarters(0.05, -0.1, 0.6, 0.55, (4.4, 4.6, 2.3, 1.9), 0.04),
    "trapeze": lambda r: polygon([(0.98, 0.8), (-0.9, 1.0), (-1, 0.6), (-0.72, -0.9), (0.5, -1), (0.86, -0.5)], 0.3),
    "teardrop": lambda r: quarters(0.2, -0.34, 0.4, 0.2, (2.4, 2.6, 2.1, 1.7), 0.05),
    "oversized": lambda r: quarters(0.0, 0.0, 0.15, 0.2, (3.2, 3.4, 2.9, 2.6), 0.02),
    "half-moon": lambda r: quarters(0.0, 0.0, 0.6, 0.6, (5.0, 5.0, 2.0, 2.0), 0.0),
    "almond": lambda r: quarters(-0.1, 0.1, 0.0, 0.25, (2.0, 2.2, 2.0, 2.1), 0.14),
    "rounded": lambda r: quarters(0.0, 0.0, 0.05, 0.08, (2.15, 2.2, 2.1, 2.1), 0.01),
    "pilot-square": lambda r: quarters(0.0, -0.08, 0.5, 0.45, (3.6, 3.8, 2.6, 2.2), 0.03),
}
SIZE = {  # lens width, height / width, bridge
    "crown-panto": (48, 0.88, 21), "butterfly": (56, 0.84, 17), "hexagon": (51, 0.86, 20), "octagon": (50, 0.84, 20),
    "navigator": (57, 0.82, 15), "trapeze": (53, 0.74, 18), "teardrop": (58, 0.86, 15), "oversized": (59, 0.86, 16),
    "half-moon": (50, 0.62, 19), "almond": (53, 0.70, 17), "rounded": (47, 0.96, 22), "pilot-square": (55, 0.80, 16),
}

ACETATES = [
    dict(name="black", rgb=(0.012, 0.012, 0.013)), dict(name="tortoise", rgb=(0.30, 0.115, 0.025), second=(0.018, 0.008, 0.004)),
    dict(name="navy", rgb=(0.01, 0.018, 0.075)), dict(name="red", rgb=(0.32, 0.015, 0.02)), dict(name="honey", rgb=(0.42, 0.2, 0.05)),
    dict(name="white", rgb=(0.72, 0.7, 0.66)), dict(name="green", rgb=(0.02, 0.09, 0.045)), dict(name="grey", rgb=(0.12, 0.12, 0.13)),
    dict(name="fade", rgb=(0.03, 0.02, 0.02), second=(0.45, 0.32, 0.2), fade=True), dict(name="rose", rgb=(0.55, 0.25, 0.24)),
]
METALS = [
    dict(name="gold", metal=(0.86, 0.62, 0.28), rough=0.16), dict(name="silver", metal=(0.75, 0.75, 0.76), rough=0.14),
    dict(name="gunmetal", metal=(0.2, 0.2, 0.22), rough=0.22), dict(name="matt-black", rgb=(0.012, 0.012, 0.012), rough=0.4),
    dict(name="rose-gold", metal=(0.82, 0.5, 0.4), rough=0.18),
]
LENSES = [
    dict(name="clear", tint=(0.97, 0.985, 0.97)), dict(name="clear", tint=(0.96, 0.97, 0.98)),
    dict(name="grey", tint=(0.13, 0.135, 0.14)), dict(name="brown", tint=(0.26, 0.15, 0.07)), dict(name="green", tint=(0.12, 0.17, 0.11)),
    dict(name="gradient", tint=(0.13, 0.12, 0.12), bottom=(0.62, 0.58, 0.55)), dict(name="blue", tint=(0.35, 0.45, 0.75)),
    dict(name="mirror", tint=(0.12, 0.12, 0.13), mirror=(0.5, 0.65, 0.8)),
]


def plan(count):
    """The photos, each from its own number alone."""
    shapes = list(SHAPES)
    for i in range(count):
        r = np.random.default_rng(1000 + i)
        shape = shapes[(i // 2 + (i % 2) * 5) % len(shapes)]
        metal = r.random() < 0.36
        half = r.random() < (0.22 if metal else 0.10)
        a, ratio, bridge = SIZE[shape]
        a = round((a + r.uniform(-2.5, 2.5)) * 2) / 2
        rim = r.uniform(1.1, 1.9) if metal else r.uniform(2.6, 5.6)
        height = a * ratio * r.uniform(0.95, 1.05)
        spec = dict(
            Shape="geometric", Material="metal" if metal else "acetate", LensWidth=float(a), LensHeight=round(float(height), 1),
            Bridge=float(bridge + round(r.uniform(-2, 2))), Temple=float(r.choice([135, 140, 145, 150])), Rim=round(float(rim), 2),
            Thickness=round(float(r.uniform(1.4, 2.2) if metal else r.uniform(3.4, 5.0)), 2), Wrap=round(float(r.uniform(2, 9)), 1),
            Tilt=round(float(r.uniform(5, 10)), 1), TempleDrop=round(float(height / 2 * r.uniform(0.35, 0.7)), 1),
            NosePads=bool(metal or r.random() < 0.25), HalfRim=bool(half),
            BridgeStyle=str(r.choice(["arched", "arched", "twinbars"]) if metal else r.choice(["saddle", "saddle", "keyhole"])),
            Outline=[[float(x), float(y)] for x, y in SHAPES[shape](r)],
        )
        frame = dict((METALS if metal else ACETATES)[r.integers(len(METALS if metal else ACETATES))])
        lens = dict(LENSES[r.integers(len(LENSES))])
        pose = ("open", "lying", "open", "folded")[(i // 2) % 4] if i % 2 == 0 else ("lying", "open", "folded", "open")[(i // 2) % 4]
        yield dict(name=f"p{i:03d}-{shape}-{frame['name']}-{lens['name']}-{pose}{'-half' if half else ''}", seed=1000 + i,
                   shape=shape, eyewear=spec, frame=frame, lens=lens, pose=pose, held=i % 2 == 1)


# ---- the table and the room ----
def surface(kind, r, size=512):
    y, x = np.mgrid[0:size, 0:size] / size
    noise = lambda n: cv2.resize(r.normal(0, 1, (n, n)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    if kind == "wood":
        grain = np.sin((y * 46 + noise(5) * 1.3 + noise(40) * 0.12) * 2) * 0.5 + noise(128) * 0.25
        base = np.array(r.choice([[0.42, 0.27, 0.15], [0.6, 0.45, 0.3], [0.2, 0.12, 0.07]], axis=0))
        return base * (1 + 0.22 * grain[..., None])
    if kind == "marble":
        v = np.abs(np.sin((x * 3 + y * 2 + noise(6) * 0.5) * 4)) ** 0.35
        return np.array([0.75, 0.75, 0.76]) * (0.6 + 0.4 * v[..., None])
    if kind == "cloth":
        weave = 0.5 * (np.sin(x * size * 0.9) * np.sin(y * size * 0.9)) + 0.5 * noise(220)
        return np.array(r.choice([[0.5, 0.48, 0.44], [0.18, 0.2, 0.25], [0.5, 0.3, 0.28]], axis=0)) * (1 + 0.13 * weave[..., None])
    if kind == "rug":
        return np.array([0.5, 0.42, 0.32]) * (1 + 0.2 * noise(160)[..., None] + 0.25 * (np.sin(x * 40) > 0.4)[..., None])
    base = dict(white=[0.82, 0.82, 0.81], grey=[0.4, 0.4, 0.41], pastel=r.uniform(0.45, 0.8, 3))[kind]
    return np.array(base) * (1 + 0.012 * noise(64)[..., None])


def room(r, dim):
    """An environment: a ceiling, windows and dark walls, 128x64."""
    h, w = 64, 128
    img = np.zeros((h, w, 3), np.float32)
    img[:] = np.linspace(1.0, 0.25, h)[:, None, None] * r.uniform(0.4, 0.9) * dim
    for _ in range(r.integers(1, 4)):
        x, y, dx, dy = r.integers(0, w), r.integers(4, 30), r.integers(5, 22), r.integers(4, 14)
        img[y:y + dy, np.arange(x, x + dx) % w] = r.uniform(4, 10) * dim * np.array([1, r.uniform(0.88, 1), r.uniform(0.75, 1.05)])
    return cv2.GaussianBlur(img, (3, 3), 0.8)


def write_mesh(path, v, f, colours=None, smooth=True):
    mesh = mi.Mesh("m", len(v), len(f), has_vertex_normals=smooth)
    params = mi.traverse(mesh)
    params["vertex_positions"] = np.ascontiguousarray(v, np.float32).ravel()
    params["faces"] = np.ascontiguousarray(f, np.uint32).ravel()
    params.update()
    if colours is not None:
        mesh.add_attribute("vertex_color", 3, np.ascontiguousarray(colours, np.float32).ravel())
    if smooth:
        mesh.recompute_vertex_normals()
    mesh.write_ply(path)
    return path


def blobs(v, r):
    f = np.zeros(len(v))
    for _ in range(7):
        k = r.normal(0, 0.2, 3)
        f += np.sin(v @ k + r.uniform(0, 6))
    return 1 / (1 + np.exp(-3 * (f - 0.3)))


def paint(frame, v, r):
    if "second" not in frame:
        return None
    a, b = np.array(frame["rgb"]), np.array(frame["second"])
    k = np.clip((14 - v[:, 1]) / 28, 0, 1) if frame.get("fade") else blobs(v, r)
    return a * (1 - k[:, None]) + b * k[:, None]


def bsdf_frame(frame, painted):
    if "metal" in frame:
        c = list(frame["metal"])
        return {"type": "principled", "base_color": {"type": "rgb", "value": c}, "metallic": 1.0, "roughness": max(frame["rough"], 0.1)}
    base = {"type": "mesh_attribute", "name": "vertex_color"} if painted else {"type": "rgb", "value": list(frame["rgb"])}
    return {"type": "principled", "base_color": base, "roughness": frame.get("rough", 0.18), "specular": 0.5}


def bsdf_lens(lens):
    through = {"type": "mesh_attribute", "name": "vertex_color"} if "bottom" in lens else {"type": "rgb", "value": list(lens["tint"])}
    thin = {"type": "thindielectric", "int_ior": 1.5, "specular_transmittance": through}
    if "mirror" not in lens:
        return thin
    return {"type": "blendbsdf", "weight": 0.35, "a": thin,
            "b": {"type": "twosided", "b": {"type": "conductor", "material": "none", "specular_reflectance": {"type": "rgb", "value": list(lens["mirror"])}}}}


def rot(axis, deg):
    c, s = math.cos(math.radians(deg)), math.sin(math.radians(deg))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    m = np.eye(3)
    m[i, i], m[i, j], m[j, i], m[j, j] = c, -s, s, c
    return m


def posed(mesh, pose, r):
    """Parts with their vertices in the world: y up, the table at y = 0."""
    parts = [(p["kind"], np.array(p["positions"], float), np.array(p["triangles"])) for p in mesh["parts"]]
    hinge = np.array(mesh["hinges"], float)
    fold = {"left": 0.0, "right": 0.0}
    if pose != "open":
        first = r.random() < 0.5  # which temple lies on the other
        fold = {"left": -(89.0 if first else 83.0), "right": 89.0 if not first else 83.0}
    else:
        fold = {"left": r.uniform(0, 4), "right": -r.uniform(0, 4)}
    moved = []
    for kind, v, f in parts:
        side = "left" if kind.endswith("left") else "right" if kind.endswith("right") else ""
        if side and not kind.startswith("lens"):
            h = hinge[0 if side == "left" else 1]
            v = (v - h) @ rot("y", fold[side]).T + h
        moved.append([kind, v, f])
    every = np.concatenate([v for _, v, _ in moved])
    if pose == "lying":
        m = rot("x", -90) @ rot("z", r.uniform(-2, 2))
    elif pose == "folded":
        m = rot("x", -r.uniform(2, 14))
    else:  # rests on the rims and the temples' ends
        lo, hi = -30.0, 30.0
        front = np.concatenate([v for k, v, _ in moved if k in ("front", "lens-edge", "lens-left")])
        tips = np.concatenate([v[v[:, 2] < -60] for _, v, _ in moved])
        for _ in range(40):
            mid = (lo + hi) / 2
            m = rot("x", mid)
            if (front @ m.T)[:, 1].min() > (tips @ m.T)[:, 1].min():
                lo = mid
            else:
                hi = mid
    low = (every @ m.T)[:, 1].min()
    move = lambda v: v @ m.T - np.array([0, low, 0])
    return [(k, move(v), v, f) for k, v, f in moved], move, m


def render(job, mesh, out, samples):
    r = np.random.default_rng(job["seed"] + 7)
    parts, move, turn = posed(mesh, job["pose"], r)
    centre = move(np.zeros((1, 3)))[0]
    forward = turn @ np.array([0, 0, 1.0])  # out of the front
    up = turn @ np.array([0, 1.0, 0])
    distance = r.uniform(330, 620)
    yaw = r.uniform(-6, 6)
    pitch = r.uniform(2, 14) if job["pose"] == "open" else r.uniform(-4, 14) if job["pose"] == "folded" else r.uniform(-9, 9)
    side = np.cross(up, forward)
    view = forward * math.cos(math.radians(yaw)) * math.cos(math.radians(pitch)) + side * math.sin(math.radians(yaw)) + up * math.sin(math.radians(pitch))
    view /= np.linalg.norm(view)
    eye = centre + view * distance
    if job["pose"] != "lying":
        eye[1] = max(eye[1], 25)
    W, H = int(r.choice([960, 1080])), int(r.choice([720, 660]))
    fill = r.uniform(0.62, 0.86)
    fov = 2 * math.degrees(math.atan(mesh["width"] / 2 / fill / distance))
    target = centre + side * r.uniform(-6, 6) + up * r.uniform(-6, 4)
    roll = math.radians(r.uniform(-3, 3))
    cam_up = up * math.cos(roll) + side * math.sin(roll)
    to_world = T().look_at(origin=list(eye), target=list(target), up=list(cam_up))
    film = lambda f: {"type": "hdrfilm", "width": W, "height": H, "rfilter": {"type": f}}
    sensor = lambda f, n: {"type": "perspective", "fov": fov, "fov_axis": "x", "near_clip": 10, "far_clip": 1e5, "to_world": to_world,
                           "film": film(f), "sampler": {"type": "independent", "sample_count": n}}

    tmp = os.path.join(out, "tmp-" + job["name"])
    os.makedirs(tmp, exist_ok=True)
    shapes = {}
    lens_v = [v0 for k, _, v0, _ in parts if k == "lens-left"][0]
    for i, (kind, v, v0, f) in enumerate(parts):
        colours = paint(job["frame"], v0, np.random.default_rng(job["seed"]))
        if kind.startswith("lens-") and kind != "lens-edge":
            bsdf = bsdf_lens(job["lens"])
            colours = None
            if "bottom" in job["lens"]:
                k = np.clip((lens_v[:, 1].max() - v0[:, 1]) / np.ptp(lens_v[:, 1]), 0, 1)[:, None]
                colours = np.array(job["lens"]["tint"]) * (1 - k) + np.array(job["lens"]["bottom"]) * k
        elif kind == "lens-edge":
            bsdf, colours = {"type": "principled", "base_color": {"type": "rgb", "value": [0.5 * c + 0.2 for c in job["lens"]["tint"]]}, "roughness": 0.2, "spec_trans": 0.0}, None
        elif kind == "pad":
            bsdf, colours = {"type": "principled", "base_color": {"type": "rgb", "value": [0.6, 0.6, 0.58]}, "roughness": 0.3}, None
            bsdf = {"type": "mask", "opacity": 0.4, "b": bsdf}
        elif kind == "metalwork":
            steel = job["frame"] if "metal" in job["frame"] else dict(metal=(0.6, 0.6, 0.62), rough=0.2)
            bsdf, colours = bsdf_frame(steel, False), None
        elif kind.startswith("tip"):
            bsdf, colours = {"type": "principled", "base_color": {"type": "rgb", "value": [0.012, 0.011, 0.011]}, "roughness": 0.25}, None
        else:
            bsdf = bsdf_frame(job["frame"], colours is not None)
        path = write_mesh(os.path.join(tmp, f"{i}.ply"), v, f, colours)
        shapes[f"part{i:02d}"] = {"type": "ply", "filename": path, "bsdf": bsdf if kind.startswith("lens-") and kind != "lens-edge" or kind == "pad" else {"type": "twosided", "b": bsdf}}

    kind = str(r.choice(["white", "white", "grey", "pastel", "wood", "wood", "marble", "cloth", "rug"]))
    texture = np.clip(surface(kind, r), 0.01, 0.95).astype(np.float32)
    mi.Bitmap(texture).write(os.path.join(tmp, "table.exr"))
    span = 900 if kind in ("white", "grey", "pastel", "marble") else 420
    dim = r.uniform(0.7, 1.1)
    mi.Bitmap(room(r, dim)).write(os.path.join(tmp, "room.exr"))
    bitmap = {"type": "bitmap", "filename": os.path.join(tmp, "table.exr"), "raw": True, "to_uv": T().scale([3000 / span, 3000 / span, 1])}
    wall = [float(c) for c in np.array([0.7, 0.68, 0.65]) * r.uniform(0.35, 1.1)]
    key = np.array([r.uniform(-500, 500), r.uniform(500, 900), r.uniform(-50, 600)])
    scene = {
        "type": "scene", "integrator": {"type": "path", "max_depth": 8, "rr_depth": 5},
        "table": {"type": "rectangle", "to_world": T().rotate([1, 0, 0], -90).scale([1500, 1500, 1]),
                  "bsdf": {"type": "twosided", "b": {"type": "diffuse", "reflectance": bitmap}}},
        "wall": {"type": "rectangle", "to_world": T().translate([0, 0, -float(r.uniform(330, 800))]).scale([3000, 3000, 1]),
                 "bsdf": {"type": "twosided", "b": {"type": "diffuse", "reflectance": {"type": "rgb", "value": wall}}}},
        "sky": {"type": "envmap", "filename": os.path.join(tmp, "room.exr"), "scale": float(r.uniform(0.5, 0.9))},
        "key": {"type": "sphere", "center": [float(c) for c in key], "radius": float(r.uniform(60, 240)), "emitter": {"type": "area", "radiance": {"type": "rgb", "value": [1, 0.96, 0.9]}}},
        "sensor": sensor("gaussian", samples), **shapes,
    }
    strength = r.uniform(1.2, 2.6) * (key @ key) / scene["key"]["radius"] ** 2 / 3.14
    scene["key"]["emitter"]["radiance"]["value"] = [float(strength * c) for c in (1, r.uniform(0.9, 1), r.uniform(0.78, 1))]
    if job["pose"] == "lying":
        del scene["wall"]
    picture = np.array(mi.render(mi.load_dict(scene)))[:, :, :3]
    develop(picture, r, os.path.join(out, job["name"] + ".jpg"))
    truth = measure(job, mesh, scene, sensor, parts, shapes, move, eye, target, cam_up, fov, W, H, out)
    for f in os.listdir(tmp):
        os.remove(os.path.join(tmp, f))
    os.rmdir(tmp)
    return truth


def develop(picture, r, path):
    """What a phone makes of the light: no stray bright dots, exposure, balance, vignette, curve, noise, JPEG."""
    med = cv2.medianBlur(np.minimum(picture, 8).astype(np.float32), 3)
    stray = (picture.max(2) > 2.2 * med.max(2) + 0.15)[..., None]
    picture = np.where(stray, med, picture)
    level = np.percentile(picture.max(2), 92)
    picture = picture * (r.uniform(0.6, 0.85) / max(level, 1e-3)) * np.array([r.uniform(0.94, 1.06), 1, r.uniform(0.92, 1.06)])
    h, w = picture.shape[:2]
    y, x = np.mgrid[-1:1:h * 1j, -1:1:w * 1j]
    picture = picture * (1 - r.uniform(0, 0.22) * (x * x + y * y) / 2)[..., None]
    picture = picture / (1 + np.maximum(picture - 0.6, 0) * 0.6)
    srgb = np.where(picture <= 0.0031308, 12.92 * picture, 1.055 * np.maximum(picture, 1e-6) ** (1 / 2.4) - 0.055)
    srgb = cv2.GaussianBlur(srgb.astype(np.float32), (0, 0), r.uniform(0.5, 0.9))
    srgb = cv2.fastNlMeansDenoisingColored(np.clip(srgb * 255, 0, 255).astype(np.uint8), None, 4, 6, 3, 11).astype(np.float32)
    srgb = srgb + r.normal(0, r.uniform(0.8, 2.2), srgb.shape)
    cv2.imwrite(path, np.clip(srgb, 0, 255).astype(np.uint8)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(r.integers(82, 95))])


def measure(job, mesh, scene, sensor, parts, shapes, move, eye, target, cam_up, fov, W, H, out):
    """The openings as they are seen: where the first thing on the way is a lens."""
    ids = {"type": "scene", "integrator": {"type": "aov", "aovs": "id:shape_index"}, "sensor": sensor("box", 1), **shapes}
    seen = mi.load_dict(ids, optimize=False)
    index = np.array(mi.render(seen))
    index = index[:, :, -1].round().astype(int) - 1  # 0 is nothing
    names = [k for k, _, _, _ in parts]
    order = {s.id(): i for i, s in enumerate(seen.shapes())}
    at = lambda want: np.isin(index, [order[f"part{i:02d}"] for i, k in enumerate(names) if k in want])
    back = target - eye
    back = -back / np.linalg.norm(back)
    sx = np.cross(cam_up, back)
    sx /= np.linalg.norm(sx)
    sy = np.cross(back, sx)
    focal = W / 2 / math.tan(math.radians(fov / 2))

    def project(p):
        d = np.asarray(p) - eye
        return [float(W / 2 + focal * (d @ sx) / -(d @ back)), float(H / 2 - focal * (d @ sy) / -(d @ back))]

    outlines = []
    for side in ("left", "right"):
        mask = at((f"lens-{side}",)).astype(np.uint8)
        edge = at(("lens-edge",)).astype(np.uint8)
        if edge.any():
            x = np.flatnonzero(mask.any(0))
            edge[:, :x.min() - 12], edge[:, x.max() + 12:] = 0, 0
            mask |= edge
        mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        best = max(found, key=cv2.contourArea)[:, 0, :]
        outlines.append([[float(x), float(y)] for x, y in best[::2] + 0.5])
    mask = at(set(names)).astype(np.uint8) * 255
    cv2.imwrite(os.path.join(out, job["name"] + "-mask.png"), mask)
    front = np.concatenate([v0 for k, _, v0, _ in parts if k == "front"])
    hinges = [project(move(np.array([h]))[0]) for h in mesh["hinges"]]
    # What the opening is wide in millimetres, across the front.
    e = job["eyewear"]
    groove = 0.7 if e["Material"] == "acetate" else 0.45
    truth = {k: job[k] for k in ("name", "shape", "pose", "held")}
    truth.update(
        width=W, height=H, notation=f"{e['LensWidth']:g}□{e['Bridge']:g}-{e['Temple']:g}", material=e["Material"], half_rim=e["HalfRim"],
        lens_width=e["LensWidth"], lens_height=e["LensHeight"], bridge=e["Bridge"], rim=e["Rim"], groove=groove,
        front_width=float(np.ptp(front[:, 0])), outlines=outlines, hinges=hinges, frame=job["frame"], lens=job["lens"],
        bridge_at=project(move(np.array([[0, 6.0, 0]]))[0]),
    )
    return truth


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("--count", type=int, default=64)
    ap.add_argument("--samples", type=int, default=18)
    ap.add_argument("--only", default="")
    args = ap.parse_args()
    meshes = os.path.join(args.out, "meshes")
    os.makedirs(meshes, exist_ok=True)
    jobs = list(plan(args.count))
    with open(os.path.join(meshes, "list.txt"), "w") as f:
        json.dump([dict(name=j["name"], eyewear=j["eyewear"]) for j in jobs], f)
    subprocess.run(["go", "run", ".", os.path.abspath(os.path.join(meshes, "list.txt")), os.path.abspath(meshes)], cwd=os.path.join(HERE, "frames"), check=True)
    path = os.path.join(args.out, "truth.json")
    done = {t["name"]: t for t in json.load(open(path))} if os.path.exists(path) else {}
    for job in jobs:
        if args.only in job["name"] and job["name"] not in done:
            mesh = json.load(open(os.path.join(meshes, job["name"] + ".json")))
            done[job["name"]] = render(job, mesh, args.out, args.samples)
            with open(path + ".tmp", "w") as f:
                json.dump(list(done.values()), f)
            os.replace(path + ".tmp", path)
            print(job["name"], flush=True)


if __name__ == "__main__":
    main()

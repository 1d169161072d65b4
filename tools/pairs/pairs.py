"""Makes the refiner's truth: the same head with and without eyewear.

    python pairs.py OUT --pairs BINARY [--count 600] [--samples 12]

BINARY is tools/pairs built. Each scene is OUT/NNNN: frame.png (without),
drawn.png (what the mirror draws over it), truth.png (path-traced with the
product) and pair.f32 (the network's planes). A scene depends on its number
alone; those that exist are skipped. Three follow one another with the same
head in the same light. Every tenth three are for validation: people and
products that the others never show. Noise is taken out by Open Image Denoise.
"""
import argparse
import json
import os
import subprocess
import time

import mitsuba as mi
import numpy as np
import pyoidn
from PIL import Image

mi.set_variant("scalar_rgb")
import light
import skin
from heads import Body, anatomy, eyeball
from meshes import write

T = mi.ScalarTransform4f
PEOPLE = 160
HELD_PRODUCTS = ("lido", "orso", "petale", "scala")
WORN = 3  # products that one head puts on
BATCH = 4  # heads
FRAME = (320, 368)  # pixels
LENS_EDGE = 9  # eyewear.PartKind
BLACK = {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0}}


def catalogue():
    """The starter catalogue: product to its number of variants."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "catalogue")
    out = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name)) as f:
            p = json.load(f)
        out[p["id"]] = len(p["variants"])
    return out


def plan(i, products):
    """Scene i, from its number alone."""
    head = i // WORN
    r = np.random.default_rng((11, head))
    held = head % 10 == 0
    who = int(r.integers(PEOPLE // 10)) * 10 if held else int(r.choice([k for k in range(PEOPLE) if k % 10]))
    clip = lambda s, top: float(np.clip(r.normal(0, s), -top, top))
    both = lambda name, much: {name + "Left": much, name + "Right": much}
    actions = {}
    if r.random() < 0.6:
        actions.update(both("mouthSmile", r.uniform(0, 0.8)))
    if r.random() < 0.3:
        actions["jawOpen"] = r.uniform(0, 0.45)
    if r.random() < 0.3:
        actions["browInnerUp"] = r.uniform(0, 0.7)
    if r.random() < 0.2:
        actions.update(both("browDown", r.uniform(0, 0.7)))
    if r.random() < 0.3:
        actions.update(both("eyeBlink", r.uniform(0, 0.5)))
    if r.random() < 0.2:
        actions.update(both("cheekSquint", r.uniform(0, 0.6)))
    out = dict(head=head, held=held, person=who, actions=actions, yaw=clip(15, 38), pitch=2 + clip(7, 15), roll=clip(5, 14),
               distance=r.uniform(380, 950), scale=r.uniform(1.15, 1.5), shift=[clip(8, 16), clip(8, 16)], gaze=[clip(60, 150), clip(40, 100)])
    choice = [p for p in products if (p in HELD_PRODUCTS) == held]
    out["product"] = choice[int(r.permutation(len(choice))[i % WORN])]
    out["variant"] = int(np.random.default_rng((17, i)).integers(products[out["product"]]))
    return out


class Head:
    """A scene's head in camera space."""

    def __init__(self, body, s):
        self.person = skin.person(np.random.default_rng((7, s["person"])))
        v, eyes = body.build(self.person["traits"], s["actions"])
        marks = body.landmarks(v)
        # Before the ears these heads are wider than the mesh's edge lets expect.
        marks[:, 0] += np.sign(marks[:, 0]) * 4 * np.clip((-20 - marks[:, 2]) / 25, 0, 1)
        turn = anatomy.rotation(s["yaw"], s["pitch"], s["roll"])
        self.middle = np.array([*s["shift"], -s["distance"]])
        place = lambda q: np.asarray(q) @ turn.T + self.middle
        fine, _ = body.refine(v)
        self.colours = skin.paint(self.person, fine, marks)
        self.v, self.n = body.refine(place(v))
        self.marks = place(marks)
        look = np.array([s["gaze"][0], s["gaze"][1], 0])
        self.eyes = [eyeball(place(c), radius, look - place(c), self.person["iris"]) for c, radius in eyes]


def describe(folder, s, head):
    """Writes scene.json, which tells the Go half of the scene."""
    scene = dict(width=FRAME[0], height=FRAME[1], focal=s["scale"] * s["distance"], product=s["product"], variant=s["variant"],
                 landmarks=head.marks.round(4).tolist(), irises=[e[4].round(4).tolist() for e in head.eyes], plan=s)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "scene.json"), "w") as f:
        json.dump(scene, f)


def surface(part, folder):
    """A part's material for Mitsuba. What lenses reflect is added by glints."""
    colour = {"type": "mesh_attribute", "name": "vertex_color"}
    if part["lens"]:
        thin = {"type": "thindielectric", "int_ior": 1.0, "ext_ior": 1.0, "specular_transmittance": colour}
        if part["kind"] != LENS_EDGE:
            return thin
        return {"type": "blendbsdf", "weight": 0.5, "a": thin, "b": {"type": "twosided", "b": {
            "type": "principled", "base_color": colour, "roughness": 0.25, "specular": 0.5}}}
    if part["texture"]:
        colour = {"type": "bitmap", "filename": os.path.join(folder, part["texture"]), "wrap_mode": "repeat",
                  "to_uv": T().scale([1 / part["period"], -1 / part["period"], 1])}
    solid = {"type": "twosided", "b": {"type": "principled", "base_color": colour, "metallic": part["metallic"],
                                       "roughness": max(part["roughness"], 0.08), "specular": 0.47}}
    if part["opacity"] > 0.999:
        return solid
    # A ray passes two sides of what is transparent.
    return {"type": "blendbsdf", "weight": float(1 - np.sqrt(1 - part["opacity"])), "b": solid, "a": {
        "type": "thindielectric", "int_ior": 1.25, "specular_transmittance": {"type": "rgb", "value": passing(os.path.join(folder, part["file"]))}}}


def product(folder):
    """The product's shapes as the mirror places them; the same black, with
    lenses that are mirrors; the crop."""
    with open(os.path.join(folder, "parts.json")) as f:
        parts = json.load(f)
    shapes, mirrors = {}, {}
    for i, part in enumerate(parts["parts"]):
        shape = {"type": "ply", "filename": os.path.join(folder, part["file"])}
        shapes[f"part{i:02d}"] = {**shape, "bsdf": surface(part, folder)}
        mirror = part["lens"] and part["kind"] != LENS_EDGE
        mirrors[f"part{i:02d}"] = {**shape, "bsdf": {"type": "twosided", "b": {
            "type": "conductor", "material": "none", "specular_reflectance": {"type": "rgb", "value": part["reflect"]}}} if mirror else BLACK}
    return shapes, mirrors, parts["crop"]


def passing(path):
    """What one side of transparent acetate, which is plain, lets through."""
    with open(path, "rb") as f:
        data = f.read().split(b"end_header\n", 1)[1]
    return np.sqrt(0.25 + 0.75 * np.frombuffer(data[32:44], "<f4")).tolist()


def lights(folder, head, r):
    """Room and lamps."""
    mi.Bitmap(light.room(r)).write(os.path.join(folder, "room.exr"))
    out = {"sky": {"type": "envmap", "filename": os.path.join(folder, "room.exr"), "scale": float(r.uniform(0.5, 1.2))}}
    for k, (at, radius, radiance) in enumerate(light.lamps(r)):
        out[f"lamp{k}"] = {"type": "sphere", "center": [float(c) for c in at + head.middle], "radius": radius,
                           "emitter": {"type": "area", "radiance": {"type": "rgb", "value": radiance}}}
    return out


def skin_and_eyes(folder, body, head):
    colour = {"type": "mesh_attribute", "name": "vertex_color"}
    out = {"skin": {"type": "ply", "filename": write(folder, "skin", head.v, body.fine, head.n, head.colours),
                    "bsdf": {"type": "twosided", "b": {"type": "principled", "base_color": colour, "roughness": head.person["rough"], "specular": 0.4}}}}
    for k, (v, n, f, c, _) in enumerate(head.eyes):
        out[f"eye{k}"] = {"type": "ply", "filename": write(folder, f"eye{k}", v, f, n, c),
                          "bsdf": {"type": "principled", "base_color": colour, "roughness": 0.12, "specular": 0.5}}
    return {name: mi.load_dict(shape) for name, shape in out.items()}


def trace(shapes, integrator, scene, window, samples):
    """Renders a window (x0, y0, x1, y1) of the picture: all its channels."""
    w, h, (x0, y0, x1, y1) = scene["width"], scene["height"], window
    sensor = {
        "type": "perspective", "fov": float(np.degrees(2 * np.arctan(w / 2 / scene["focal"]))), "fov_axis": "x", "near_clip": 10, "far_clip": 1e5,
        "to_world": T().look_at(origin=[0, 0, 0], target=[0, 0, -1], up=[0, 1, 0]),
        "film": {"type": "hdrfilm", "width": w, "height": h, "crop_offset_x": x0, "crop_offset_y": y0, "crop_width": x1 - x0, "crop_height": y1 - y0,
                 "rfilter": {"type": "box"}},
        "sampler": {"type": "independent", "sample_count": samples},
    }
    out = mi.load_dict({"type": "scene", "integrator": integrator, "sensor": sensor, **shapes})
    return np.array(mi.render(out, seed=scene["plan"]["head"]))


def look(shapes, scene, window, samples):
    """Path-traces a window, without its noise. Light passes lenses to light the
    skin behind, which is why this is volpath."""
    path = {"type": "volpath", "max_depth": 6, "rr_depth": 4}
    p = trace(shapes, {"type": "aov", "aovs": "albedo:albedo,normal:sh_normal", "path": path}, scene, window, samples)
    p = np.nan_to_num(p.astype(np.float32), posinf=0, neginf=0)
    colour, albedo, normal = (np.ascontiguousarray(c) for c in (np.clip(p[..., :3], 0, 40), np.clip(p[..., -6:-3], 0, 1), np.clip(p[..., -3:], -1, 1)))
    return pyoidn.denoise(colour, albedo, normal, hdr=True)


def render(folders, body, head, samples):
    """frame.png and truth.png of the scenes of one head."""
    with open(os.path.join(folders[0], "scene.json")) as f:
        scene = json.load(f)
    w, h = scene["width"], scene["height"]
    r = np.random.default_rng((13, scene["plan"]["head"]))
    lit, bare = lights(folders[0], head, r), skin_and_eyes(folders[0], body, head)
    dark = {"dark": mi.load_dict({"type": "ply", "filename": os.path.join(folders[0], "skin.ply"), "bsdf": BLACK})}
    frame = look({**lit, **bare}, scene, (0, 0, w, h), max(samples * 2 // 3, 4))
    points = np.stack([w / 2 + scene["focal"] * head.marks[:, 0] / -head.marks[:, 2], h / 2 - scene["focal"] * head.marks[:, 1] / -head.marks[:, 2]], 1)
    (ax, ay), (bx, by) = np.maximum(points.min(0), 0).astype(int), points.max(0).astype(int)
    camera = light.Camera(r, frame, np.s_[ay:by, ax:bx])
    without = Image.fromarray(camera.develop(frame))
    for folder in folders:
        worn, mirrors, crop = product(folder)
        x0, y0, x1, y1 = window = (max(int(crop[0]) - 1, 0), max(int(crop[1]) - 1, 0), min(int(crop[0] + crop[2]) + 2, w), min(int(crop[1] + crop[3]) + 2, h))
        here = np.s_[y0:y1, x0:x1]
        truth = frame.copy()
        truth[here] = look({**lit, **bare, **worn}, scene, window, samples)
        glints = trace({**lit, **dark, **mirrors}, {"type": "path", "max_depth": 2, "hide_emitters": True}, scene, window, 8)
        truth[here] += np.nan_to_num(glints[..., :3])
        without.save(os.path.join(folder, "frame.png"))
        Image.fromarray(camera.develop(truth)).save(os.path.join(folder, "truth.png"))


def tidy(folder):
    for name in os.listdir(folder):
        if name.endswith((".ply", ".exr")) or name.startswith("part"):
            os.remove(os.path.join(folder, name))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("--pairs", required=True)
    ap.add_argument("--count", type=int, default=600)
    ap.add_argument("--samples", type=int, default=12)
    a = ap.parse_args()
    body, products = Body(), catalogue()
    folder = lambda i: os.path.join(a.out, f"{i:04d}")
    left = [k for k in range(a.count // WORN) if not all(os.path.exists(os.path.join(folder(i), "drawn.json")) for i in range(k * WORN, (k + 1) * WORN))]
    for k in range(0, len(left), BATCH):
        began, heads = time.time(), []
        for number in left[k:k + BATCH]:
            scenes = range(number * WORN, (number + 1) * WORN)
            head = Head(body, plan(scenes[0], products))
            heads.append((head, [folder(i) for i in scenes]))
            for i in scenes:
                describe(folder(i), plan(i, products), head)
        every = [f for _, folders in heads for f in folders]
        subprocess.run([a.pairs, "place", *every], check=True)
        for head, folders in heads:
            render(folders, body, head, a.samples)
        subprocess.run([a.pairs, "draw", *every], check=True)
        for f in every:
            tidy(f)
        print(f"{every[0]} to {every[-1]}: {(time.time() - began) / len(every):.1f} s each", flush=True)


if __name__ == "__main__":
    main()

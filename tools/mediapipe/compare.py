"""Compares `cheval perceive` with MediaPipe 0.10.14's own face mesh.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python compare.py CHEVAL FILE...        photos and clips

Runs FaceMesh(refine_landmarks=True) and cheval on the same files, in turn, and
prints a line a file:
  found      frames with a face: MediaPipe's and Cheval's, and of both
  landmarks  mean and worst frame of the mean distance between the two, in
             percent of the distance between the outer corners of the eyes
  yaw        mean and worst difference, degrees: Cheval's pose against the
             rotation that MediaPipe's landmarks have to the canonical face
             (weighted Procrustes, as its face geometry does it)
  ms         mean, median and least time of a tracked frame, both, and the
             ratios of means and medians
Times are of one process after the other on the same machine; nothing else
should run. MediaPipe is no dependency of Cheval.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import cv2
import mediapipe as mp
import numpy as np

PHOTOS = (".jpg", ".jpeg", ".png")


def frames_of(path):
    if path.lower().endswith(PHOTOS):
        yield cv2.imread(path)
        return
    clip = cv2.VideoCapture(path)
    while True:
        ok, image = clip.read()
        if not ok:
            return
        yield image


def mediapipe(path, faces):
    """Landmarks of each frame (None without a face) and times in ms."""
    still = path.lower().endswith(PHOTOS)
    out, times = [], []
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=still, max_num_faces=faces, refine_landmarks=True) as mesh:
        for image in frames_of(path):
            h, w = image.shape[:2]
            rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            start = time.perf_counter()
            found = mesh.process(rgb).multi_face_landmarks
            times.append(1000 * (time.perf_counter() - start))
            out.append([np.array([[p.x * w, p.y * h, p.z * w] for p in f.landmark]) for f in found or []])
    return out, times


def cheval(binary, path, faces):
    kind = "--photo" if path.lower().endswith(PHOTOS) else "--video"
    run = subprocess.run([binary, "perceive", kind, path, "--faces", str(faces), "--device", "cpu"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"cheval perceive {path}: {run.stderr.strip()}")
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return [l["faces"] for l in lines], [l["ms"] for l in lines]


def varint(b, i):
    n = shift = 0
    while True:
        n |= (b[i] & 127) << shift
        shift += 7
        i += 1
        if b[i - 1] < 128:
            return n, i


def fields(b):
    i = 0
    while i < len(b):
        tag, i = varint(b, i)
        if tag & 7 == 0:
            v, i = varint(b, i)
        elif tag & 7 == 5:
            v, i = np.frombuffer(b[i : i + 4], "<f4")[0], i + 4
        else:
            n, i = varint(b, i)
            v, i = b[i : i + n], i + n
        yield tag >> 3, v


def canonical(path):
    """The canonical face's vertices and the weights of its landmarks."""
    weights = np.zeros(468)
    for key, value in fields(open(path, "rb").read()):
        if key == 1:
            vertices = np.array([v for k, v in fields(value) if k == 3]).reshape(-1, 5)[:, :3]
        if key == 2:
            ref = dict(fields(value))
            weights[ref.get(1, 0)] = ref[2]
    return vertices, weights


def yaw_of(points, face):
    vertices, weights = face
    target = points[:468] * [1, -1, -1]
    w = weights[:, None] / weights.sum()
    a, b = vertices - (w * vertices).sum(0), target - (w * target).sum(0)
    u, _, vt = np.linalg.svd((w * a).T @ b)
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    r = (u @ flip @ vt).T
    return np.degrees(np.arctan2(r[0, 2], r[2, 2]))


def compare(binary, path, faces, face):
    theirs, their_ms = mediapipe(path, faces)
    ours, our_ms = cheval(binary, path, faces)
    errors, yaws, parts = [], [], []
    for t, o in zip(theirs, ours):
        if not t or not o:
            continue
        p = t[0]
        q = min((np.array(f["landmarks"]) for f in o), key=lambda q: np.linalg.norm(q[1, :2] - p[1, :2]))
        pose = next(f["pose"] for f in o if f["landmarks"][1] == list(q[1]))
        eyes = np.linalg.norm(p[33, :2] - p[263, :2])
        d = 100 * np.linalg.norm(p[:, :2] - q[:, :2], axis=1) / eyes
        errors.append(d.mean())
        parts.append([d[:468].mean(), d[468:].mean(), 100 * abs(p[:, 2] - q[:, 2]).mean() / eyes])
        yaws.append(abs(pose["yaw"] - yaw_of(p, face)))
    name = os.path.basename(path)
    n = len(theirs)
    line = f"{name:24} {n:4} frames, found {sum(map(bool, theirs))} / {sum(map(bool, ours))} / {len(errors)}"
    if errors:
        mesh, iris, z = np.mean(parts, 0)
        line += f" | landmarks {np.mean(errors):.2f} % worst {np.max(errors):.2f} (mesh {mesh:.2f} iris {iris:.2f} z {z:.2f}) | yaw {np.mean(yaws):.1f} worst {np.max(yaws):.1f}"
    if n > 10:
        total = [m["total"] for m in our_ms[3:]]
        a, b = (np.array([np.mean(t), np.median(t), min(t)]) for t in (their_ms[3:], total))
        line += f" | ms {a[0]:.2f} {a[1]:.2f} {a[2]:.2f} / {b[0]:.2f} {b[1]:.2f} {b[2]:.2f} = {b[0] / a[0]:.2f} {b[1] / a[1]:.2f}"
    print(line, flush=True)
    return len(theirs), len(ours)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("cheval")
    ap.add_argument("files", nargs="+")
    ap.add_argument("--faces", type=int, default=1)
    home = os.environ.get("CHEVAL_HOME") or os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "cheval")
    ap.add_argument("--geometry", default=os.path.join(home, "models", "face_geometry.binarypb"))
    args = ap.parse_args()
    face = canonical(args.geometry)
    for path in args.files:
        compare(args.cheval, path, args.faces, face)


if __name__ == "__main__":
    main()

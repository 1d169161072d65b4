"""Checks `cheval studio anchors` against path-traced photos (render.py).

    python check.py FOLDER CHEVAL [--only SUBSTRING]

Runs the real command on every photo, with the notation and nothing else, and
prints a line for each: the overlap (IoU) of both lens openings with the truth,
how many millimetres the opening's and the front's width are off, and what the
command says is doubtful. Then the sums, apart for the photos that were looked
at while developing and those that were held back. "alone" counts the frames
that became wearable without a hand and without a doubt.
"""
import argparse
import json
import os
import subprocess

import cv2
import numpy as np


def overlap(a, b, size):
    mask = [np.zeros((size[1], size[0]), np.uint8) for _ in range(2)]
    for m, points in zip(mask, (a, b)):
        cv2.fillPoly(m, [np.round(np.array(points) * 16 - 8).astype(np.int32)], 1, shift=4)
    return (mask[0] & mask[1]).sum() / max((mask[0] | mask[1]).sum(), 1)


def one(t, folder, cheval):
    photo = os.path.join(folder, t["name"] + ".jpg")
    run = subprocess.run([cheval, "studio", "anchors", photo, "--notation", t["notation"], "--json"], capture_output=True, text=True)
    if run.returncode:
        return dict(iou=0.0, lens=None, front=None, doubts=["failed"], product=None, find=0, said=run.stderr.strip())
    got = json.loads(run.stdout)
    iou = min(overlap(g, o, (t["width"], t["height"])) for g, o in zip(got["outlines"], t["outlines"]))
    return dict(iou=iou, lens=got["measured"]["opening"] - (t["lens_width"] - 2 * t["groove"]), front=got["measured"]["front_width"] - t["front_width"],
                doubts=[p["what"] for p in got["problems"]], product=got["product"], find=got["ms"]["find"], said="")


def total(name, rows):
    if not rows:
        return
    ious = np.array([r["iou"] for r in rows])
    lens = np.array([abs(r["lens"]) if r["lens"] is not None else 99 for r in rows])
    front = np.array([abs(r["front"]) if r["front"] is not None else 99 for r in rows])
    alone = sum(r["product"] is not None and not r["doubts"] for r in rows)
    good = sum(i >= 0.95 and l <= 1 for i, l in zip(ious, lens))
    wrong = sum(i < 0.95 and not r["doubts"] for i, r in zip(ious, rows))
    print(f"{name}: {len(rows)} photos, IoU median {np.median(ious):.3f} mean {ious.mean():.3f} least {ious.min():.3f}, "
          f"{(ious >= 0.95).sum()} at 0.95 or better; lens width median {np.median(lens):.2f} mm off, {(lens <= 1).sum()} within 1 mm; "
          f"front width median {np.median(front):.2f} mm off, {(front <= 2).sum()} within 2 mm; both lens limits {good}; "
          f"alone {alone}; below 0.95 without a doubt {wrong}; find median {np.median([r['find'] for r in rows]):.0f} ms")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder")
    ap.add_argument("cheval")
    ap.add_argument("--only", default="")
    args = ap.parse_args()
    rows = []
    for t in sorted(json.load(open(os.path.join(args.folder, "truth.json"))), key=lambda t: t["name"]):
        if args.only not in t["name"]:
            continue
        r = one(t, args.folder, args.cheval)
        r.update(held=t["held"], pose=t["pose"], material=t["material"], half=t["half_rim"], clear=t["lens"]["name"] == "clear")
        rows.append(r)
        off = lambda x: "     -" if x is None else f"{x:+6.2f}"
        print(f"{t['name']:55s} IoU {r['iou']:.3f} lens {off(r['lens'])} front {off(r['front'])} {' '.join(r['doubts'])} {r['said']}", flush=True)
    total("developed on", [r for r in rows if not r["held"]])
    total("held back", [r for r in rows if r["held"]])
    total("all", rows)
    for name, pick in (("standing open", lambda r: r["pose"] == "open"), ("folded", lambda r: r["pose"] != "open"), ("clear lenses", lambda r: r["clear"]),
                       ("tinted or mirrored", lambda r: not r["clear"]), ("metal", lambda r: r["material"] == "metal"), ("acetate", lambda r: r["material"] == "acetate"), ("half rim", lambda r: r["half"])):
        total(name, [r for r in rows if pick(r)])


if __name__ == "__main__":
    main()

"""Compares Cheval's millimetres with the truth of render.py's heads.

    python check.py RENDERS CHEVAL_BINARY

Prints a line a picture and the errors' summary, bare and with the card.
"""
import json
import os
import subprocess
import sys


def main():
    folder, cheval = sys.argv[1:3]
    errors = {"bare": [], "card": []}
    refused = {"bare": 0, "card": 0}
    for t in json.load(open(os.path.join(folder, "truth.json"))):
        kind = "card" if t["card"] else "bare"
        run = subprocess.run([cheval, "perceive", "--photo", os.path.join(folder, t["name"] + ".png")], capture_output=True, text=True)
        faces = json.loads(run.stdout)["faces"] if run.returncode == 0 else []
        if not faces or faces[0]["pd_mm"] is None:
            refused[kind] += 1
            print(f"{t['name']:24} refused: {faces[0]['why'] if faces else run.stderr.strip() or 'no face'}")
            continue
        f = faces[0]
        error = f["pd_mm"] - t["pd_near_mm"]
        errors[kind].append((error, f["pd_error_mm"]))
        print(f"{t['name']:24} pd {f['pd_mm']:.1f} truth {t['pd_near_mm']:.1f} error {error:+.2f} stated ±{f['pd_error_mm']:.1f}  yaw {f['pose']['yaw']:+.1f} truth {t['yaw']:+d}")
    for kind, e in errors.items():
        if e:
            worst = max(abs(x) for x, _ in e)
            rms = (sum(x * x for x, _ in e) / len(e)) ** 0.5
            inside = sum(abs(x) <= s for x, s in e)
            print(f"{kind}: {len(e)} measured, {refused[kind]} refused, rms {rms:.2f} mm, worst {worst:.2f} mm, {inside} inside the stated interval")


if __name__ == "__main__":
    main()

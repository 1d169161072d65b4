"""What ISNet says in onnxruntime's own Python package.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt   (Python 3.11)
    VENV/bin/python reference.py isnet.onnx mask PHOTO MASK.png
    VENV/bin/python reference.py isnet.onnx iou FOLDER_OF_PHOTOS FOLDER_OF_MASKS [N]

isnet.onnx is the model that `cheval models install` leaves in the data folder.
mask writes the network's answer at the photo's size. iou compares the masks
NAME.png (alpha or grey) with what the network says here and prints the
intersection over union at one half. Input is (x-128)/256, RGB, 1024x1024,
scaled bilinearly with antialiasing; the session has the package's defaults.
Nothing of this is part of the product.
"""
import os
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def answer(session, path):
    photo = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    x = np.asarray(photo.resize((1024, 1024), Image.BILINEAR), np.float32)
    x = ((x - 128) / 256).transpose(2, 0, 1)[None]
    y = session.run(["output"], {"input": x})[0][0, 0]
    mask = Image.fromarray((y.clip(0, 1) * 255 + 0.5).astype(np.uint8))
    return mask.resize(photo.size, Image.BILINEAR)


def main():
    session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
    if sys.argv[2] == "mask":
        answer(session, sys.argv[3]).save(sys.argv[4])
        return
    photos, masks = sys.argv[3], sys.argv[4]
    ious = []
    for name in sorted(os.listdir(masks))[: int(sys.argv[5]) if len(sys.argv) > 5 else None]:
        stem = os.path.splitext(name)[0]
        photo = next(os.path.join(photos, f) for f in os.listdir(photos) if os.path.splitext(f)[0] == stem)
        want = np.asarray(answer(session, photo)) > 127
        mask = Image.open(os.path.join(masks, name))
        got = np.asarray(mask.getchannel("A") if "A" in mask.getbands() else mask.convert("L")) > 127
        union = (want | got).sum()
        ious.append((want & got).sum() / union if union else 1.0)
        print(f"{ious[-1]:.4f} {name}", flush=True)
    print(f"least {min(ious):.4f}, mean {np.mean(ious):.4f} of {len(ious)}")


main()

"""From checkpoints to ONNX, and the designer's tables that Go reads.

  python -m cheval_training.export encoder  --cache DIR --renders DIR --out DIR --weights DIR
  python -m cheval_training.export designer --cache DIR --out DIR --encoder DIR --vae DIR --weights DIR

Every network takes one picture at a time, its shapes are static, its numbers
float32. Cards (NAME.json, NAME.md) are written by evaluate.py.
"""
import argparse
import io
import os
import sys

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper

from . import colour, metrics, planes, run
from .dataset import CLASSES, Products, whites
from .encoder import EDGE, embed_all
from .encoder import load as load_encoder
from .networks import ASKED, NOISE, STYLE, Drawer, Judge, Mapper, Reader
from .products import CATEGORIES, SIZE


def to_onnx(net, examples, inputs, outputs, path, open_axes=None):
    """Writes net as ONNX and checks it; raises where a weight is no number.
    open_axes names the dimensions that stay open, by tensor."""
    buffer = io.BytesIO()
    torch.onnx.export(net.eval(), examples, buffer, input_names=inputs, output_names=outputs,
                      opset_version=13, do_constant_folding=True, dynamic_axes=open_axes)
    model = onnx.load_from_string(buffer.getvalue())
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype.kind == "f" and not np.isfinite(value).all():
            raise SystemExit(f"export: {path}: {tensor.name} holds a NaN or an infinity; nothing was written")
    onnx.checker.check_model(model)
    run.write_whole(path, lambda f: f.write(model.SerializeToString()))
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB")


class Named(nn.Module):
    """The encoder as the product runs it: the embedding, and probabilities."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, picture):
        embedding, logits = self.net(picture)
        return embedding, torch.softmax(logits, 1)


def encoder(a):
    net = load_encoder(a.out)
    to_onnx(Named(net), torch.zeros(1, 3, EDGE, EDGE), ["picture"], ["embedding", "classes"],
            os.path.join(a.weights, "encoder.onnx"))
    run.write_json(os.path.join(a.weights, "encoder.labels.json"), {"classes": list(CLASSES), "edge": EDGE})
    run.note(a.weights, "encoder", training={"commit": run.commit(), **run.stage_of(a.out)})


class Means(nn.Module):
    """A Reader without the variance."""

    def __init__(self, reader):
        super().__init__()
        self.reader = reader

    def forward(self, planes):
        return self.reader.out(self.reader.body(planes))[:, :STYLE]


class Baseline(nn.Module):
    """The variational autoencoder's drawing half."""

    def __init__(self, mapper, drawer):
        super().__init__()
        self.mapper, self.drawer = mapper, drawer

    def forward(self, noise, asked):
        w = self.mapper(noise, asked)
        return self.drawer(w, w)


def load_designer(state):
    """Reader, mapper, drawer of a draw checkpoint's state."""
    nets = {"mean_reader": Reader(), "mean_mapper": Mapper(), "mean_drawer": Drawer()}
    for name, net in nets.items():
        net.load_state_dict(state[name])
        net.eval()
    return tuple(nets.values())


def designer(a):
    state = torch.load(os.path.join(a.out, "draw", "checkpoint.pt"), map_location="cpu")
    judge = Judge()
    judge.load_state_dict(state["judge"])
    if a.step:
        state = torch.load(os.path.join(a.out, "draw", f"at_{a.step:06d}.pt"), map_location="cpu")
    reader, mapper, drawer = load_designer(state)
    picture, w, c = torch.zeros(1, 4, SIZE, SIZE), torch.zeros(1, STYLE), torch.zeros(1, ASKED)

    def path(name):
        return os.path.join(a.weights, name)
    to_onnx(mapper, (torch.zeros(1, NOISE), c), ["noise", "asked"], ["style"], path("designer_map.onnx"))
    to_onnx(drawer, (w, w), ["coarse", "fine"], ["planes"], path("designer_draw.onnx"))
    to_onnx(Means(reader), picture, ["planes"], ["style"], path("designer_read.onnx"))
    to_onnx(judge, (picture, c), ["planes", "asked"], ["score"], path("designer_judge.onnx"))
    if a.vae:
        state = torch.load(os.path.join(a.vae, "checkpoint.pt"), map_location="cpu")
        mapper, drawer = Mapper(STYLE), Drawer()
        mapper.load_state_dict(state["mean_mapper"])
        drawer.load_state_dict(state["mean_drawer"])
        to_onnx(Baseline(mapper, drawer), (w, c), ["noise", "asked"], ["planes"], a.baseline)
    tables(a, judge)
    remembered(a, Means(reader).eval())


def tables(a, judge):
    """designer.tables.json: what may be asked for, the colours that products of
    each category have, the copy limit, what scores photos get; and
    designer.seen.bin: the training pictures' embeddings, int8, 127 is 1."""
    seen, held = Products(a.cache, "train"), Products(a.cache, "validation")
    net = load_encoder(a.encoder)
    embeddings, _ = embed_all(net, whites(seen, np.arange(len(seen))))
    held_embeddings, held_logits = embed_all(net, whites(held, np.arange(len(held))))
    whole = np.clip(np.round(embeddings * 127), -127, 127).astype(np.int8)
    run.write_whole(os.path.join(a.weights, "designer.seen.bin"), lambda f: f.write(whole.tobytes()))
    palette = {c: {} for c in CATEGORIES}
    for item in seen.items:
        lab = [round(v) for v in item["lab"]]
        if colour.name_of(lab) == item["colour"]:
            palette[item["category"]].setdefault(item["colour"], []).append(lab)
    run.write_json(os.path.join(a.weights, "designer.tables.json"), {
        "categories": list(CATEGORIES), "colours": list(colour.NAMES), "palette": palette,
        "copy_limit": metrics.copy_limit(embeddings),
        "judge": [float(v) for v in np.percentile(judge_scores(judge, held), (5, 25, 50, 75, 95))],
        "seen": [item["photo"] for item in seen.items],
    })


def remembered(a, reader):
    """designer.seen.styles.bin: the style and the dominant L*a*b* of every
    training picture, by which the designer draws it as it remembers it (the
    pictures do not ship). bfloat16, the upper half of a float32, little-endian."""
    seen = Products(a.cache, "train")
    records = []
    with torch.no_grad():
        for i in range(0, len(seen), 32):
            index = np.arange(i, min(i + 32, len(seen)))
            records.append(np.concatenate([reader(planes.of_products(seen, index)).numpy(), seen.lab[index]], 1))
    bits = np.concatenate(records).astype("<f4").view("<u4")
    half = ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16).astype("<u2")
    run.write_whole(os.path.join(a.weights, "designer.seen.styles.bin"), lambda f: f.write(half.tobytes()))


def judge_scores(judge, products):
    """The discriminator's scores of real products."""
    from .networks import asked
    scores = []
    with torch.no_grad():
        for i in range(0, len(products), 32):
            index = np.arange(i, min(i + 32, len(products)))
            c = asked(torch.from_numpy(products.category[index]), torch.from_numpy(products.lab[index]))
            scores.append(judge(planes.of_products(products, index), c))
    return torch.cat(scores).numpy()


def main(argv):
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("what", choices=("encoder", "designer"))
    p.add_argument("--cache", required=True)
    p.add_argument("--renders", default="")
    p.add_argument("--out", required=True)
    p.add_argument("--encoder", default="")
    p.add_argument("--vae", default="", help="folder of the baseline that is to be exported")
    p.add_argument("--baseline", default="", help="where its ONNX goes")
    p.add_argument("--step", type=int, default=0, help="of draw; 0: the last")
    p.add_argument("--weights", required=True)
    a = p.parse_args(argv)
    os.makedirs(a.weights, exist_ok=True)
    {"encoder": encoder, "designer": designer}[a.what](a)


if __name__ == "__main__":
    main(sys.argv[1:])

"""ISNet, the studio's cut-out network, run by PyTorch in bfloat16.

The installed file wants 1024x1024 and float16. For masks of thousands of
photos on a small machine it runs here at a smaller square and in bfloat16,
which costs a fifth; IoU with the full-size masks stands in docs/training.md.
"""
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

FULL = 1024  # the edge that the file's sizes are made for


class ISNet:
    """Runs the graph of ONNX file path for square inputs of edge pixels."""

    def __init__(self, path, edge, dtype=torch.bfloat16):
        graph = onnx.load(path).graph
        self.dtype, self.edge = dtype, edge
        self._alias = {n.output[0]: n.input[0] for n in graph.node if n.op_type == "Cast"}
        self._made = {out: n for n in graph.node for out in n.output}
        self._weights = {}
        for tensor in graph.initializer:
            w = torch.from_numpy(numpy_helper.to_array(tensor).copy()).to(dtype)
            if w.dim() == 4:
                w = w.contiguous(memory_format=torch.channels_last)
            self._weights[tensor.name] = w
        self._input = self._root(graph.input[0].name)
        self._output = self._root(graph.output[0].name)
        self._plan = self._needed(graph)
        self._uses = {}
        for node in self._plan:
            for name in self._inputs(node):
                self._uses[name] = self._uses.get(name, 0) + 1

    def __call__(self, x):
        """x: float (n, 3, edge, edge) as (rgb-128)/256; gives (n, edge, edge) in 0 to 1."""
        values = {self._root(self._input): x.to(self.dtype).contiguous(memory_format=torch.channels_last)}
        left = dict(self._uses)
        with torch.no_grad():
            for node in self._plan:
                names = self._inputs(node)
                values[node.output[0]] = self._do(node, [values[n] for n in names])
                for name in names:
                    left[name] -= 1
                    if left[name] == 0:
                        del values[name]
        return values[self._output][:, 0].float()

    def _root(self, name):
        while name in self._alias:
            name = self._alias[name]
        return name

    def _inputs(self, node):
        """The names of a node's pictures: no weights, no sizes."""
        names = node.input if node.op_type in ("Concat", "Add") else node.input[:1]
        return [self._root(n) for n in names]

    def _needed(self, graph):
        """The nodes that the first output stands on, in the file's order."""
        wanted, stack = set(), [self._output]
        while stack:
            node = self._made.get(stack.pop())
            if node is None or node.output[0] in wanted:
                continue
            wanted.add(node.output[0])
            stack += self._inputs(node)
        return [n for n in graph.node if n.output[0] in wanted]

    def _do(self, node, x):
        kind = node.op_type
        if kind == "Conv":
            a = {a.name: list(a.ints) or a.i for a in node.attribute}
            return F.conv2d(x[0], self._weights[node.input[1]], self._weights[node.input[2]],
                            a.get("strides", 1), a["pads"][:2], a.get("dilations", 1))
        if kind == "Relu":
            return F.relu(x[0])
        if kind == "MaxPool":
            return F.max_pool2d(x[0], 2, 2, ceil_mode=True)
        if kind == "Concat":
            return torch.cat(x, 1)
        if kind == "Add":
            return x[0] + x[1]
        if kind == "Sigmoid":
            return torch.sigmoid(x[0].float())
        if kind == "Resize":
            return F.interpolate(x[0], size=self._size(node), mode="bilinear", align_corners=False)
        raise ValueError(f"isnet: the file has a {kind}, which ISNet has not: is it another network?")

    def _size(self, node):
        """The size that a Resize is asked for, scaled from FULL to edge."""
        sizes = []
        for name in self._made[self._root(node.input[3])].input:
            made = self._made.get(self._root(name))
            if made is not None and made.op_type == "Constant":
                sizes += numpy_helper.to_array(made.attribute[0].t).reshape(-1).tolist()
        return [s * self.edge // FULL for s in sizes[-2:]]

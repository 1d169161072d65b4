"""Products as planes and back, and what may be done to planes at random."""
import numpy as np
import torch

from . import colour
from .dataset import warp
from .networks import SCALE


def of_products(products, index):
    """Planes of these products as a tensor."""
    rgba = products.rgba[index]
    alpha = rgba[..., 3:].astype(np.float32) / 255
    lab = colour.to_lab(rgba[..., :3]).astype(np.float32)
    offset = (lab - products.lab[index][:, None, None]) / SCALE * alpha
    return torch.from_numpy(np.concatenate([offset, 2 * alpha - 1], -1).transpose(0, 3, 1, 2).copy())


def to_rgba(planes, lab):
    """uint8 RGBA of planes (array n x 4 x h x w) whose dominant colour is to be
    lab (n x 3): the median offset of the product's pixels is taken off first."""
    out = []
    for p, target in zip(np.asarray(planes, np.float64), np.asarray(lab, np.float64)):
        alpha = np.clip((p[3] + 1) / 2, 0, 1)
        offset = (p[:3] / np.maximum(alpha, 0.05)).transpose(1, 2, 0) * SCALE
        inside = alpha >= 0.5
        if inside.any():
            offset = offset - np.median(offset[inside], 0)
        rgb = from_lab(offset + target)
        rgba = np.dstack([np.where(alpha[..., None] > 0.02, rgb, 1), alpha])
        out.append((rgba * 255 + 0.5).astype(np.uint8))
    return np.stack(out)


def from_lab(lab):
    """L*a*b* to sRGB in 0 to 1, what lies outside brought to the border."""
    fy = (lab[..., 0] + 16) / 116
    f = np.stack([fy + lab[..., 1] / 500, fy, fy - lab[..., 2] / 200], -1)
    t = np.where(f > 6 / 29, f ** 3, (116 * f - 16) * 27 / 24389) * colour._WHITE
    linear = np.clip(t @ np.linalg.inv(colour._TO_XYZ).T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


EMPTY = torch.tensor([0.0, 0, 0, -1]).view(1, 4, 1, 1)


def vary(planes, rng):
    """A photo taken a little otherwise: mirrored, turned, larger or smaller."""
    return warp(planes - EMPTY, rng, planes.shape[-1], turn=3, zoom=(0.95, 1.03), shift=0.01, fill=0.0) + EMPTY


def confuse(planes, rng):
    """The same differentiable changes to real and drawn planes before the judge
    sees them (DiffAugment, Zhao et al. 2020: contrast, translation, cutout)."""
    n, _, h, w = planes.shape
    gain = torch.from_numpy(rng.uniform(0.7, 1.3, (n, 1, 1, 1)).astype(np.float32))
    x = torch.cat([planes[:, :3] * gain, planes[:, 3:]], 1)
    x = warp(x - EMPTY, rng, h, turn=4, zoom=(0.9, 1.1), shift=0.06, fill=0.0)
    hole = torch.ones(n, 1, h, w)
    for i in range(n):
        if rng.random() < 0.5:
            top, left = rng.integers(0, h - h // 4), rng.integers(0, w - w // 4)
            hole[i, :, top:top + h // 4, left:left + w // 4] = 0
    return x * hole + EMPTY

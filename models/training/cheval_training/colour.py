"""The colour of a product: CIE L*a*b* (D65) and the rule that names it.

The dominant colour of a picture is the median of L*, of a* and of b* over the
product's pixels (alpha at least one half; where there is no alpha, the pixels
that are not white, see product_mask). name_of gives its word. studio/generate
states the same rule in Go; a golden holds the two together.
"""
import numpy as np

NAMES = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue",
         "purple", "pink", "brown", "beige")

_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375],
                    [0.2126729, 0.7151522, 0.0721750],
                    [0.0193339, 0.1191920, 0.9503041]])
_WHITE = np.array([0.95047, 1.0, 1.08883])


def to_lab(rgb):
    """sRGB as uint8 or as float in 0 to 1, any shape ending in 3, to L*a*b*."""
    v = np.asarray(rgb)
    v = v.astype(np.float64) / 255 if v.dtype == np.uint8 else v.astype(np.float64)
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]),
                     200 * (f[..., 1] - f[..., 2])], -1)


def product_mask(picture):
    """Which pixels of a uint8 picture (RGB on white, or RGBA) are the product."""
    if picture.shape[-1] == 4:
        return picture[..., 3] >= 128
    return picture.min(-1) < 245


def dominant(picture):
    """The median L*, a*, b* over the product's pixels."""
    pixels = picture[product_mask(picture)][:, :3]
    if len(pixels) == 0:
        return np.array([100.0, 0.0, 0.0])
    return np.median(to_lab(pixels), 0)


def name_of(lab):
    """The word of NAMES for one L*a*b* colour."""
    lightness, a, b = (float(v) for v in lab)
    chroma = np.hypot(a, b)
    hue = np.degrees(np.arctan2(b, a)) % 360
    if chroma < 8 or (lightness < 22 and chroma < 16):
        return "black" if lightness < 30 else "grey" if lightness < 75 else "white"
    if hue >= 338 or hue < 48:
        return _reddish(lightness, chroma, hue)
    if hue < 112:
        return _yellowish(lightness, chroma, hue)
    if hue < 195:
        return "green"
    if hue < 312:
        return "blue"
    return "purple"


def _reddish(lightness, chroma, hue):
    if lightness >= 62 or (hue >= 338 and lightness >= 45):
        return "pink"
    if hue >= 338 and lightness < 30:
        return "purple"
    if 20 <= hue < 48 and lightness < 50 and chroma < 25:
        return "brown"
    return "red"


def _yellowish(lightness, chroma, hue):
    if chroma < 32 and lightness >= 62:
        return "beige"
    if hue < 92 and lightness < 58 and chroma < 60:
        return "brown"
    if hue >= 95 and lightness < 58:
        return "green"
    return "orange" if hue < 75 else "yellow"

"""Rooms, lamps and cameras of the truth's scenes."""
import cv2
import numpy as np


def room(r):
    """An environment 128x64: ceiling to floor, windows, walls of some colour,
    and things that stand about. Rows from the zenith down."""
    h, w = 64, 128
    warm = np.array([1, r.uniform(0.86, 1.02), r.uniform(0.7, 1.1)])
    img = np.linspace(r.uniform(0.6, 1.3), r.uniform(0.12, 0.45), h)[:, None, None] * np.ones((h, w, 1)) * warm
    for _ in range(r.integers(6, 16)):  # furniture, shelves, people
        x, y, dx, dy = r.integers(0, w), r.integers(22, 52), r.integers(3, 22), r.integers(3, 22)
        img[y:y + dy, np.arange(x, x + dx) % w] *= r.uniform(0.25, 1.5) * r.uniform(0.75, 1.25, 3)
    for _ in range(r.integers(0, 4)):  # windows and panels
        x, y, dx, dy = r.integers(0, w), r.integers(4, 30), r.integers(4, 20), r.integers(4, 16)
        img[y:y + dy, np.arange(x, x + dx) % w] = r.uniform(3, 9) * np.array([1, r.uniform(0.9, 1), r.uniform(0.8, 1.1)])
    return cv2.GaussianBlur(img.astype(np.float32), (3, 3), r.uniform(0.6, 1.2))


def lamps(r):
    """Up to two spheres that light the head at the origin: (middle, radius,
    radiance), camera space about the head."""
    out = []
    for k in range(r.choice([0, 1, 1, 1, 2])):
        az, el, far = np.radians(r.uniform(-75, 75)), np.radians(r.uniform(-8, 70)), r.uniform(900, 2200)
        at = far * np.array([np.sin(az) * np.cos(el), np.sin(el), np.cos(az) * np.cos(el)])
        radius = r.uniform(110, 380)
        strength = r.uniform(0.5, 3.0) * (0.5 if k else 1) * (far / radius) ** 2 / np.pi
        out.append((at.tolist(), float(radius), (strength * np.array([1, r.uniform(0.86, 1.0), r.uniform(0.68, 1.05)])).tolist()))
    return out


class Camera:
    """Exposure, balance and curve, found on the picture without the product."""

    def __init__(self, r, frame, face):
        bright = np.percentile(frame[face].max(1), 80)
        self.gain = r.uniform(0.42, 0.75) / max(bright, 1e-3)
        grey = frame.reshape(-1, 3).mean(0)
        balance = (grey.mean() / np.maximum(grey, 1e-3)) ** r.uniform(0.2, 0.6)
        self.colour = np.clip(balance, 0.7, 1.4) * r.uniform(0.96, 1.04, 3)
        self.blur = r.uniform(0.3, 0.8)
        self.noise = r.uniform(0.5, 2.4)
        self.seed = int(r.integers(1 << 30))

    def develop(self, picture):
        """Linear light to sRGB bytes; the same grain for each picture of a scene."""
        p = np.maximum(picture, 0) * self.gain * self.colour
        p = p / (1 + np.maximum(p - 0.6, 0) * 0.6)
        p = np.where(p <= 0.0031308, 12.92 * p, 1.055 * np.maximum(p, 1e-6) ** (1 / 2.4) - 0.055)
        p = cv2.GaussianBlur((p * 255).astype(np.float32), (0, 0), self.blur)
        r = np.random.default_rng(self.seed)
        grain = r.normal(0, self.noise, p.shape[:2])[..., None] * 0.8 + r.normal(0, self.noise * 0.5, p.shape)
        return np.clip(p + cv2.GaussianBlur(grain, (0, 0), 0.5) * 1.6 + 0.5, 0, 255).astype(np.uint8)

"""The designer's networks.

Pictures are planes, (n, 4, 128, 128): L*, a*, b* less the product's dominant
colour, over SCALE, times alpha; and alpha from -1 to 1. So shape, folds and
pattern are learned apart from colour, and a picture takes any colour without
losing its shading.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import spectral_norm

from .products import CATEGORIES

SCALE = 40.0     # L*a*b* units that are 1 in a plane
NOISE = 64       # numbers that a design starts from
STYLE = 128      # numbers that describe a design
ASKED = len(CATEGORIES) + 3  # category (one of n) and dominant L*a*b*


def asked(category, lab):
    """What is asked for, as the networks take it: (n, ASKED)."""
    one = F.one_hot(category, len(CATEGORIES)).float()
    return torch.cat([one, (lab - lab.new_tensor([50.0, 0, 0])) / SCALE], 1)


class Mapper(nn.Module):
    """Noise and what is asked for to a style: (n, NOISE), (n, ASKED) to (n, STYLE)."""

    def __init__(self, noise=NOISE):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(noise + ASKED, 256), nn.LeakyReLU(0.2), nn.Linear(256, 256),
                                 nn.LeakyReLU(0.2), nn.Linear(256, 256), nn.LeakyReLU(0.2), nn.Linear(256, STYLE))

    def forward(self, z, c):
        return self.net(torch.cat([z, c], 1))


class Styled(nn.Module):
    """A 3x3 convolution whose output the style scales and shifts."""

    def __init__(self, i, o, up):
        super().__init__()
        self.up = up
        self.conv = nn.Conv2d(i, o, 3, 1, 1)
        self.style = nn.Linear(STYLE, 2 * o)

    def forward(self, x, w):
        if self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = self.conv(x)
        x = x * torch.rsqrt((x * x).mean(1, keepdim=True) + 1e-6)
        scale, shift = self.style(w)[:, :, None, None].chunk(2, 1)
        return F.leaky_relu(x * (1 + scale) + shift, 0.2)


class Drawer(nn.Module):
    """Styles to planes. The first style rules the form (up to 16x16), the
    second what is finer, so that two designs can be mixed."""

    def __init__(self):
        super().__init__()
        self.begin = nn.Linear(STYLE, 192 * 16)
        self.coarse = nn.ModuleList([Styled(192, 192, False), Styled(192, 192, True), Styled(192, 128, True)])
        self.fine = nn.ModuleList([Styled(128, 64, True), Styled(64, 48, True), Styled(48, 48, False)])
        self.end = nn.Conv2d(48, 16, 3, 1, 1)

    def forward(self, coarse, fine):
        x = self.begin(coarse).view(-1, 192, 4, 4)
        for layer in self.coarse:
            x = layer(x, coarse)
        for layer in self.fine:
            x = layer(x, fine)
        x = F.pixel_shuffle(self.end(x).float(), 2)
        alpha = within(x[:, 3:])
        return torch.cat([x[:, :3] * (alpha + 1) / 2, alpha], 1)


def within(x):
    """Clamps to -1 to 1 but for a twentieth of what is beyond, so that a pixel
    that is wrong for sure can still be learned (tanh left the Drawer with empty
    pictures from the first fifty steps on)."""
    inside = x.clamp(-1, 1)
    return inside + 0.05 * (x - inside)


def trunk():
    """Planes to (n, 192 * 16): what Reader and Judge have in common."""
    def conv(i, o, stride=1):
        return [nn.Conv2d(i, o, 4 if stride == 2 else 3, stride, 1), nn.LeakyReLU(0.2)]
    return nn.Sequential(nn.PixelUnshuffle(2), *conv(16, 32), *conv(32, 64, 2), *conv(64, 64), *conv(64, 128, 2),
                         *conv(128, 128), *conv(128, 192, 2), *conv(192, 192, 2), nn.Flatten())


class Reader(nn.Module):
    """Planes to the style that draws them again: mean and log variance."""

    def __init__(self, width=STYLE):
        super().__init__()
        self.body = trunk()
        self.out = nn.Linear(192 * 16, 2 * width)

    def forward(self, x):
        mean, log_var = self.out(self.body(x)).float().chunk(2, 1)
        return mean, log_var.clamp(-12, 4)


class Judge(nn.Module):
    """How photographed, and how much as asked, planes look: (n,). Its slope is
    held down by adversary.slope, not by spectral norms: those passed so little
    on through eight layers that folds were never told from flat paint."""

    def __init__(self):
        super().__init__()
        self.body = trunk()
        self.look = nn.Linear(192 * 16, 128)
        self.score = nn.Linear(128, 1)
        self.fit = nn.Linear(ASKED, 128)
        for m in self.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(m.weight, 0.2)

    def forward(self, x, c):
        y = F.leaky_relu(self.look(self.body(x)), 0.2).float()
        return self.score(y)[:, 0] + (y * self.fit(c)).sum(1) / 128 ** 0.5

    def features(self, x):
        """What the layers at 64, 32 and 16 pixels see."""
        seen = []
        for i, layer in enumerate(self.body[:11]):
            x = layer(x)
            if i in (2, 6, 10):
                seen.append(x.float())
        return seen


class StyleJudge(nn.Module):
    """Whether a style could be a real product's: (n,)."""

    def __init__(self):
        super().__init__()
        def layer(i):
            return [spectral_norm(nn.Linear(i, 256)), nn.LeakyReLU(0.2)]
        self.net = nn.Sequential(*layer(STYLE + ASKED), *layer(256), *layer(256), nn.Linear(256, 1))

    def forward(self, w, c):
        return self.net(torch.cat([w, c], 1))[:, 0]


def parameters_of(*modules):
    return sum(p.numel() for m in modules for p in m.parameters())

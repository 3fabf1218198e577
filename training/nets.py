"""The two networks, in PyTorch. Plain convolutions only: small, quick on a processor, and the same in ONNX."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from imgscan.mark_reader.alphabet import ALPHABET, KINDS


def _conv(into: int, out: int, stride: int | tuple[int, int] = 1, kernel: int | tuple[int, int] = 3) -> nn.Sequential:
    padding = tuple(k // 2 for k in ((kernel, kernel) if isinstance(kernel, int) else kernel))
    return nn.Sequential(
        nn.Conv2d(into, out, kernel, stride, padding, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, channels: int, kernel: int | tuple[int, int] = 3) -> None:
        super().__init__()
        self.body = _conv(channels, channels, kernel=kernel)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Reader(nn.Module):
    """N x 3 x 32 x W -> text logits N x W/4 x (1 + alphabet), kind logits N x kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            _conv(3, 24, 2),
            _conv(24, 40, 2),
            _Residual(40),
            _Residual(40),
            _conv(40, 80, (2, 1)),
            _Residual(80),
            _Residual(80),
            _conv(80, 128, (2, 1)),
            _Residual(128),
            nn.Conv2d(128, 160, (2, 1), bias=False),
            nn.BatchNorm2d(160),
            nn.ReLU(inplace=True),
            _Residual(160, (1, 5)),
            _Residual(160, (1, 5)),
        )
        self.drop = nn.Dropout(0.1)
        self.text = nn.Linear(160, 1 + len(ALPHABET))
        self.look = nn.Linear(160, 4)
        self.kind = nn.Sequential(
            nn.Linear(160 * 5, 128), nn.ReLU(inplace=True), nn.Dropout(0.1), nn.Linear(128, len(KINDS))
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Text and kind."""
        steps = self.drop(self.trunk(x).squeeze(2).transpose(1, 2))  # N x T x 160
        share = torch.softmax(self.look(steps), dim=1)  # where each of four looks rests
        looks = torch.matmul(share.transpose(1, 2), steps).flatten(1)
        return self.text(steps), self.kind(torch.cat([looks, steps.amax(dim=1)], dim=1))


class _Wide(nn.Module):
    """A residual look over 5 x 5 cells, `reach` apart, each channel by itself, then mixed."""

    def __init__(self, channels: int, reach: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 5, 1, 2 * reach, dilation=reach, groups=channels, bias=False),
            nn.BatchNorm2d(channels),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Spotter(nn.Module):
    """N x 3 x H x W (multiples of 8) -> N x 5 x H/4 x W/4: is a mark here; where its upper and its lower edge run."""

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_conv(3, 12, 2), _conv(12, 32, 2), _Wide(32))
        self.coarse = nn.Sequential(
            _conv(32, 56, 2), _Residual(56), _Wide(56, 1), _Wide(56, 2), _Wide(56, 4), _Wide(56, 2), _Wide(56, 1)
        )
        self.down = nn.Sequential(nn.Conv2d(56, 32, 1, bias=False), nn.BatchNorm2d(32))
        self.head = nn.Sequential(_Wide(32), nn.Conv2d(32, 32, 1), nn.ReLU(inplace=True), nn.Conv2d(32, 5, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Score and distances."""
        fine = self.fine(x)
        coarse = nn.functional.interpolate(self.down(self.coarse(fine)), scale_factor=2.0, mode="nearest")
        return self.head(fine + coarse)

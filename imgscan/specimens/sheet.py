"""A page before it is photographed: what stands where, in millimetres, drawn at any scale."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from imgscan.specimens import fonts

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Corners = npt.NDArray[np.float64]
"""Four (x, y) rows, clockwise from the text's own top left."""

INK: Colour = (28, 28, 30)
RED: Colour = (206, 24, 30)
BASELINE = 0.86
"""Distance of the baseline from the top of the em box, in em (Chinese faces: 0.85 to 0.88)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; (x, y) is the top left of its first em box, `size` the em, both in mm; `turn` in degrees."""

    x: float
    y: float
    size: float
    text: str
    role: str = "fang"
    fill: Colour = INK
    turn: float = 0.0
    opacity: float = 1.0
    mark: bool = False

    def ink(self) -> Box:
        """The box of the ink in mm, before the turn."""
        left, top, right, bottom = fonts.ink_box(self.role, self.text)
        base = self.y + BASELINE * self.size
        return self.x + left * self.size, base + top * self.size, self.x + right * self.size, base + bottom * self.size

    def corners(self) -> Corners:
        """The corners of the ink in mm, after the turn about the middle of the ink."""
        x0, y0, x1, y1 = self.ink()
        box = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        centre, angle = box.mean(axis=0), np.deg2rad(self.turn)
        rotation = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
        corners: Corners = (box - centre) @ rotation.T + centre
        return corners


@dataclass(frozen=True, slots=True)
class Shape:
    """A rectangle or ellipse in mm; `outline` is the line width in mm, 0 for none; `radius` rounds the corners."""

    box: Box
    fill: Colour | None = None
    line: Colour = INK
    outline: float = 0.0
    radius: float = 0.0
    ellipse: bool = False


@dataclass(frozen=True, slots=True)
class Seal:
    """A round stamp with a star and the organ's name on an arc; lengths in mm, `turn` in degrees."""

    x: float
    y: float
    diameter: float
    text: str
    fill: Colour = RED
    turn: float = 0.0
    opacity: float = 0.85


@dataclass(frozen=True, slots=True)
class Strokes:
    """Handwriting or a crossing-out: polylines in mm."""

    lines: tuple[tuple[tuple[float, float], ...], ...]
    width: float = 0.5
    fill: Colour = (30, 40, 150)


Item = Text | Shape | Seal | Strokes


@dataclass(slots=True)
class Sheet:
    """What a layout hands to the camera. Lengths in mm; for a screen, mm of the glass.

    `kind`, `classes`, `level`, `mark` and `max_severity` go into the truth. `reference` is the height that the tier's
    glyph height is applied to where there is no mark. `surface`: paper, screen (may be a plain screenshot) or label.
    `focus`: height of the part that a top-third framing shows.
    """

    width: float = 210.0
    height: float = 297.0
    paper: Colour = (250, 249, 246)
    surface: str = "paper"
    kind: str = "positive"
    classes: tuple[str, ...] = ()
    level: str | None = None
    mark: str = ""
    max_severity: str | None = None
    reference: float = 5.2
    focus: float = 105.0
    items: list[Item] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        """Draw `items` on top of what is there."""
        self.items.extend(items)

    def mark_corners(self) -> Corners | None:
        """The corners of the mark in mm, or None."""
        for item in self.items:
            if isinstance(item, Text) and item.mark:
                return item.corners()
        return None

    def draw(self, scale: float, window: Box, *, with_mark: bool = True) -> Pixels:
        """The part `window` (mm) of the sheet at `scale` px/mm as RGB rows."""
        x0, y0, x1, y1 = window
        size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
        page = _Page(Image.new("RGB", size, self.paper), scale, window)
        for item in self.items:
            if with_mark or not (isinstance(item, Text) and item.mark):
                page.put(item)
        return np.asarray(page.image)


class _Page:
    """A raster of part of a sheet that items are drawn into."""

    def __init__(self, image: Image.Image, scale: float, window: Box) -> None:
        self.image, self.scale, self.window = image, scale, window
        self.pen = ImageDraw.Draw(image)

    def _xy(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.window[0]) * self.scale, (y - self.window[1]) * self.scale

    def _outside(self, box: Box) -> bool:
        left, top, right, bottom = self.window
        return box[2] < left or box[0] > right or box[3] < top or box[1] > bottom

    def put(self, item: Item) -> None:
        if isinstance(item, Text):
            self._text(item)
        elif isinstance(item, Shape):
            self._shape(item)
        elif isinstance(item, Seal):
            self._seal(item)
        else:
            for line in item.lines:
                width = max(1, round(item.width * self.scale))
                self.pen.line([self._xy(*point) for point in line], fill=item.fill, width=width, joint="curve")

    def _text(self, item: Text) -> None:
        reach = item.size * (1 + len(item.text))
        if self._outside(
            (
                item.x - reach,
                item.y - reach * bool(item.turn),
                item.x + reach,
                item.y + item.size + reach * bool(item.turn),
            )
        ):
            return
        face = fonts.font(item.role, max(2.0, round(item.size * self.scale * 2) / 2))
        x, y = self._xy(item.x, item.y + BASELINE * item.size)
        if not item.turn and item.opacity >= 1:
            self.pen.text((x, y), item.text, font=face, fill=item.fill, anchor="ls")
            return
        left, top, right, bottom = (round(v) for v in face.getbbox(item.text, anchor="ls"))
        plate = Image.new("L", (right - left + 4, bottom - top + 4))
        ImageDraw.Draw(plate).text(
            (2 - left, 2 - top), item.text, font=face, fill=round(255 * item.opacity), anchor="ls"
        )
        turned = plate.rotate(-item.turn, Image.Resampling.BICUBIC, expand=True)
        ink = item.ink()
        centre = self._xy((ink[0] + ink[2]) / 2, (ink[1] + ink[3]) / 2)
        corner = round(centre[0] - turned.width / 2), round(centre[1] - turned.height / 2)
        self.image.paste(item.fill, corner, turned)

    def _shape(self, item: Shape) -> None:
        if self._outside(item.box):
            return
        (x0, y0), (x1, y1) = self._xy(*item.box[:2]), self._xy(*item.box[2:])
        box = (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
        width = max(1, round(item.outline * self.scale)) if item.outline else 0
        line = item.line if item.outline else None
        if item.ellipse:
            self.pen.ellipse(box, item.fill, line, width)
        else:
            self.pen.rounded_rectangle(box, item.radius * self.scale, item.fill, line, width)

    def _seal(self, item: Seal) -> None:
        half = item.diameter / 2
        if self._outside((item.x - half, item.y - half, item.x + half, item.y + half)):
            return
        stencil = seal_stencil(item.text, max(24, round(item.diameter * self.scale)), item.turn)
        x, y = (round(v) for v in self._xy(item.x - half, item.y - half))
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + stencil.shape[1], self.image.width), min(y + stencil.shape[0], self.image.height)
        if right <= left or bottom <= top:
            return
        area = (left, top, right, bottom)
        under = np.asarray(self.image.crop(area), np.float32)
        alpha = stencil[top - y : bottom - y, left - x : right - x, None] * np.float32(item.opacity)
        ink = np.array(item.fill, np.float32)
        # Stamp ink is a glaze: it darkens paper as a filter does and lies a little over black toner, too.
        over = 0.86 * under * ink / 255 + 0.14 * ink
        self.image.paste(Image.fromarray((under * (1 - alpha) + over * alpha).astype(np.uint8)), area)


def seal_stencil(text: str, size: int, turn: float) -> npt.NDArray[np.float32]:
    """Ink of a round stamp (0..1) of `size` px: ring, star, `text` on the upper arc."""
    plate = Image.new("L", (size, size))
    pen, centre = ImageDraw.Draw(plate), size / 2
    pen.ellipse((1, 1, size - 2, size - 2), outline=255, width=max(2, size // 34))
    tips = [
        (centre + centre * r * np.sin(np.pi * k / 5), centre - centre * r * np.cos(np.pi * k / 5))
        for k in range(10)
        for r in ((0.34,) if k % 2 == 0 else (0.13,))
    ]
    pen.polygon(tips, fill=255)
    em = min(size * 0.15, size * 2.1 / max(len(text), 1))
    face, spread = fonts.font("song_bold", round(em)), min(250.0, 24.0 * len(text))
    for index, char in enumerate(text):
        angle = spread * ((index + 0.5) / len(text) - 0.5)
        glyph = Image.new("L", (round(em * 1.6), round(em * 1.6)))
        ImageDraw.Draw(glyph).text((glyph.width / 2, glyph.height / 2), char, font=face, fill=255, anchor="mm")
        glyph = glyph.rotate(-angle, Image.Resampling.BILINEAR)
        radius, theta = centre * 0.74, np.deg2rad(angle)
        corner = (
            round(centre + radius * np.sin(theta) - glyph.width / 2),
            round(centre - radius * np.cos(theta) - glyph.height / 2),
        )
        plate.paste(255, corner, glyph)
    plate = plate.rotate(-turn, Image.Resampling.BILINEAR)
    # Uneven ink, the same for every stamp of one size: a fixed field, so that chance stays with Dice.
    y, x = np.mgrid[0:24, 0:24].astype(np.float32)
    field_ = 0.86 + 0.14 * np.sin(x * 1.7 + y * 0.9) * np.cos(y * 1.3 - x * 0.6)
    even: npt.NDArray[np.float32] = np.asarray(plate, np.float32) / 255 * cv2.resize(field_, (size, size))
    return even

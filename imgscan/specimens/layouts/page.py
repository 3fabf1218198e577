"""Typesetting that all paper layouts share: centred and wrapped lines, body text, the specimen footer."""

from __future__ import annotations

from imgscan.specimens import fonts, words
from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import INK, RED, Colour, Seal, Shape, Sheet, Text

PT = 25.4 / 72
SIZE_1, SIZE_2, SIZE_3, SIZE_4, SIZE_5 = 26 * PT, 22 * PT, 16 * PT, 14 * PT, 10.5 * PT
"""Chinese type sizes 一号 to 五号 in mm."""
LEFT, TOP, WIDTH, HEIGHT = 28.0, 37.0, 156.0, 225.0
"""Type area of GB/T 9704-2012, 5.2.2, in mm."""
LINE = HEIGHT / 22
"""22 lines a page."""
_CLOSING = "，。、；：！？）》”〕%号"
_OPENING = "“（《〔"


def wrap(text: str, role: str, size: float, width: float, indent: int = 0) -> list[str]:
    """`text` cut into lines of at most `width` mm, the first one `indent` em in; punctuation stays where it belongs."""
    lines, line = [], "　" * indent
    for char in text:
        full = sum(fonts.width(role, one) for one in line + char) * size > width
        if full and char not in _CLOSING:
            kept = line.rstrip(_OPENING)
            lines.append(kept)
            line = line[len(kept) :] + char
        else:
            line += char
    return [*lines, line]


def centred(  # noqa: PLR0917 - place, size, text, face
    sheet: Sheet, y: float, size: float, text: str, role: str = "fang", fill: Colour = INK, *, mark: bool = False
) -> None:
    """`text` in the middle of the sheet's width."""
    x = (sheet.width - fonts.width(role, text) * size) / 2
    sheet.add(Text(x, y, size, text, role, fill, mark=mark))


def right(  # noqa: PLR0917 - place, size, text, face
    sheet: Sheet,
    edge: float,
    y: float,
    size: float,
    text: str,
    role: str = "fang",
    fill: Colour = INK,
    *,
    mark: bool = False,
) -> None:
    """`text` that ends at x = `edge` mm."""
    sheet.add(Text(edge - fonts.width(role, text) * size, y, size, text, role, fill, mark=mark))


def fitted(text: str, role: str, size: float, width: float) -> float:
    """`size`, or the smaller one at which `text` is `width` mm wide."""
    return min(size, width / max(fonts.width(role, text), 0.1))


def flow(
    sheet: Sheet,
    dice: Dice,
    y: float,
    bottom: float,
    role: str = "fang",
    *,
    size: float = SIZE_3,
    pitch: float = LINE,
    left: float = LEFT,
    width: float = WIDTH,
) -> float:
    """Body paragraphs with headings from `y` to `bottom`; returns the y below the last line."""
    index = 0
    while True:
        rows: list[tuple[str, str]] = []
        if dice.chance(0.45):
            rows.append(("　　" + words.heading(dice, index), "hei_light"))
            index += 1
        rows += [(line, role) for line in wrap(words.paragraph(dice, dice.integer(1, 3)), role, size, width, 2)]
        for line, face in rows:
            # A heading does not stand alone at the foot.
            if y + pitch * (1 if face == role else 2) > bottom:
                return y
            sheet.add(Text(left, y, size, line, face))
            y += pitch


def headline(
    sheet: Sheet, y: float, text: str, *, size: float = SIZE_2, role: str = "song_bold", width: float = WIDTH
) -> float:
    """A centred title over one or more lines of even length; returns the y below it."""
    rows = -(-round(fonts.width(role, text) * size * 10) // round(width * 10))
    each = -(-len(text) // rows)
    for start in range(0, len(text), each):
        centred(sheet, y, size, text[start : start + each], role)
        y += size * 1.45
    return y


def rule(  # noqa: PLR0917 - from where to where
    sheet: Sheet, y: float, x0: float = LEFT, x1: float = LEFT + WIDTH, width: float = 0.45, fill: Colour = INK
) -> None:
    """A horizontal line of `width` mm."""
    sheet.add(Shape((x0, y, x1, y + width), fill))


def footer(sheet: Sheet, fill: Colour = (120, 120, 120)) -> None:
    """The line that shows everybody that the page is a specimen."""
    size = max(2.4, sheet.width * 0.0125)
    centred(sheet, sheet.height - size * 2.2, size, "样张 虚构 SPECIMEN", "sans", fill)


def end_block(sheet: Sheet, dice: Dice, organ: words.Organ) -> None:
    """版记: copies to, printed by and when, between black lines (GB/T 9704-2012, 7.4)."""
    y = TOP + HEIGHT - 16
    rule(sheet, y, width=0.35)
    sheet.add(Text(LEFT + 4, y + 1.6, SIZE_4, f"抄送：{dice.pick(words.BUREAUS)}，{dice.pick(words.BUREAUS)}。"))
    rule(sheet, y + 8, width=0.25)
    sheet.add(Text(LEFT + 4, y + 9.4, SIZE_4, organ.name[:14]))
    right(sheet, LEFT + WIDTH - 4, y + 9.4, SIZE_4, f"{words.date(dice, organ.year)}印发")
    rule(sheet, y + 16, width=0.35)


def signature(sheet: Sheet, dice: Dice, y: float, organ: words.Organ, *, sealed: bool = True) -> None:
    """Name and date at the lower right, mostly under the organ's seal."""
    edge = LEFT + WIDTH - 4 * SIZE_3
    right(sheet, edge + 6, y, SIZE_3, organ.name)
    right(sheet, edge, y + LINE, SIZE_3, words.date(dice, organ.year))
    if sealed:
        sheet.add(Seal(edge - 22 + dice.uniform(-4, 4), y + LINE * 0.9, 42, organ.name, RED, dice.uniform(-12, 12)))

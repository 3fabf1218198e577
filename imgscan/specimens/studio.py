"""One specimen from its seed and index: sheet, shot, picture and truth. Albums and training crops are made of these."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgscan.specimens import files
from imgscan.specimens.camera import develop_scene, mark_polygon, photograph
from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import LAYOUTS, SHEETS
from imgscan.specimens.layouts.pictures import PICTURES
from imgscan.specimens.sheet import Pixels, Sheet
from imgscan.specimens.shot import PLAIN, Shot, Wish, glyph_height, plan, plan_scene
from imgscan.specimens.truth import TIERS, Truth


@dataclass(frozen=True, eq=False, slots=True)
class Specimen:
    """A picture (RGB, as a viewer shows it), its truth and how its file is to be encoded."""

    image: Pixels
    truth: Truth
    quality: int
    orientation: int
    taken: str

    def jpeg(self) -> bytes:
        """The file."""
        return files.jpeg(self.image, quality=self.quality, orientation=self.orientation, taken=self.taken)


def choose(seed: int, index: int) -> tuple[str, str]:
    """Layout and tier of a specimen. Layouts are dealt like cards, so that each comes up once in every len(LAYOUTS)."""
    deal, card = divmod(index, len(LAYOUTS))
    layout = Dice(seed, deal, 101).sample(LAYOUTS, len(LAYOUTS))[card]
    return layout, Dice(seed, index, 102).pick(TIERS)


def render(
    seed: int, index: int, *, layout: str = "", tier: str = "", wish: Wish = PLAIN, with_mark: bool = True
) -> Specimen:
    """The specimen `index` of album `seed`; `layout`, `tier` and `wish` override chance.

    `with_mark` False leaves out the mark's ink and changes nothing else (to check where the truth says it is).
    """
    chosen = choose(seed, index)
    layout, tier = layout or chosen[0], tier or chosen[1]
    dice = Dice(seed, index, 3)
    taken = _taken(Dice(seed, index, 4))
    if layout in PICTURES:
        shot = plan_scene(tier, Dice(seed, index, 2), wish)
        image = develop_scene(PICTURES[layout](Dice(seed, index, 1), shot.width, shot.height), shot, dice)
        truth = Truth(f"{index:05d}.jpg", "negative", layout, tier, tags=shot.tags(), expected_max_severity="info")
        return Specimen(image, truth, _quality(shot), shot.exif, taken)
    sheet = SHEETS[layout](Dice(seed, index, 1))
    shot = plan(sheet, tier, Dice(seed, index, 2), wish)
    truth = _truth(f"{index:05d}.jpg", layout, sheet, shot)
    image = photograph(sheet, shot, dice, with_mark=with_mark)
    return Specimen(image, truth, _quality(shot), shot.exif, taken)


def _truth(name: str, layout: str, sheet: Sheet, shot: Shot) -> Truth:
    truth = Truth(name, sheet.kind, layout, shot.tier, tags=shot.tags(), expected_max_severity=sheet.max_severity)
    corners = mark_polygon(sheet, shot)
    if corners is None:
        return truth
    return replace(
        truth,
        classes=sheet.classes,
        level=sheet.level,
        mark=sheet.mark,
        polygon=tuple((round(float(x), 1), round(float(y), 1)) for x, y in corners),
        glyph_px=round(glyph_height(corners), 2),
    )


def _quality(shot: Shot) -> int:
    return shot.wechat[-1] if shot.wechat else shot.quality


def _taken(dice: Dice) -> str:
    return (
        f"{dice.integer(2019, 2026)}:{dice.integer(1, 12):02d}:{dice.integer(1, 28):02d} "
        f"{dice.integer(7, 22):02d}:{dice.integer(0, 59):02d}:{dice.integer(0, 59):02d}"
    )

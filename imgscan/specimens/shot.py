"""How a sheet is photographed: one frozen plan, drawn within the limits of its tier before a single pixel is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from imgscan.specimens.dice import Dice
from imgscan.specimens.sheet import Corners, Sheet
from imgscan.specimens.tiers import LIMITS, Limits

Homography = npt.NDArray[np.float64]
FRAMINGS: dict[str, tuple[float, float]] = {
    "full": (0.78, 0.98),
    "top_third": (0.62, 1.06),
    "small_page": (0.42, 0.62),
    "tiny_page": (0.28, 0.45),
}
"""Share of the frame (its width for the top third, else its tighter side) that the page fills."""
WECHAT_SIDE = (1080.0, 1440.0)
WECHAT_QUALITY = (50, 70)
MARGIN = 0.5
"""A mark keeps this share of its glyph height away from the border of the frame."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants fixed; None leaves it to chance."""

    exif: int | None = None
    turn: int | None = None
    seal: str | None = None
    obstacle: str | None = None
    framing: str | None = None
    wechat: int | None = None
    backdrop: str | None = None
    megapixels: tuple[float, float] | None = None
    quality: int | None = None


PLAIN = Wish()


@dataclass(frozen=True, slots=True)
class Bend:
    """Paper that does not lie flat: `axis` 0 displaces y along x, 1 displaces x along y; `amount` in mm."""

    axis: int
    amount: float
    at: float
    fold: bool

    def offset(self, along: npt.NDArray[np.float64], length: float) -> npt.NDArray[np.float64]:
        """Displacement in mm at `along` mm of a side of `length` mm."""
        share = along / length
        if self.fold:
            return self.amount * (1 - np.abs(share - self.at) / max(self.at, 1 - self.at))
        return self.amount * np.sin(np.pi * np.clip(share * 1.1 + self.at - 0.5, -0.5, 1.5))

    def bend(self, points: Corners, sheet: Sheet) -> Corners:
        """Flat sheet points (mm) as the bent sheet shows them."""
        bent = points.copy()
        length = sheet.width if self.axis == 0 else sheet.height
        bent[:, 1 - self.axis] += self.offset(points[:, self.axis], length)
        return bent

    def unbend(self, points: Corners, sheet: Sheet) -> Corners:
        """The inverse: exact, because the displaced coordinate does not steer the displacement."""
        flat = points.copy()
        length = sheet.width if self.axis == 0 else sheet.height
        flat[:, 1 - self.axis] -= self.offset(points[:, self.axis], length)
        return flat


@dataclass(frozen=True, slots=True)
class Shot:
    """The plan of one photograph. `to_picture` maps mm of the (bent) sheet to pixels of the final picture."""

    tier: str
    width: int
    height: int
    to_picture: Homography
    flat: bool
    framing: str
    tilt: float = 0.0
    roll: float = 0.0
    turn: int = 0
    exif: int = 1
    bend: Bend | None = None
    blur: float = 0.0
    motion: float = 0.0
    motion_angle: float = 0.0
    noise: float = 0.0
    exposure: float = 1.0
    shadow: float = 0.0
    uneven: float = 0.0
    glare: bool = False
    moire: bool = False
    wechat: tuple[int, ...] = ()
    quality: int = 90
    seal: str = ""
    obstacle: str = ""
    backdrop: str = "plain"

    def tags(self) -> tuple[str, ...]:
        """The degradations by name."""
        named = {
            self.framing: self.framing != "full",
            "perspective": self.tilt > 6,
            "roll": abs(self.roll) > 2,
            f"turned_{self.turn}": self.turn != 0,
            f"exif_{self.exif}": self.exif != 1,
            "fold" if self.bend and self.bend.fold else "curl": self.bend is not None,
            "focus_blur": self.blur > 0.35,
            "motion_blur": self.motion > 0,
            "low_light": self.exposure < 0.65,
            "noise": self.noise >= 3,
            "shadow": self.shadow > 0,
            "uneven_light": self.uneven > 0.1,
            "glare": self.glare,
            "moire": self.moire,
            f"wechat_{len(self.wechat)}": bool(self.wechat),
            f"seal_{self.seal}": bool(self.seal),
            self.obstacle: bool(self.obstacle),
            "busy_background": self.backdrop == "busy" and not self.flat,
        }
        return tuple(name for name, present in named.items() if present)


def project(matrix: Homography, points: Corners) -> Corners:
    """`points` through a homography."""
    homogeneous = np.hstack([points, np.ones((len(points), 1))]) @ matrix.T
    mapped: Corners = homogeneous[:, :2] / homogeneous[:, 2:]
    return mapped


def inverse(matrix: Homography) -> Homography:
    """The homography that undoes `matrix`."""
    return np.asarray(np.linalg.inv(matrix), np.float64)


def glyph_height(corners: Corners) -> float:
    """Mean length of the two sides that run along the glyphs' height."""
    return float((np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2)


def anchor(sheet: Sheet) -> Corners:
    """The mark's corners in mm, or where one would stand: what the scale of the photograph is chosen by."""
    corners = sheet.mark_corners()
    if corners is None:
        x, y, size = sheet.width * 0.15, min(sheet.height * 0.15, 42), sheet.reference
        corners = np.array([(x, y), (x + 4 * size, y), (x + 4 * size, y + size), (x, y + size)])
    return corners


def sheet_corners(sheet: Sheet) -> Corners:
    """The four corners of the sheet in mm."""
    return np.array([(0, 0), (sheet.width, 0), (sheet.width, sheet.height), (0, sheet.height)], np.float64)


@dataclass(frozen=True, slots=True)
class _View:
    """A camera position; the frame's long side is 1, `frame` its width and height."""

    matrix: Homography
    frame: tuple[float, float]
    tilt: float
    roll: float


def _look(sheet: Sheet, framing: str, limits: Limits, dice: Dice) -> _View:
    tilt, roll = dice.uniform(*limits.tilt), dice.uniform(-limits.roll, limits.roll)
    axis, fill = dice.uniform(0, 360), dice.uniform(*FRAMINGS[framing])
    if sheet.surface == "label":  # a label is a small thing on a large one
        fill *= 0.55
    top = framing == "top_third"
    page = sheet_corners(sheet)
    if top:
        page[2:, 1] = sheet.focus
    long_side = float(np.ptp(page, axis=0).max())
    focal = dice.uniform(0.75, 1.05)  # in long sides of the frame: 27 to 38 mm on a 36 mm film
    distance = focal * long_side / min(fill, 0.95)
    r, a = np.deg2rad(roll), np.deg2rad(axis)
    spin = np.array([(np.cos(r), -np.sin(r), 0), (np.sin(r), np.cos(r), 0), (0, 0, 1)])
    x, y, c, s = np.cos(a), np.sin(a), np.cos(np.deg2rad(tilt)), np.sin(np.deg2rad(tilt))
    lean = np.array(
        [
            (c + x * x * (1 - c), x * y * (1 - c), y * s),
            (x * y * (1 - c), c + y * y * (1 - c), -x * s),
            (-y * s, x * s, c),
        ]
    )
    rotation = lean @ spin
    centre = page.mean(axis=0)
    rigid = np.column_stack([rotation[:, 0], rotation[:, 1], -rotation[:, :2] @ centre + np.array([0, 0, distance])])
    matrix = np.diag([focal, focal, 1.0]) @ rigid
    seen = project(matrix, page)
    low, size = seen.min(axis=0), np.ptp(seen, axis=0)
    short = dice.pick((3 / 4, 3 / 4, 3 / 4, 9 / 16, 2 / 3))
    frame = (1.0, short) if size[0] > size[1] else (short, 1.0)
    zoom = fill * (frame[0] / size[0] if top else min(frame[0] / size[0], frame[1] / size[1]))
    spare = np.array(frame) - zoom * size
    place = spare * np.array([dice.uniform(0.3, 0.7), dice.uniform(0.3, 0.7)])
    if top:
        place[1] = dice.uniform(-0.02, 0.07)
    shift = np.array([(zoom, 0, place[0] - zoom * low[0]), (0, zoom, place[1] - zoom * low[1]), (0, 0, 1)])
    return _View(shift @ matrix, frame, tilt, roll)


def _flat(sheet: Sheet) -> _View:
    longest = max(sheet.width, sheet.height)
    return _View(np.diag([1 / longest, 1 / longest, 1.0]), (sheet.width / longest, sheet.height / longest), 0, 0)


def _turned(view: _View, turn: int) -> _View:
    """The picture turned clockwise by `turn` degrees in the hand: the file does not tell."""
    matrix, (w, h) = view.matrix, view.frame
    for _ in range(turn // 90):
        matrix = np.array([(0, -1, h), (1, 0, 0), (0, 0, 1)], np.float64) @ matrix
        w, h = h, w
    return replace(view, matrix=matrix, frame=(w, h))


def _long_side(view: _View, corners: Corners, limits: Limits, wish: Wish, dice: Dice, *, wechat: bool) -> float | None:
    """Length of the frame's long side in px that gives a glyph height within the tier, or None."""
    unit = glyph_height(project(view.matrix, corners))
    low, high = (g / unit for g in (limits.glyph[0] * 1.02, limits.glyph[1] * 0.98))
    short = min(view.frame)
    least, most = ((mp * 1e6 / short) ** 0.5 for mp in wish.megapixels or limits.megapixels)
    if wechat:
        least, most = (
            WECHAT_SIDE if wish.megapixels is None else (max(least, WECHAT_SIDE[0]), min(most, WECHAT_SIDE[1]))
        )
    low, high = max(low, least), min(high, most)
    if low > high:
        return None
    kind = dice.uniform(0, 1)
    wanted = dice.uniform(2, 4) if kind < 0.72 else dice.uniform(1, 2) if kind < 0.86 else dice.uniform(4, 12)
    side = (wanted * 1e6 / short) ** 0.5
    return side if low <= side <= high and not wechat and not wish.megapixels else dice.uniform(low, high)


def _inside(corners: Corners, width: float, height: float) -> bool:
    margin = MARGIN * glyph_height(corners)
    return bool(
        (corners >= margin).all()
        and (corners[:, 0] <= width - margin).all()
        and (corners[:, 1] <= height - margin).all()
    )


def _weighted(dice: Dice, weights: dict[str, float]) -> str:
    names = list(weights)
    return names[int(np.searchsorted(np.cumsum(list(weights.values())), dice.uniform(0, sum(weights.values()))))]


def _framing(sheet: Sheet, limits: Limits, wish: Wish, dice: Dice) -> str:
    if wish.framing:
        return wish.framing
    weights = dict(limits.framings)
    if sheet.surface != "paper" or sheet.focus >= sheet.height:
        weights.pop("top_third", None)
    if sheet.surface == "screen":
        weights["flat"] = 1.2  # a plain screenshot
    elif sheet.surface == "paper" and limits.tilt[0] == 0:
        weights["flat"] = 0.06  # a scan
    return _weighted(dice, weights)


def _rounds(limits: Limits, wish: Wish, dice: Dice) -> int:
    drawn = int(_weighted(dice, dict(zip("012", limits.wechat, strict=True))))
    return drawn if wish.wechat is None else wish.wechat


def _turn(limits: Limits, wish: Wish, dice: Dice) -> int:
    drawn = dice.pick((90, 180, 270)) if dice.chance(limits.turned) else 0
    return drawn if wish.turn is None else wish.turn


def _bend(sheet: Sheet, limits: Limits, dice: Dice) -> Bend | None:
    if sheet.surface != "paper" or not dice.chance(limits.bent):
        return None
    amount = dice.uniform(*limits.bend) / 100 * sheet.width
    return Bend(dice.integer(0, 1), amount * dice.pick((-1, 1)), dice.uniform(0.3, 0.7), dice.chance(0.4))


def plan(sheet: Sheet, tier: str, dice: Dice, wish: Wish = PLAIN) -> Shot:
    """Draw a photograph of `sheet` whose every figure lies within the limits of `tier`."""
    limits = LIMITS[tier]
    corners = anchor(sheet)
    for attempt in range(1000):
        if attempt % 50 == 0:  # kept for a while, or what rarely fits would become rarer than its share
            rounds, turn = _rounds(limits, wish, dice), _turn(limits, wish, dice)
        framing = _framing(sheet, limits, wish, dice)
        flat = framing == "flat"
        view = _turned(_flat(sheet) if flat else _look(sheet, framing, limits, dice), turn)
        bend = None if flat else _bend(sheet, limits, dice)
        placed = corners if bend is None else bend.bend(corners, sheet)
        side = _long_side(view, placed, limits, wish, dice, wechat=rounds > 0)
        if side is None:
            continue
        width, height = round(view.frame[0] * side), round(view.frame[1] * side)
        matrix = np.diag([side, side, 1.0]) @ view.matrix
        if not _inside(project(matrix, placed), width, height):
            continue
        shot = Shot(tier, width, height, matrix, flat, framing, view.tilt, view.roll, turn, bend=bend)
        return _finish(sheet, shot, wish, dice, glyph=glyph_height(project(matrix, placed)), rounds=rounds)
    raise AssertionError(f"no photograph of {sheet.mark!r} fits the tier {tier}")


def plan_scene(tier: str, dice: Dice, wish: Wish = PLAIN) -> Shot:
    """Draw a photograph of something that is no page: size, light and file only."""
    limits = LIMITS[tier]
    short, rounds = dice.pick((3 / 4, 9 / 16, 1.0)), _rounds(limits, wish, dice)
    megapixels = dice.uniform(*(wish.megapixels or ((2, 4) if dice.chance(0.75) else limits.megapixels)))
    side = dice.uniform(*WECHAT_SIDE) if rounds else (megapixels * 1e6 / short) ** 0.5
    frame = (round(side), round(side * short))
    width, height = frame if dice.chance(0.5) else frame[::-1]
    shot = Shot(tier, width, height, np.eye(3), flat=False, framing="full")
    scene = Sheet(kind="negative", surface="scene")
    return _finish(
        scene, shot, replace(wish, obstacle="", backdrop="plain"), dice, glyph=limits.glyph[0], rounds=rounds
    )


def _exif(limits: Limits, rounds: int, dice: Dice) -> int:
    # WeChat bakes the orientation in, so only the files that did not pass through it can carry one.
    share = limits.exif / limits.wechat[0]
    if rounds or not dice.chance(share):
        return 1
    return dice.pick((6, 8, 3, 6, 8, 3, 6, 2, 4, 5, 7))


def _finish(sheet: Sheet, shot: Shot, wish: Wish, dice: Dice, *, glyph: float, rounds: int) -> Shot:
    """The optics: everything that does not move the mark."""
    limits, flat = LIMITS[shot.tier], shot.flat
    extra = [dice.chance(limits.extras) for _ in range(4)]
    seal = dice.pick(("red", "red", "blue")) if dice.chance(limits.sealed) else ""
    obstacle = dice.pick(("finger", "pen")) if dice.chance(limits.obstructed) and not flat else ""
    if sheet.surface != "paper":  # the level ends a label: hidden, it could not be told by anybody
        obstacle = ""
    if sheet.kind == "negative":
        seal, obstacle = "", obstacle if extra[3] else ""
    photographed = not flat
    moving = photographed and dice.chance(limits.motion[0])
    return replace(
        shot,
        exif=_exif(limits, rounds, dice) if wish.exif is None else wish.exif,
        blur=dice.uniform(0.2, 1) * limits.blur * glyph * photographed,
        motion=dice.uniform(0.5, 1) * limits.motion[1] * glyph if moving else 0.0,
        motion_angle=dice.uniform(0, 180),
        noise=dice.uniform(*limits.noise) if photographed else dice.uniform(0, 1),
        exposure=dice.uniform(*limits.exposure) if photographed else 1.0,
        shadow=dice.uniform(0.3, 1) * limits.shadow if photographed and dice.chance(0.5) else 0.0,
        uneven=dice.uniform(0.02, 0.1 + limits.shadow / 2) * photographed,
        glare=photographed and extra[0],
        moire=photographed and (sheet.surface == "screen" or (extra[1] and extra[2])),
        wechat=tuple(dice.integer(*WECHAT_QUALITY) for _ in range(rounds)),
        quality=wish.quality or dice.integer(84, 95),
        seal=(seal if wish.seal is None else wish.seal) if sheet.surface == "paper" and sheet.mark else "",
        obstacle=obstacle if wish.obstacle is None else wish.obstacle,
        backdrop=wish.backdrop or dice.pick(("wood", "plain", "cloth", "dark", "busy")),
    )

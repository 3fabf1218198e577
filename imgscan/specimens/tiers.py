"""How bad a photograph may be: the limits of the three tiers, which hold for every positive specimen.

The table is the one published in docs/specimens.md, so that figures of different readers can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Limits:
    """One tier. Lengths are shares of the glyph height or of the page width as named; angles in degrees.

    `wechat` and `framings` are weights: of 0, 1, 2 rounds of recompression and of each framing.
    """

    glyph: Range
    tilt: Range
    roll: float
    turned: float
    exif: float
    blur: float
    motion: tuple[float, float]
    noise: Range
    exposure: Range
    bend: Range
    bent: float
    shadow: float
    wechat: tuple[float, float, float]
    sealed: float
    obstructed: float
    framings: dict[str, float]
    megapixels: Range
    extras: float


LIMITS = {
    "standard": Limits(
        glyph=(24, 60),
        tilt=(0, 12),
        roll=4,
        turned=0,
        exif=0.35,
        blur=0.02,
        motion=(0, 0),
        noise=(1, 3),
        exposure=(0.85, 1.05),
        bend=(0.05, 0.4),
        bent=0.4,
        shadow=0.25,
        wechat=(0.75, 0.25, 0),
        sealed=0,
        obstructed=0,
        framings={"full": 0.6, "top_third": 0.4},
        megapixels=(1, 12),
        extras=0.12,
    ),
    "hard": Limits(
        glyph=(14, 24),
        tilt=(12, 28),
        roll=10,
        turned=0.35,
        exif=0.25,
        blur=0.045,
        motion=(0.25, 0.16),
        noise=(3, 8),
        exposure=(0.55, 1.0),
        bend=(0.6, 1.6),
        bent=0.7,
        shadow=0.45,
        wechat=(0.5, 0.3, 0.2),
        sealed=0.18,
        obstructed=0.12,
        framings={"full": 0.5, "top_third": 0.25, "small_page": 0.25},
        megapixels=(1, 12),
        extras=0.25,
    ),
    "extreme": Limits(
        glyph=(9, 14),
        tilt=(25, 45),
        roll=18,
        turned=0.5,
        exif=0.15,
        blur=0.07,
        motion=(0.3, 0.26),
        noise=(6, 14),
        exposure=(0.30, 0.85),
        bend=(1.2, 2.6),
        bent=0.8,
        shadow=0.6,
        wechat=(0.35, 0, 0.65),
        sealed=0.28,
        obstructed=0.15,
        framings={"full": 0.4, "top_third": 0.15, "small_page": 0.2, "tiny_page": 0.25},
        megapixels=(0.9, 8),
        extras=0.3,
    ),
}

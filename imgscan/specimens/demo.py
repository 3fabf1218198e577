"""The demo album of the package: about two dozen small photographs, made once by `python -m imgscan.specimens.demo`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from imgscan.specimens import files
from imgscan.specimens.shot import Wish
from imgscan.specimens.studio import render
from imgscan.specimens.truth import Truth, write_truths

SEED = 20261122
MEGAPIXELS = (1.0, 2.0)
MOST_BYTES = 94_000
_QUALITIES = (88, 82, 76, 70, 64, 58, 52)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    layout: str
    tier: str
    index: int
    wish: Wish = field(default_factory=Wish)


def _wish(**wishes: object) -> Wish:
    plain = Wish(exif=1, turn=0, seal="", obstacle="", wechat=0, megapixels=MEGAPIXELS)
    return replace(plain, **wishes)  # type: ignore[arg-type]


ENTRIES = (
    _Entry("IMG_20260312_091502.jpg", "gb2012", "standard", 10, _wish(framing="full", backdrop="wood")),
    _Entry("IMG_20260312_091519.jpg", "gb2012", "hard", 2, _wish(framing="full", exif=6, backdrop="plain")),
    _Entry("IMG_20260312_091633.jpg", "letter", "standard", 13, _wish(framing="top_third", exif=8)),
    _Entry("IMG_20260315_140207.jpg", "gb1999", "hard", 4, _wish(framing="full", turn=90, backdrop="cloth")),
    _Entry("IMG_20260315_140955.jpg", "gb2012", "hard", 5, _wish(framing="full", seal="red", backdrop="dark")),
    _Entry("IMG_20260402_084411.jpg", "traditional", "standard", 6, _wish(framing="full")),
    _Entry("IMG_20260402_101210.jpg", "minutes", "hard", 7, _wish(framing="full", backdrop="busy")),
    _Entry("IMG_20260409_163018.jpg", "telegram_cipher", "standard", 14, _wish(framing="full")),
    _Entry("IMG_20260409_163107.jpg", "telegram_fax", "hard", 9, _wish(framing="full", backdrop="wood")),
    _Entry("IMG_20260418_093344.jpg", "internal_reference", "standard", 27, _wish(framing="top_third")),
    _Entry("mmexport1744962011.jpg", "work_secret", "hard", 11, _wish(framing="full", wechat=1)),
    _Entry("mmexport1744962077.jpg", "internal_wechat", "standard", 12, _wish(framing="full", wechat=1)),
    _Entry("IMG_20260506_110841.jpg", "party_number", "standard", 28, _wish(framing="full", backdrop="wood")),
    _Entry("IMG_20260511_152930.jpg", "covered", "standard", 29, _wish(framing="top_third")),
    _Entry("IMG_20260520_081256.jpg", "device_label", "standard", 15, _wish(framing="full", backdrop="dark")),
    _Entry(
        "Screenshot_20260521_203015.jpg", "chat_quote", "standard", 16, _wish(framing="flat", megapixels=(1.0, 2.6))
    ),
    _Entry("IMG_20260522_190340.jpg", "exam", "standard", 34, _wish(framing="full", backdrop="wood")),
    _Entry("IMG_20260523_104512.jpg", "poster", "standard", 18, _wish(framing="full", backdrop="plain")),
    _Entry("IMG_20260525_091730.jpg", "public_red_head", "standard", 19, _wish(framing="full", backdrop="plain")),
    _Entry("IMG_20260601_221805.jpg", "novel", "standard", 20, _wish(framing="top_third", backdrop="cloth")),
    _Entry("IMG_20260603_182233.jpg", "receipt", "hard", 21, _wish(framing="full", backdrop="wood")),
    _Entry("Screenshot_20260604_071148.jpg", "chat", "standard", 22, _wish(framing="flat", megapixels=(1.0, 2.6))),
    _Entry("IMG_20260613_190150.jpg", "landscape", "standard", 23, _wish()),
    _Entry("IMG_20260614_055917.jpg", "gradient", "standard", 24, _wish()),
    _Entry("IMG_20260614_120044.jpg", "texture", "standard", 25, _wish(exif=6)),
)
DUPLICATE = ("IMG_20260312_091502.jpg", "IMG_20260312_091502(1).jpg")
TRUNCATED = _Entry("IMG_20260312_091548.jpg", "gb2012", "standard", 26, _wish(framing="top_third"))
NO_PICTURE = "IMG_20260630_000000.jpg"


def _taken(name: str) -> str:
    """The EXIF time that a phone's file name tells, or a fixed one."""
    digits = "".join(char for char in name if char.isdigit())
    day, clock = (digits[:8], digits[8:14]) if digits.startswith("2026") else ("20260418", "154021")
    return f"{day[:4]}:{day[4:6]}:{day[6:8]} {clock[:2]}:{clock[2:4]}:{clock[4:6]}"


def _make(entry: _Entry) -> tuple[bytes, Truth]:
    specimen = render(SEED, entry.index, layout=entry.layout, tier=entry.tier, wish=entry.wish)
    data = b""
    for quality in (specimen.quality,) if entry.wish.wechat else _QUALITIES:
        data = files.jpeg(specimen.image, quality=quality, orientation=specimen.orientation, taken=_taken(entry.name))
        if len(data) <= MOST_BYTES:
            break
    return data, replace(specimen.truth, file=entry.name)


def make_demo(folder: Path) -> list[Truth]:
    """Write the demo album into `folder`: the entries, a duplicate, a file cut short, and a text named .jpg."""
    folder.mkdir(parents=True, exist_ok=True)
    truths = []
    for entry in ENTRIES:
        data, truth = _make(entry)
        (folder / entry.name).write_bytes(data)
        truths.append(truth)
        if entry.name == DUPLICATE[0]:
            (folder / DUPLICATE[1]).write_bytes(data)
            truths.append(replace(truth, file=DUPLICATE[1], tags=(*truth.tags, "duplicate")))
    data, truth = _make(TRUNCATED)
    (folder / TRUNCATED.name).write_bytes(data[: len(data) * 6 // 10])
    truths.append(replace(truth, tags=(*truth.tags, "truncated")))
    (folder / NO_PICTURE).write_text(f"{files.NOTE}\nThis is no picture.\n", encoding="utf-8")
    truths.append(
        Truth(
            NO_PICTURE, "negative", "not_a_picture", "standard", tags=("not_a_picture",), expected_max_severity="info"
        )
    )
    truths.sort(key=lambda truth: truth.file)
    write_truths(folder, truths)
    return truths


if __name__ == "__main__":
    make_demo(Path(__file__).parent / "demo")

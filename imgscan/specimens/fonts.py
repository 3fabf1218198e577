"""The typefaces of the specimens: Chinese fonts of Debian packages, found at known paths and never shipped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from imgscan.errors import ImgscanError
from imgscan.i18n import _

PACKAGES = "fonts-noto-cjk fonts-arphic-uming fonts-arphic-ukai fonts-wqy-zenhei"
REFERENCE_PX = 200
"""Font size at which text is measured; boxes scale from it."""

_NOTO = "/usr/share/fonts/opentype/noto/Noto"
_ARPHIC = "/usr/share/fonts/truetype/arphic/"
_WQY = "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
_FANDOL = "/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/Fandol"

# Role -> (path, face in the collection), best first. hei = mark, song_bold = red head and title (in place of 小标宋),
# fang = body (GB/T 9704 asks for 仿宋, which Debian has only in TeX Live; 楷 is the nearest else).
_FACES: dict[str, tuple[tuple[str, int], ...]] = {
    "hei": ((_NOTO + "SansCJK-Bold.ttc", 2), (_WQY, 0), (_FANDOL + "Hei-Bold.otf", 0)),
    "hei_light": ((_WQY, 0), (_NOTO + "SansCJK-Bold.ttc", 2), (_FANDOL + "Hei-Regular.otf", 0)),
    "sans": ((_NOTO + "SansCJK-Regular.ttc", 2), (_WQY, 0), (_FANDOL + "Hei-Regular.otf", 0)),
    "song_bold": ((_NOTO + "SerifCJK-Bold.ttc", 2), (_NOTO + "SansCJK-Bold.ttc", 2), (_FANDOL + "Song-Bold.otf", 0)),
    "song": ((_NOTO + "SerifCJK-Regular.ttc", 2), (_ARPHIC + "uming.ttc", 0), (_FANDOL + "Song-Regular.otf", 0)),
    "ming": ((_ARPHIC + "uming.ttc", 0), (_NOTO + "SerifCJK-Regular.ttc", 2), (_FANDOL + "Song-Regular.otf", 0)),
    "kai": ((_ARPHIC + "ukai.ttc", 0), (_NOTO + "SerifCJK-Regular.ttc", 2), (_FANDOL + "Kai-Regular.otf", 0)),
    "fang": ((_ARPHIC + "ukai.ttc", 0), (_NOTO + "SerifCJK-Regular.ttc", 2), (_FANDOL + "Fang-Regular.otf", 0)),
}


@lru_cache(maxsize=16)
def _face(role: str) -> tuple[str, int]:
    for path, index in _FACES[role]:
        if Path(path).is_file():
            return path, index
    raise ImgscanError(
        _("No Chinese font was found to draw specimens with"),
        cure=_("Install the fonts: apt-get install {packages}").format(packages=PACKAGES),
    )


def fonts_present() -> bool:
    """True where every role has a font."""
    return all(any(Path(path).is_file() for path, _index in faces) for faces in _FACES.values())


@lru_cache(maxsize=96)
def font(role: str, size_px: float) -> ImageFont.FreeTypeFont:
    """The font of a `role` (a key of _FACES) at `size_px` pixels an em; raises ImgscanError where none is installed."""
    path, index = _face(role)
    return ImageFont.truetype(path, size_px, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def ink_box(role: str, text: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the ink of `text` in em, from the left end of its baseline."""
    # getbbox() of the font would take in the advance width; the mask's is the ink alone.
    mask, (x, y) = font(role, REFERENCE_PX).getmask2(text, mode="L", anchor="ls")
    left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
    return (left + x) / REFERENCE_PX, (top + y) / REFERENCE_PX, (right + x) / REFERENCE_PX, (bottom + y) / REFERENCE_PX


@lru_cache(maxsize=8192)
def width(role: str, text: str) -> float:
    """Advance width of `text` in em."""
    return font(role, REFERENCE_PX).getlength(text) / REFERENCE_PX

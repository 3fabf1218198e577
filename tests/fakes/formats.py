"""One picture as phones, scanners, chat programs and archives write it: every format that is read, by name."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from imgscan.frames import Pixels
from tests.fakes.documents import pdf, tarred, wechat, with_video, zipped
from tests.fakes.pages import encode

Make = Callable[[Pixels], bytes]


def by_pillow(picture: Pixels, kind: str, mode: str = "RGB", **options: object) -> bytes:
    """`picture` as Pillow writes it in that mode."""
    image = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    out = io.BytesIO()
    (image.quantize(256) if mode == "P" else image.convert(mode)).save(out, kind, **options)
    return out.getvalue()


def by_opencv(picture: np.ndarray[tuple[int, ...], np.dtype[np.generic]], suffix: str) -> bytes:
    """`picture` as OpenCV writes it."""
    done, content = cv2.imencode(suffix, picture)  # type: ignore[arg-type]
    assert done
    return bytes(content)


def sixteen_bits(picture: Pixels, suffix: str) -> bytes:
    """`picture` in grey with 16 bits, as scanners write it."""
    return by_opencv(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257, suffix)


def behind_others(picture: Pixels, kind: str) -> bytes:
    """Two empty pages or frames of as many pixels, then `picture`."""
    last = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    empty = [Image.new("RGB", last.size, shade) for shade in ("white", "lightgrey")]
    out = io.BytesIO()
    empty[0].save(out, kind, save_all=True, append_images=[empty[1], last])
    return out.getvalue()


def with_gain_map(picture: Pixels) -> bytes:
    """An MPO: a photo with a second, smaller image behind it, as phones write depth and gain maps."""
    photo = Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1]))
    out = io.BytesIO()
    photo.save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))], quality=92)
    return out.getvalue()


FORMATS: dict[str, Make] = {
    "jpeg": lambda p: by_pillow(p, "JPEG", quality=92),
    "jpeg progressive": lambda p: by_pillow(p, "JPEG", quality=92, progressive=True),
    "jpeg cmyk": lambda p: by_pillow(p, "JPEG", "CMYK", quality=92),
    "jpeg with a gain map": with_gain_map,
    "motion photo": lambda p: with_video(encode(p, quality=92)),
    "png": lambda p: by_pillow(p, "PNG"),
    "png palette": lambda p: by_pillow(p, "PNG", "P"),
    "png alpha": lambda p: by_pillow(p, "PNG", "RGBA"),
    "png 16 bit": lambda p: by_opencv(p.astype(np.uint16) * 257, ".png"),
    "png frames": lambda p: behind_others(p, "PNG"),
    "webp": lambda p: by_pillow(p, "WEBP", quality=92),
    "webp lossless": lambda p: by_pillow(p, "WEBP", lossless=True),
    "webp frames": lambda p: behind_others(p, "WEBP"),
    "bmp": lambda p: by_pillow(p, "BMP"),
    "tiff": lambda p: by_pillow(p, "TIFF"),
    "tiff lzw": lambda p: by_pillow(p, "TIFF", compression="tiff_lzw"),
    "tiff jpeg": lambda p: by_pillow(p, "TIFF", compression="jpeg", quality=92),
    "tiff cmyk": lambda p: by_pillow(p, "TIFF", "CMYK"),
    "tiff 16 bit": lambda p: by_opencv(p.astype(np.uint16) * 257, ".tiff"),
    "tiff pages": lambda p: behind_others(p, "TIFF"),
    "gif": lambda p: by_pillow(p, "GIF"),
    "gif frames": lambda p: behind_others(p, "GIF"),
    "avif": lambda p: by_pillow(p, "AVIF", quality=90),
    "jpeg 2000": lambda p: by_pillow(p, "JPEG2000"),
    "pdf": lambda p: pdf([p]),
    "pdf behind other pages": lambda p: pdf([np.full((40, 40, 3), 255, np.uint8), p]),
    "wechat": lambda p: wechat(encode(p, quality=92)),
    "zip": lambda p: zipped({"a/b.jpg": encode(p, quality=92)}),
    "zip in zip": lambda p: zipped({"c.zip": zipped({"a.jpg": encode(p, quality=92)})}),
    "tgz": lambda p: tarred({"a.png": encode(p, "PNG")}, "gz"),
}
"""By name, how one page is written; HEIC is in tests/data/heic, for nothing here can write it."""
GREY: dict[str, Make] = {
    "jpeg grey": lambda p: by_pillow(p, "JPEG", "L", quality=92),
    "png grey alpha": lambda p: by_pillow(p, "PNG", "LA"),
    "png 16 bit grey": lambda p: sixteen_bits(p, ".png"),
    "tiff 16 bit grey": lambda p: sixteen_bits(p, ".tiff"),
    "tiff black and white": lambda p: by_pillow(p, "TIFF", "1", compression="group4"),
    "jpeg 2000 grey": lambda p: by_pillow(p, "JPEG2000", "L"),
}
"""As scanners write it: without colour."""

"""Bytes to pixels: every page or frame of a picture as a viewer shows it. Third step of the line.

OpenCV decodes what is plain, because it is fast; Pillow what is not (pages, alpha, truncated files), pi-heif HEIF,
PDFium PDF (`imgscan.pdf`). A picture of WeChat's PC cache is undone first (`imgscan.sniff.undisguised`).
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pi_heif
from PIL import ExifTags, Image, ImageFile

from imgscan import pdf
from imgscan.complaints import listening
from imgscan.frames import TALL, Frame, Pixels
from imgscan.i18n import N_
from imgscan.memory import make_room
from imgscan.sniff import EMPTY, HEAD_BYTES, Kind, refusal, sniff, undisguised
from imgscan.types import Status

# JPEG pictures above this are decoded at 1/2, 1/4 or 1/8: glyphs of a panorama are large, memory is not.
FULL_SCALE_PIXELS = 64_000_000
MAX_FRAMES = 200
PILLOW_A_PIXEL = 35  # bytes a pixel that its decoders and the copies of what they give take; OpenCV takes 6
_PILLOW_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000", "AVIF")
# What Pillow's decoders raise on broken bytes; anything else is a defect of ours and must surface.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, EOFError, struct.error, RuntimeError)

DAMAGED = N_("The file is damaged: no decoder can read it.")
TRUNCATED = N_("The file is incomplete: the missing part could not be read.")
OVERWRITTEN = N_("The file is damaged: part of the picture shows something else than it did.")
TOO_MANY_FRAMES = N_("The file has more pages or frames than are read.")
PASSWORD = N_("The document opens with a password only: open it in a viewer and save it without one.")
RAW = N_("A raw photo: only its small preview was read. Export it as JPEG and scan that.")
DNG_VERSION, SUB_DIRECTORIES = 50706, 330  # DNG 1.4; TIFF supplement 1
TOO_MANY_PIXELS = N_("The picture has more pixels than the setting max_megapixels allows.")


class DecodeError(Exception):
    """The bytes give no pixels; `status` says how the file ends, `problem` why (a string of the catalogue)."""

    def __init__(self, status: Status, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes say: full size before EXIF orientation, that orientation (1..8), when and how taken."""

    kind: Kind
    width: int
    height: int
    frames: int
    orientation: int
    alpha: bool
    taken_at: str
    camera: str
    problem: str = ""  # what the decoders leave unread although they do not say so


def read_header(content: bytes, max_pixels: int) -> Header:
    """Read size and EXIF without decoding. Raises DecodeError (unsupported, too_large, unreadable, encrypted)."""
    if not content:
        raise DecodeError(Status.UNREADABLE, EMPTY)
    content = undisguised(content)
    kind = sniff(content[:HEAD_BYTES])
    if kind is None:
        raise DecodeError(*refusal(content[:HEAD_BYTES]))
    if kind is Kind.PDF:
        return _pdf_header(content, max_pixels)
    try:
        header = _heif_header(content) if kind is Kind.HEIF else _pillow_header(kind, content, max_pixels)
    except (*_BROKEN, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise DecodeError(Status.TOO_LARGE, TOO_MANY_PIXELS) from error
        return _opencv_header(kind, content, error)
    if header.width * header.height > max_pixels:
        raise DecodeError(Status.TOO_LARGE, TOO_MANY_PIXELS)
    return header


def glance(content: bytes, header: Header, long_side: int) -> Frame | None:
    """A photo at 1/2, 1/4 or 1/8 with sides of `long_side` pixels or more where it has them; None if it cannot be had.

    Only JPEG is decoded in a fraction of the time (its blocks are of 8 x 8 pixels), and only whole files are.
    """
    short, long = sorted((header.width, header.height))
    side = min(long, TALL * short)  # of one of its tiles where it is a long one
    reduce = 1
    while reduce < 8 and side >= 2 * reduce * long_side:
        reduce *= 2
    if header.kind is not Kind.JPEG or header.problem or header.alpha or reduce == 1:
        return None
    with listening() as heard:
        pixels = _imdecode(undisguised(content), reduce)
    return None if pixels is None or heard.damage else _frame(pixels, header.orientation, header.width, header.height)


def decode(content: bytes, header: Header | None = None, max_pixels: int = 600_000_000) -> Iterator[Frame]:
    """Give each page or frame of the picture `content`, one at a time. Raises DecodeError.

    `header` is what `read_header` said of the same bytes; it is read here when absent.
    """
    header = header or read_header(content, max_pixels)
    content = undisguised(content)
    if header.kind is Kind.PDF:
        return _decode_pdf(content, header, max_pixels)
    if header.kind is Kind.HEIF:
        return _decode_heif(content)
    frames = _decode_pillow if header.frames > 1 or header.alpha else _decode_opencv
    return (replace(frame, problem=frame.problem or header.problem) for frame in frames(content, header, max_pixels))


def _exif_facts(exif: Image.Exif) -> tuple[int, str, str]:
    """Orientation, taken-at, camera: all of EXIF that is ever looked at."""
    orientation = exif.get(ExifTags.Base.Orientation, 1)
    camera = " ".join(str(exif.get(tag, "")).strip("\0 ") for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    taken = str(exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    valid = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
    return valid, taken[:19], camera.strip()[:80]


def _exif_of(image: Image.Image) -> tuple[int, str, str]:
    try:
        with _quiet():
            return _exif_facts(image.getexif())
    except _BROKEN:  # broken EXIF is no reason not to read the picture; viewers ignore it as well
        return 1, "", ""


def _open_pillow(content: bytes) -> Image.Image:
    Image.init()  # registers all plug-ins once; `formats` then chooses among them
    with _quiet():
        return Image.open(io.BytesIO(content), formats=_PILLOW_FORMATS)


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata and of sizes that are checked here
        yield


def _pillow_header(kind: Kind, content: bytes, max_pixels: int) -> Header:
    with _pillow_told(max_pixels), _open_pillow(content) as image:
        width, height = image.size
        # An MPO's further frames are the same view for a 3-D screen or a gain map; phones add them to plain photos.
        frames = 1 if kind is Kind.JPEG else int(getattr(image, "n_frames", 1))
        alpha = "A" in image.getbands() or "transparency" in image.info
        orientation, taken_at, camera = _exif_of(image)
        if kind is Kind.TIFF:  # Pillow and OpenCV both turn its pages themselves, each by its own tag
            orientation = 1
        problem = RAW if kind is Kind.TIFF and _is_raw(image) else ""
        return Header(kind, width, height, frames, orientation, alpha, taken_at, camera, problem)


def _is_raw(image: Image.Image) -> bool:
    """True for DNG and other raw photos, whose TIFF pages are small previews: the photo is in a sub-directory."""
    tags = getattr(image, "tag_v2", {})
    return DNG_VERSION in tags or SUB_DIRECTORIES in tags


def _heif_header(content: bytes) -> Header:
    heif = pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)
    exif = Image.Exif()
    if heif.info.get("exif"):
        exif.load(heif.info["exif"])
    _orientation, taken_at, camera = _exif_facts(exif)  # libheif has already turned the picture
    width, height = heif.size
    return Header(Kind.HEIF, width, height, len(heif), 1, False, taken_at, camera)


def _opencv_header(kind: Kind, content: bytes, error: Exception) -> Header:
    # Pillow cannot even open it. OpenCV may, and is asked only then, for it tells no size without decoding.
    pixels = _imdecode(content, 1)
    if pixels is None:
        raise DecodeError(Status.UNREADABLE, DAMAGED) from error
    height, width = pixels.shape[:2]
    return Header(kind, width, height, 1, 1, False, "", "")


def _imdecode(content: bytes, reduce: int) -> Pixels | None:
    flags = {
        1: cv2.IMREAD_COLOR,
        2: cv2.IMREAD_REDUCED_COLOR_2,
        4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }[reduce]
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def _decode_opencv(content: bytes, header: Header, max_pixels: int) -> Iterator[Frame]:
    reduce = 1
    while header.kind is Kind.JPEG and reduce < 8 and header.width * header.height > FULL_SCALE_PIXELS * reduce**2:
        reduce *= 2
    with listening() as heard:
        pixels = _imdecode(content, reduce)
    if pixels is None:
        yield from _decode_pillow(content, header, max_pixels)
        return
    problem = OVERWRITTEN if header.kind is Kind.JPEG and heard.damage else ""
    yield _frame(pixels, header.orientation, header.width, header.height, problem=problem)


def _decode_pillow(content: bytes, header: Header, max_pixels: int) -> Iterator[Frame]:
    make_room(PILLOW_A_PIXEL * header.width * header.height)
    done = 0
    # First strictly; from the first broken frame on again, taking what there is. A failed image cannot be reused.
    for tolerant in (False, True):
        try:
            for frame in _pillow_frames(content, header, done, max_pixels, tolerant):
                yield frame
                done += 1
        except (*_BROKEN, Image.DecompressionBombError) as error:
            if not tolerant:
                continue
            if not done:
                raise DecodeError(Status.UNREADABLE, DAMAGED) from error
            yield _missing(done)
        return


def _missing(number: int) -> Frame:
    return Frame(np.zeros((1, 1, 3), np.uint8), 1, 1, number, TRUNCATED)


@contextmanager
def _pillow_told(max_pixels: int, tolerant: bool = False) -> Iterator[None]:
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    # Pillow knows these only for the whole process. It refuses what has more than twice the pixels, on every page.
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = max(1, max_pixels // 2), tolerant
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _pillow_frames(content: bytes, header: Header, first: int, max_pixels: int, tolerant: bool) -> Iterator[Frame]:
    with _pillow_told(max_pixels):
        opened = _open_pillow(content)
    with opened as image:
        for number in range(first, min(header.frames, MAX_FRAMES)):
            with _quiet(), _pillow_told(max_pixels, tolerant):
                if number:
                    image.seek(number)
                image.load()
            problem = TRUNCATED if tolerant else ""
            if number == MAX_FRAMES - 1 and header.frames > MAX_FRAMES:
                problem = TOO_MANY_FRAMES
            yield _frame(_to_bgr(image), header.orientation, image.width, image.height, number=number, problem=problem)


def _to_bgr(page: Image.Image) -> Pixels:
    if page.mode in ("I;16", "I;16B", "I;16L", "I", "F"):  # Pillow's own conversion clips at 255
        values = np.asarray(page, np.float32)
        low, high = float(values.min()), float(values.max())
        grey = ((values - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    if "A" in page.getbands() or "transparency" in page.info:
        return _over_contrast(np.asarray(page.convert("RGBA")))
    return np.ascontiguousarray(np.asarray(page.convert("RGB"))[:, :, ::-1])


def _over_contrast(rgba: Pixels) -> Pixels:
    # Dark writing on nothing goes on white, light writing on black: on the wrong ground it could not be seen.
    alpha = rgba[:, :, 3:].astype(np.float32) / 255.0
    weight = float(alpha.sum())
    mean = float((rgba[:, :, :3] * alpha).sum()) / (3.0 * weight) if weight else 0.0
    ground = 0.0 if mean > 127.0 and weight < 0.5 * alpha.size else 255.0
    return np.ascontiguousarray((rgba[:, :, :3] * alpha + ground * (1.0 - alpha)).astype(np.uint8)[:, :, ::-1])


def _decode_heif(content: bytes) -> Iterator[Frame]:
    done = 0
    try:
        for number, image in enumerate(pi_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)):
            stored = _reduced(np.asarray(image))  # a view: a second copy of a 200 MP picture would not fit
            stored = stored.reshape(*stored.shape[:2], -1)  # grey pictures come as H x W
            bgr = stored[:, :, 2::-1] if stored.shape[2] >= 3 else np.repeat(stored[:, :, :1], 3, axis=2)
            yield _frame(bgr, 1, image.size[0], image.size[1], number=number)
            done += 1
    except _BROKEN as error:
        if not done:
            raise DecodeError(Status.UNREADABLE, DAMAGED) from error
        yield _missing(done)


def _pdf_header(content: bytes, max_pixels: int) -> Header:
    try:
        count, width, height = pdf.measure(content, min(FULL_SCALE_PIXELS, max_pixels))
    except pdf.PasswordNeededError as error:
        raise DecodeError(Status.ENCRYPTED, PASSWORD) from error
    except _BROKEN as error:
        raise DecodeError(Status.UNREADABLE, DAMAGED) from error
    return Header(Kind.PDF, width, height, count, 1, False, "", "")


def _decode_pdf(content: bytes, header: Header, max_pixels: int) -> Iterator[Frame]:
    done = 0
    for number, pixels in enumerate(pdf.pages(content, MAX_FRAMES, min(FULL_SCALE_PIXELS, max_pixels))):
        if pixels is None:
            yield _missing(number)
            continue
        done += 1
        problem = TOO_MANY_FRAMES if number == MAX_FRAMES - 1 and header.frames > MAX_FRAMES else ""
        yield _frame(pixels, 1, pixels.shape[1], pixels.shape[0], number=number, problem=problem)
    if not done:
        raise DecodeError(Status.UNREADABLE, DAMAGED)


def _frame(pixels: Pixels, orientation: int, width: int, height: int, *, number: int = 0, problem: str = "") -> Frame:
    shown = np.ascontiguousarray(_oriented(_reduced(pixels), orientation))
    shown.flags.writeable = False
    if orientation >= 5:
        width, height = height, width
    return Frame(shown, width, height, number, problem)


def _reduced(pixels: Pixels) -> Pixels:
    """`pixels` at 1/2, 1/3, ... where there are more than FULL_SCALE_PIXELS."""
    height, width = pixels.shape[:2]
    reduce = math.ceil(math.sqrt(height * width / FULL_SCALE_PIXELS))
    if reduce <= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, (width // reduce, height // reduce), interpolation=cv2.INTER_AREA), np.uint8)


def _oriented(pixels: Pixels, orientation: int) -> Pixels:
    """Apply EXIF orientation 1..8 (Exif 2.3, tag 0x0112)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels

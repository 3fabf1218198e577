"""Reads and finds the marks that OCR cannot: two small networks of our own, beside the engine."""

from imgscan.mark_reader.alphabet import UNKNOWN, MarkKind
from imgscan.mark_reader.look import READING, look_again
from imgscan.mark_reader.reader import MarkReader, MarkReading, Spot, crop_spot, digest

__all__ = ["READING", "UNKNOWN", "MarkKind", "MarkReader", "MarkReading", "Spot", "crop_spot", "digest", "look_again"]

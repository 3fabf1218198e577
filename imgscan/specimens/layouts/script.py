"""A sheet set in traditional script: the same items, converted by OpenCC."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import opencc

from imgscan.specimens.sheet import Item, Seal, Sheet, Text


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _convert(item: Item) -> Item:
    if isinstance(item, Text | Seal):
        return replace(item, text=_converter().convert(item.text))
    return item


def in_traditional(sheet: Sheet) -> Sheet:
    """`sheet` in traditional characters; `level` stays as the law writes it, `mark` becomes what is printed."""
    items = [_convert(item) for item in sheet.items]
    return replace(sheet, items=items, mark=_converter().convert(sheet.mark))

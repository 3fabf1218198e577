"""All layouts by name. A layout is a function that draws chance from the dice and returns a sheet."""

from __future__ import annotations

from collections.abc import Callable

from imgscan.specimens.dice import Dice
from imgscan.specimens.layouts import everyday, official, restricted, screens
from imgscan.specimens.layouts.pictures import PICTURES
from imgscan.specimens.sheet import Sheet

Layout = Callable[[Dice], Sheet]

POSITIVE: dict[str, Layout] = {
    "gb2012": official.gb2012,
    "gb1999": official.gb1999,
    "letter": official.letter,
    "minutes": official.minutes,
    "covered": official.covered,
    "party_number": official.party_number,
    "traditional": official.traditional,
    "paragraph_mark": official.paragraph_mark,
    "telegram_fax": restricted.telegram_fax,
    "telegram_cipher": restricted.telegram_cipher,
    "internal_reference": restricted.internal_reference,
    "work_secret": restricted.work_secret,
    "internal_wechat": restricted.internal_wechat,
    "recall": restricted.recall,
    "commercial": restricted.commercial,
    "stamped": restricted.stamped,
    "map_title": restricted.map_title,
    "slide": restricted.slide,
    "device_label": restricted.device_label,
    "contact_list": restricted.contact_list,
    "chat_quote": screens.chat_quote,
}
NEGATIVE: dict[str, Layout] = {
    "public_red_head": everyday.public_red_head,
    "notice": everyday.notice,
    "exam": everyday.exam,
    "poster": everyday.poster,
    "declassified": everyday.declassified,
    "unclassified_label": everyday.unclassified_label,
    "secrets_table": everyday.secrets_table,
    "novel": everyday.novel,
    "textbook": everyday.textbook,
    "receipt": everyday.receipt,
    "menu": everyday.menu,
    "chat_public_number": screens.chat_public_number,
    "chat": screens.chat,
}
SHEETS: dict[str, Layout] = POSITIVE | NEGATIVE
LAYOUTS: tuple[str, ...] = (*SHEETS, *PICTURES)
"""The names of all layouts: sheets to be photographed, then pictures without text."""

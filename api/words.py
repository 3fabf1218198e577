"""What levels, states, decisions and reasons are called on the page, and how text from outside may be shown on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from imgscan.i18n import N_, _
from imgscan.review import Decision, DismissReason, HitState
from imgscan.types import Level, Reason

STATES = {
    HitState.NEW: N_("To review"),
    HitState.CONFIRMED: N_("Confirmed"),
    HitState.DISMISSED: N_("Dismissed"),
    HitState.UNSURE: N_("Unsure"),
}
DECISIONS = {
    Decision.CONFIRM.value: N_("confirmed"),
    Decision.DISMISS.value: N_("dismissed"),
    Decision.UNSURE.value: N_("marked unsure"),
    "reopen": N_("reopened"),
}
REASONS = {
    DismissReason.PUBLIC_MATERIAL: N_("False alarm: public material"),
    DismissReason.MISREAD: N_("False alarm: misread"),
    DismissReason.NOT_A_MARK: N_("False alarm: words that are no mark"),
    DismissReason.DECLASSIFIED: N_("Declassified"),
    DismissReason.TEST_PICTURE: N_("Test picture"),
    DismissReason.OTHER: N_("Other"),
}

# Control characters, and those that turn the direction of writing: a file name could lie with them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Words:
    """What only the rule pack can word: a reason, and the name of a rule."""

    reason: Callable[[Reason], str]
    rule: Callable[[str], str]


def shown(text: str) -> str:
    r"""`text` as it may go into a page: what cannot be seen is spelled out (a byte that is no UTF-8 as \xNN)."""

    def spelled(match: re.Match[str]) -> str:
        code = ord(match[0])
        if 0xDC80 <= code <= 0xDCFF:  # os.fsdecode's form of a byte
            return f"\\x{code - 0xDC00:02x}"
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"

    return _UNSEEN.sub(spelled, text)


def mark_shown(text: str) -> str:
    """The text of a finding on one line: a mark may have been read from several."""
    return shown(text.replace("\n", " "))


def level_words(level: Level | None) -> str:
    """A level is never more than what the mark says; the tool says suspected, only people confirm."""
    if level is None:
        return _("no level on the mark")
    return _("suspected {level}, by the mark's wording").format(level=level_name(level))


def level_name(level: Level) -> str:
    """The level's name as it stands on documents, with its English name in an English page."""
    names = {
        Level.JUEMI: N_("绝密 (top secret)"),
        Level.JIMI: N_("机密 (secret)"),
        Level.MIMI: N_("秘密 (confidential)"),
    }
    return _(names[level])

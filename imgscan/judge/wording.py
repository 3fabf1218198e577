"""Words a finding's reasons for people: names from the rule pack, the judge's own codes from the catalogue."""

from __future__ import annotations

from imgscan.i18n import N_, _, current_language
from imgscan.judge.records import Rulebook
from imgscan.types import Reason

_OWN = {
    "signal:head": N_("stands in the head of the page"),
    "signal:head_left": N_("stands top left, where the mark of a document belongs"),
    "signal:head_right": N_("stands top right, where the mark of a pre-2012 document belongs"),
    "signal:foot": N_("stands at the foot of the page"),
    "signal:own_box": N_("stands alone, not inside a sentence"),
    "signal:leads": N_("begins its line"),
    "signal:size": N_("is set larger than the text around it"),
    "signal:red": N_("is printed in red"),
    "signal:copy_number": N_("a copy number stands above it"),
    "signal:short_page": N_("is nearly all that the text says"),
    "signal:seal": N_("a red seal stands over it or beside it"),
    "signal:sealed": N_("a red seal lies over the date"),
    "signal:red_line": N_("a long red line stands under it, as under a red head"),
    "signal:column": N_("is a cell in a column of level words, as in a list"),
    "signal:level_column": N_("stands in the column of levels of a table"),
    "signal:repeated": N_("stands in several places of the page, as a watermark does"),
    "star:lost": N_("the star was not read"),
    "star:misread": N_("the star was read as {detail}"),
    "fuzzy": N_("a character of the level was read wrongly: {detail}"),
    "digits": N_("letters were read in place of digits: {detail}"),
    "split": N_("spread over several lines or boxes"),
    "unsupported": N_("nothing around it speaks for a document"),
    "handling": N_("a handling line stands beside it: {detail}"),
    "level:beside": N_("names no level itself; the page has the mark {detail}"),
    "script": N_("a lone 機密 in traditional script: its level differs between regions"),
    "reading:patch": N_("an even patch lies here, and no text shows on it"),
    "reading:overlaid": N_("stamped across the text, or set behind it as a watermark"),
    "reading:red": N_("read with the red ink taken away"),
    "reading:mark": N_("read by the reader for marks alone, from a place that OCR could not read: look at it enlarged"),
    "reading:strong": N_("read a second time with the stronger reader"),
}
_READING = N_("read in a further pass: {detail}")


def describe(reason: Reason, rulebook: Rulebook) -> str:
    """A reason in the current language; the code itself where neither pack nor catalogue knows it."""
    own = _OWN.get(reason.code)
    if own is not None:
        return _(own).format(detail=reason.detail)
    kind, _colon, name = reason.code.partition(":")
    if kind == "reading":
        return _(_READING).format(detail=name)
    told = rulebook.told(name)
    if told is None:
        return reason.code
    words = told.name if current_language() == "zh_CN" else told.name_en
    if not reason.detail:
        return words
    return f"{words}（{reason.detail}）" if current_language() == "zh_CN" else f"{words} ({reason.detail})"

"""Wording in the reader's language: gettext catalogues under `imgscan/locale`, Chinese first, English as the source."""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("zh_CN", "en")
LOCALE_DIR = Path(__file__).parent / "locale"

# One value a thread of control, because two web requests may speak different languages at once.
_language: ContextVar[str] = ContextVar("language", default="zh_CN")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":  # the source strings are English
        return gettext.NullTranslations()
    return gettext.translation("imgscan", LOCALE_DIR, languages=[language])


def set_language(language: str) -> None:
    """Speak `language` (one of LANGUAGES) from here on in this thread of control."""
    _language.set(language)


def current_language() -> str:
    """The language now spoken."""
    return _language.get()


def _(message: str) -> str:
    """`message` in the current language."""
    return _catalogue(_language.get()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for `n` in the current language."""
    return _catalogue(_language.get()).ngettext(singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Marks a string for the catalogue where it can only be translated later (help texts, tables)."""
    return message

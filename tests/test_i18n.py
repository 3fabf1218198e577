from __future__ import annotations

import io
import string
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from imgscan.i18n import LANGUAGES, LOCALE_DIR, _, current_language, ngettext, set_language
from tests.fakes.runs import REPOSITORY

CATALOGUE = LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / "imgscan.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def wanted() -> set[str | tuple[str, ...]]:
    """Every msgid in the sources, as `pybabel extract -F babel.cfg -k N_ -k ngettext:1,2` finds them."""
    with (REPOSITORY / "babel.cfg").open(encoding="utf-8") as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found = extract_from_dir(REPOSITORY, methods, options, keywords=KEYWORDS)
    return {message[2] for message in found}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def key(msgid: str | Sequence[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def fields(message: str) -> set[str]:
    """Names in {braces}; doubled braces are no fields."""
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(message) if name}


def test_every_message_is_translated(catalogue: Catalog) -> None:
    known = {key(message.id) for message in catalogue if message.id and message.string and all(_texts(message.string))}
    assert sorted(key(msgid) for msgid in wanted() if key(msgid) not in known) == []


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []


def test_the_catalogue_holds_nothing_else(catalogue: Catalog) -> None:
    sources = {key(msgid) for msgid in wanted()}
    assert sorted(key(message.id) for message in catalogue if message.id and key(message.id) not in sources) == []
    assert not [message.id for message in catalogue if message.id and message.fuzzy]


def test_translations_keep_the_placeholders(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            originals = _texts(message.id)
            for translated in _texts(message.string):
                # Of "{n} thing" and "{n} things" either may leave the number out; a missing translation is told above.
                known = [fields(original) for original in originals]
                assert not translated or fields(translated) in (known[-1], known[0] | known[-1]), message.id


def test_the_compiled_catalogue_is_in_step(catalogue: Catalog) -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    fresh = io.BytesIO()
    write_mo(fresh, catalogue)
    fresh.seek(0)
    assert {key(m.id): m.string for m in compiled if m.id} == {key(m.id): m.string for m in read_mo(fresh) if m.id}


def test_language_is_chosen_by_each_thread_of_control() -> None:
    from contextvars import copy_context

    set_language("zh_CN")
    elsewhere = copy_context()
    elsewhere.run(set_language, "en")
    assert elsewhere.run(current_language) == "en"
    assert current_language() == "zh_CN"
    assert elsewhere.run(_, "Commands") == "Commands"
    assert _("Commands") != "Commands"


def test_empty_and_unknown_messages_stay() -> None:
    for language in LANGUAGES:
        set_language(language)
        assert _("") == ""
        assert _("no message of ours") == "no message of ours"


def test_number_forms() -> None:
    set_language("en")
    assert [ngettext("{n} thing", "{n} things", n).format(n=n) for n in (1, 2)] == ["1 thing", "2 things"]


def test_the_catalogue_is_where_the_package_is() -> None:
    assert Path(LOCALE_DIR).is_dir()

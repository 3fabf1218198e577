from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from imgscan.errors import ExitCode, SettingsError
from imgscan.i18n import set_language
from imgscan.settings import Settings, as_markdown, load_settings
from imgscan.types import Severity


@pytest.fixture(autouse=True)
def english_messages() -> None:
    set_language("en")


def write(home: Path, content: str | bytes) -> None:
    home.mkdir(exist_ok=True)
    (home / "imgscan.toml").write_bytes(content.encode() if isinstance(content, str) else content)


def test_flags_then_environment_then_file_then_default(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().timeout_seconds == 60.0
    write(home, 'timeout_seconds = 10\nprofile = "fast"\nreview_from = "low"')
    assert load_settings().timeout_seconds == 10
    monkeypatch.setenv("IMGSCAN_TIMEOUT_SECONDS", "20")
    assert load_settings().timeout_seconds == 20
    settings = load_settings(timeout_seconds=30.0, profile=None)
    assert (settings.timeout_seconds, settings.profile, settings.review_from) == (30.0, "fast", Severity.LOW)


def test_roots_are_listed_in_the_file_and_parted_by_colons_in_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().scan_roots == ()
    write(home, 'scan_roots = ["/a", "/b c"]')
    assert load_settings().scan_roots == (Path("/a"), Path("/b c"))
    monkeypatch.setenv("IMGSCAN_SCAN_ROOTS", "/x::/y")
    assert load_settings().scan_roots == (Path("/x"), Path("/y"))


def test_an_empty_variable_counts_as_unset(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGSCAN_WEIGHTS", "")
    monkeypatch.setenv("IMGSCAN_WORKERS", "")
    settings = load_settings()
    assert settings.weights_path == home / "weights"
    assert settings.workers >= 1


def test_everything_of_ours_lies_in_the_data_folder(home: Path, tmp_path: Path) -> None:
    settings = load_settings()
    places = [settings.database_path, settings.weights_path, settings.site_rules_path]
    places += [settings.temporary_path, settings.lock_path]
    assert all(home in place.parents for place in places)
    assert load_settings(weights=tmp_path / "elsewhere").weights_path == tmp_path / "elsewhere"


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMGSCAN_HOME", "here")
    monkeypatch.setenv("IMGSCAN_WEIGHTS", "~/weights")
    settings = load_settings()
    assert settings.home == tmp_path / "here"
    assert settings.weights_path == Path.home() / "weights"


def test_settings_are_frozen() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.workers = 3


@pytest.mark.parametrize(
    ("typo", "meant"), [("WORKER", "WORKERS"), ("TIMEOUT_SECOND", "TIMEOUT_SECONDS"), ("KEEPTEXT", "KEEP_TEXT")]
)
def test_a_typo_in_the_environment_names_the_nearest(monkeypatch: pytest.MonkeyPatch, typo: str, meant: str) -> None:
    monkeypatch.setenv(f"IMGSCAN_{typo}", "1")
    with pytest.raises(SettingsError, match=f"IMGSCAN_{typo}") as refused:
        load_settings()
    assert f"IMGSCAN_{meant}?" in refused.value.cure
    assert refused.value.exit_code == ExitCode.USAGE


def test_a_typo_in_the_file_names_the_nearest(home: Path) -> None:
    write(home, "max_megapixel = 3")
    with pytest.raises(SettingsError, match="max_megapixel") as refused:
        load_settings()
    assert "max_megapixels?" in refused.value.cure


def test_a_name_like_no_other_lists_them_all(home: Path) -> None:
    write(home, "zzzzzz = 3")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert all(name in refused.value.cure for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("workers", "0"),
        ("workers", "many"),
        ("profile", "sloppy"),
        ("keep_text", "some"),
        ("review_from", "dreadful"),
        ("timeout_seconds", "0"),
        ("worker_memory_mib", "12"),
        ("language", "fr"),
    ],
)
def test_a_bad_value_names_the_setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"IMGSCAN_{name.upper()}", value)
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings()
    assert value in refused.value.message
    assert refused.value.cure


@pytest.mark.parametrize("content", ["workers = ", "[[", 'language = "zh_CN', "# 说明".encode("gbk")])
def test_a_file_that_is_no_toml_is_told(home: Path, content: str | bytes) -> None:
    write(home, content)
    with pytest.raises(SettingsError, match=r"imgscan\.toml"):
        load_settings()


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_page_of_settings_is_in_step_with_them() -> None:
    page = Path(__file__).parents[1] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8").endswith(as_markdown()), "put what as_markdown() says into docs/settings.md"

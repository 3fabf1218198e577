"""What every command begins with: settings read once, language set, libraries kept inside the data folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from imgscan import env
from imgscan.i18n import set_language
from imgscan.rulebook import BUILT_IN, Rulebook, load
from imgscan.settings import Settings, load_settings


def start(**flags: Any) -> Settings:
    """Read the settings (flags that are None were not given) and prepare the process. Raises SettingsError."""
    settings = load_settings(**flags)
    set_language(settings.language)
    env.prepare(settings)
    return settings


def packs(settings: Settings) -> tuple[Path, ...]:
    """The rule packs in force: the built-in one, then the site's own where there is one."""
    return (BUILT_IN, settings.site_rules_path) if settings.site_rules_path.is_dir() else (BUILT_IN,)


def rules_in_force(settings: Settings) -> Rulebook:
    """The rulebook of those packs. Raises RuleError."""
    return load(packs(settings))

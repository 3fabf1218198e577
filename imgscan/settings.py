"""All settings in one frozen object, read once: flags, then `IMGSCAN_*`, then `imgscan.toml`, then defaults."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from imgscan.errors import SettingsError
from imgscan.i18n import N_, _
from imgscan.types import Severity

PREFIX = "IMGSCAN_"
CONFIG_NAME = "imgscan.toml"


class Settings(BaseSettings):
    """What a run may be told. The descriptions are the manual: `docs/settings.md` is made from them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_path("imgscan")),
        description=N_("The data folder: everything that imgscan writes lies in it."),
    )
    weights: Path | None = Field(
        default=None,
        description=N_("The folder of the OCR weights; `weights` inside the data folder when unset."),
    )
    language: Literal["zh_CN", "en"] = Field(
        default="zh_CN", description=N_("The language of messages and of the review page.")
    )
    workers: int = Field(
        default_factory=lambda: max(1, len(os.sched_getaffinity(0))),
        ge=1,
        le=256,
        description=N_("Reading processes, one thread each; as many as there are processors when unset."),
    )
    profile: Literal["fast", "balanced", "thorough"] = Field(
        default="balanced", description=N_("How closely pictures are read: quicker, or down to smaller marks.")
    )
    keep_text: Literal["matched", "all"] = Field(
        default="matched",
        description=N_("Which text is kept: the matched lines of a hit, or every line (for judging again later)."),
    )
    review_from: Severity = Field(
        default=Severity.MEDIUM, description=N_("The lowest severity that puts a picture into the review queue.")
    )
    reviewers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description=N_(
            "Who reviews at this computer, by name, with commas between; the user of the system when unset."
        ),
    )
    blur: bool = Field(
        default=True,
        description=N_("Show the marks of a picture alone until the reviewer takes the blur off, which is kept."),
    )
    timeout_seconds: float = Field(
        default=60.0, gt=0, description=N_("A picture that takes longer is given up and listed as `timeout`.")
    )
    max_file_mib: int = Field(default=256, ge=1, description=N_("A larger file is listed as `too_large`."))
    max_megapixels: int = Field(
        default=600, ge=1, description=N_("A picture with more pixels is listed as `too_large`, never decoded.")
    )
    worker_memory_mib: int = Field(
        default=4096, ge=1024, description=N_("A reading process that needs more address space ends as `oom`.")
    )

    database_url: SecretStr | None = Field(
        default=None,
        description=N_("A PostgreSQL database for the store, postgresql+psycopg://user@host/name; a file when unset."),
    )
    plain_store: bool = Field(
        default=False,
        description=N_("Make a new store without encryption. Whoever can read the file can then read what was found."),
    )
    key_from: Literal["file", "passphrase", "keyring"] = Field(
        default="file", description=N_("What locks a new store; `imgscan rekey` changes it for one that exists.")
    )
    key_file: Path | None = Field(
        default=None,
        description=N_("The key file, for example on a stick; `imgscan.key` inside the data folder when unset."),
    )
    passphrase: SecretStr | None = Field(
        default=None,
        description=N_("The passphrase where no terminal can ask for it. Never write it into imgscan.toml."),
    )

    scan_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description=N_("Folders below which the review page may start a scan; in the environment with colons between."),
    )

    @field_validator("scan_roots", mode="before")
    @classmethod
    def _parted(cls, value: Any) -> Any:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("scan_roots", mode="after")
    @classmethod
    def _absolute_roots(cls, roots: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(root.expanduser().absolute() for root in roots)

    @field_validator("reviewers", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return [name.strip() for name in re.split("[,，、]", value)] if isinstance(value, str) else value

    @field_validator("reviewers", mode="after")
    @classmethod
    def _telling(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or not all(0 < len(name) <= 60 for name in names):
            raise ValueError("names")
        return names

    @field_validator("home", "weights", "key_file", mode="after")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @property
    def database_path(self) -> Path:
        """The store's file."""
        return self.home / "imgscan.db"

    @property
    def lock_of_keys_path(self) -> Path:
        """The store's locked master key (imgscan.store.keys)."""
        return self.home / "imgscan.keys.json"

    @property
    def key_path(self) -> Path:
        """The key file."""
        return self.key_file or self.home / "imgscan.key"

    @property
    def weights_path(self) -> Path:
        """The folder that holds one folder a model."""
        return self.weights or self.home / "weights"

    @property
    def site_rules_path(self) -> Path:
        """The folder of the site's own rule packs; may be absent."""
        return self.home / "rules"

    @property
    def temporary_path(self) -> Path:
        """Where libraries put what they insist on writing."""
        return self.home / "tmp"

    @property
    def lock_path(self) -> Path:
        """Held while a scan of this store runs."""
        return self.home / "scan.lock"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags win over the environment, the environment over imgscan.toml in the data folder."""
        home = init_settings().get("home") or env_settings().get("home") or platformdirs.user_data_path("imgscan")
        toml = TomlConfigSettingsSource(settings_cls, toml_file=Path(home).expanduser() / CONFIG_NAME)
        return init_settings, env_settings, toml


def load_settings(**flags: Any) -> Settings:
    """Read the settings once; `flags` that are None were not given. Raises SettingsError naming setting and cure."""
    given = {name: value for name, value in flags.items() if value is not None}
    names = set(Settings.model_fields)
    _refuse_unknown((key[len(PREFIX) :].lower() for key in os.environ if key.startswith(PREFIX)), names, PREFIX)
    try:
        return Settings(**given)
    except ValidationError as error:
        raise _settings_error(error, names) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:  # TOML is UTF-8; an editor may save GBK
        raise SettingsError(
            _("{file} is not valid TOML: {error}").format(file=CONFIG_NAME, error=error),
            _("Correct that line of the file."),
        ) from error


def _refuse_unknown(found: Iterable[str], names: set[str], where: str) -> None:
    for name in found:
        if name not in names:
            raise SettingsError(
                _("There is no setting {where}{name}.").format(where=where, name=name.upper() if where else name),
                _nearest(name, names, where),
            )


def _nearest(name: str, names: set[str], where: str = "") -> str:
    close = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.5)
    if not close:
        return _("Settings are: {names}").format(names=", ".join(sorted(names)))
    return _("Did you mean {where}{name}?").format(where=where, name=close[0].upper() if where else close[0])


def _settings_error(error: ValidationError, names: set[str]) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return SettingsError(_("There is no setting {where}{name}.").format(where="", name=name), _nearest(name, names))
    return SettingsError(
        _("The setting {name} cannot be {value!r}.").format(name=name, value=first["input"]),
        _("{name}: {what} {allowed} See docs/settings.md.").format(
            name=name, what=_(str(Settings.model_fields[name].description)), allowed=_allowed(first)
        ),
    )


def _allowed(error: ErrorDetails) -> str:
    """The values or bounds that pydantic holds against the value, as far as it says."""
    limits = error.get("ctx", {})
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    return ", ".join(re.findall("'(.+?)'", str(limits.get("expected", "")))) or ", ".join(
        f"{sign} {limits[name]}" for name, sign in signs.items() if name in limits
    )


def as_markdown() -> str:
    """The table of docs/settings.md; a test holds the page in step with it."""
    rows = ["| setting | environment | default | meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory or field.default in (None, ()) else field.default
        shown = default.value if isinstance(default, Severity) else default
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"

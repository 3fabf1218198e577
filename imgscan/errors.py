"""The one tree of what can go wrong with a run. A bad file is no error of the run: it is a ScanResult.

ImgscanError
 ├── UsageError              2   arguments or settings are wrong
 │    ├── SettingsError      2   a setting is unknown or has a bad value
 │    └── RuleError          2   a rule pack cannot be used
 ├── ReaderStartError        2   the OCR engine cannot be loaded
 ├── StoreError              4   disk or database
 │    └── DamagedError       4   what lies there is no sound database
 ├── AlreadyRunningError     5   another scan of the same store is running
 ├── WeightsError            6   weights missing or altered
 └── WrongKeyError           7   the store's key does not fit

`imgscan.cli.main` alone turns them into exit codes, `api.errors` alone into HTTP answers.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from imgscan.i18n import N_, _


class ExitCode(IntEnum):
    """What the process tells its caller (docs/design.md, "Command line")."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    NOT_FULLY_READ = 3
    STORE = 4
    ALREADY_RUNNING = 5
    WEIGHTS = 6
    WRONG_KEY = 7
    DEFECT = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130


# What people meet of the system's own words; others stay in English.
SYSTEM_WORDS = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("No space left on device"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("File name too long"),
    N_("Operation not permitted"),
    N_("Device or resource busy"),
    N_("Stale file handle"),
    N_("Host is down"),
)


def why(error: OSError | UnicodeError) -> str:
    """What the system, or the decoder of a text, says of an error, without its number and in the reader's words."""
    if isinstance(error, UnicodeError):
        return _("it is not UTF-8")
    return _(error.strerror) if error.strerror else str(error) or type(error).__name__


class ImgscanError(Exception):
    """Something a person must mend. `message` says what is wrong and where, `cure` which command or change mends it."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


class UsageError(ImgscanError):
    """The arguments cannot be used."""


class SettingsError(UsageError):
    """A setting is unknown or has a bad value."""


class RuleError(UsageError):
    """A rule pack cannot be used."""


class ReaderStartError(ImgscanError):
    """The OCR engine cannot be loaded, so no file can be read."""


class StoreError(ImgscanError):
    """The disk or the database refused."""

    exit_code = ExitCode.STORE

    @classmethod
    def unwritable(cls, path: Path, error: OSError) -> StoreError:
        """The error of a file of the data folder that `error` kept from being written."""
        return cls(
            _("{path} cannot be written: {why}").format(path=path, why=why(error)),
            _("Check that the volume has space and can be written, then run the same command again: it goes on."),
        )


class DamagedError(StoreError):
    """What lies there is no sound database, or belongs to other keys."""


class AlreadyRunningError(ImgscanError):
    """Another scan of the same store is running."""

    exit_code = ExitCode.ALREADY_RUNNING

    @classmethod
    def held_by(cls, who: str) -> AlreadyRunningError:
        """The error that names the process which holds the store's scan lock."""
        return cls(
            _("Another scan of this store is running ({who}).").format(who=who),
            _("Wait for it to end, or stop it with Ctrl-C there; what it has read is kept."),
        )


class WeightsError(ImgscanError):
    """OCR weights are missing or altered."""

    exit_code = ExitCode.WEIGHTS


class WrongKeyError(ImgscanError):
    """The key does not open the store."""

    exit_code = ExitCode.WRONG_KEY

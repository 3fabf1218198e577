"""The one tree of what can go wrong with a run. A bad file is no error of the run: it is a ScanResult.

ImgscanError
 ├── UsageError              2   arguments or settings are wrong
 │    ├── SettingsError      2   a setting is unknown or has a bad value
 │    └── RuleError          2   a rule pack cannot be used
 ├── ReaderStartError        2   the OCR engine cannot be loaded
 ├── StoreError              4   disk or database
 ├── AlreadyRunningError     5   another scan of the same store is running
 ├── WeightsError            6   weights missing or altered
 └── WrongKeyError           7   the store's key does not fit

`imgscan.cli.main` alone turns them into exit codes, `api.errors` alone into HTTP answers.
"""

from __future__ import annotations

from enum import IntEnum


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


class AlreadyRunningError(ImgscanError):
    """Another scan of the same store is running."""

    exit_code = ExitCode.ALREADY_RUNNING


class WeightsError(ImgscanError):
    """OCR weights are missing or altered."""

    exit_code = ExitCode.WEIGHTS


class WrongKeyError(ImgscanError):
    """The key does not open the store."""

    exit_code = ExitCode.WRONG_KEY

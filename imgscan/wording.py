"""What classes, severities and statuses are called, wherever a person reads them: terminal, page and report.

And how text from outside is made fit to be read.
"""

import unicodedata

from imgscan.i18n import N_, _, ngettext
from imgscan.types import FindingClass, Severity, Status

CLASSES = {
    FindingClass.NATIONAL_SECRET: N_("National secret mark"),
    FindingClass.WORK_SECRET: N_("Work secret mark"),
    FindingClass.INTERNAL: N_("Internal label"),
    FindingClass.FILE_NUMBER: N_("File number"),
    FindingClass.TELEGRAM: N_("Telegram"),
    FindingClass.COMMERCIAL: N_("Commercial secret mark"),
    FindingClass.FOREIGN: N_("Foreign mark"),
    FindingClass.SUSPECT_COVERED: N_("Covered mark"),
    FindingClass.DEVICE_LABEL: N_("Device label"),
    FindingClass.WATCHLIST: N_("Watch list"),
}
SEVERITIES = {
    Severity.CRITICAL: N_("Critical"),
    Severity.HIGH: N_("High"),
    Severity.MEDIUM: N_("Medium"),
    Severity.LOW: N_("Low"),
    Severity.INFO: N_("Info"),
}
STATUSES = {
    Status.CLEAN: N_("Read, nothing found"),
    Status.HIT: N_("Read, hit"),
    Status.PARTIAL: N_("Read in part"),
    Status.UNREADABLE: N_("Damaged"),
    Status.UNSUPPORTED: N_("Unknown format"),
    Status.TOO_LARGE: N_("Too large"),
    Status.TIMEOUT: N_("Took too long"),
    Status.CRASHED: N_("Reader crashed"),
    Status.OOM: N_("Too little memory"),
    Status.SPECIAL_FILE: N_("No regular file"),
    Status.SYMLINK: N_("Symbolic link"),
    Status.PERMISSION_DENIED: N_("Permission denied"),
    Status.IO_ERROR: N_("Read error"),
    Status.VANISHED: N_("Vanished"),
    Status.ENCRYPTED: N_("Encrypted"),
}


BASIS_SECONDS, BASIS_FILES = 8.0, 3
"""Before a scan was watched for so long and has ended so many files, nobody can say how long it will take."""


def left_words(seconds: float) -> str:
    """A time that is left, as roughly as it is known: to the minute, to five from ten on, to the half hour later."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute left")
    if minutes >= 10:
        minutes = 5 * round(minutes / 5)
    if minutes < 90:
        return ngettext("about {n} minute left", "about {n} minutes left", minutes).format(n=minutes)
    hours = round(seconds / 3600) if seconds >= 5 * 3600 else round(seconds / 1800) / 2
    return _("about {n} hours left").format(n=f"{hours:g}")


def harmless(name: str) -> str:
    """A file name as one line of visible characters: control and direction characters and surrogates are escaped."""
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in name
    )

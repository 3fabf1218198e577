"""The command line: turns arguments into calls, and every ImgscanError into an exit code. Nothing else happens here."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence

import typer
from typer.exceptions import TyperException

from imgscan import __version__
from imgscan.console import console, say_error
from imgscan.errors import ExitCode, ImgscanError, StoreError, UsageError, why
from imgscan.i18n import LANGUAGES, N_, _, set_language
from imgscan.usage import called, word_help, wrong_usage
from imgscan.wording import harmless


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with an ExitCode."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal in another encoding shows escapes, never a traceback
            stream.reconfigure(errors="backslashreplace")
    language = os.environ.get("IMGSCAN_LANGUAGE", "")
    set_language(language if language in LANGUAGES else LANGUAGES[0])
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the one place where errors of the run become exit codes."""
    try:
        return _obey(arguments)
    except typer.Abort as error:
        return _given_up(error)
    except ImgscanError as error:
        say_error(error)
        return error.exit_code
    except SystemExit as end:
        return _code_of(end)
    except OSError as error:
        say_error(StoreError(_refused(error), _("Run: imgscan doctor")))
        return ExitCode.STORE
    except ImportError as error:
        say_error(_missing(error))
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 (the last resort: an exit code of its own, for 1 means findings)
        _say_defect(error)
        return ExitCode.DEFECT


def _refused(error: OSError) -> str:
    names = [harmless(os.fsdecode(name)) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    return _("The system refused: {error}").format(error=": ".join([*names, why(error)]))


def _obey(arguments: Sequence[str]) -> int:
    command = build()
    try:
        return command(list(arguments), prog_name="imgscan", standalone_mode=False) or ExitCode.OK
    except TyperException as error:
        if error.format_message():  # nothing where the command alone was typed, and its help printed
            say_error(wrong_usage(error, called(command, arguments)))
        return ExitCode.USAGE


def _given_up(error: typer.Abort) -> int:
    """A question was answered with no, or not at all. typer takes every end of a file for that, ours is a defect."""
    if isinstance(error.__cause__, EOFError):
        _say_defect(error.__cause__)
        return ExitCode.DEFECT
    console(to_stderr=True).print(_("Given up; nothing was changed."))
    return ExitCode.INTERRUPTED


def _code_of(end: SystemExit) -> int:
    """How a run ends that typer ends. Where who read our output has had enough (`| head`) it says 1, for findings."""
    if isinstance(end.__context__, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.STORE
    return end.code if isinstance(end.code, int) else ExitCode.OK


def _missing(error: ImportError) -> UsageError:
    message = _("A library is missing: {error}").format(error=error)
    if ".so" in str(error):  # OpenCV's wheel needs two libraries of the system that a bare one lacks
        return UsageError(message, _("On Debian or Ubuntu: apt-get install libgl1 libglib2.0-0"))
    return UsageError(message, _("Run: make install"))


def _say_defect(error: Exception) -> None:
    """A defect of ours: name its kind and place for a report, never its words, which may hold text of a picture."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}, {os.path.basename(place.filename)}:{place.lineno}"  # noqa: PTH119 (a name only)
    message = _("Something went wrong inside imgscan ({where}).").format(where=where)
    say_error(UsageError(message, _("Please report this line. What was read is kept; run: imgscan doctor")))


def build() -> Callable[..., int | None]:
    """The whole command tree, with help in the current language."""
    from imgscan.commands import (  # noqa: PLC0415 (tests patch)
        audit,
        backup,
        bench,
        doctor,
        purge,
        rejudge,
        rekey,
        report,
        review,
        rules,
        scan,
        specimens,
        weights,
    )

    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help=N_("Finds suspected secrecy marks in photo albums, offline. Only people confirm."),
    )
    app.callback()(_version)
    app.command("scan", help=N_("Look through folders for suspected marks; nothing in them is ever changed."))(
        scan.scan
    )
    app.command("review", help=N_("Show the suspected pictures in a browser, worst first, to confirm or dismiss."))(
        review.review
    )
    app.command("report", help=N_("Write ledger and list of problems: spreadsheet, page to print, CSV or JSON."))(
        report.report
    )
    app.command("rejudge", help=N_("Judge the kept text again by the rules in force, without reading any picture."))(
        rejudge.rejudge
    )
    app.command("rekey", help=N_("Lock the store with a new key: a key file, a passphrase, or the system keyring."))(
        rekey.rekey
    )
    app.command("backup", help=N_("Copy the store into a folder, also while it is in use, and check the copy."))(
        backup.backup
    )
    app.command("restore", help=N_("Put a backup back, after checking it page by page."))(backup.restore)
    app.command("purge", help=N_("Forget a campaign, what is old, or everything that was found."))(purge.purge)
    app.add_typer(audit.app, name="audit")
    app.add_typer(rules.app, name="rules")
    app.add_typer(weights.app, name="weights")
    app.command("specimens", help=N_("Make fictitious photographs of documents with truth.jsonl beside them."))(
        specimens.specimens
    )
    app.command("bench", help=N_("Measure recall, false alarms and speed on pictures with known truth."))(bench.bench)
    app.command("doctor", help=N_("Check this installation and say what to mend."))(doctor.doctor)
    command = typer.main.get_command(app)
    word_help(command)
    return command


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


def _version(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help=N_("Print the version and exit.")
    ),
) -> None:
    pass


if __name__ == "__main__":
    main()

"""Words what typer says by itself, help and errors of usage, in the reader's language. Beside `cli`.

typer has neither a catalogue nor a hook for its own strings: its help is worded through the parts of it that can be
set, its errors by what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.text import Text
from typer import rich_utils
from typer.exceptions import TyperException

from imgscan.errors import UsageError
from imgscan.i18n import N_, _

# The first one that fits counts; `{}` are its groups, each worded in its turn.
WORDINGS = (
    (r"No such option: (.+) \(Possible options: (.+)\)", N_("There is no option {}. Perhaps: {}")),
    (r"No such option: (.+)", N_("There is no option {}.")),
    (r"No such command (.+)\. Did you mean (.+)\?", N_("There is no command {}. Perhaps: {}")),
    (r"No such command (.+)\.", N_("There is no command {}.")),
    (r"Missing command\.", N_("The command is missing.")),
    (r"Missing (?:argument|option|parameter) ('.+')\.(?: .*)?", N_("{} is missing.")),
    (r"Option '(.+)' requires an argument\.", N_("{} needs a value.")),
    (r"Option '(.+)' does not take a value\.", N_("{} takes no value.")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)", N_("Too many arguments: {}")),
    (r"Invalid value for ('.+?'(?: / '.+?')*): (.+)", N_("{}: {}")),
    (r"Value error, (.+) is not one of (.+)\.", N_("{} is none of {}.")),
    (r"Input should be a valid integer, .+", N_("That is no whole number.")),
    (r"Input should be greater than or equal to (.+)", N_("The value must be {} or more.")),
    (r"Input should be less than or equal to (.+)", N_("The value must be {} or less.")),
    (r"(?:Path|File|Directory) '(.+)' does not exist\.", N_("{} does not exist.")),
    (r"(?:Path|File|Directory) '(.+)' is a file\.", N_("{} is a file, no folder.")),
    (r"(?:Path|File|Directory) '(.+)' is a directory\.", N_("{} is a folder, no file.")),
    (r"(?:Path|File|Directory) '(.+)' is not readable\.", N_("{} cannot be read.")),
)


class _Usage(typer.Context.formatter_class):  # type: ignore[misc, valid-type]
    """How a command is called, with the word before it in the current language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or _("Usage: "))


def word_help(command: Any) -> None:
    """Word the help of `command` (a typer command) and of all below it in the current language."""
    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    rich_utils.Columns = _flowing  # type: ignore[assignment, attr-defined]
    command.context_class.formatter_class = _Usage
    _word(command)


def _flowing(parts: Iterable[Text]) -> Text:
    """What is said of an option, in one text that is wrapped. Columns cut Chinese off, which has no spaces."""
    return Text(" ", overflow="fold").join(parts)


def _word(command: Any) -> None:
    command.help = _(command.help)
    command.options_metavar = _("[OPTIONS]")
    context = typer.Context(command)
    for parameter in command.get_params(context):  # --help, which typer adds, is one of them here
        parameter.help = _("Show this help and exit.") if parameter.name == "help" else _(parameter.help)
        if parameter.param_type_name == "option" and parameter.is_flag:
            parameter.metavar = ""  # else <bool>, of what takes no value
        elif parameter.param_type_name == "argument":
            parameter.display_type_rich = _no_type
            parameter._usage_display_name = _as_it_is_called.__get__(parameter)  # else {PATH...}...
        elif parameter.metavar is None:
            parameter.metavar = {"<int>": _("NUMBER"), "<int range>": _("NUMBER"), "<str>": _("TEXT")}.get(
                parameter.display_type(context)
            )
    commands = getattr(command, "commands", None)
    if commands is not None:
        command.subcommand_metavar = _("COMMAND [ARGS]...")
        for inner in commands.values():
            _word(inner)


def _as_it_is_called(argument: Any) -> str:
    """Our own words for an argument, which say already whether it may be left out or come more than once."""
    return str(argument.display_name_raw)


def _no_type(ctx: Any) -> str:  # noqa: ARG001 (typer's signature)
    """Nothing: what an argument is stands in its name and its help, not in the type `list[Path]`."""
    return ""


def called(command: Any, arguments: Sequence[str]) -> str:
    """Which command below `command` was called with `arguments`, as it is typed. typer does not always say."""
    path = ["imgscan"]
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument)
        if command is None:
            break
        path.append(argument)
    return " ".join(path)


def wrong_usage(error: TyperException, command: str) -> UsageError:
    """What typer says of how `command` was called, as an error of ours."""
    return UsageError(worded(error.format_message()), _("How it is called: {command} --help").format(command=command))


def worded(message: str) -> str:
    """`message` of typer in the current language; one that is not known stays as it is."""
    for pattern, template in WORDINGS:
        if said := re.fullmatch(pattern, message):
            return _(template).format(*(worded(_unquoted(part)) for part in said.groups()))
    return message


def _unquoted(part: str) -> str:
    """Without the quotes around it, or around each of several."""
    return re.sub(r"""(?<![^ ,])(['"])(.*?)\1(?![^ ,])""", r"\2", part)

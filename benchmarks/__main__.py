"""`python -m benchmarks`: the comparison with its peers, as Markdown on the output and as JSON where asked for."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.album import Picture, dealt, photographs, specimens
from benchmarks.children import Child, command_of
from benchmarks.figures import figures_of
from benchmarks.rounds import Asked, Turn, take_turns
from benchmarks.tables import as_json, markdown, said_of
from benchmarks.tools import OURS, TOOLS, Missing
from imgscan import env, weights
from imgscan.errors import ImgscanError
from imgscan.settings import load_settings
from imgscan.specimens import generate


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-peers", description="Compare imgscan with other readers of text.")
    parser.add_argument("--seed", type=int, default=1, help="of the specimens")
    parser.add_argument("--count", type=int, default=100, help="how many specimens")
    parser.add_argument("--photos", type=Path, help="a folder of photographs, with or without manifest.tsv")
    parser.add_argument("--photo-count", type=int, help="at most so many of them, taken evenly")
    parser.add_argument("--rounds", type=int, default=7, help="slices of the album; a multiple of the tools is fairest")
    parser.add_argument("--tools", nargs="+", choices=[tool.name for tool in TOOLS], default=None, help="only these")
    parser.add_argument("--json", type=Path, dest="json_file", help="write the figures there as well")
    return parser.parse_args()


def main() -> None:
    """Make the album, start the tools, let them read in turn, print."""
    told = _arguments()
    settings = load_settings()
    env.prepare(settings)  # no library may ask the network for anything; the children inherit it
    weights.verify(settings.weights_path)
    names = [tool.name for tool in TOOLS if told.tools is None or tool.name in told.tools or tool.name == OURS]
    with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        slices = dealt(_album(told, Path(scratch)), told.rounds, told.seed)
        turns, absent = _run(names, slices, Path(scratch), settings.weights_path)
    figures = [figures_of(name, turns, OURS) for name in names if name not in absent]
    sys.stdout.write(markdown(_head(told, turns, names), figures, absent))
    if told.json_file:
        rounds, pictures = len({turn.round for turn in turns}), sum(turn.tool == OURS for turn in turns)
        run = {"seed": told.seed, "specimens": told.count, "rounds": rounds, "pictures": pictures}
        text = json.dumps(as_json(run, figures, absent), ensure_ascii=False, indent=1)
        told.json_file.write_text(text + "\n", encoding="utf-8")


def _album(told: argparse.Namespace, scratch: Path) -> list[Picture]:
    _say("rendering the specimens")
    folder = scratch / "album"
    pictures = specimens(folder, generate(folder, told.seed, told.count))
    return pictures + (photographs(told.photos, told.photo_count) if told.photos else [])


def _run(
    names: list[str], slices: list[list[Picture]], scratch: Path, weights_path: Path
) -> tuple[list[Turn], dict[str, str]]:
    """All turns, and which tools were not there and why."""
    first = next(picture for pictures in slices for picture in pictures)
    present: dict[str, Asked] = {}
    absent: dict[str, str] = {}
    with ExitStack() as stack:
        for name in names:
            _say(f"loading {name}")
            try:
                present[name] = stack.enter_context(
                    Child(command_of(name, weights_path), scratch / f"{name}.log", first)
                )
            except Missing as why:
                absent[name] = str(why)
                _say(f"{name} is not compared: {why}")
        tell = lambda round_, name: _say(f"round {round_ + 1} of {len(slices)}: {name}")  # noqa: E731
        return take_turns(present, slices, tell), absent


def _head(told: argparse.Namespace, turns: list[Turn], names: list[str]) -> str:
    kinds = [turn.picture.kind for turn in turns if turn.tool == OURS]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    rounds = len({turn.round for turn in turns})
    tools = "\n".join(f"- {name}: {said_of(name)}" for name in names)
    return (
        f"{len(kinds)} pictures ({counted}), specimens of seed {told.seed}, {rounds} of {told.rounds} rounds; one "
        "process and one thread each, in turn; peers followed by ten plain patterns; median (range over the rounds)."
        f"\n\n{tools}"
    )


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    try:
        main()
    except ImgscanError as error:  # no fonts, no weights
        sys.exit(f"{error.message} {error.cure}")

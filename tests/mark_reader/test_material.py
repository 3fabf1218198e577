"""What the networks learn from: the same each time, and labelled as it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imgscan.mark_reader.alphabet import KINDS, MarkKind
from imgscan.specimens.fonts import fonts_present
from training import cache, crops, texts, tiles

SEED = 40_000


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("绝密★启用前", MarkKind.JUEMI),
        ("機　密", MarkKind.JIMI),
        ("（秘密★3年）", MarkKind.MIMI),
        ("涉密计算机（机密）", MarkKind.JIMI),
        ("内部★2年", MarkKind.WORK),
        ("内部资料 注意保存", MarkKind.INTERNAL),
        ("星槎集团·核心商密★5年", MarkKind.COMMERCIAL),
        ("内部明电", MarkKind.TELEGRAM),
        ("000123", MarkKind.NUMBER),
        ("云岫委密电〔2024〕12号", MarkKind.NUMBER),
        ("国家秘密的密级分为绝密、机密、秘密三级", MarkKind.OTHER),
        ("保守秘密 人人有责", MarkKind.OTHER),
        ("内部结构", MarkKind.OTHER),
        ("密级", MarkKind.OTHER),
    ],
)
def test_a_line_is_labelled_as_it_reads(text: str, kind: MarkKind) -> None:
    assert texts.kind_of(text) is kind


def test_no_lookalike_is_labelled_a_mark() -> None:
    assert [text for text in (*texts.SHORT, *texts.SENTENCES) if texts.kind_of(text) is not MarkKind.OTHER] == []


@pytest.mark.skipif(not fonts_present(), reason="no Chinese fonts to render specimens with")
def test_a_seed_gives_the_same_crops_and_they_survive_the_disk(tmp_path: Path) -> None:
    drawn, again = crops.draw(SEED, 3), crops.draw(SEED, 3)
    cache.save(tmp_path / "crops.npz", drawn)
    kept = cache.load(tmp_path / "crops.npz")
    for one, two, three in zip(drawn, again, kept, strict=True):
        assert np.array_equal(one.pixels, two.pixels)
        assert np.array_equal(one.pixels, three.pixels)
        assert (one.text, one.kind, one.tier) == (three.text, three.kind, three.tier)
        assert one.quad == pytest.approx(three.quad, abs=1e-3)


@pytest.mark.skipif(not fonts_present(), reason="no Chinese fonts to render specimens with")
def test_marks_and_other_lines_are_both_drawn_where_their_ink_is() -> None:
    drawn = [crop for index in range(12) for crop in crops.draw(SEED, index)]
    kinds = {KINDS[crop.kind] for crop in drawn}
    assert MarkKind.OTHER in kinds
    assert len(kinds) > 3
    for crop in drawn:
        height, width = crop.pixels.shape[:2]
        assert (crop.quad >= 0).all()
        assert (crop.quad <= (width, height)).all()


@pytest.mark.skipif(not fonts_present(), reason="no Chinese fonts to render specimens with")
def test_tiles_know_the_marks_in_them() -> None:
    drawn = [tile for index in range(6) for tile in tiles.draw(SEED, index)]
    assert all(tile.pixels.shape == (tiles.SIDE, tiles.SIDE, 3) for tile in drawn)
    assert any(len(tile.quads) for tile in drawn)
    assert any(not len(tile.quads) for tile in drawn)

"""Composites: what is pasted is where the map says, and the law is one for all kinds."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.pasted import KINDS, SCALE, SHARE, Sources, composite, resized

RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Blue real pictures of two repositories and red AI pictures of one."""
    rows = []
    for name, colour, label, repo in (
        ("a.png", BLUE, "real", "one"),
        ("b.png", BLUE, "real", "two"),
        ("c.png", RED, "ai", "three"),
    ):
        Image.new("RGB", (160, 120), colour).save(tmp_path / name)
        rows.append({"label": label, "cls": "photo", "repo": repo, "path": tmp_path / name})
    return Sources(rows)


@pytest.mark.parametrize("kind", sorted(set(KINDS)))
@pytest.mark.parametrize("seed", range(6))
def test_the_map_says_where_the_ai_is(sources: Sources, kind: str, seed: int) -> None:
    found = composite(sources, kind, np.random.default_rng(seed))
    pixels = np.asarray(found.picture, np.float64)
    assert found.ai.shape == pixels.shape[:2]
    assert SCALE[0] * 120 - 1 <= found.picture.height <= SCALE[1] * 120
    assert 0 <= found.ai.min() <= found.ai.max() <= 1
    redder = pixels[..., 0] - pixels[..., 2]
    if (found.ai > 0.95).any():
        assert np.median(redder[found.ai > 0.95]) > 120
    if (found.ai < 0.05).any():
        assert np.median(redder[found.ai < 0.05]) < -120


@pytest.mark.parametrize("seed", range(8))
def test_the_pasted_share_is_that_of_the_law(sources: Sources, seed: int) -> None:
    share = composite(sources, "ai_in_real", np.random.default_rng(seed)).ai.mean()
    assert SHARE[0] * 0.7 < share < SHARE[1] * 1.1
    inverse = composite(sources, "real_in_ai", np.random.default_rng(seed)).ai.mean()
    assert share + inverse == pytest.approx(1, abs=0.02)


def test_whole_pictures_and_real_in_real_have_one_kind_only(sources: Sources) -> None:
    random = np.random.default_rng(0)
    for kind, value in (("real", 0), ("ai", 1), ("real_in_real", 0)):
        assert (composite(sources, kind, random).ai == value).all()


def test_the_same_lot_makes_the_same_composite(sources: Sources) -> None:
    one, other = (composite(sources, "ai_in_real", np.random.default_rng(4)) for _ in range(2))
    assert (np.asarray(one.picture) == np.asarray(other.picture)).all()
    assert (one.ai == other.ai).all()


def test_a_coarser_map_keeps_the_mean() -> None:
    ai = np.zeros((40, 60))
    ai[:20, :30] = 1
    small = resized(ai, (6, 4))
    assert small.shape == (4, 6)
    assert small.mean() == pytest.approx(ai.mean())
    assert (small[:2, :3] == 1).all()


def test_without_one_kind_it_says_so(tmp_path: Path) -> None:
    row = {"label": "real", "cls": "photo", "repo": "one", "path": tmp_path / "x.png"}
    with pytest.raises(SystemExit, match="one kind is not there"):
        Sources([row])
    graphic = {"label": "real", "cls": "graphic", "repo": "two", "path": tmp_path / "y.png"}
    with pytest.raises(SystemExit, match="one kind is not there"):
        Sources([graphic, {"label": "ai", "cls": "art", "repo": "three", "path": tmp_path / "z"}])

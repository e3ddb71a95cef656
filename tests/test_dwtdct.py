"""Blocks: which bit each carries, what is read from one, what noise takes away."""

import numpy as np
import pytest

from server import dwtdct
from server.dwtdct import VARIANTS, Layout, Readings, Variant, read, read_singular, sums
from tests.marking import embed, textured


def chroma(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cb and Cr of pixels, over squares of 2 x 2."""
    rows, columns = (side // 2 for side in pixels.shape[:2])
    small = pixels[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2, 3).mean((1, 3))
    luma = small @ (0.299, 0.587, 0.114)
    blue, red = (small[..., 2] - luma) / 1.772, (small[..., 0] - luma) / 1.402
    return blue.astype(np.float32), red.astype(np.float32)


@pytest.mark.parametrize("layout", [Layout(7), Layout(7, 3), Layout(8, 11), Layout(5, 100)])
@pytest.mark.parametrize("bits", [5, 46])
def test_block_k_carries_bit_k_mod_n(layout: Layout, bits: int) -> None:
    blocks = np.random.default_rng(0).normal(0, 1, (2, 6, 7)).astype(np.float32)
    wanted = np.zeros((2, bits))
    for row in range(6):
        for column in range(min(7, layout.columns)):
            number = layout.first + row * layout.columns + column
            wanted[:, number % bits] += blocks[:, row, column]
    assert np.allclose(sums(Readings(blocks, blocks), bits, layout), wanted, atol=1e-5)


def test_where_rows_hold_whole_words_only_the_sides_are_compared() -> None:
    zero, one = np.zeros((1, 2, 8), np.float32), np.ones((1, 2, 8), np.float32)
    assert sums(Readings(zero, one), 4, Layout(8)).sum() == 16
    assert sums(Readings(zero, one), 5, Layout(8)).sum() == 0


def test_a_bit_that_fills_its_column_is_seen_against_the_sides() -> None:
    # 64 blocks a row and 64 bits: above and below every block stands the same bit.
    bits = "".join(np.random.default_rng(2).choice(["0", "1"], 64))
    readings = read(*chroma(embed(textured(2), bits, "uint8")), 20.0)
    signs = 2.0 * np.array([int(bit) for bit in bits]) - 1
    at = VARIANTS.index(Variant("rgb", "uint8"))
    around, beside = (
        float(np.corrcoef(signs, sums(Readings(one, one), 64, Layout(64))[at])[0, 1])
        for one in readings
    )
    assert beside > around > 0


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("singular", [False, True])
def test_the_sign_of_the_evidence_is_the_bit(variant: Variant, singular: bool) -> None:
    bits = "0110100110010110" * 2
    marked = embed(textured(1), bits, variant.array, order=variant.order, singular=singular)
    reader = read_singular if singular else read
    readings = reader(*chroma(marked), 0.0)
    assert readings.around.shape == readings.beside.shape == (len(VARIANTS), 64, 64)
    found = sums(readings, len(bits), Layout(64))[VARIANTS.index(variant)]
    wrong = [value for value, bit in zip(found, bits, strict=True) if (value > 0) != (bit == "1")]
    assert len(wrong) <= 3


def test_noise_takes_weight_from_the_phase() -> None:
    weights = [dwtdct._weight(noise) for noise in (0.0, 2.0, 5.0, 20.0)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == 2
    assert weights[-1] < 1e-3


@pytest.mark.parametrize("zero", dwtdct.ZEROS.values())
def test_singular_values_are_those_of_numpy(zero: float) -> None:
    cells = np.random.default_rng(1).normal(zero, 20, (4, 4, 500)).astype(np.float32)
    wanted = np.linalg.svd(cells.transpose(2, 0, 1), compute_uv=False)[:, 0]
    found = dwtdct._singular(cells)
    # Where the two largest are almost equal it settles a little below.
    assert np.median(np.abs(found - wanted)) < 0.1
    assert (found <= wanted + 0.01).all()


def test_flat_pictures_say_the_same_of_every_block() -> None:
    plane = np.full((64, 64), 7.0, np.float32)
    for blocks in (*read(plane, plane, 0.0), *read_singular(plane, plane, 0.0)):
        assert np.allclose(blocks, blocks[:, :1, :1], atol=1e-4)

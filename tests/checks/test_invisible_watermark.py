"""Known watermarks: found where they are, with what was done to the picture, and nowhere else."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image as PillowImage

from scripts.pictures import gallery
from server.checks.invisible_watermark import (
    GATE,
    NATIVE,
    SHARES,
    SMALLEST,
    check,
    find,
    origins,
)
from server.dwtdct import Variant
from server.errors import UnreadableImage
from server.evidence import Claim, Strength
from server.examine import examine
from server.image import load
from server.watermarks import WORDS, Word
from tests.marking import Pixels, embed, encode, textured

FLUX = next(word for word in WORDS if word.name == "FLUX")
INPAINTING = next(word for word in WORDS if word.edits)


@pytest.fixture(scope="module")
def marked() -> Pixels:
    return embed(textured(0), FLUX.bits, "float32")


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
@pytest.mark.parametrize("array", ["uint8", "float32"])
def test_every_word_is_found_in_both_array_types(word: Word, array: str) -> None:
    (found,) = check(load(encode(embed(textured(1), word.bits, array), "PNG")))
    assert found.strength is Strength.DECLARATION
    assert found.claim is (Claim.AI_EDITED if word.edits else Claim.AI_GENERATED)
    assert found.params["word"] == word.name
    assert found.params["source"] == word.source
    assert found.params["bits"] == len(word.bits)
    assert int(found.params["agreed"]) >= len(word.bits) - 1
    assert float(found.params["rate"]) <= GATE
    assert array in str(found.params["method"])


@pytest.mark.parametrize("array", ["uint8", "float32"])
def test_red_taken_for_blue_is_found_and_told(array: str) -> None:
    hit = find(load(encode(embed(textured(2), FLUX.bits, array, order="bgr"), "PNG")))
    assert hit
    assert hit.variant == Variant("bgr", array)


def test_the_other_method_is_found_and_told() -> None:
    hit = find(load(encode(embed(textured(3), FLUX.bits, "uint8", singular=True), "PNG")))
    assert hit
    assert (hit.word, hit.method) == (FLUX, "dwtDctSvd")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 1}),
        ("JPEG", {"quality": 95, "subsampling": 2}),
        ("JPEG", {"quality": 90, "subsampling": 2}),
        ("WEBP", {"quality": 90}),
        ("AVIF", {"quality": 95}),
    ],
)
def test_compression_is_survived(marked: Pixels, kind: str, options: dict[str, int]) -> None:
    hit = find(load(encode(marked, kind, **options)))
    assert hit
    assert hit.word == FLUX


@pytest.mark.parametrize(
    ("top", "left", "bottom", "right"),
    [(0, 3, 0, 0), (5, 0, 0, 0), (1, 7, 6, 2), (0, 0, 0, 5), (4, 4, 4, 4)],
)
def test_crops_of_a_few_pixels_are_found_and_told(
    marked: Pixels, top: int, left: int, bottom: int, right: int
) -> None:
    cut = np.ascontiguousarray(marked[top : 512 - bottom, left : 512 - right])
    hit = find(load(encode(cut, "PNG")))
    assert hit
    assert hit.geometry == f"+{left} +{top} → {cut.shape[1]} × {cut.shape[0]}"


def test_a_crop_by_odd_pixels_is_found_in_halved_chroma() -> None:
    marked = embed(textured(4, 768, 768), FLUX.bits, "float32")
    cut = np.ascontiguousarray(marked[3:, 5:])
    hit = find(load(encode(cut, "JPEG", quality=95, subsampling=2)))
    assert hit
    # Odd pixels fall between halved values: the next row or column may read a little better.
    left, top = (int(shift) for shift in hit.geometry.split()[:2])
    assert abs(left - 5) <= 1
    assert abs(top - 3) <= 1


@pytest.mark.parametrize("scale", [0.75, 0.5, 1.5])
@pytest.mark.parametrize("size", [(768, 768), (1216, 832)])
def test_resized_copies_are_found_and_told(size: tuple[int, int], scale: float) -> None:
    width, height = size
    marked = PillowImage.fromarray(embed(textured(5, width, height), FLUX.bits, "float32"))
    copy = marked.resize((round(width * scale), round(height * scale)))
    hit = find(load(encode(np.asarray(copy), "PNG")))
    assert hit
    assert hit.geometry == f"{width} × {height} → {copy.width} × {copy.height}"


def test_pictures_larger_than_what_is_read_are_read_in_the_middle() -> None:
    marked = embed(textured(6, 2048, 2304), FLUX.bits, "float32")
    assert find(load(encode(marked, "PNG", compress_level=1)))
    assert find(load(encode(marked, "JPEG", quality=95, subsampling=2)))


def stripes(period: int) -> Pixels:
    columns = (np.arange(640) // (period // 2)) % 2
    row = np.where(columns[:, None], (200, 60, 40), (40, 90, 220))
    return np.broadcast_to(row, (512, 640, 3)).astype(np.uint8)


def checks(period: int) -> Pixels:
    side = np.arange(512) // period % 2
    board = side[:, None] ^ side[None]
    return np.where(board[..., None], (250, 250, 20), (10, 40, 90)).astype(np.uint8)


def noise(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (512, 512, 3)).astype(np.uint8)


def flat(level: int) -> Pixels:
    return np.full((512, 512, 3), (level, 128, 255 - level), np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("made", [stripes, checks, noise, flat, textured])
@pytest.mark.parametrize("seed", [8, 16, 24, 64])
def test_nothing_is_found_where_nothing_is(
    made: Callable[[int], Pixels], seed: int, kind: str
) -> None:
    assert check(load(encode(made(seed), kind))) == []


def test_no_picture_of_the_gallery_carries_a_mark() -> None:
    for name in ("camera.jpg", "iptc.jpg"):
        assert check(load(gallery()[name])) == []


def test_a_word_that_nobody_writes_is_not_reported() -> None:
    bits = "".join(np.random.default_rng(7).choice(["0", "1"], 48))
    assert check(load(encode(embed(textured(8), bits, "float32"), "PNG"))) == []


def test_pictures_too_small_for_the_encoders_carry_nothing(marked: Pixels) -> None:
    assert 248 * 256 < SMALLEST
    assert check(load(encode(np.ascontiguousarray(marked[:248, :256]), "PNG"))) == []


def test_damage_is_told_as_damage(marked: Pixels) -> None:
    data = encode(marked, "JPEG", quality=95, subsampling=2)
    with pytest.raises(UnreadableImage):
        check(load(data[: len(data) // 2]))


def test_a_mark_labels_the_picture() -> None:
    generated = embed(textured(9), FLUX.bits, "float32")
    edited = embed(textured(9), INPAINTING.bits, "uint8")
    verdicts = [examine(load(encode(pixels, "PNG"))).verdict for pixels in (generated, edited)]
    assert [verdict.label for verdict in verdicts] == ["ai_generated", "ai_edited"]
    assert {verdict.code for verdict in verdicts} == {"watermark_known_word"}


def test_the_searches_share_one_gate() -> None:
    assert sum(SHARES.values()) <= 1


def test_origins_have_the_copy_s_proportions() -> None:
    assert (1024, 1024) in set(origins((512, 512)))
    assert (512, 512) not in set(origins((512, 512)))
    assert (1216, 832) in set(origins((912, 624)))
    assert not list(origins((1000, 970)))
    # Sixteen pixels less would be a crop.
    assert (512, 512) not in set(origins((504, 504)))
    assert all(width % 8 == 0 and height % 8 == 0 for width, height in NATIVE)

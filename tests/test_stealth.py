"""Text in the lowest bits of pixels: written here, read there."""

import gzip
import io
import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from scripts.pictures import scene
from server import stealth
from server.image import load

TEXT = json.dumps({"Software": "NovelAI", "Description": "a cat, 猫", "Comment": '{"seed": 7}'})


def hide(
    magic: str, text: str = TEXT, length: int | None = None, size: tuple[int, int] = (96, 64)
) -> np.ndarray:
    """Write the bits down the columns, as NovelAI does."""
    raw = gzip.compress(text.encode()) if magic.endswith("comp") else text.encode()
    count = len(raw) * 8 if length is None else length
    bits = np.unpackbits(np.frombuffer(magic.encode() + count.to_bytes(4, "big") + raw, np.uint8))
    picture = np.array(scene(4, *size).convert("RGBA"))
    channel = picture[..., 3:] if "png" in magic else picture[..., :3]
    columns = channel.transpose(1, 0, 2).reshape(-1)
    columns[: len(bits)] = (columns[: len(bits)] & 0xFE) | bits
    channel[...] = columns.reshape(channel.transpose(1, 0, 2).shape).transpose(1, 0, 2)
    return picture


def png(picture: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    PillowImage.fromarray(picture).save(target, kind, **options)
    return target.getvalue()


MAGICS = ["stealth_pnginfo", "stealth_pngcomp", "stealth_rgbinfo", "stealth_rgbcomp"]


@pytest.mark.parametrize("magic", MAGICS)
def test_the_text_comes_back(magic: str) -> None:
    assert stealth.read(load(png(hide(magic))).columns) == TEXT


@pytest.mark.parametrize("magic", ["stealth_rgbinfo", "stealth_rgbcomp"])
def test_a_picture_without_alpha_hides_it_in_the_colours(magic: str) -> None:
    assert stealth.read(load(png(hide(magic)[..., :3])).columns) == TEXT


def test_a_lossless_webp_keeps_it() -> None:
    data = png(hide("stealth_rgbcomp")[..., :3], "WEBP", lossless=True)
    assert stealth.read(load(data).columns) == TEXT


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_lossy_copy_has_lost_it(kind: str) -> None:
    data = png(hide("stealth_rgbcomp")[..., :3], kind, quality=95)
    assert stealth.read(load(data).columns) is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "LA", "I;16"])
def test_an_ordinary_picture_has_none(mode: str) -> None:
    picture = scene(4, 96, 64).convert("L" if mode == "I;16" else mode)
    target = io.BytesIO()
    picture.convert(mode).save(target, "PNG")
    assert stealth.read(load(target.getvalue()).columns) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 60)])
def test_small_and_thin_pictures_are_no_trouble(size: tuple[int, int]) -> None:
    assert stealth.read(load(png(np.array(scene(1, *size)))).columns) is None


@pytest.mark.parametrize("length", [0, 1 << 30, 0xFFFFFFFF, 64 * 96 * 3])
def test_a_length_that_cannot_be_is_told(length: int) -> None:
    with pytest.raises(ValueError, match="claims"):
        stealth.read(load(png(hide("stealth_pnginfo", length=length))).columns)


def test_a_damaged_text_is_told_and_a_bomb_is_cut() -> None:
    with pytest.raises(ValueError, match="gzip"):
        stealth.read(broken)
    bomb = stealth.read(
        load(png(hide("stealth_rgbcomp", "a" * 6_000_000, size=(400, 300)))).columns
    )
    assert bomb is not None
    assert len(bomb) == stealth.TEXT_LIMIT


def broken(count: int) -> np.ndarray:
    picture = hide("stealth_pngcomp")
    picture[26:34, 2, 3] ^= 1  # the first bytes of the gzip stream
    return picture[:, :count]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 2**32 - 1))
def test_any_length_and_any_bytes_give_text_or_a_reason(raw: bytes, length: int) -> None:
    picture = hide("stealth_pngcomp", raw.decode("latin-1"), length)
    with suppress(ValueError):
        assert isinstance(stealth.read(lambda count: picture[:, :count]), str)

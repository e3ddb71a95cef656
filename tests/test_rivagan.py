"""RivaGAN: what its own encoder wrote is read; without its decoder nothing is said."""

import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from scripts import fetch_weights
from server import rivagan, weights
from server.checks.invisible_watermark import find, search_rivagan
from server.image import load
from server.watermarks import WORDS
from tests.marking import Pixels, encode, textured

WORD = next(word for word in WORDS if word.name == "SDV2")


@pytest.fixture
def encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> onnxruntime.InferenceSession:
    """The package's own encoder; its decoder lies in a home folder of the test's own."""
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_decoder.cache_clear()
    entry = weights.registry()["decoders"]["rivagan"]
    fetch_weights.fetch(entry)
    wheel = fetch_weights.download(entry["source"], tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        model = archive.read("imwatermark/rivagan_encoder.onnx")
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def embed(pixels: Pixels, bits: str, encoder: onnxruntime.InferenceSession) -> Pixels:
    frame = pixels[..., ::-1].transpose(2, 0, 1)[None, :, None].astype(np.float32) / 127.5 - 1
    data = np.array([[int(bit) for bit in bits]], np.float32)
    (marked,) = encoder.run(None, {"frame": np.ascontiguousarray(frame), "data": data})
    levels = (marked[0, :, 0].clip(-1, 1).transpose(1, 2, 0) + 1) * 127.5
    return np.ascontiguousarray(levels.astype(np.uint8)[..., ::-1])


def test_a_known_word_is_found_and_told(encoder: onnxruntime.InferenceSession) -> None:
    marked = embed(textured(0, 320, 320), WORD.bits, encoder)
    hit = find(load(encode(marked, "JPEG", quality=90)))
    assert hit
    assert (hit.word, hit.method) == (WORD, "rivaGan")
    assert search_rivagan(load(encode(textured(0, 320, 320), "PNG"))) is None
    weights.load_decoder.cache_clear()


def test_without_the_decoder_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_HOME", str(tmp_path))
    weights.load_decoder.cache_clear()
    assert rivagan.read(textured(1)) is None
    assert search_rivagan(load(encode(textured(1), "PNG"))) is None

"""TrustMark: payload, parity and form, with a decoder that this test makes."""

import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from scripts.pictures import jpeg, scene
from server import bch
from server.checks.trustmark import FORMS, check, frame, parse
from server.errors import CheckUnavailable
from server.evidence import Claim, Strength
from server.examine import examine
from server.image import load
from server.verdict import LABEL_CHECKS
from server.weights import Decoder
from tests.marking import Pixels, encode

ENTRY = {"size": 200, "longest_side": 2.0}


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    """A network that reads a picture's 10 x 10 squares: bright is one."""
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1], keepdims=1),
        helper.make_node(
            "AveragePool", ["grey"], ["squares"], kernel_shape=[20, 20], strides=[20, 20]
        ),
        helper.make_node("Flatten", ["squares"], ["output"]),
    ]
    shape = [1, 3, 200, 200]
    graph = helper.make_graph(
        nodes,
        "squares",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 100])],
    )
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model)
    return Decoder(model.SerializeToString(), ENTRY)


def packet(version: str, seed: int = 0) -> tuple[str, list[int]]:
    """A random number and the 100 bits that carry it."""
    form = FORMS[version]
    chance = random.Random(seed)
    data = [chance.getrandbits(1) for _ in range(form.data)]
    parity = bch.parity(data + [0] * (form.padded - form.data), form.errors)
    bits = (data + parity + [0] * 96)[:96] + [int(bit) for bit in version]
    return "".join(map(str, data)), bits


def drawn(bits: list[int], width: int = 400, height: int = 400) -> Pixels:
    """A picture whose squares are the bits."""
    squares = np.array(bits).reshape(10, 10) * 140 + 55
    rows, columns = np.arange(height) * 10 // height, np.arange(width) * 10 // width
    return np.repeat(squares[rows][:, columns, None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("version", FORMS)
def test_the_number_is_read_and_claims_no_ai(version: str, decoder: Decoder) -> None:
    payload, bits = packet(version)
    (found,) = check(load(encode(drawn(bits), "PNG")), {"trustmark-q": decoder})
    assert (found.claim, found.strength) == (Claim.PROVENANCE, Strength.DECLARATION)
    assert found.code == "trustmark_found"
    assert found.params == {"payload": payload, "method": f"TrustMark Q {FORMS[version].name}"}


def test_a_number_makes_no_verdict(decoder: Decoder) -> None:
    image = load(encode(drawn(packet("0001")[1]), "PNG"))
    report = examine(image, checks={"trustmark": lambda one: check(one, {"trustmark-q": decoder})})
    assert [found.code for found in report.evidence] == ["trustmark_found"]
    assert report.verdict.label == "unlabeled"


@pytest.mark.parametrize("version", FORMS)
def test_wrong_bits_are_corrected_up_to_the_form_s_limit(version: str) -> None:
    payload, bits = packet(version, 1)
    form = FORMS[version]
    carried = form.data + bch.generator(form.errors).bit_length() - 1
    wrong = random.Random(2).sample(range(carried), form.errors)
    flipped = [bit ^ (at in wrong) for at, bit in enumerate(bits)]
    mark = parse(np.array(flipped, np.float32) - 0.5)
    assert mark
    assert mark.payload == payload


def test_chance_is_told_from_a_mark(decoder: Decoder) -> None:
    chance = np.random.default_rng(3)
    noise = [chance.integers(0, 256, (300, 300, 3)).astype(np.uint8) for _ in range(20)]
    for pixels in [
        *noise,
        np.zeros((300, 300, 3), np.uint8),
        np.full((300, 300, 3), 255, np.uint8),
    ]:
        assert check(load(encode(pixels, "PNG")), {"trustmark-q": decoder}) == []
    assert check(load(jpeg(scene(0))), {"trustmark-q": decoder}) == []


def test_unknown_forms_are_no_marks() -> None:
    _, bits = packet("0001")
    for version in ("0011", "0100", "1001", "1111"):
        values = np.array(bits[:96] + [int(bit) for bit in version], np.float32) - 0.5
        assert parse(values) is None
    assert parse(np.ones(40, np.float32)) is None


@pytest.mark.parametrize(("width", "height"), [(1000, 400), (400, 1000), (700, 400)])
def test_long_pictures_carry_it_in_their_middle(width: int, height: int, decoder: Decoder) -> None:
    payload, bits = packet("0000")
    side = min(width, height)
    inner = (side, side) if max(width, height) > 2 * side else (width, height)
    picture = np.full((height, width, 3), 120, np.uint8)
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
    picture[top : top + inner[1], left : left + inner[0]] = drawn(bits, *inner)
    (found,) = check(load(encode(picture, "PNG")), {"trustmark-q": decoder})
    assert found.params["payload"] == payload


def test_a_frame_is_scaled_to_minus_one_and_one(decoder: Decoder) -> None:
    found = frame(np.full((50, 60, 3), (0, 255, 0), np.uint8), decoder)
    assert (found.shape, found.dtype) == ((1, 3, 200, 200), np.float32)
    assert [float(found[0, at].max()) for at in range(3)] == [-1, 1, -1]


def test_without_a_decoder_it_says_so_and_the_picture_is_unlabeled_all_the_same() -> None:
    image = load(jpeg(scene(0)))
    with pytest.raises(CheckUnavailable, match="trustmark_no_decoder"):
        check(image, {})
    assert "trustmark" not in LABEL_CHECKS
    report = examine(image, checks={"trustmark": lambda one: check(one, {})})
    assert report.verdict.label == "unlabeled"
    assert report.unavailable["trustmark"].code == "trustmark_no_decoder"

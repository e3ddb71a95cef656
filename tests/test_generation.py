"""Prompt, model and seed out of the notes that generators write."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.generation import LENGTH_LIMIT, details

COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {"seed": 42, "positive": ["8", 0], "negative": ["7", 0], "model": ["4", 0]},
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
    "8": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}},
}
NOTES = [
    (
        "a cat,\nsitting\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, Seed: 7, Model: m v2",
        {"prompt": "a cat,\nsitting", "negative_prompt": "dog", "seed": "7", "model": "m v2"},
    ),
    ("Steps: 5, Sampler: x, Seed: 1", {"seed": "1"}),
    (
        json.dumps(COMFY),
        {
            "prompt": "a red fox",
            "negative_prompt": "blurry",
            "seed": "42",
            "model": "sdxl.safetensors",
        },
    ),
    (
        "prompt:" + json.dumps(COMFY),
        {
            "prompt": "a red fox",
            "negative_prompt": "blurry",
            "seed": "42",
            "model": "sdxl.safetensors",
        },
    ),
    # SwarmUI
    (
        '{"sui_image_params":{"prompt":"p","negativeprompt":"n","model":"Flux/dev","seed":3}}',
        {"prompt": "p", "negative_prompt": "n", "model": "Flux/dev", "seed": "3"},
    ),
    # InvokeAI: the model is an object
    (
        '{"positive_prompt":"p","model":{"key":"k","name":"Juggernaut"},"seed":3}',
        {"prompt": "p", "model": "Juggernaut", "seed": "3"},
    ),
    # InvokeAI before version 3: the prompt is a list
    ('{"image":{"prompt":[{"prompt":"p","weight":1}],"seed":3}}', {"prompt": "p", "seed": "3"}),
    # Draw Things
    (
        '{"c":"p","uc":"n","model":"m.ckpt","seed":9,"sampler":"DPM++","steps":8}',
        {"prompt": "p", "negative_prompt": "n", "model": "m.ckpt", "seed": "9"},
    ),
    ("A talk about Steps: and Sampler:", {}),
    ("{", {}),
    ("[1]", {}),
    ("", {}),
    ('{"prompt": true, "seed": null, "model": []}', {}),
]


@pytest.mark.parametrize(("text", "found"), NOTES)
def test_a_note_is_read(text: str, found: dict[str, str]) -> None:
    assert details(text) == found


def test_a_long_prompt_is_cut() -> None:
    found = details(json.dumps({"prompt": "x" * 5000}))
    assert len(found["prompt"]) == LENGTH_LIMIT
    assert found["prompt"].endswith("…")


def test_a_graph_that_goes_in_circles_ends() -> None:
    circle = {"1": {"class_type": "A", "inputs": {"positive": ["1", 0], "negative": ["1", 0]}}}
    assert details(json.dumps(circle)) == {}


@pytest.mark.parametrize(
    "text", ["{" * 100_000, "[" * 100_000, "\n" * 200_000, "Steps: 1\n" * 50_000]
)
def test_hostile_texts_end_soon(text: str) -> None:
    details(text)


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["prompt", "model", "inputs", "class_type", "positive", "negative", "1"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_gives_short_texts(value: object) -> None:
    for text in details(json.dumps(value)).values():
        assert 0 < len(text) <= LENGTH_LIMIT

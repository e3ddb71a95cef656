"""What a generator's own note says: prompt, negative prompt, model, seed.

Two families of notes: text as Stable Diffusion web UI writes it (`Steps: 20, Sampler: …`), and
JSON, each generator with names of its own. Details only: nothing here decides a verdict.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

#: Detail -> the names that generators give it, in lower case.
NAMES = {
    "prompt": (
        *("prompt", "positive_prompt", "positiveprompt", "full_prompt", "original_prompt"),
        *("text_prompts", "aipromptinformation", "c", "raw_prompt"),
    ),
    "negative_prompt": (
        *("negative_prompt", "negativeprompt", "negative prompt", "full_negative_prompt", "uc"),
    ),
    "model": (
        *("model", "model_name", "base_model", "ckpt_name", "unet_name", "sd_model", "source"),
        *("use_stable_diffusion_model", "stable diffusion model", "model_weights", "aisystemused"),
    ),
    "seed": ("seed", "noise_seed", "image_seed"),
}
#: Longer ones are cut; a report is no archive of prompts.
LENGTH_LIMIT = 1000
_NODES_LIMIT = 5000
_SETTINGS = re.compile(r"(?m)^[ \t]*Steps: \d+")
_SETTING = {"model": r"\bModel: ([^,\n]+)", "seed": r"\bSeed: (\d+)"}


def details(text: str) -> dict[str, str]:
    """Return the details that a note holds, by the keys of NAMES; {} = it is no such note."""
    start = text.find("{")
    if 0 <= start < 16:
        try:
            return _from_json(json.JSONDecoder().raw_decode(text[start:])[0])
        except (ValueError, RecursionError):
            return {}
    return _from_text(text)


def fields(text: str) -> dict[str, str]:
    """Return the top-level fields of a JSON object as text; {} = it is none."""
    try:
        value = json.loads(text)
        if not isinstance(value, Mapping):
            return {}
        return {
            str(key): inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
            for key, inner in value.items()
        }
    except (ValueError, RecursionError):
        return {}


def _from_text(text: str) -> dict[str, str]:
    settings = _SETTINGS.search(text)
    if settings is None:
        return {}
    prompt, _, negative = text[: settings.start()].partition("Negative prompt:")
    found = {"prompt": prompt, "negative_prompt": negative}
    for name, pattern in _SETTING.items():
        if match := re.search(pattern, text[settings.start() :]):
            found[name] = match[1]
    return _cut(found)


def _from_json(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    if isinstance(value, Mapping) and _is_graph(value):
        found |= _graph_prompts(value)
    for key, inner in _walk(value):
        for detail, names in NAMES.items():
            if key.lower() in names and detail not in found and (text := _scalar(inner)):
                found[detail] = text
    return _cut(found)


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield (key, value) of all objects inside, those further out first."""
    level, seen = [value], 0
    while level and seen < _NODES_LIMIT:
        deeper: list[Any] = []
        for node in level:
            seen += 1
            if isinstance(node, Mapping):
                yield from ((str(key), inner) for key, inner in node.items())
                deeper += node.values()
            elif isinstance(node, list):
                deeper += node
        level = [node for node in deeper if isinstance(node, Mapping | list)]


def _scalar(value: Any) -> str:
    """Return text or a number as text; of an object, its name; of a list, its first entry."""
    if isinstance(value, Mapping):
        value = next((value[k] for k in ("name", "model_name", "text", "prompt") if k in value), "")
    if isinstance(value, list) and value:
        # A link of a graph is a list too: ["4", 0].
        texts = all(isinstance(entry, Mapping | str) for entry in value)
        return _scalar(value[0]) if texts else ""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _is_graph(value: Mapping[str, Any]) -> bool:
    return any(isinstance(node, Mapping) and "class_type" in node for node in value.values())


def _graph_prompts(graph: Mapping[str, Any]) -> dict[str, str]:
    """Follow a ComfyUI sampler's two inputs to the texts that were encoded for them."""
    for node in graph.values():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        if isinstance(inputs, Mapping) and "positive" in inputs and "negative" in inputs:
            return {
                "prompt": _graph_text(graph, inputs["positive"]),
                "negative_prompt": _graph_text(graph, inputs["negative"]),
            }
    return {}


def _graph_text(graph: Mapping[str, Any], link: Any) -> str:
    for _ in range(8):  # a chain of conditioning nodes
        node = graph.get(str(link[0])) if isinstance(link, list) and link else None
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        if not isinstance(inputs, Mapping):
            return ""
        for name in ("text", "text_g", "clip_l", "t5xxl", "prompt"):
            if isinstance(inputs.get(name), str) and inputs[name]:
                return str(inputs[name])
        links = [inputs.get(name) for name in ("conditioning", "positive", "text", "guidance")]
        link = next((inner for inner in links if isinstance(inner, list)), None)
    return ""


def cut(text: str) -> str:
    """Strip a detail and cut it at LENGTH_LIMIT."""
    text = text.strip()
    return text if len(text) <= LENGTH_LIMIT else text[: LENGTH_LIMIT - 1] + "…"


def _cut(found: Mapping[str, str]) -> dict[str, str]:
    return {key: cut(text) for key, text in found.items() if text.strip()}

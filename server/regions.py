"""Where in a picture the pixels look like AI: an estimate for each cell of a grid.

For composites: a photograph of which a part is AI mostly passes as a whole. It is computed when a
person asks, decides no verdict, and is a guess like the detector's own. A model's registry entry
names the network for it in `regions`: a line on the tokens that the encoder has for each patch of
the four tiles (`scripts.regions` trains and measures it).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from server import models, weights
from server.checks import detector
from server.entries import Section
from server.errors import CheckUnavailable, WeightsError
from server.image import Image
from server.models import Calibration, Model, read_calibration
from server.outputs import Doubles, logistic
from server.views import Floats, Input, read_input, views
from server.weights import Encoder, Network

#: Neighbours speak for a patch too: weights along a row and along a column (binomial, deviation 1).
KERNEL = np.array([1, 4, 6, 4, 1]) / 16
#: How much of a picture counts as its strongest part.
STRONGEST = 0.05
#: Names of the thirds of a picture, as the visible marks' places have them.
PLACES = (
    ("top_left", "top", "top_right"),
    ("left", "middle", "right"),
    ("bottom_left", "bottom", "bottom_right"),
)


@dataclass(frozen=True)
class Regions:
    """What a picture's parts look like."""

    #: 0…1 for each cell, rows from the top; 0.5 = as much like AI as like real.
    values: tuple[tuple[float, ...], ...]
    #: Where the strongest cell lies: one of PLACES.
    place: str
    #: Share of real pictures whose strongest part looks at least this much like AI.
    false_alarm_rate: float
    model: str


@dataclass(frozen=True)
class Finder:
    """The network for regions, ready to run."""

    name: str
    input: Input
    calibration: Calibration
    network: Network
    encoder: Encoder

    def look(self, tiles: Floats) -> Doubles:
        """Return the smoothed logits of a picture's cells: (2 * side, 2 * side).

        `tiles`: the four quarters, as server.views cuts them. Raises WeightsError.
        """
        found = self.network.run(self.encoder.patches(tiles))
        side = round(found.shape[-1] ** 0.5)
        if found.shape != (4, side * side):
            raise WeightsError(f"The network of {self.name} gives shape {found.shape}.")
        return smoothed(joined(found, side))


def joined(tiles: Floats, side: int) -> Doubles:
    """Lay the cells of the four quarters, shape (4, side * side), as the picture has them."""
    grid = tiles.astype(np.float64).reshape(2, 2, side, side)
    return grid.transpose(0, 2, 1, 3).reshape(2 * side, 2 * side)


def smoothed(cells: Doubles) -> Doubles:
    """Return the weighted mean of each cell's neighbours; beyond the edge the edge goes on."""
    reach = len(KERNEL) // 2
    for axis in (0, 1):
        around = [(reach, reach) if each == axis else (0, 0) for each in (0, 1)]
        padded = np.pad(cells, around, mode="edge")
        parts = [
            np.take(padded, range(at, at + cells.shape[axis]), axis) for at in range(len(KERNEL))
        ]
        cells = np.tensordot(KERNEL, np.array(parts), 1)
    return cells


def strongest(cells: Doubles) -> float:
    """Return what the strongest twentieth of the cells reaches, as a share 0…1."""
    return float(logistic(np.quantile(cells, [1 - STRONGEST]))[0])


def look(image: Image) -> Regions:
    """Estimate where a picture looks like AI.

    Raises CheckUnavailable for what the detector declines too, and without weights.
    """
    try:
        model = models.load()
        finder = open_finder(model)
        picture, _ = detector.usable(image, model)
        cells = finder.look(views(picture, finder.input))
    except WeightsError as e:
        raise CheckUnavailable("detector_no_weights") from e
    row, column = divmod(int(cells.argmax()), cells.shape[1])
    place = PLACES[3 * row // cells.shape[0]][3 * column // cells.shape[1]]
    values = tuple(tuple(line) for line in logistic(cells).round(3).tolist())
    rate = finder.calibration.false_alarm_rate(strongest(cells))
    return Regions(values, place, rate, finder.name)


@lru_cache(maxsize=1)
def open_finder(model: Model) -> Finder:
    """Read and verify the network for regions that a model's entry names. Raises WeightsError."""
    whole = Section(f"Model {model.name}", weights.catalogue()["models"][model.name])
    section = whole.part("regions")
    section.only(("file", "sha256", "licence", "input", "training", "calibration"))
    calibration = read_calibration(section)
    if calibration is None:
        raise WeightsError(f"{section.where}: calibration is missing.")
    wanted = read_input(section.part("input").values, f"{section.where}, input")
    if wanted.views != ("tiles",):
        raise WeightsError(f"{section.where}: views are {wanted.views}; they must be tiles.")
    if model.encoder is None:
        raise WeightsError(f"{whole.where} has no encoder; regions need one.")
    network = Network(weights.read(section))
    return Finder(f"{model.name}-regions", wanted, calibration, network, model.encoder)

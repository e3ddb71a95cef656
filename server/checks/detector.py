"""The estimate from pixels: how many real pictures look at least this much like AI."""

import numpy as np

from server import weights
from server.errors import CheckUnavailable, WeightsError
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image, Pixels, resize
from server.weights import Floats, Input

NAME = "detector"
#: Below this shorter side the encoder sees mostly our own enlargement.
SMALLEST = 64
#: Grey levels. A picture of (almost) one colour says nothing, and models say nonsense of it.
FLATTEST = 4.0


def check(image: Image) -> list[Evidence]:
    """Estimate from the pixels alone; always one piece of evidence, whatever its rate.

    Raises CheckUnavailable for small or flat pictures and without weights.
    """
    if min(image.width, image.height) < SMALLEST:
        size = {"width": image.width, "height": image.height, "limit": SMALLEST}
        raise CheckUnavailable("detector_too_small", size)
    try:
        model = weights.load()
    except WeightsError as e:
        raise CheckUnavailable("detector_no_weights") from e
    picture = bounded(image.pixels, model.input.limit)
    if picture.std(axis=(0, 1)).max() < FLATTEST:
        raise CheckUnavailable("detector_flat")
    score = model.score(views(picture, model.input))
    params: dict[str, Param] = {"model": model.name, "score": round(score, 6)}
    rate = model.calibration.false_alarm_rate(score)
    return [
        Evidence(NAME, Claim.SUSPECTED_AI, Strength.ESTIMATE, "detector_estimate", params, rate)
    ]


def bounded(pixels: Pixels, limit: int) -> Pixels:
    """Shrink to a longer side of at most `limit`: the scale that the head was trained at."""
    height, width = pixels.shape[:2]
    scale = limit / max(height, width)
    if scale >= 1:
        return pixels
    return resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))


def views(picture: Pixels, wanted: Input) -> Floats:
    """Cut the views: float32, shape (n, 3, size, size), normalised by mean and std."""
    cut = np.stack([VIEWS[name](picture, wanted.size) for name in wanted.views])
    scaled = cut.astype(np.float32) / 255
    normal = (scaled - np.array(wanted.mean, np.float32)) / np.array(wanted.std, np.float32)
    return np.ascontiguousarray(normal.transpose(0, 3, 1, 2))


def _whole(picture: Pixels, size: int) -> Pixels:
    """Squeeze all of it into the square: nothing at the edges is lost.

    AI pictures are often square and photographs are not, so the squeeze could give the class
    away; on held-out sources it does not (false alarms are as rare among square photographs).
    """
    return resize(picture, size, size)


def _native(picture: Pixels, size: int) -> Pixels:
    """Cut the middle at the picture's own scale; a smaller picture is shown whole."""
    height, width = picture.shape[:2]
    if min(height, width) < size:
        return _whole(picture, size)
    top, left = (height - size) // 2, (width - size) // 2
    return picture[top : top + size, left : left + size]


VIEWS = {"whole": _whole, "native": _native}

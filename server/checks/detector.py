"""The estimate from pixels: how many real pictures look at least this much like AI."""

from server import models
from server.errors import CheckUnavailable, WeightsError
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image
from server.models import Model
from server.views import bounded, views

NAME = "detector"
#: Below this shorter side the encoder sees mostly our own enlargement.
SMALLEST = 64
#: Grey levels. A picture of (almost) one colour says nothing, and models say nonsense of it.
FLATTEST = 4.0


def check(image: Image) -> list[Evidence]:
    """Estimate from the pixels alone; always one piece of evidence, whatever its rate.

    Raises CheckUnavailable for small or flat pictures and without weights.
    """
    _decline_small(image)
    try:
        model = models.load()
        found = score(image, model)
    except WeightsError as e:
        raise CheckUnavailable("detector_no_weights") from e
    params: dict[str, Param] = {"model": model.name, "score": round(found, 6)}
    rate = model.calibration.false_alarm_rate(found) if model.calibration else None
    return [
        Evidence(NAME, Claim.SUSPECTED_AI, Strength.ESTIMATE, "detector_estimate", params, rate)
    ]


def score(image: Image, model: Model) -> float:
    """Return a model's score of a picture, 0…1; also of one that has no calibration yet.

    Raises CheckUnavailable for small or flat pictures, WeightsError where the network fails.
    """
    _decline_small(image)
    picture = bounded(image.pixels, model.input.limit)
    if picture.std(axis=(0, 1)).max() < FLATTEST:
        raise CheckUnavailable("detector_flat")
    return model.score(views(picture, model.input))


def _decline_small(image: Image) -> None:
    if min(image.width, image.height) < SMALLEST:
        size = {"width": image.width, "height": image.height, "limit": SMALLEST}
        raise CheckUnavailable("detector_too_small", size)

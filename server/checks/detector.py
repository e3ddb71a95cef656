"""The estimate from pixels: how many real pictures look at least this much like AI."""

from server import models
from server.errors import CheckUnavailable, WeightsError
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image, Pixels
from server.models import Model
from server.views import bounded, views

NAME = "detector"
#: Below this shorter side the encoder sees mostly our own enlargement.
SMALLEST = 64
#: Grey levels. A picture of (almost) one colour says nothing, and models say nonsense of it.
FLATTEST = 4.0


def check(image: Image, *, quick: bool = False) -> list[Evidence]:
    """Estimate from the pixels alone; always one piece of evidence, whatever its rate.

    `quick`: where the model's fast student is sure enough that the picture gets no badge, its
    answer stands. Raises CheckUnavailable for small, flat and unfamiliar pictures and without
    weights.
    """
    _decline_small(image)
    try:
        model = models.load()
        found, by = _estimate(image, model, quick=quick)
    except WeightsError as e:
        raise CheckUnavailable("detector_no_weights") from e
    params: dict[str, Param] = {"model": by.name, "score": round(found, 6)}
    return [
        Evidence(
            NAME,
            Claim.SUSPECTED_AI,
            Strength.ESTIMATE,
            "detector_estimate",
            params,
            by.rate(found),
        )
    ]


def score(image: Image, model: Model) -> float:
    """Return a model's score of a picture, 0…1; also of one that has no calibration yet.

    Raises CheckUnavailable for small, flat and unfamiliar pictures, WeightsError where the
    network fails.
    """
    return _estimate(image, model, quick=False)[0]


def _estimate(image: Image, model: Model, *, quick: bool) -> tuple[float, Model]:
    """Return a score and the model that it is of: the given one, or its student."""
    picture, found = usable(image, model)
    if quick and model.quick and found is not None:
        rate = model.quick.student.rate(found)
        if rate is not None and rate >= model.quick.settles:
            return found, model.quick.student
    return model.score(views(picture, model.input)), model


def usable(image: Image, model: Model) -> tuple[Pixels, float | None]:
    """Return the picture that a model looks at, and its student's score where it has one.

    Raises CheckUnavailable for small, flat and unfamiliar pictures, WeightsError where the
    student fails.
    """
    _decline_small(image)
    picture = bounded(image.pixels, model.input.limit)
    if picture.std(axis=(0, 1)).max() < FLATTEST:
        raise CheckUnavailable("detector_flat")
    if not model.quick:
        return picture, None
    student = model.quick.student
    small = bounded(image.pixels, student.input.limit)
    found, unfamiliar = model.quick.look(views(small, student.input))
    if unfamiliar:
        raise CheckUnavailable("detector_unfamiliar")
    return picture, found


def _decline_small(image: Image) -> None:
    if min(image.width, image.height) < SMALLEST:
        size = {"width": image.width, "height": image.height, "limit": SMALLEST}
        raise CheckUnavailable("detector_too_small", size)

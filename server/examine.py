"""Run every check on one image and decide. Web, CLI and audit all call this."""

import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version as installed

from server import __version__, home, models, trust, weights
from server.checks import CHECKS, Check
from server.errors import CheckUnavailable
from server.evidence import Estimate, Evidence, Param, Report, Strength, Unavailable
from server.image import Image
from server.verdict import POLICIES, decide

#: Libraries that can change what a check finds.
LIBRARIES = (
    "Brotli",
    "c2pa-python",
    "defusedxml",
    "onnxruntime",
    "pillow-heif",
    "Pillow",
    "pylibjxl",
)


def examine(image: Image, policy: str = "cautious", checks: Mapping[str, Check] = CHECKS) -> Report:
    """Collect the evidence of each check; a check that cannot look is reported, never guessed.

    Raises UnreadableImage where a check needs pixels that the file does not yield.
    """
    started = time.perf_counter()
    evidence: list[Evidence] = []
    unavailable: dict[str, Unavailable] = {}
    timings: dict[str, float] = {}
    # A picture that cannot be shown cannot be examined; a drawing has no pixels to show.
    with suppress(CheckUnavailable):
        image.pixels  # noqa: B018
    timings["decode"] = _since(started)
    for name, check in checks.items():
        begun = time.perf_counter()
        try:
            evidence += [replace(e, params=_encodable(e.params)) for e in check(image)]
        except CheckUnavailable as e:
            unavailable[name] = Unavailable(e.code, _encodable(e.params))
        timings[name] = _since(begun)
    return Report(
        sha256=image.sha256,
        format=image.format,
        width=image.width,
        height=image.height,
        verdict=decide(evidence, unavailable, POLICIES[policy]),
        evidence=tuple(evidence),
        estimate=_estimate(evidence),
        unavailable=unavailable,
        versions=versions(policy),
        elapsed_ms=_since(started),
        timings_ms=timings,
    )


def _encodable(params: Mapping[str, Param]) -> dict[str, Param]:
    """Replace what no JSON can carry: metadata may name half a surrogate pair."""
    return {
        key: value.encode(errors="replace").decode() if isinstance(value, str) else value
        for key, value in params.items()
    }


def versions(policy: str) -> dict[str, str]:
    """Return everything besides the bytes that a report depends on."""
    return {
        "touchstone": __version__,
        "code": _code_digest(),
        "model": models.version(),
        "decoders": weights.decoders(),
        "reader": weights.reader_version(),
        "trust": trust.version(),
        "policy": policy,
    } | _libraries()


@cache
def _libraries() -> dict[str, str]:
    return {name: installed(name) for name in LIBRARIES}


@cache
def _code_digest() -> str:
    """Digest the code that makes reports: a changed check never answers from an old store."""
    digest = hashlib.sha256()
    for path in sorted((home.ROOT / "server").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _estimate(evidence: list[Evidence]) -> Estimate | None:
    for found in evidence:
        if found.strength is Strength.ESTIMATE and found.false_alarm_rate is not None:
            score, model = float(found.params["score"]), str(found.params["model"])
            return Estimate(score, found.false_alarm_rate, model)
    return None


def _since(moment: float) -> float:
    return round((time.perf_counter() - moment) * 1000, 2)

"""The registry of checks, in the order of a report."""

from collections.abc import Callable

from server.checks import (
    aigc_label,
    content_credentials,
    detector,
    invisible_watermark,
    metadata,
    trustmark,
    visible_mark,
)
from server.errors import CheckUnavailable
from server.evidence import Evidence
from server.image import Image

#: [] = looked and found nothing; CheckUnavailable = could not look.
Check = Callable[[Image], list[Evidence]]

CHECKS: dict[str, Check] = {
    content_credentials.NAME: content_credentials.check,
    aigc_label.NAME: aigc_label.check,
    metadata.NAME: metadata.check,
    invisible_watermark.NAME: invisible_watermark.check,
    trustmark.NAME: trustmark.check,
    visible_mark.NAME: visible_mark.check,
    detector.NAME: detector.check,
}

#: What is in the file and not in its pixels: a copy of the pixels has none of it.
FILE_CHECKS = frozenset({content_credentials.NAME, aigc_label.NAME, metadata.NAME})


def _blind(_: Image) -> list[Evidence]:
    raise CheckUnavailable("screen_pixels")


#: The checks of pixels taken from a screen: what the file said is not known, and is said so.
SCREEN_CHECKS: dict[str, Check] = {
    name: _blind if name in FILE_CHECKS else check for name, check in CHECKS.items()
}

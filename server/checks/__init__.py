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

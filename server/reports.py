"""The report of an image: from the store, or examined once."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from server import regions
from server.checks import CHECKS, SCREEN_CHECKS, Check, detector
from server.errors import Busy, CheckUnavailable
from server.examine import examine, versions
from server.image import Image
from server.store import Store

#: Images that may wait for the processor; each holds its bytes in memory.
QUEUE = 12
#: Images examined at once: a large one takes up to 1 GB while it is decoded.
AT_ONCE = 2


class Reports:
    """Answers from the store; the same bytes are never examined twice, not even at once."""

    def __init__(
        self, store: Store, policy: str = "cautious", checks: Mapping[str, Check] = CHECKS
    ) -> None:
        self._store, self._policy, self._checks = store, policy, checks
        self._locks: dict[str, tuple[threading.Lock, int]] = {}
        self._guard = threading.Lock()
        self._places = threading.BoundedSemaphore(QUEUE)
        self._hands = threading.BoundedSemaphore(AT_ONCE)

    def find(
        self, sha256: str, *, quick: bool = True, screen: bool = False
    ) -> dict[str, Any] | None:
        """Return the report that today's versions have made, if any.

        `quick`: that of a quick look is good enough, where there is no full one. `screen`: the one
        of these bytes as a copy of pixels on a screen, which is another.
        """
        if screen:
            return self._store.report(sha256, self._screen_versions())
        found = self._store.report(sha256, versions(self._policy))
        return found or (self._store.report(sha256, self._quick_versions()) if quick else None)

    def of(self, image: Image, *, quick: bool = False, screen: bool = False) -> dict[str, Any]:
        """Return the image's report as JSON values. Raises Busy or ImageError.

        `quick`: the detector's fast student may settle what surely gets no badge. `screen`: the
        image is a copy of pixels on a screen and says nothing of the file; it is looked at in full.
        """
        if known := self.find(image.sha256, quick=quick, screen=screen):
            return known
        with self._place(), self._alone(image.sha256):
            known = self.find(image.sha256, quick=quick, screen=screen)
            return known or self._make(image, quick=quick, screen=screen)

    def regions(self, image: Image) -> dict[str, Any]:
        """Return where the image looks like AI, as JSON values, or why it was not looked at.

        Nothing of it is kept. Raises Busy or ImageError.
        """
        found = unavailable = None
        with self._place(), self._hands:
            try:
                found = asdict(regions.look(image))
            except CheckUnavailable as e:
                unavailable = {"code": e.code, "params": dict(e.params)}
        return {"sha256": image.sha256, "regions": found, "unavailable": unavailable}

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the places of images that wait. Raises Busy where there is none."""
        if not self._places.acquire(blocking=False):
            raise Busy(f"{QUEUE} images are waiting already.", retry_after=2)
        try:
            yield
        finally:
            self._places.release()

    def _make(self, image: Image, *, quick: bool, screen: bool) -> dict[str, Any]:
        checks = dict(SCREEN_CHECKS if screen else self._checks)
        if quick and not screen and checks.get(detector.NAME) is detector.check:
            checks[detector.NAME] = partial(detector.check, quick=True)
        with self._hands:
            report = asdict(examine(image, self._policy, checks))
        report["evidence"] = list(report["evidence"])  # as JSON will have it
        if screen:
            report["versions"] = self._screen_versions()
        elif quick and not _is_full(report):
            report["versions"] = self._quick_versions()
        self._store.keep_report(report)
        return report

    def _quick_versions(self) -> dict[str, str]:
        return versions(self._policy) | {"speed": "quick"}

    def _screen_versions(self) -> dict[str, str]:
        return versions(self._policy) | {"pixels": "screen"}

    @contextmanager
    def _alone(self, sha256: str) -> Iterator[None]:
        """Let the second request for the same bytes wait for the first one's report."""
        with self._guard:
            lock, users = self._locks.get(sha256, (threading.Lock(), 0))
            self._locks[sha256] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, users = self._locks.pop(sha256)
                if users > 1:
                    self._locks[sha256] = (lock, users - 1)


def _is_full(report: Mapping[str, Any]) -> bool:
    """Whether the model itself has looked: its student was not sure, or it has none."""
    estimate = report["estimate"]
    return bool(estimate) and report["versions"]["model"].startswith(f"{estimate['model']}@")

"""The same bytes and the same versions are never examined twice."""

import threading
import time
from collections.abc import Iterator

import pytest

from scripts.pictures import jpeg, scene
from server import reports
from server.errors import Busy
from server.evidence import Evidence
from server.image import Image, load
from server.reports import Reports
from server.store import Store

PICTURE = load(jpeg(scene(0, 96, 64)))


class Slow:
    """A check that counts its calls and can be held."""

    def __init__(self) -> None:
        self.calls = 0
        self.go = threading.Event()

    def __call__(self, image: Image) -> list[Evidence]:
        self.calls += 1
        self.go.wait(10)
        return []


@pytest.fixture
def slow() -> Iterator[Slow]:
    check = Slow()
    yield check
    check.go.set()


def start(count: int, made: Reports, picture: Image = PICTURE) -> list[threading.Thread]:
    threads = [threading.Thread(target=made.of, args=(picture,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_the_second_time_the_store_answers(store: Store, slow: Slow) -> None:
    slow.go.set()
    made = Reports(store, checks={"slow": slow})
    assert made.of(PICTURE) == made.of(PICTURE)
    assert slow.calls == 1


def test_two_at_once_are_examined_once(store: Store, slow: Slow) -> None:
    made = Reports(store, checks={"slow": slow})
    threads = start(3, made)
    while not slow.calls:
        time.sleep(0.01)
    slow.go.set()
    for thread in threads:
        thread.join()
    assert slow.calls == 1


def test_another_policy_is_another_report(store: Store, slow: Slow) -> None:
    slow.go.set()
    for policy in ("cautious", "eager", "cautious"):
        Reports(store, policy, {"slow": slow}).of(PICTURE)
    assert slow.calls == 2


def test_a_long_queue_is_refused_and_told_to_wait(store: Store, slow: Slow) -> None:
    made = Reports(store, checks={"slow": slow})
    threads = start(reports.QUEUE, made)
    while made._places._value:
        time.sleep(0.01)
    with pytest.raises(Busy) as caught:
        made.of(PICTURE)
    assert caught.value.retry_after == 2
    slow.go.set()
    for thread in threads:
        thread.join()
    made.of(PICTURE)
    assert not made._locks

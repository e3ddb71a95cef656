"""The benchmark times what is read and leaves out what is not."""

from pathlib import Path

from scripts.benchmark import measure
from scripts.pictures import gallery
from server.checks import CHECKS


def test_every_check_is_timed(tmp_path: Path) -> None:
    for name in ("camera.jpg", "broken.jpg"):
        (tmp_path / name).write_bytes(gallery()[name])
    times = measure(sorted(tmp_path.iterdir()), 2)
    assert set(times) == {"decode", "all", *CHECKS}
    assert {len(found) for found in times.values()} == {2}

"""Checks in, report out; golden reports shared with the extension's tests."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from scripts.pictures import TC260, aigc, gallery, png, scene, xmp_packet
from server.checks import CHECKS
from server.errors import CheckUnavailable, UnreadableImage
from server.evidence import Claim, Evidence, Strength
from server.examine import examine, versions
from server.image import Image, load

GOLDEN = Path(__file__).parent / "reports"
GALLERY = gallery()
READABLE = [name for name in GALLERY if name != "broken.jpg"]
LABELS = {name: CHECKS[name] for name in ("content_credentials", "aigc_label", "metadata")}
PICTURE = load(GALLERY["camera.jpg"])


def stable(report: dict[str, Any]) -> dict[str, Any]:
    """Leave out what changes with the machine, the minute or the run's own certificate."""
    volatile = ("versions", "elapsed_ms", "timings_ms", "sha256")
    return json.loads(
        json.dumps({key: value for key, value in report.items() if key not in volatile})
    )


@pytest.mark.parametrize("name", READABLE)
def test_the_gallery_gives_the_golden_reports(name: str) -> None:
    """Both this test and the extension's read these files.

    The detector is left out: its score may change with the model, not with the code.
    """
    found = stable(asdict(examine(load(GALLERY[name]), checks=LABELS)))
    assert found == json.loads((GOLDEN / f"{name}.json").read_text())


def test_there_is_no_golden_report_without_its_picture() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(READABLE)


def test_text_that_no_json_can_carry_is_replaced() -> None:
    """Metadata may name half a surrogate pair; the report must still be sent and stored."""
    label = '{"Label":"1","ContentProducer":"\\ud800","ProduceID":"\\udfff"}'
    report = examine(load(png(scene(0, 96, 64), {"AIGC": label})), checks=LABELS)
    assert report.evidence[0].params["producer"] == "?"
    assert json.dumps(asdict(report), ensure_ascii=False).encode()


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><metadata>'
    f"{xmp_packet(TC260, 'T', 'AIGC', aigc('1')).partition('?>')[2].partition('<?xpacket')[0]}"
    "</metadata></svg>"
)


def test_a_drawing_is_examined_for_labels_and_not_estimated() -> None:
    report = examine(load(SVG.encode()))
    assert (report.format, report.width, report.height) == ("SVG", 200, 100)
    assert report.verdict.label == "ai_generated"
    assert report.unavailable["detector"].code == "no_pixels"
    plain = examine(load(b'<svg xmlns="http://www.w3.org/2000/svg"/>'))
    assert plain.verdict.label == "unlabeled"


def blind(image: Image) -> list[Evidence]:
    raise CheckUnavailable("some_reason", {"limit": 3})


def sure(image: Image) -> list[Evidence]:
    return [Evidence("sure", Claim.AI_GENERATED, Strength.DECLARATION, "said")]


def unsure(image: Image) -> list[Evidence]:
    params = {"score": 0.25, "model": "m"}
    return [Evidence("unsure", Claim.SUSPECTED_AI, Strength.ESTIMATE, "guess", params, 0.5)]


def test_a_check_that_cannot_look_is_reported_and_decides_nothing() -> None:
    report = examine(PICTURE, checks={"blind": blind, "sure": sure})
    assert report.unavailable["blind"].code == "some_reason"
    assert report.unavailable["blind"].params == {"limit": 3}
    assert report.verdict.label == "ai_generated"


def test_the_estimate_stands_apart() -> None:
    report = examine(PICTURE, checks={"unsure": unsure})
    assert report.estimate is not None
    assert (report.estimate.score, report.estimate.false_alarm_rate) == (0.25, 0.5)
    assert report.verdict.label == "unlabeled"
    assert examine(PICTURE, checks={"sure": sure}).estimate is None


def test_a_picture_that_cannot_be_shown_is_not_examined() -> None:
    data = GALLERY["camera.jpg"]
    with pytest.raises(UnreadableImage):
        examine(load(data[: len(data) // 2]))


def test_the_time_of_every_check_is_told() -> None:
    report = examine(PICTURE, checks=LABELS)
    assert set(report.timings_ms) == {"decode", *LABELS}


OFFLINE = """
import sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen"):
        raise SystemExit(f"{event} {arguments}")

sys.addaudithook(refuse)
from server.cli import main
sys.exit(main(["examine", "--json", *sys.argv[1:]]))
"""


def test_no_connection_is_opened(tmp_path: Path) -> None:
    for name in READABLE:
        (tmp_path / name).write_bytes(GALLERY[name])
    files = [str(tmp_path / name) for name in READABLE]
    command = [sys.executable, "-c", OFFLINE, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(READABLE)


def test_versions_name_all_that_a_report_depends_on() -> None:
    found = versions("cautious")
    assert {"touchstone", "code", "model", "reader", "trust", "policy"} <= set(found)
    assert {"Pillow", "onnxruntime"} <= set(found)
    assert versions("eager") != found

"""The command line as a person uses it: real processes, real files."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO

import pytest

from scripts.pictures import gallery
from scripts.signing import Signer
from server import models
from server.cli import main
from server.store import FILE
from tests.networks import CURVE, FED, READ, classifier, own, place

COMMANDS = ("serve", "examine", "pair", "trust", "tokens")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, data in gallery().items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_examine_prints_one_json_report_a_line(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(files / name) for name in ("iptc.jpg", "camera.jpg")]
    assert main(["examine", "--json", *names]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["file"] for row in rows] == names
    assert [row["verdict"]["label"] for row in rows] == ["ai_generated", "unlabeled"]


def test_a_bad_file_is_told_and_the_others_go_on(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(files / name) for name in ("broken.jpg", "absent.jpg", "iptc.jpg")]
    assert main(["examine", "--json", *names]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["error"]["code"] == "unreadable_image"
    assert rows[1]["error"]["code"] == "unreadable_file"
    assert rows[2]["verdict"]["label"] == "ai_generated"


def test_a_model_of_ones_own_makes_the_estimate(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = files / "home"
    named = place(home, "mine.onnx", classifier([[0, 4], [0, 0], [0, 0]]))
    entry = named | {"licence": "MIT", "input": FED, "output": READ, "calibration": CURVE}
    own(home, models={"mine": entry})
    monkeypatch.setenv("TOUCHSTONE_HOME", str(home))
    monkeypatch.setenv("TOUCHSTONE_MODEL", "")
    models.load.cache_clear()
    assert main(["examine", "--json", "--model", "mine", str(files / "camera.jpg")]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["estimate"]["model"] == "mine"
    assert row["versions"]["model"] == models.open_model("mine").version
    assert main(["examine", "--model", "other", str(files / "camera.jpg")]) == 2
    assert "model is 'other'; it must be one of" in capsys.readouterr().err
    models.load.cache_clear()


def test_examine_speaks_to_people_too(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["examine", str(files / "iptc.jpg"), str(files / "broken.jpg")])
    first, second = capsys.readouterr().out.splitlines()
    assert "\tai_generated\tdeclaration\tiptc_ai_generated" in first
    assert "\tnot_checked\t" in second


def test_trust_lists_the_lists_and_their_age(
    tmp_path: Path, signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trust"]) == 1
    assert "no signer is trusted" in capsys.readouterr().out
    (tmp_path / "a.pem").write_bytes(signer.authority)
    entry = {"a.pem": {"name": "List A", "issued": "2020-01-01", "next_update": "2021-01-01"}}
    (tmp_path / "lists.json").write_text(json.dumps(entry))
    days = (date.today() - date(2020, 1, 1)).days
    assert main(["trust", "--trust", str(tmp_path)]) == 0
    assert capsys.readouterr().out == (
        f"List A: 1 certificates, of 2020-01-01, {days} days old; "
        "a newer one was due on 2021-01-01 (make trust)\n"
    )


def test_a_trust_folder_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = str(tmp_path / "absent")
    assert main(["trust", "--trust", absent]) == 2
    assert f"trust is {absent!r}; there is no such folder" in capsys.readouterr().err


def test_pair_prints_only_the_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pair", "--data", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert len(out.strip()) == 8
    assert out.strip().isdigit()


def test_tokens_lists_and_revokes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tokens", "--data", str(tmp_path)]) == 0
    assert main(["tokens", "--data", str(tmp_path), "--revoke", "none"]) == 1
    assert capsys.readouterr().out == "There is no none.\n"


def test_a_wrong_setting_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "x"]) == 2
    assert capsys.readouterr().err == "touchstone: port is 'x'; it must be a whole number.\n"


@pytest.mark.parametrize("command", ["serve", "pair", "tokens"])
def test_a_damaged_store_is_one_clear_line(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_bytes(b"This is no database. " * 100)
    assert main([command, "--data", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"touchstone: The file {tmp_path / FILE} cannot be used: ")
    assert main([command, "--data", str(tmp_path / FILE)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"touchstone: The folder {tmp_path / FILE} cannot be used: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "%%" not in capsys.readouterr().out


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)


def _serve(data: Path) -> list[str]:
    return [sys.executable, "-m", "server", "serve", "--port", "0", "--data", str(data)]


@contextmanager
def _started(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], IO[str], str]]:
    """Start the server; yields it, what it prints after its first line, and its address."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as server:
        assert server.stdout is not None
        yield server, server.stdout, server.stdout.readline().rpartition(" ")[2].strip()


def test_serve_says_where_it_is_and_stops_when_asked(tmp_path: Path) -> None:
    command = _serve(tmp_path)
    with _started(command) as (server, output, address):
        code = output.readline()
        assert "Pairing code: " in code
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:  # noqa: S310
                    assert json.load(answer)["name"] == "touchstone"
                break
            except OSError:
                time.sleep(0.1)
        taken = [*command[:-3], address.rstrip("/").rpartition(":")[2], *command[-2:]]
        second = subprocess.run(taken, capture_output=True, text=True, check=False, timeout=60)
        assert second.returncode == 2
        assert "Is Touchstone running already?" in second.stderr
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        assert "Touchstone has stopped." in output.read()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_job_in_the_background_ends_when_told(tmp_path: Path, ending: signal.Signals) -> None:
    """A shell starts such a job with SIGINT ignored."""
    command = ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", *_serve(tmp_path)]
    with _started(command) as (server, output, address):
        # Answers as soon as the server's loop runs: until then the connection waits.
        with urllib.request.urlopen(f"{address}healthz", timeout=60) as answer:  # noqa: S310
            assert json.load(answer)["name"] == "touchstone"
        server.send_signal(ending)
        try:
            assert server.wait(20) == 0
        finally:
            server.kill()
        assert "Touchstone has stopped." in output.read()

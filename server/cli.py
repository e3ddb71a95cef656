"""The command line: argparse only; each command is a few lines."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from server import __version__, home, models, pairing, regions, trust, weights
from server.app import create_app
from server.checks import CHECKS, visible_mark
from server.errors import CheckUnavailable, RequestError, TouchstoneError, WeightsError
from server.examine import examine
from server.image import Image, load
from server.listener import listen
from server.settings import SETTINGS, resolve
from server.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 2
    try:
        values = resolve(vars(chosen))
        # The checks take an image and nothing else; what they read besides, they find here.
        for name in ("model", "trust"):
            if getattr(chosen, name, None):
                os.environ[f"TOUCHSTONE_{name.upper()}"] = str(values[name])
        status: int = chosen.run(chosen, values)
    except TouchstoneError as e:
        print(f"touchstone: {e}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server", description="Tells what AI label a picture carries."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, run, text, flags in (
        ("serve", _serve, "answer the browser extension and show the page", None),
        (
            "examine",
            _examine,
            "examine files and print a report each",
            {"policy", "model", "trust"},
        ),
        ("pair", _pair, "print a new pairing code for a running server", {"data"}),
        ("trust", _trust, "list the trust lists and their age", {"trust"}),
        ("tokens", _tokens, "list paired extensions, or revoke one", {"data"}),
    ):
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        command.set_defaults(run=run)
        for setting in SETTINGS:
            if flags is None or setting.name in flags:
                command.add_argument(f"--{setting.name}", help=setting.help.replace("%", "%%"))
        if name == "examine":
            command.add_argument("files", nargs="+", type=Path, metavar="FILE")
            command.add_argument("--json", action="store_true", help="one JSON report a line")
            command.add_argument("--whole", action="store_true", help=WHOLE)
            command.add_argument("--regions", action="store_true", help=REGIONS)
        if name == "tokens":
            command.add_argument("--revoke", metavar="ID", help="revoke this one")
    return parser


Values = dict[str, str | int]
#: What `examine --whole` does.
WHOLE = "look for marks in words all over the picture, not at its edges only (slower)"
#: What `examine --regions` does.
REGIONS = "tell also where the picture looks most like AI; with --json the whole map"


def _serve(_: argparse.Namespace, values: Values) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    store = Store(Path(str(values["data"])), keep=int(values["keep"]))
    app = create_app(store, str(values["policy"]))
    host, port = str(values["host"]), int(values["port"])
    try:
        server = listen(app, host, port)
    except OSError as e:
        store.close()
        raise TouchstoneError(
            f"Cannot listen on {host}:{port}: {e.strerror}. Is Touchstone running already? "
            "Another port: --port N."
        ) from e
    _print_welcome(f"http://{f'[{host}]' if ':' in host else host}:{server.effective_port}/", store)
    try:
        models.load()
    except WeightsError as e:
        print(f"The detector is off: {e} Labels are read all the same.", flush=True)
    # Both end the loop as Ctrl+C does; a shell's background job would inherit "ignore SIGINT".
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    weights.reader_version()  # the first picture need not wait for it
    server.run()  # until Ctrl+C
    server.close()
    store.close()
    print("\nTouchstone has stopped.")
    return 0


def _print_welcome(address: str, store: Store) -> None:
    code = pairing.spaced(pairing.open_code(store))
    minutes = pairing.LIFETIME_S // 60
    print(
        f"""Touchstone is at {address}
Pairing code: {code} (valid for {minutes} minutes; a new one: the page, or python -m server pair)

The extension, once:
  Chromium, Chrome, Edge: open chrome://extensions, switch on "Developer mode",
    press "Load unpacked" and choose {home.ROOT / "extension"}
  Firefox: open about:debugging#/runtime/this-firefox, press "Load Temporary Add-on"
    and choose {home.ROOT / "extension" / "manifest.json"}
  Then type the pairing code on the page that opens.

Stop with Ctrl+C.""",
        flush=True,
    )
    for line in _trust_lines() or ["There is no trust list: no signer is trusted (make trust)."]:
        print(line, flush=True)


def _examine(chosen: argparse.Namespace, values: Values) -> int:
    status, checks = 0, CHECKS
    if chosen.whole:
        checks = CHECKS | {visible_mark.NAME: partial(visible_mark.check, whole=True)}
    for path in chosen.files:
        try:
            image = load(path.read_bytes())
            row: dict[str, Any] = asdict(examine(image, str(values["policy"]), checks))
            if chosen.regions:
                row |= _regions(image)
        except OSError as e:
            row = {"error": {"code": "unreadable_file", "message": f"{e.strerror}: {path}"}}
        except RequestError as e:
            row = e.as_json()
        status |= "error" in row
        row = {"file": str(path)} | row
        print(json.dumps(row, ensure_ascii=False) if chosen.json else _line(row), flush=True)
    return status


def _regions(image: Image) -> dict[str, Any]:
    """Return the map, or null where the detector cannot look."""
    try:
        return {"regions": asdict(regions.look(image))}
    except CheckUnavailable:
        return {"regions": None}


def _line(row: dict[str, Any]) -> str:
    """One file for a person: label, basis, deciding message, and the strongest part if asked."""
    if error := row.get("error"):
        return f"{row['file']}\tnot_checked\t{error['message']}"
    verdict = row["verdict"]
    details = " ".join(f"{key}={value}" for key, value in verdict["params"].items() if value)
    line = f"{row['file']}\t{verdict['label']}\t{verdict['basis']}\t{verdict['code']} {details}"
    if part := row.get("regions"):
        line += f"\tpart={part['place']} false_alarm_rate={part['false_alarm_rate']:.2g}"
    return line


def _trust(_: argparse.Namespace, values: Values) -> int:
    lines = _trust_lines()
    print("\n".join(lines) or f"There is no trust list in {values['trust']}: no signer is trusted.")
    return 0 if lines else 1


def _trust_lines() -> list[str]:
    """One line a list: whose, of which day, how old, and whether it is overdue."""
    today = date.today()
    lines = []
    for found in trust.lists():
        text = f"{found.name}: {found.certificates} certificates"
        if found.issued:
            days = (today - date.fromisoformat(found.issued)).days
            text += f", of {found.issued}, {days} days old"
        if trust.overdue(found, today):
            text += f"; a newer one was due on {found.next_update} (make trust)"
        lines.append(text)
    return lines


def _pair(_: argparse.Namespace, values: Values) -> int:
    store = Store(Path(str(values["data"])))
    print(pairing.open_code(store))
    store.close()
    return 0


def _tokens(chosen: argparse.Namespace, values: Values) -> int:
    store = Store(Path(str(values["data"])))
    try:
        if chosen.revoke:
            found = store.remove_token(chosen.revoke)
            print(f"Revoked {chosen.revoke}." if found else f"There is no {chosen.revoke}.")
            return 0 if found else 1
        for token in store.tokens():
            made = datetime.fromtimestamp(token.made).astimezone().isoformat(" ", "minutes")
            print(f"{token.id}\t{made}\t{token.client}\t{token.origin}")
        return 0
    finally:
        store.close()

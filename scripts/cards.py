"""Model cards: reads what they say of a model's limits, and writes those of foreign models."""

import json
import re
from pathlib import Path
from typing import Any

from server import home, weights
from server.views import Input

#: Only a card that bears this line is ever written over.
MARK = "Written by `python -m scripts.evaluate DATA --model NAME --card`; do not edit."
#: The headings under which a card says what its model is not for.
HEADINGS = ("Must not be used for", "Limits")
Interval = tuple[float, float, float]


def own_names() -> set[str]:
    """Return the names of the models of the user's own registry. Raises WeightsError."""
    weights.catalogue()
    path = home.folder() / weights.OWN
    return set(json.loads(path.read_text()).get("models", {})) if path.is_file() else set()


def card_path(name: str) -> Path:
    """Return where a model's card lies: in models/, or in the home folder for the user's own."""
    return (home.folder() if name in own_names() else weights.MODELS) / f"{name}.md"


def limits(name: str) -> dict[str, list[str]]:
    """Return the points of a card by heading, as plain text; empty where it has none."""
    path = card_path(name)
    text = path.read_text() if path.is_file() else ""
    found = {}
    for heading in HEADINGS:
        part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        points = re.split(r"\n\s*\n|^- ", part[1], flags=re.MULTILINE) if part else []
        plain = [" ".join(_plain(point).split()) for point in points]
        if any(plain):
            found[heading] = [point for point in plain if point]
    return found


def _plain(markdown: str) -> str:
    """Drop the marks of emphasis, code and links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[*`]", "", markdown))


def percent(share: float, digits: int = 1) -> str:
    """Write a share as people read it."""
    return f"{share * 100:.{digits}f} %"


def between(found: Interval) -> str:
    """Write a share with its interval."""
    value, low, high = found
    return f"{percent(value)} ({low * 100:.1f} to {high * 100:.1f})"


def tables(result: dict[str, Any]) -> str:
    """Write a model's figures as the tables of a card (Markdown)."""
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    named = {"AUC": result["auc"]}
    for share, recall in zip(("0.1", "1", "5"), result["recall"], strict=True):
        named[f"recall at {share} % false positives"] = recall
    for name, policy in result["policies"].items():
        named[f"recall, policy {name} (limit {policy['limit'] * 100:g} %)"] = policy["recall"]
    named["expected calibration error"] = result["calibration"]["error"]
    for title, (value, low, high) in named.items():
        lines.append(f"| {title} | {value:.3f} | {low:.3f} to {high:.3f} |")
    lines += ["", f"| false positives | {' | '.join(result['policies'])} |", "|---|---|---|---|"]
    for name in next(iter(result["policies"].values()))["false_positive_rate"]:
        rows = [policy["false_positive_rate"][name] for policy in result["policies"].values()]
        cells = [f"{r['false']} of {r['pictures']} = {between(r['rate'])}" for r in rows]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| generator family | pictures | recall, balanced |", "|---|---|---|"]
    for name, row in result["families"].items():
        lines.append(f"| {name} | {row['pictures']} | {between(row['recall_balanced'])} |")
    return "\n".join([*lines, *_copies(result["transformations"])])


def _copies(found: dict[str, Any]) -> list[str]:
    """Write the figures of each kind of copy; nothing where only the originals were measured."""
    if len(found) < 2:
        return []
    title = "| copy | AUC | recall at 1 % | false positives, cautious | balanced | eager |"
    lines = ["", title, "|---|---|---|---|---|---|"]
    for name, row in found.items():
        cells = [
            "{:.3f} ({:.3f} to {:.3f})".format(*row["auc"]),
            between(row["recall"][1]),
            *(f"{r['false']} of {r['pictures']}" for r in row["false_positive_rate"].values()),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def fed(wanted: Input) -> str:
    """Say in words what a network is fed."""
    names = ", ".join(wanted.views)
    limit = f" of a picture at most {wanted.limit} px long" if wanted.limit else ""
    shorter = f" cut at a shorter side of {wanted.shorter} px," if wanted.shorter else ""
    return (
        f"{names}{limit},{shorter} {wanted.size} px, {wanted.interpolation}, values "
        f"{wanted.range[0]:g} to {wanted.range[1]:g}, {wanted.channels}, {wanted.layout}"
    )


def card(result: dict[str, Any], data: dict[str, Any]) -> str:
    """Write the card of a foreign model: what it is, what was measured, what it is not for."""
    entry = result["entry"]
    source = entry.get("source")
    wheel = f"PyPI's `{source['package']}` {source['version']}" if source else "not stated"
    origin = entry.get("address", wheel)
    output = f"a head on the encoder {entry.get('encoder')}"
    if "output" in entry:
        output = ", ".join(f"{key} {value}" for key, value in entry["output"].items())
    return f"""# {result["model"]}

{MARK}

A foreign model: Touchstone did not train it and cannot say on what it was trained. Its score is an estimate from pixels, never a proof.

| | |
|---|---|
| file | `{entry["file"]}`, SHA-256 `{entry["sha256"]}` |
| licence | {entry.get("licence", "not stated")} |
| from | {origin} |
| input | {result["fed"]} |
| output | {output} |
| calibration | {result["calibration"]["of"]} |

## Measured

{data["pictures"]} pictures ({data["real"]} real, {data["ai"]} AI) of {data["repositories"]} repositories; manifest SHA-256 `{data["manifest_sha256"]}`. Command: `python -m scripts.evaluate DATA --model {result["model"]}{data["sampling"]}`. {result["declined"]} pictures were declined (too small or of one colour); they count as no badge.

{tables(result)}

AUC, recall and calibration error: bootstrap over repositories. False positives and families: Wilson; pictures of one repository are not independent, so they are a little narrow.

## Must not be used for

- Proof of anything about a picture, or a decision about a person: a low score is no acquittal, a high one no conviction.
- Pictures below 64 px or of almost one colour: they are declined.

## Limits

- The rates hold for real pictures like those of the calibration; they are no rate for any one site.
- Whether pictures of this measurement were in the model's own training is not known; if so, the figures are too good.
- It was not tested against people who try to deceive it.
"""  # noqa: E501 - a card's paragraphs are single lines


def write(name: str, text: str) -> Path:
    """Write a card where none is, or over one that was written here. Raises SystemExit."""
    path = card_path(name)
    if path.is_file() and MARK not in path.read_text():
        raise SystemExit(f"{path} was written by hand; it is not written over.")
    path.write_text(text)
    return path

"""The evaluation as one page of HTML: no script, no outside reference, readable on paper."""

from collections.abc import Sequence
from html import escape
from typing import Any

from scripts import plots
from scripts.cards import between, percent

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { border-bottom: 1px solid; padding: .2rem .7rem .2rem 0; text-align: left; }
th, td { vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
figure { margin: 1rem 0; max-width: 44rem; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: currentColor; }
.line { fill: none; stroke: currentColor; stroke-width: 2; }
.chance { fill: none; stroke: currentColor; stroke-width: 1; opacity: .6; }
.grid { fill: none; stroke: currentColor; stroke-width: .5; opacity: .3; }
.band { fill: currentColor; opacity: .15; }
@media print { body { max-width: none; margin: 0; } figure, tr { break-inside: avoid; }
  section { break-before: page; } }
""".strip()
SHARES = ("0.1 %", "1 %", "5 %")


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table whose first column heads its rows; every text is escaped."""
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        # A table may be wider than a narrow window: then the keyboard must be able to move it.
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0">\n'
        f"<table><caption>{escape(caption)}</caption>\n"
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def figure(drawing: str, words: str) -> str:
    """Put a drawing above its caption."""
    return f"<figure>{drawing}<figcaption>{escape(words)}</figcaption></figure>"


def three(found: Sequence[float]) -> str:
    """Write a figure with its interval, three digits each."""
    value, low, high = found
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def signed(found: Sequence[float]) -> str:
    """Write a difference with its interval."""
    value, low, high = found
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


def page(figures: dict[str, Any]) -> str:
    """Return the whole page of an evaluation of one model or several."""
    models = list(figures["models"].values())
    names = ", ".join(model["model"] for model in models)
    parts = [
        f"<h1>Evaluation of {escape(names)}</h1>",
        _method(figures),
        _together(models),
        *(_section(model) for model in models),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Evaluation of {escape(names)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def _method(figures: dict[str, Any]) -> str:
    data = figures["data"]
    words = (
        f"{data['pictures']} pictures ({data['real']} real, {data['ai']} AI) of "
        f"{data['repositories']} repositories; manifest SHA-256 {data['manifest_sha256']}. "
        "Every model saw the same files, through the code that ships. Intervals are 95 %: AUC, "
        "recall and calibration error by a bootstrap over repositories, for pictures of one "
        "repository are not independent; counts by Wilson, which takes pictures as independent "
        "and is a little narrow. A picture that the detector declines (too small, of one colour) "
        "counts as no badge. A score is an estimate from pixels and never a proof; a picture "
        "without a badge may still be AI."
    )
    return f"<p>{escape(words)}</p>\n<p>Command: <code>{escape(figures['command'])}</code></p>"


def _together(models: Sequence[dict[str, Any]]) -> str:
    rows = [
        [m["model"], three(m["auc"]), *map(three, m["recall"]), three(m["calibration"]["error"])]
        for m in models
    ]
    head = ["model", "AUC", *(f"recall at {share} FP" for share in SHARES), "calibration error"]
    curves = [
        plots.Curve(
            m["model"],
            [(x, y[0]) for x, y in zip(m["roc"]["rate"], m["roc"]["recall"], strict=True)],
            [(y[1], y[2]) for y in m["roc"]["recall"]],
        )
        for m in models
    ]
    parts = [
        "<section>\n<h2>All models on the same files</h2>",
        table("Pooled over all real pictures", head, rows),
        figure(
            plots.roc(curves),
            f"ROC; the area is the interval of {models[0]['model']}, the thin line is chance.",
        ),
    ]
    for number, model in enumerate(models):
        # The other way round a difference only changes its sign.
        for other in [later["model"] for later in models[number + 1 :]]:
            found = model["against"][other]
            differences = [
                [how, signed(d["auc"]), *map(signed, d["recall"])]
                for how, d in found["copies"].items()
            ]
            caption = f"{model['model']} minus {other}, repositories drawn in pairs"
            parts.append(table(caption, ["copy", *head[1:5]], differences))
            error = signed(found["calibration_error"])
            parts.append(f"<p>Calibration error, {escape(caption)}: {error}.</p>")
    if len(models) > 1:
        words = (
            "A model is better by AUC or recall where the whole interval lies above 0, by "
            "calibration error where it lies below."
        )
        parts.append(f"<p>{words}</p>")
    return "\n".join([*parts, "</section>"])


def _section(model: dict[str, Any]) -> str:
    parts = [
        f"<section>\n<h2>{escape(model['model'])}</h2>",
        _facts(model),
        _policies(model),
        _generators(model),
        _classes(model),
        _transformations(model),
        _calibration(model),
        _worst(model),
        _limits(model),
    ]
    return "\n".join([*parts, "</section>"])


def _facts(model: dict[str, Any]) -> str:
    entry = model["entry"]
    rows = [
        ["version", model["version"]],
        ["file", f"{entry['file']}, SHA-256 {entry['sha256']}"],
        ["licence", str(entry.get("licence", "not stated"))],
        ["input", model["fed"]],
        ["calibration", model["calibration"]["of"]],
        ["declined", f"{model['declined']} pictures"],
    ]
    return table("What was measured", ["of the model", "value"], rows)


def _policies(model: dict[str, Any]) -> str:
    policies = model["policies"]
    head = ["figure", *(f"{name} (limit {p['limit'] * 100:g} %)" for name, p in policies.items())]
    rows = [["recall", *(between(p["recall"]) for p in policies.values())]]
    for name in next(iter(policies.values()))["false_positive_rate"]:
        cells = [p["false_positive_rate"][name] for p in policies.values()]
        texts = [f"{c['false']} of {c['pictures']} = {between(c['rate'])}" for c in cells]
        rows.append([f"false positives, {name}", *texts])
    return "<h3>At each policy</h3>\n" + table("By the calibration that ships", head, rows)


def _generators(model: dict[str, Any]) -> str:
    head = ["generator", "pictures", "sources", *(f"recall at {s} FP" for s in SHARES)]
    parts = ["<h3>By generator</h3>"]
    for field, caption in (("families", "Families"), ("generators", "Generators")):
        rows = [
            [name, str(row["pictures"]), str(row["repositories"]), *map(between, row["recall"])]
            for name, row in model[field].items()
        ]
        words = f"{caption}; all real pictures set the limits, intervals by Wilson"
        parts.append(table(words, head, rows))
    return "\n".join(parts)


def _classes(model: dict[str, Any]) -> str:
    head = ["class", "pictures", "sources", "AUC", *(f"recall at {s} FP" for s in SHARES)]
    rows = [
        [
            name,
            str(r["pictures"]),
            str(r["repositories"]),
            three(r["auc"]),
            *map(three, r["recall"]),
        ]
        for name, r in model["classes"].items()
    ]
    words = (
        "Each class alone sets the limits. Where a share of its pictures is less than one "
        "picture, the limit is above them all: the true rate may be higher."
    )
    caption = "All AI pictures against one class of real ones"
    return f"<h3>By class of real pictures</h3>\n{table(caption, head, rows)}\n<p>{words}</p>"


def _transformations(model: dict[str, Any]) -> str:
    shown = model["transformations"]
    policies = list(model["policies"])
    head = ["copy", "AUC", *(f"recall at {s} FP" for s in SHARES)]
    head += [f"false positives, {name}" for name in policies] + ["declined"]
    rows = []
    for name, found in shown.items():
        false = [percent(found["false_positive_rate"][policy]["rate"][0]) for policy in policies]
        cells = [three(found["auc"]), *map(three, found["recall"]), *false, str(found["declined"])]
        rows.append([name, *cells])
    dots = plots.dots("AUC of each kind of copy", [(n, f["auc"]) for n, f in shown.items()])
    return "\n".join(
        [
            "<h3>After what the web does</h3>",
            table("The same pictures, copied", head, rows),
            figure(dots, "AUC of each kind of copy, with its interval."),
        ]
    )


def _calibration(model: dict[str, Any]) -> str:
    bins = model["calibration"]["bins"]
    rows = [
        [str(number), str(b["pictures"]), f"{b['score']:.3f}", f"{b['ai']:.3f}"]
        for number, b in enumerate(bins, 1)
    ]
    words = (
        "The score read as the probability of AI where both classes are as likely; expected "
        f"calibration error {three(model['calibration']['error'])}. Declined pictures are left out."
    )
    drawing = plots.calibration([(b["score"], b["ai"]) for b in bins])
    head = ["bin", "pictures", "mean score", "share of AI"]
    caption = "Ten bins of equal mass"
    return f"<h3>Calibration</h3>\n{figure(drawing, words)}\n{table(caption, head, rows)}"


def _worst(model: dict[str, Any]) -> str:
    parts = ["<h3>Where it is most wrong</h3>"]
    titles = {
        "misses": "AI pictures of the lowest scores",
        "false_alarms": "Real pictures of the highest scores",
    }
    for key, caption in titles.items():
        head = ["picture", "repository", "what it is", "size", "score", "false alarm rate"]
        rows = [
            [
                w["path"],
                w["repository"],
                w["what"],
                w["size"],
                f"{w['score']:.4f}",
                percent(w["rate"], 2),
            ]
            for w in model["worst"][key]
        ]
        parts.append(table(caption, head, rows))
    return "\n".join(parts)


def _limits(model: dict[str, Any]) -> str:
    if not model["limits"]:
        return "<h3>Must not be used for</h3>\n<p>The model has no card that says it.</p>"
    parts = []
    for heading, points in model["limits"].items():
        items = "".join(f"<li>{escape(point)}</li>" for point in points)
        parts.append(f"<h3>{escape(heading)}</h3>\n<ul>{items}</ul>")
    return "\n".join(parts)

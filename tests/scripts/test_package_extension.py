"""The packages of both stores: reproducible, complete, each with its own manifest."""

import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from scripts.package_extension import EXTENSION, FOREIGN, build, manifest_for

BROWSERS = sorted(FOREIGN)


@pytest.mark.parametrize("browser", BROWSERS)
def test_the_same_bytes_twice_whenever_a_file_was_written(browser: str, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = build(browser, tmp_path).read_bytes()
    popup = EXTENSION / "popup.html"
    times = popup.stat()
    try:
        os.utime(popup, (0, 0))
        again = build(browser, tmp_path / "again").read_bytes()
    finally:
        os.utime(popup, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert again == first


@pytest.mark.parametrize("browser", BROWSERS)
def test_all_files_are_there_as_they_are(browser: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(build(browser, tmp_path)) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        packed = {name: archive.read(name) for name in names}
    files = {p.relative_to(EXTENSION).as_posix() for p in EXTENSION.rglob("*") if p.is_file()}
    missing = files - set(names)
    assert missing == ({"managed.json"} if browser == "firefox" else set())
    assert json.loads(packed.pop("manifest.json")) == manifest_for(browser)
    for name, data in packed.items():
        assert data == (EXTENSION / name).read_bytes()
        # Stores want to read what they publish: no file is made by a tool.
        assert not re.search(r"\.(map|min\.js|wasm)$", name)


def test_each_manifest_is_the_one_without_the_keys_of_the_other() -> None:
    chromium, firefox = manifest_for("chromium"), manifest_for("firefox")
    assert chromium["background"] == {"service_worker": "background.js", "type": "module"}
    assert firefox["background"] == {"scripts": ["background.js"], "type": "module"}
    assert "sidePanel" in chromium["permissions"]
    only = set(chromium["permissions"]) - set(firefox["permissions"])
    assert only == {"sidePanel", "declarativeNetRequestWithHostAccess"}
    own = {"minimum_chrome_version", "message_serialization", "side_panel", "storage"}
    assert set(chromium) - set(firefox) == own
    assert set(firefox) - set(chromium) == {"browser_specific_settings", "sidebar_action"}
    assert chromium["version"] == firefox["version"]


def test_the_collection_of_data_is_declared() -> None:
    gecko = manifest_for("firefox")["browser_specific_settings"]["gecko"]
    assert gecko["data_collection_permissions"] == {"required": ["websiteContent"]}

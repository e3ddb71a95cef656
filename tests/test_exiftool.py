"""Labels that exiftool writes into each container, as far as it writes that container."""

import io
import json
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pylibjxl
import pytest

from scripts.pictures import TC260, aigc, png, scene, xmp_packet
from server.checks import aigc_label, metadata
from server.image import load

SCENE = scene(5, 96, 64)
AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LABEL = aigc("1")
#: exiftool knows no TC260 table; its own configuration language can say what one is.
CONFIG = """
%Image::ExifTool::UserDefined::TC260 = (
    GROUPS => { 0 => 'XMP', 1 => 'XMP-TC260', 2 => 'Image' },
    NAMESPACE => { 'TC260' => 'http://www.tc260.org.cn/ns/AIGC/1.0/' },
    WRITABLE => 'string',
    AIGC => { },
);
%Image::ExifTool::UserDefined = (
    'Image::ExifTool::XMP::Main' => {
        TC260 => { SubDirectory => { TagTable => 'Image::ExifTool::UserDefined::TC260' } },
    },
);
"""
KINDS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "tif": "TIFF",
    "jp2": "JPEG2000",
}

pytestmark = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="exiftool is not installed (make browsers installs it)"
)


def picture(kind: str) -> bytes:
    if kind == "heic":
        return (Path(__file__).parent / "data/scene.heic").read_bytes()
    if kind == "jxl":  # a container of boxes: with metadata the encoder writes one
        return pylibjxl.encode(np.asarray(SCENE), xmp=b"<x/>")
    target = io.BytesIO()
    SCENE.save(target, "AVIF" if kind == "avif" else KINDS[kind])
    return target.getvalue()


def written(folder: Path, kind: str, *tags: str) -> bytes:
    """Return a picture of a kind with tags that exiftool wrote."""
    (folder / "config").write_text(CONFIG)
    path = folder / f"picture.{kind}"
    path.write_bytes(picture(kind))
    command = ["exiftool", "-config", "config", "-q", "-q", "-overwrite_original", "-m"]
    done = subprocess.run([*command, *tags, path.name], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return path.read_bytes()


@pytest.mark.parametrize("kind", [*KINDS, "heic", "avif", "jxl"])
def test_xmp_of_every_container_is_found(tmp_path: Path, kind: str) -> None:
    if kind in ("heic", "avif"):
        tags = ("-XMP:all=", f"-XMP-TC260:AIGC={LABEL}", f"-XMP-iptcExt:DigitalSourceType={AI}")
    else:
        tags = (f"-XMP-TC260:AIGC={LABEL}", f"-XMP-iptcExt:DigitalSourceType={AI}")
    image = load(written(tmp_path, kind, *tags))
    assert [e.code for e in aigc_label.check(image)] == ["aigc_label_1"]
    assert "iptc_ai_generated" in [e.code for e in metadata.check(image)]


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "jp2", "jxl"])
def test_exif_of_every_container_is_found(tmp_path: Path, kind: str) -> None:
    wrapped = json.dumps({"AIGC": json.loads(LABEL)}, separators=(",", ":"))
    tags = ("-EXIF:Software=AI generated;txt2img;flux", f"-EXIF:UserComment={wrapped}")
    image = load(written(tmp_path, kind, *tags))
    assert [e.code for e in aigc_label.check(image)] == ["aigc_label_1"]
    assert [e.params["tool"] for e in metadata.check(image)] == ["FLUX"]


@pytest.mark.parametrize("kind", ["jpg", "tif"])
def test_iptc_records_are_found(tmp_path: Path, kind: str) -> None:
    image = load(written(tmp_path, kind, "-IPTC:Credit=Made with Google AI"))
    assert [e.params["tool"] for e in metadata.check(image)] == ["Google AI"]


def test_png_text_is_found(tmp_path: Path) -> None:
    image = load(written(tmp_path, "png", "-PNG:Software=NovelAI"))
    assert [e.params["tool"] for e in metadata.check(image)] == ["NovelAI"]


def test_iptcs_ai_properties_are_found_by_their_namespace() -> None:
    """exiftool 12.57 does not know those of IPTC 2025.1; its reading of ours is not needed."""
    packet = xmp_packet(metadata.xmp.IPTC_EXT, "Iptc4xmpExt", "AISystemUsed", "Example")
    assert [e.code for e in metadata.check(load(png(SCENE, {"XML:com.adobe.xmp": packet})))] == [
        "iptc_ai_system"
    ]


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        found.append((kind, data[at : at + 12 + length]))
        at += 12 + length
    return found


def text_chunk(kind: bytes, keyword: str, text: str) -> bytes:
    body = {
        b"tEXt": keyword.encode() + b"\0" + text.encode(),
        b"zTXt": keyword.encode() + b"\0\0" + zlib.compress(text.encode()),
        b"iTXt": keyword.encode() + b"\0\0\0\0\0" + text.encode(),
    }[kind]
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


XMP = xmp_packet(TC260, "TC260", "AIGC", LABEL)
LATE = [(kind, "AIGC", LABEL) for kind in (b"tEXt", b"zTXt", b"iTXt")]
LATE += [(kind, "XML:com.adobe.xmp", XMP) for kind in (b"tEXt", b"zTXt", b"iTXt")]


@pytest.mark.parametrize(("kind", "keyword", "text"), LATE)
def test_every_label_of_a_png_survives_being_moved_behind_the_pixels(
    kind: bytes, keyword: str, text: str
) -> None:
    plain = chunks(picture("png"))
    added = (kind, text_chunk(kind, keyword, text))
    for place in (1, len(plain) - 1):  # before the pixels, behind them
        moved = [*plain[:place], added, *plain[place:]]
        data = b"\x89PNG\r\n\x1a\n" + b"".join(whole for _, whole in moved)
        assert [e.code for e in aigc_label.check(load(data))] == ["aigc_label_1"]


@pytest.mark.parametrize("kind", ["png", "webp", "gif"])
def test_labels_that_exiftool_wrote_survive_being_moved(tmp_path: Path, kind: str) -> None:
    data = written(tmp_path, kind, f"-XMP-TC260:AIGC={LABEL}")
    if kind == "png":
        parts = chunks(data)
        late = [p for p in parts if p[0] in (b"iTXt", b"tEXt")]
        rest = [p for p in parts if p not in late]
        data = data[:8] + b"".join(w for _, w in [*rest[:-1], *late, rest[-1]])
    elif kind == "webp":
        at = data.index(b"XMP ")
        end = at + 8 + struct.unpack_from("<I", data, at + 4)[0]
        end += end % 2
        head = 12 + 18  # RIFF header and VP8X: the label directly behind, before the pixels
        assert data[12:16] == b"VP8X"
        data = data[:head] + data[at:end] + data[head:at] + data[end:]
    else:
        at = data.index(b"!\xff\x0bXMP DataXMP")
        end = data.index(b"\x01\xff\xfe\xfd", at) + 258
        data = data[:at] + data[end:-1] + data[at:end] + b";"
    assert [e.code for e in aigc_label.check(load(data))] == ["aigc_label_1"]

"""Make the example pictures of the gallery and of the tests: every kind of label, no real image.

    python -m scripts.pictures FOLDER

The scenes are drawn by this script. The files carry labels so that the reader can be tested;
nothing here writes a label into a picture that somebody else made.
"""

import argparse
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, PngImagePlugin

from scripts.signing import created, make_signer, sign

WIDTH, HEIGHT = 640, 426
TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
#: Sky top, sky bottom, nearest ridge: one row a scene.
PALETTES = (
    ((70, 110, 180), (245, 200, 160), (30, 45, 40)),
    ((30, 40, 90), (240, 120, 90), (20, 20, 35)),
    ((120, 180, 220), (235, 240, 235), (40, 80, 50)),
    ((200, 120, 80), (250, 220, 150), (70, 40, 30)),
    ((60, 140, 150), (220, 235, 200), (15, 60, 60)),
    ((110, 90, 160), (250, 190, 200), (45, 30, 60)),
    ((150, 165, 180), (225, 228, 230), (60, 66, 72)),
)


def scene(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Draw a landscape of ridges in haze; another seed, another landscape."""
    random = np.random.default_rng(seed)
    top, bottom, near = (np.array(c, float) for c in PALETTES[seed % len(PALETTES)])
    rows = np.linspace(0, 1, height)[:, None, None]
    picture = np.broadcast_to(top + (bottom - top) * rows, (height, width, 3)).copy()
    picture += _sun(random, width, height)
    depth = 6
    for layer in range(depth):
        ridge = (0.35 + 0.55 * layer / depth) * height + _ridge(random, width) * height * 0.11
        below = np.arange(height)[:, None] > ridge[None, :]
        share = (layer + 1) / depth
        picture[below] = (bottom * (1 - share) + near * share) * (0.95 + 0.05 * random.random())
    picture += random.normal(0, 5, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def _sun(random: np.random.Generator, width: int, height: int) -> npt.NDArray[np.float64]:
    x, y = random.uniform(0.2, 0.8) * width, random.uniform(0.15, 0.35) * height
    rows, columns = np.mgrid[0:height, 0:width]
    distance = np.hypot(columns - x, rows - y) / height
    glow: npt.NDArray[np.float64] = (90 * np.exp(-((distance / 0.12) ** 2)))[..., None] * np.array(
        [1, 0.9, 0.6]
    )
    return glow


def _ridge(random: np.random.Generator, width: int) -> npt.NDArray[np.float64]:
    x = np.linspace(0, 1, width)
    line: npt.NDArray[np.float64] = np.sum(
        [
            np.sin(2 * np.pi * (2**octave * x * random.uniform(0.7, 1.3) + random.random()))
            / 1.7**octave
            for octave in range(7)
        ],
        axis=0,
    )
    return line


def jpeg(picture: Image.Image, *, xmp: bytes = b"", exif: Image.Exif | None = None) -> bytes:
    """Encode as JPEG, quality 92, with an XMP packet and EXIF where given."""
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=92, xmp=xmp, exif=Image.Exif() if exif is None else exif)
    return target.getvalue()


def png(picture: Image.Image, texts: dict[str, str]) -> bytes:
    """Encode as PNG with iTXt (XMP) and tEXt chunks."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        if keyword == "XML:com.adobe.xmp":
            info.add_itxt(keyword, text)
        else:
            info.add_text(keyword, text)
    target = io.BytesIO()
    picture.save(target, "PNG", pnginfo=info)
    return target.getvalue()


def xmp_packet(namespace: str, prefix: str, name: str, value: str) -> str:
    """Write one property as an element."""
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{namespace}">'
        f"<{prefix}:{name}>{escaped}</{prefix}:{name}>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def aigc(label: str) -> str:
    """Write an AIGC implicit label (GB 45438-2025 annex E) of an invented provider."""
    fields = {
        "Label": label,
        "ContentProducer": "touchstone-example",
        "ProduceID": "example-0001",
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    return json.dumps(fields, separators=(",", ":"))


def camera_exif() -> Image.Exif:
    """What a camera writes; it proves nothing, and it is no AI label either."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Example", "Example Camera 1", "1.0"
    exif[0x0132] = "2021:05:01 10:00:00"
    return exif


def alter_pixels(signed: bytes) -> bytes:
    """Change one byte of the picture's scan: decodable, but not what was signed."""
    at = len(signed) - 2000
    while signed[at] in (0, 0xFF) or signed[at - 1] == 0xFF or signed[at] ^ 1 in (0, 0xFF):
        at += 1
    return signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :]


def gallery() -> dict[str, bytes]:
    """Return the eight files of the gallery by name; the ninth, missing.jpg, is a 404."""
    signer = make_signer("Example Studio")
    signed = sign(jpeg(scene(0)), signer, created("trainedAlgorithmicMedia"))
    source_type = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    iptc = xmp_packet(IPTC, "Iptc4xmpExt", "DigitalSourceType", source_type)
    job = "a valley at dawn --v 6 Job ID: 3f2a8c1e-5b7d-4e90-9a61-0c4d2b8e7f15"
    return {
        "ai-signed.jpg": signed,
        "ai-signed-altered.jpg": alter_pixels(signed),
        "aigc-label-1.png": png(
            scene(1), {"XML:com.adobe.xmp": xmp_packet(TC260, "TC260", "AIGC", aigc("1"))}
        ),
        "aigc-label-2.jpg": jpeg(
            scene(2), xmp=xmp_packet(TC260, "TC260", "AIGC", aigc("2")).encode()
        ),
        "iptc.jpg": jpeg(scene(3), xmp=iptc.encode()),
        "midjourney.png": png(scene(4), {"Description": job, "Author": "example"}),
        "camera.jpg": jpeg(scene(6), exif=camera_exif()),
        "broken.jpg": jpeg(scene(5))[:600],
    }


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of some hundred bytes that claims this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def main() -> None:
    """Write the gallery's files into a folder."""
    parser = argparse.ArgumentParser(description="Write the example pictures into a folder.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in gallery().items():
        (folder / name).write_bytes(data)
        print(folder / name)


if __name__ == "__main__":
    main()

"""Fuzz the parsers of file bytes, guided by coverage.

    pip install atheris
    python -m scripts.fuzz [--minutes 30] [--corpus FOLDER]

Each input's first byte chooses the parser, the rest is what it parses. An exception that is not
ours, more than a second of processor time for one input, or more than 200 MB of growth ends the
run; the input is written to a file whose name libFuzzer prints. The seeds are files that this
script makes; --corpus keeps and reuses what was found.
"""

import argparse
import importlib
import importlib.util
import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scripts.pictures import TC260, aigc, gallery, jpeg, png, scene, xmp_packet
from server import aigc as aigc_text
from server import exif, generation, iptc, stealth, xmp
from server.containers import PARSERS, Kind, blocks
from server.errors import CheckUnavailable
from server.provider_code import decode

SECONDS_LIMIT = 1.0
GROWTH_LIMIT = 200 * 1024  # in KB, as getrusage counts
LONGEST = 64 * 1024


def _container(name: str) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        for block in blocks(data, name):
            if block.kind is Kind.EXIF:
                for tag, value in exif.tags(block.data).items():
                    exif.field(tag, value)
            elif block.kind is Kind.IPTC:
                iptc.datasets(block.data)
            elif block.kind is Kind.XMP:
                xmp.properties(block.data)

    return parse


def _aigc(data: bytes) -> None:
    label = aigc_text.read(data.decode("utf-8", "replace"))
    aigc_text.lint(label)
    decode(label.producer)


def _stealth(data: bytes) -> None:
    import numpy as np

    depth = 4 if data[:1] > b"\x7f" else 3
    samples = np.frombuffer(data[1:], np.uint8)
    samples = samples[: samples.size // depth * depth].reshape(1, -1, depth)
    stealth.read(lambda count: samples[:, :count])


TARGETS: list[Callable[[bytes], object]] = [
    *(_container(name) for name in PARSERS),
    exif.tags,
    lambda data: iptc.datasets(iptc.from_photoshop(data)),
    xmp.properties,
    _aigc,
    lambda data: generation.details(data.decode("utf-8", "replace")),
    _stealth,
]


def one(data: bytes) -> None:
    """Run one input. Raises RuntimeError where it takes too long or too much."""
    if not data:
        return
    begun, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        TARGETS[data[0] % len(TARGETS)](data[1:])
    except (ValueError, CheckUnavailable):
        pass  # how parsers refuse
    seconds = time.process_time() - begun
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if seconds > SECONDS_LIMIT or growth > GROWTH_LIMIT:
        raise RuntimeError(f"{seconds:.2f} s and {growth // 1024} MB for {len(data)} bytes")


def seeds() -> list[bytes]:
    """Return small files with labels, each for the parser that its first byte names."""
    small = scene(1, 32, 24)
    packet = xmp_packet(TC260, "TC260", "AIGC", aigc("1"))
    names = list(PARSERS)
    found = [(names.index("JPEG"), jpeg(small, xmp=packet.encode()))]
    found += [(names.index("PNG"), png(small, {"XML:com.adobe.xmp": packet, "AIGC": aigc("2")}))]
    for kind, name in (("WEBP", "WebP"), ("GIF", "GIF"), ("TIFF", "TIFF"), ("AVIF", "AVIF")):
        target = io.BytesIO()
        small.save(target, kind)
        found.append((names.index(name), target.getvalue()))
    found += [(names.index("JPEG"), data) for data in gallery().values() if len(data) < LONGEST]
    texts = (len(names) + 2, packet), (len(names) + 3, aigc("1"))
    found += [(number, text.encode()) for number, text in texts]
    found.append(
        (len(names) + 4, b"a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler, Seed: 1")
    )
    return [bytes([number]) + data for number, data in found]


def main() -> int:
    """Fuzz until the time is over; return the exit status."""
    parser = argparse.ArgumentParser(description="Fuzz the parsers of file bytes.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--corpus", type=Path, help="keep what was found here")
    chosen = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("This needs the fuzzer atheris: pip install atheris", file=sys.stderr)
        return 2
    atheris = importlib.import_module("atheris")
    folder = chosen.corpus or Path(tempfile.mkdtemp(prefix="touchstone-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()):
        (folder / f"seed-{number}").write_bytes(data)
    atheris.instrument_all()
    options = [f"-max_total_time={int(chosen.minutes * 60)}", f"-max_len={LONGEST}", "-timeout=60"]
    atheris.Setup([sys.argv[0], *options, str(folder)], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())

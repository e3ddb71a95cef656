"""Time the readers of labels against `exiftool -stay_open`, on one file each, in one run.

    python -m scripts.benchmark_labels [--runs 200]

The pictures are drawn: a JPEG of about 1 MB with EXIF and XMP, and the same with a Content
Credential. exiftool is started once and asked for all tags as JSON, as a program would that keeps
it running. Both read the file from memory of the system; what counts is the ratio.
"""

import argparse
import io
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from scripts.originals import READERS
from scripts.pictures import IPTC, camera_exif, xmp_packet
from scripts.signing import created, make_signer, sign
from server.image import load

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


def draw(megabytes: float = 1.0) -> bytes:
    """Return a JPEG of about this size with EXIF and XMP: noise, so that it does not shrink."""
    side = round(1290 * megabytes**0.5)
    noise = np.random.default_rng(1).integers(0, 256, (side, side, 3), np.uint8)
    target = io.BytesIO()
    packet = xmp_packet(IPTC, "Iptc4xmpExt", "DigitalSourceType", SOURCE).encode()
    Image.fromarray(noise).save(target, "JPEG", quality=75, xmp=packet, exif=camera_exif())
    return target.getvalue()


def ours(path: Path) -> Callable[[], None]:
    """Return a reading of a file by all readers of labels, from its bytes."""

    def read() -> None:
        image = load(path.read_bytes())
        for reader in READERS:
            reader.check(image)

    return read


class ExifTool:
    """One exiftool that stays open."""

    def __init__(self) -> None:
        command = ["exiftool", "-stay_open", "True", "-@", "-"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, path: Path) -> None:
        """Ask for all tags of a file and wait for the answer."""
        to, of = self._process.stdin, self._process.stdout
        if to is None or of is None:
            raise RuntimeError("exiftool has no pipes")
        to.write(f"-json\n-G1\n{path}\n-execute\n")
        to.flush()
        while of.readline() != "{ready}\n":
            pass

    def end(self) -> None:
        """Let it go."""
        self._process.communicate("-stay_open\nFalse\n")


def times(read: Callable[[], None], runs: int) -> list[float]:
    """Return the milliseconds of each run; the first ones warm up and are not counted."""
    found = []
    for run in range(runs + 5):
        begun = time.perf_counter()
        read()
        if run >= 5:
            found.append((time.perf_counter() - begun) * 1000)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description="Time the readers of labels against exiftool.")
    parser.add_argument("--runs", type=int, default=200)
    runs: int = parser.parse_args(arguments).runs
    if shutil.which("exiftool") is None:
        print("exiftool is not installed; make browsers installs it.", file=sys.stderr)
        return 2
    plain = draw()
    signed = sign(plain, make_signer("Example Studio"), created("digitalCapture"))
    tool = ExifTool()
    print(f"{'file':22} {'bytes':>9} {'ours, median':>13} {'exiftool':>10} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (("without C2PA", plain), ("with C2PA", signed)):
            path = Path(folder) / "picture.jpg"
            path.write_bytes(data)
            mine = statistics.median(times(ours(path), runs))
            other = statistics.median(times(lambda path=path: tool.read(path), runs))  # type: ignore[misc]
            print(
                f"{name:22} {len(data):9} {mine:10.2f} ms {other:7.2f} ms {other / mine:5.1f}x",
                flush=True,
            )
    tool.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())

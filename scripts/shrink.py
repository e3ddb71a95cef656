"""Make screenshots small: PNG with a palette, no metadata.

python -m scripts.shrink FOLDER…
"""

import argparse
from pathlib import Path

from PIL import Image

COLOURS = 256
#: With more colours than this it shows photographs, whose shades median cut keeps. In fewer,
#: maximum coverage keeps the few pixels of a colour that means something.
FEW = 8192


def shrink(path: Path) -> int:
    """Rewrite one PNG with a palette of its own; return its bytes."""
    with Image.open(path) as image:
        full = image.convert("RGB")
    few = full.getcolors(FEW) is not None
    method = Image.Quantize.MAXCOVERAGE if few else Image.Quantize.MEDIANCUT
    small = full.quantize(COLOURS, method=method, kmeans=0 if few else 4, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    return path.stat().st_size


def main() -> None:
    """Shrink every PNG of the folders and print its size."""
    parser = argparse.ArgumentParser(description="Make screenshots small.")
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        for path in sorted(folder.glob("*.png")):
            print(f"{path.name}  {shrink(path)} bytes")


if __name__ == "__main__":
    main()

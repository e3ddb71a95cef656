"""Time every check on the pictures of a folder, one after the other, in one process.

    python -m scripts.benchmark FOLDER [--repeat N]

Machines differ and are noisy: read the shares and ratios of one run, not one number.
"""

import argparse
import statistics
from collections import defaultdict
from pathlib import Path

from tqdm import tqdm

from server.errors import ImageError
from server.examine import examine
from server.image import load


def measure(paths: list[Path], repeat: int) -> dict[str, list[float]]:
    """Return milliseconds by check; pictures that cannot be read are left out."""
    times: dict[str, list[float]] = defaultdict(list)
    for path in tqdm(paths * repeat, desc="pictures", unit="picture"):
        try:
            report = examine(load(path.read_bytes()))
        except ImageError:
            continue
        for name, ms in report.timings_ms.items():
            times[name].append(ms)
        times["all"].append(report.elapsed_ms)
    return times


def main() -> None:
    """Print the median and the 95th percentile of each check."""
    parser = argparse.ArgumentParser(description="Time every check.")
    parser.add_argument("folder", type=Path, help="folder of pictures, searched to the bottom")
    parser.add_argument("--repeat", type=int, default=1, help="passes over the folder")
    parser.add_argument("--most", type=int, default=200, help="pictures at most")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.is_file())
    paths = files[:: max(1, len(files) // arguments.most)][: arguments.most]
    if not paths:
        parser.error(f"{arguments.folder} holds no files.")
    measure(paths[:1], 1)  # the first picture loads the weights
    times = measure(paths, arguments.repeat)
    if not times:
        parser.error(f"{arguments.folder} holds no readable picture.")
    print("| check | median ms | 95 % ms |\n|---|---|---|")
    for name, found in times.items():
        most = statistics.quantiles(found, n=20)[-1] if len(found) > 1 else found[0]
        print(f"| {name} | {statistics.median(found):.1f} | {most:.1f} |")
    print(f"\n{len(times['all'])} pictures")


if __name__ == "__main__":
    main()

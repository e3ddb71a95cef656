"""What the fast student settles, and what that costs."""

import numpy as np
import pytest

from scripts import cascade

ROWS = [
    {"label": "ai" if at >= 100 else "real", "repo": f"r{at % 10}", "cls": "photo"}
    for at in range(200)
]
#: The full model finds the last half of the AI pictures and nothing else.
FULL = np.concatenate([np.linspace(0, 0.5, 100), np.linspace(0.1, 0.4, 50), np.full(50, 0.9)])


@pytest.mark.parametrize(
    ("settles", "wanted"),
    [
        (list(range(60)), (0.6, 0.0, 0.0)),
        ([*range(100), *range(100, 120)], (1.0, 0.2, 0.0)),
        ([*range(150, 155)], (0.0, 0.05, 0.05)),
    ],
)
def test_shares_and_what_is_lost(settles: list[int], wanted: tuple[float, ...]) -> None:
    done = np.zeros(200)
    done[settles] = 1
    found = cascade.lost(ROWS, FULL, done)
    assert [value for value, _, _ in found.values()] == pytest.approx(wanted)
    assert all(low <= value <= high for value, low, high in found.values())


def test_a_declined_picture_is_neither_found_nor_settled() -> None:
    full, done = FULL.copy(), np.zeros(200)
    full[150:160] = done[150:160] = np.nan
    found = cascade.lost(ROWS, full, done)
    assert [value for value, _, _ in found.values()] == [0, 0, 0]

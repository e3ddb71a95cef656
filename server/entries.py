"""Reads one object of a registry; every error names the field, its value and what is allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.errors import WeightsError


@dataclass(frozen=True)
class Section:
    """An object of a registry and where it stands. Every reader raises WeightsError."""

    where: str
    values: Mapping[str, Any]

    def refused(self, field: str, allowed: str) -> WeightsError:
        """Return the error for a field whose value cannot be."""
        if field not in self.values:
            return WeightsError(f"{self.where}: {field} is missing; it must be {allowed}.")
        value = self.values[field]
        return WeightsError(f"{self.where}: {field} is {value!r}; it must be {allowed}.")

    def only(self, known: Sequence[str]) -> None:
        """Refuse fields that nobody reads: a misspelt one must not pass for its default."""
        for field in self.values:
            if field not in known:
                raise WeightsError(
                    f"{self.where}: {field} is not known; the fields are {', '.join(known)}."
                )

    def part(self, field: str) -> "Section":
        """Return an object inside this one."""
        value = self.values.get(field)
        if not isinstance(value, dict):
            raise self.refused(field, "an object")
        return Section(f"{self.where}, {field}", value)

    def text(self, field: str) -> str:
        """Read a text that is not empty."""
        value = self.values.get(field)
        if not isinstance(value, str) or not value:
            raise self.refused(field, "a text")
        return value

    def file_name(self, field: str) -> str:
        """Read the name of a file, without any folder."""
        name = self.text(field)
        if Path(name).name != name:
            raise self.refused(field, "a file's name without a folder")
        return name

    def whole(self, field: str, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`."""
        value = self.values.get(field)
        if type(value) is not int or not low <= value <= high:
            raise self.refused(field, f"a whole number from {low} to {high}")
        return value

    def choice(self, field: str, allowed: Sequence[str], default: str) -> str:
        """Read one word of several."""
        value = self.values.get(field, default)
        if value not in allowed:
            raise self.refused(field, f"one of {', '.join(allowed)}")
        return str(value)

    def choices(self, field: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Read a list of words, each one of several."""
        value = self.values.get(field)
        if (
            not isinstance(value, list | tuple)
            or not value
            or any(name not in allowed for name in value)
        ):
            raise self.refused(field, f"a list of {', '.join(allowed)}")
        return tuple(value)

    def number(self, field: str, low: float, high: float) -> float:
        """Read a number from `low` to `high`."""
        value = self.values.get(field)
        if not _finite(value) or not low <= float(str(value)) <= high:
            raise self.refused(field, f"a number from {low:g} to {high:g}")
        return float(str(value))

    def numbers(self, field: str, count: int) -> tuple[float, ...]:
        """Read a list of so many numbers."""
        value = self.values.get(field)
        if not isinstance(value, list | tuple) or [*map(_finite, value)] != [True] * count:
            raise self.refused(field, f"a list of {count} numbers")
        return tuple(float(number) for number in value)


def _finite(value: object) -> bool:
    # bool is an int to Python, and no number to a registry.
    return isinstance(value, int | float) and type(value) is not bool and abs(value) < 1e9

"""One table of settings: flag > TOUCHSTONE_NAME in the environment > default."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from server import home, weights
from server.errors import TouchstoneError
from server.verdict import POLICIES


class Setting(NamedTuple):
    """One row; the type of the default is the type of the value."""

    name: str
    default: str | int
    help: str


SETTINGS = (
    Setting("host", "127.0.0.1", "Loopback address to listen on: 127.0.0.1 or ::1."),
    Setting("port", 4543, "Port to listen on; 0 takes a free one."),
    Setting("data", "", "Folder of reports and pairings (default: .touchstone beside the code)."),
    Setting(
        "policy",
        "cautious",
        "When an estimate alone makes a badge: at a false alarm rate of at most "
        + ", ".join(f"{rate:.1%} ({name})" for name, rate in POLICIES.items())
        + ".",
    ),
    Setting("model", "", "Model of the estimate, of models/ or your models.json (docs/models.md)."),
    Setting("trust", "", "Folder of trust lists (default: trust beside reports and pairings)."),
    Setting("keep", 20000, "Reports to keep in the store; the oldest go first. 0 keeps none."),
)
CHOICES = {"host": ("127.0.0.1", "::1"), "policy": tuple(POLICIES)}


class SettingError(TouchstoneError):
    """A setting has a value that it cannot have."""


def resolve(
    flags: Mapping[str, str | int | None], environment: Mapping[str, str] = os.environ
) -> dict[str, str | int]:
    """Return every setting's value. Raises SettingError naming the value and what is allowed.

    WeightsError where a model is chosen and the user's models.json cannot be read.
    """
    values: dict[str, str | int] = {}
    for name, default, _ in SETTINGS:
        given = flags.get(name)
        value = given if given is not None else environment.get(f"TOUCHSTONE_{name.upper()}")
        values[name] = _checked(name, default if value is None else value, default)
    values["data"] = values["data"] or str(home.folder())
    values["trust"] = values["trust"] or str(home.folder() / "trust")
    return values


def _checked(name: str, value: str | int, default: str | int) -> str | int:
    if isinstance(default, int):
        try:
            number = int(value)
        except ValueError as e:
            raise SettingError(f"{name} is {value!r}; it must be a whole number.") from e
        top = 65535 if name == "port" else 10_000_000
        if not 0 <= number <= top:
            raise SettingError(f"{name} is {number}; it must lie between 0 and {top}.")
        return number
    if name == "trust" and value and not Path(str(value)).is_dir():
        raise SettingError(f"trust is {value!r}; there is no such folder.")
    if name == "model" and value and value not in (known := weights.catalogue()["models"]):
        raise SettingError(f"model is {value!r}; it must be one of {', '.join(known)}.")
    if name in CHOICES and value not in CHOICES[name]:
        raise SettingError(f"{name} is {value!r}; it must be one of {', '.join(CHOICES[name])}.")
    return value

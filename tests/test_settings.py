"""Flag, environment, default: in this order; every refusal names the value."""

import pytest

from server.settings import SETTINGS, SettingError, resolve


def test_defaults_hold_when_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOUCHSTONE_HOME", raising=False)
    values = resolve({}, {})
    assert (values["host"], values["port"], values["policy"]) == ("127.0.0.1", 4543, "cautious")
    assert str(values["data"]).endswith(".touchstone")
    assert set(values) == {setting.name for setting in SETTINGS}


def test_a_flag_beats_the_environment_and_that_beats_the_default() -> None:
    environment = {"TOUCHSTONE_PORT": "5001", "TOUCHSTONE_POLICY": "eager"}
    assert resolve({}, environment)["port"] == 5001
    values = resolve({"port": "5002", "policy": None}, environment)
    assert (values["port"], values["policy"]) == (5002, "eager")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("port", "http", "port is 'http'; it must be a whole number"),
        ("port", "70000", "port is 70000; it must lie between 0 and 65535"),
        ("port", "-1", "port is -1; it must lie between 0 and 65535"),
        ("policy", "brave", "policy is 'brave'; it must be one of cautious, balanced, eager"),
        ("host", "0.0.0.0", "host is '0.0.0.0'; it must be one of 127.0.0.1, ::1"),  # noqa: S104
        ("model", "mine", "model is 'mine'; it must be one of touchstone-1"),
        ("keep", "all", "keep is 'all'; it must be a whole number"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        resolve({name: value}, {})
    with pytest.raises(SettingError, match=words):
        resolve({}, {f"TOUCHSTONE_{name.upper()}": value})

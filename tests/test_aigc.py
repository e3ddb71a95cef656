"""The text of an AIGC label: what is read, and what the standard would say of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.aigc import FIELDS, FINDINGS, FINDINGS_LIMIT, lint, read

CODE = "001191110102MACQD9K64010000"
GOOD: dict[str, Any] = {
    "Label": "1",
    "ContentProducer": CODE,
    "ProduceID": "P-1",
    "ReservedCode1": "",
    "ContentPropagator": "",
    "PropagateID": "",
    "ReservedCode2": "",
}


def judged(changes: dict[str, Any], without: str = "") -> list[str]:
    fields = GOOD | changes
    fields.pop(without, None)
    return lint(read(json.dumps(fields)))


def test_a_label_of_annex_e_conforms() -> None:
    assert tuple(GOOD) == FIELDS
    assert judged({}) == []
    assert judged({"ContentProducer": "some-provider"}) == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"Label": 1}, ["type:Label"]),
        ({"ProduceID": ""}, ["empty:ProduceID"]),
        ({"ContentProducer": ""}, ["empty:ContentProducer"]),
        ({"ProduceID": "P 1"}, ["charset:ProduceID"]),
        ({"ContentProducer": "豆包"}, ["charset:ContentProducer"]),
        ({"ReservedCode1": {"SecurityData": {}}}, ["type:ReservedCode1"]),
        ({"Extra": "x"}, ["unknown_field:Extra"]),
        ({"ContentProducer": CODE[:21] + "9" + CODE[22:]}, ["code_check:ContentProducer"]),
        ({"ContentProducer": CODE[:-1]}, ["code_shape:ContentProducer"]),
        ({"ContentProducer": CODE[:22] + "20000"}, ["code_service:ContentProducer"]),
        ({"ContentPropagator": CODE}, ["code_service:ContentPropagator"]),
        ({"ContentPropagator": CODE[:22] + "20000"}, []),
        ({"Label": "3"}, ["empty:ContentPropagator", "empty:PropagateID"]),
        ({"Label": "3", "ContentPropagator": "p", "PropagateID": "q", "ContentProducer": ""}, []),
    ],
)
def test_a_departure_is_named(changes: dict[str, Any], finding: list[str]) -> None:
    assert judged(changes) == finding
    assert {found.partition(":")[0] for found in finding} <= set(FINDINGS)


@pytest.mark.parametrize("field", FIELDS[1:])
def test_a_missing_field_is_named(field: str) -> None:
    assert judged({}, without=field) == [f"missing:{field}"]


def test_another_spelling_is_read_and_named() -> None:
    fields = {key.lower(): value for key, value in GOOD.items()}
    label = read(json.dumps(fields))
    assert label.value == "1"
    assert lint(label) == [f"spelling:{name.lower()}" for name in FIELDS]


@pytest.mark.parametrize(
    ("text", "value", "producer"),
    [
        ('{"AIGC":{"Label":"2","ContentProducer":"x"}}', "2", "x"),
        ('AIGC{"Label":"1"}', "1", ""),
        ('aigc: {"label":3}', "3", ""),
        ('{"AIGC":{"TC260PG":{"Label":"1","ContentProducer":"honor"}}}', "1", "honor"),
        ("2", "2", ""),
        ('"{\\"Label\\":\\"1\\"}"', "1", ""),
        ('{"Label":2.0}', "2", ""),
        ('"3"', "3", ""),
        ('{"AIGC":{"ServiceProvider":"x","ContentId":"c"}}', "1", "x"),
        (
            '{"Label":"1","ReservedCode1":"{\\"SecurityData\\":{\\"Type\\":\\"TC260PG\\"}}"}',
            "1",
            "",
        ),
    ],
)
def test_the_shapes_that_services_write(text: str, value: str, producer: str) -> None:
    label = read(text)
    assert (label.value, label.producer) == (value, producer)


def test_what_is_written_beside_the_fields_cannot_spoil_the_findings() -> None:
    others = {f"x, y:{number}": "" for number in range(500)}
    found = judged(others)
    assert found[0] == "unknown_field:x__y_0"
    assert len(found) == FINDINGS_LIMIT


def test_a_form_of_the_providers_own_is_one_finding() -> None:
    assert lint(read('{"ServiceProvider":"x"}')) == ["own_form:"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.0",
        "true",
        "null",
        "4",
        '{"Label":true}',
        '{"AIGC":{"AIGC":{}}}',
        "[1]",
        "{" * 9999,
        '"{"',
        '{"Label":1.5}',
        '{"AIGC":' * 900 + "1" + "}" * 900,
    ],
)
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_json_is_a_label_or_refused(value: object) -> None:
    text = json.dumps({"Label": "1", "ProduceID": value, "x": value})
    assert isinstance(lint(read(text)), list)
    if str(value) not in ("1", "2", "3"):
        with pytest.raises(ValueError, match=r"."):
            read(json.dumps(value))

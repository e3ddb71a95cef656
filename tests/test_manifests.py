"""What a manifest store means, as one table; no signature is needed to decide it."""

from typing import Any

import pytest

from server import manifests
from server.evidence import Claim

SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, PART, CAMERA = (
    SCHEME + code
    for code in (
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "digitalCapture",
    )
)


def action(name: str, kind: str = "") -> dict[str, str]:
    return {"action": f"c2pa.{name}"} | ({"digitalSourceType": kind} if kind else {})


def assertion(label: str, **data: Any) -> dict[str, Any]:
    return {"label": label, "data": data}


def manifest(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = more.pop("label", "c2pa.actions.v2")
    assertions = [assertion(label, actions=list(actions)), *more.pop("assertions", [])]
    return {"assertions": assertions} | more


def store(active: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    return {"active_manifest": "active", "manifests": {"active": active} | others}


def ingredient(relationship: str, label: str = "", **more: Any) -> dict[str, Any]:
    return {"relationship": relationship, "active_manifest": label} | more


PARENT = [ingredient("parentOf", "parent")]
PIECE = [ingredient("componentOf", "piece")]
OPENED = action("opened")

TABLE = [
    # the inception says what the picture is, in both versions of the actions
    ("created", store(manifest(action("created", AI))), "ai_generated"),
    ("version 1", store(manifest(action("created", AI), label="c2pa.actions")), "ai_generated"),
    ("opened", store(manifest(action("opened", PART))), "ai_edited"),
    ("camera", store(manifest(action("created", CAMERA))), "captured"),
    ("composite", store(manifest(action("created", SCHEME + "composite"))), "provenance"),
    ("no actions", store({"assertions": []}), "provenance"),
    # a later step makes a part at most, and some steps nothing that one sees (rubric)
    ("fill", store(manifest(action("created", CAMERA), action("edited", AI))), "ai_edited"),
    ("enhanced", store(manifest(action("created", CAMERA), action("enhanced", AI))), "provenance"),
    ("cropped", store(manifest(action("created", CAMERA), action("cropped"))), "provenance"),
    ("transcoded", store(manifest(action("created", CAMERA), action("transcoded"))), "captured"),
    # parents are the picture, other ingredients a part of it
    (
        "AI parent",
        store(manifest(OPENED, ingredients=PARENT), parent=manifest(action("created", AI))),
        "ai_generated",
    ),
    (
        "AI piece",
        store(
            manifest(action("created", CAMERA), ingredients=PIECE),
            piece=manifest(action("created", AI)),
        ),
        "ai_edited",
    ),
    (
        "camera piece",
        store(
            manifest(action("created"), ingredients=PIECE),
            piece=manifest(action("created", CAMERA)),
        ),
        "provenance",
    ),
    (
        "stated parent",
        store(manifest(OPENED, ingredients=[ingredient("parentOf", digitalSourceType=AI)])),
        "ai_generated",
    ),
    (
        "stated piece",
        store(manifest(OPENED, ingredients=[ingredient("componentOf", digital_source_type=AI)])),
        "ai_edited",
    ),
    # other places
    (
        "metadata",
        store(
            manifest(
                assertions=[assertion("c2pa.metadata", **{"Iptc4xmpExt:DigitalSourceType": AI})]
            )
        ),
        "ai_generated",
    ),
    (
        "template",
        store(
            {
                "assertions": [
                    assertion(
                        "c2pa.actions.v2",
                        actions=[action("created")],
                        templates=[{"action": "c2pa.created", "digitalSourceType": AI}],
                    )
                ]
            }
        ),
        "ai_generated",
    ),
    (
        "disclosure",
        store(manifest(assertions=[assertion("c2pa.ai-disclosure", modelName="M")])),
        "ai_edited",
    ),
    # consent to mining is no statement about AI
    (
        "mining",
        store(manifest(assertions=[assertion("c2pa.training-mining", entries={})])),
        "provenance",
    ),
    # hostile shapes
    (
        "circle",
        store(manifest(OPENED, ingredients=[ingredient("parentOf", "active")])),
        "provenance",
    ),
    (
        "lists",
        store({"assertions": [assertion("c2pa.actions", actions="x", templates=3)]}),
        "provenance",
    ),
    ("numbers", store(manifest({"action": 7, "digitalSourceType": 7})), "provenance"),
]


@pytest.mark.parametrize(("found", "claim"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE])
def test_decide(found: dict[str, Any], claim: str) -> None:
    assert manifests.decide(found).claim == claim


def test_the_manifest_that_states_it_is_named() -> None:
    parent = manifest(action("created", CAMERA))
    said = manifests.decide(store(manifest(OPENED, ingredients=PARENT), parent=parent))
    assert (said.claim, said.manifest) == (Claim.CAPTURED, "parent")


def test_the_source_type_of_a_credential_without_a_claim_is_told() -> None:
    said = manifests.decide(store(manifest(action("created", SCHEME + "screenCapture"))))
    assert (said.claim, said.source_type) == (Claim.PROVENANCE, "screenCapture")


def status(code: str, label: str) -> dict[str, str]:
    return {"code": f"signingCredential.{code}", "url": f"self#jumbf=/c2pa/{label}/c2pa.signature"}


def results(**kinds: list[dict[str, str]]) -> dict[str, Any]:
    return {"activeManifest": {"success": [], "failure": []} | kinds}


@pytest.mark.parametrize(
    ("recorded", "delta", "trusted"),
    [
        # what the signer above recorded, and what our lists say otherwise
        (results(success=[status("trusted", "parent")]), {}, True),
        (
            results(success=[status("trusted", "parent")]),
            {"failure": [status("untrusted", "parent")]},
            False,
        ),
        (
            results(failure=[status("untrusted", "parent")]),
            {"success": [status("trusted", "parent")]},
            True,
        ),
        (results(failure=[status("untrusted", "parent")]), {}, False),
        # a parent whose bytes had been changed states nothing that we could trust
        (
            results(
                success=[status("trusted", "parent")],
                failure=[{"code": "assertion.dataHash.mismatch", "url": ""}],
            ),
            {},
            False,
        ),
    ],
)
def test_whom_of_the_ingredients_we_trust(
    recorded: dict[str, Any], delta: dict[str, Any], trusted: bool
) -> None:
    opened = manifest(OPENED, ingredients=[PARENT[0] | {"validation_results": recorded}])
    found = store(opened, parent=manifest(action("created", CAMERA)))
    found["validation_results"] = {
        "activeManifest": {"success": [status("trusted", "active")]},
        "ingredientDeltas": [{"validationDeltas": delta}],
    }
    assert ("parent" in manifests.trusted(found)) is trusted


def test_signer_tool_time_and_model() -> None:
    full = manifest(
        signature_info={"issuer": "Studio", "common_name": "leaf", "time": "2026-01-02T03:04:05Z"},
        claim_generator_info=[{"name": "Tool", "version": "2"}],
        assertions=[assertion("c2pa.ai-disclosure", modelName="Model 3")],
    )
    assert manifests.signer(full) == "Studio"
    assert manifests.time(full) == "2026-01-02T03:04:05Z"
    assert manifests.tool(full) == "Tool 2"
    assert manifests.model(store(full)) == "Model 3"
    bare = manifest(claim_generator="old/1.0")
    assert (manifests.signer(bare), manifests.time(bare), manifests.model(store(bare))) == ("",) * 3
    assert manifests.tool(bare) == "old/1.0"

"""Nothing that a person can meet is undocumented, in either language."""

import ast
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from server import errors
from server.aigc import FINDINGS
from server.app import LANGUAGES
from server.checks import CHECKS
from server.containers import PARSERS
from server.evidence import Claim, Label, Strength
from server.generators import GENERATORS
from server.settings import SETTINGS
from server.source_types import CLAIMS as SOURCE_TYPES
from server.verdict import POLICIES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
LABELS_PAGE = (ROOT / "docs/labels.md").read_text()
CATALOGUES = {
    name: json.loads((ROOT / f"extension/_locales/{name}/messages.json").read_text())
    for name in LANGUAGES
}
CODE = re.compile(
    r"(credential|iptc|generator|aigc_label|detector|metadata|watermark|trustmark|visible_mark)_[a-z0-9_]+"
    r"|nothing_found|could_not_look|no_pixels|screen_pixels"
)
#: Names that look like codes and are none.
NO_CODES = set(CHECKS)


def strings(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    found = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in found if CODE.fullmatch(text)} - NO_CODES


def credential_codes() -> set[str]:
    claims = [Claim.AI_GENERATED, Claim.AI_EDITED, Claim.CAPTURED, Claim.PROVENANCE]
    standings = ("trusted", "unlisted", "expired", "malformed", "revoked", "relayed")
    return {f"credential_{c}_{t}" for c in claims for t in standings}


CODES = sorted(
    {code for path in (ROOT / "server").rglob("*.py") for code in strings(path)}
    | credential_codes()
    | {f"aigc_label_{value}" for value in "123"}
    | {f"visible_mark_{kind}" for kind in ("sparkle", "colour_bar")}
    | {f"label_{label}" for label in Label}
    | {f"label_{label}_hint" for label in Label}
    | {f"strength_{strength}" for strength in Strength}
    | {f"check_{name}" for name in CHECKS}
    | {f"lint_{finding}" for finding in FINDINGS}
    | {f"source_type_{code}" for code in SOURCE_TYPES}
)
ERRORS = sorted(
    {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.RequestError)
    }
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_words(language: str, code: str) -> None:
    assert CATALOGUES[language][code]["message"]


@pytest.mark.parametrize("key", sorted(set(CATALOGUES["en"]) | set(CATALOGUES["zh_CN"])))
def test_both_languages_say_the_same_things_with_the_same_values(key: str) -> None:
    both = [CATALOGUES[language][key]["message"] for language in LANGUAGES]
    values = [set(re.findall(r"\{(\w+)\}", text)) for text in both]
    assert values[0] == values[1]


def test_the_chinese_labels_are_those_of_the_table() -> None:
    wanted = {
        "ai_generated": "AI生成",
        "ai_edited": "含AI生成内容",
        "possibly_ai": "可能为AI生成",
        "suspected_ai": "无标识 · 疑似AI生成",
        "invalid_credential": "内容凭证无效",
        "captured": "相机拍摄",
        "unlabeled": "无标识",
        "not_checked": "未检测",
    }
    found = {label: CATALOGUES["zh_CN"][f"label_{label}"]["message"] for label in Label}
    assert found == wanted


def test_no_text_calls_an_unlabeled_picture_real() -> None:
    assert "does not mean" in CATALOGUES["en"]["label_unlabeled_hint"]["message"]


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_has_its_row(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("tool", sorted({row.tool for row in GENERATORS}))
def test_every_tool_is_named(tool: str) -> None:
    assert tool in LABELS_PAGE


@pytest.mark.parametrize("finding", FINDINGS)
def test_every_finding_of_the_lint_has_its_row(finding: str) -> None:
    assert f"`{finding}:" in LABELS_PAGE


@pytest.mark.parametrize("file_format", PARSERS)
def test_every_format_is_named(file_format: str) -> None:
    assert file_format in README
    assert file_format in LABELS_PAGE


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_setting_has_its_row(setting: object) -> None:
    row = f"| `--{setting.name}` | `TOUCHSTONE_{setting.name.upper()}` | `{setting.default}` |"
    assert row in README


def test_every_right_of_the_extension_has_its_reason() -> None:
    manifest = json.loads((ROOT / "extension/manifest.json").read_text())
    page = (ROOT / "docs/permissions.md").read_text()
    rights = ("permissions", "host_permissions", "optional_host_permissions")
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    assert not [right for name in rights for right in manifest[name] if f"`{right}`" not in rows]


STORE = {p.name: p for p in (ROOT / "docs/store").glob("*.png")}


@pytest.mark.parametrize("name", sorted(STORE))
def test_a_picture_for_the_stores_has_their_size_and_is_small(name: str) -> None:
    with Image.open(STORE[name]) as image:
        assert image.size == ((440, 280) if name.startswith("tile.") else (1280, 800))
    assert STORE[name].stat().st_size < 200_000


def test_the_stores_have_their_tile_and_their_pictures() -> None:
    chinese = {name for name in STORE if name.endswith(".zh-CN.png")}
    for names, tag in ((STORE.keys() - chinese, ""), (chinese, ".zh-CN")):
        assert f"tile{tag}.png" in names
        assert 3 <= len(names) - 1 <= 5


def test_the_privacy_policy_says_the_same_in_both_languages() -> None:
    pages = [(ROOT / f"docs/privacy{tag}.md").read_text() for tag in ("", ".zh-CN")]
    shape = [[line[:2] for line in page.splitlines() if line[:1] in "|-#*"] for page in pages]
    assert shape[0] == shape[1]
    for page in pages:
        assert re.findall(r"`([^`]+)`", page) == ["http://127.0.0.1", "--keep", "websiteContent"]


def test_every_setting_for_administrators_has_its_row() -> None:
    schema = json.loads((ROOT / "extension/managed.json").read_text())
    page = (ROOT / "docs/administrators.md").read_text()
    assert not [name for name in schema["properties"] if f"| `{name}` |" not in page]


@pytest.mark.parametrize("command", ["serve", "examine", "pair", "trust", "tokens"])
def test_every_command_has_its_row(command: str) -> None:
    assert f"| `python -m server {command}" in README


@pytest.mark.parametrize("label", Label)
def test_every_label_has_its_row(label: Label) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{label}` |"))
    for language in LANGUAGES:
        assert CATALOGUES[language][f"label_{label}"]["message"] in row


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_its_row(code: str) -> None:
    assert f"| `{code}` |" in README


@pytest.mark.parametrize(("policy", "limit"), POLICIES.items())
def test_every_policy_is_told_with_its_limit(policy: str, limit: float) -> None:
    assert f"{policy} ({limit * 100:g} %)" in README


def test_every_error_class_stands_in_the_tree() -> None:
    tree = errors.__doc__ or ""
    classes = [
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.TouchstoneError)
    ]
    assert not [name for name in classes if name not in tree]


def test_the_model_card_belongs_to_the_default_model() -> None:
    registry = json.loads((ROOT / "models/registry.json").read_text())
    card = (ROOT / f"models/{registry['default']}.md").read_text()
    entry = registry["models"][registry["default"]]
    assert entry["sha256"] in card
    assert entry["training"]["manifest_sha256"] in card


@pytest.mark.parametrize("path", ["README.md", *sorted(p.name for p in ROOT.glob("docs/*.md"))])
def test_every_link_to_a_file_leads_somewhere(path: str) -> None:
    file = ROOT / path if path == "README.md" else ROOT / "docs" / path
    for target in re.findall(r"\]\((?!http)([^)#]+)", file.read_text()):
        assert (file.parent / target).exists(), target

"""What may import what, who owns which library, and the budgets of size."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.checks import CHECKS

ROOT = Path(__file__).parent.parent

#: Lowest first. A module may import only from layers before its own, so peers (two checks,
#: or a check and the policy) cannot see each other.
LAYERS = [
    {"home", "errors", "evidence", "marks"},
    {
        "entries",
        "markup",
        "trust",
        "exif",
        "heif",
        "iptc",
        "source_types",
        "provider_code",
        "generation",
        "watermarks",
        "bch",
    },
    {"xmp", "aigc", "generators", "manifests", "stealth", "containers.block", "decoding"},
    {"containers.*"},
    {"containers", "dwtdct"},
    {"image"},
    {"weights", "views"},
    {"outputs"},
    {"models"},
    {"rivagan", "ocr"},
    {"shapes", "spotting"},
    {"checks.*", "verdict"},
    {"checks"},
    {"examine", "regions"},
    {"settings"},
    {"store"},
    {"pairing", "reports"},
    {"gate"},
    {"app", "listener"},
    {"cli"},
    {"__main__"},
]

#: Libraries that only the modules named here may import.
OWNERS = {
    "flask": {"app"},
    "werkzeug": {"app"},
    "waitress": {"listener"},
    "onnxruntime": {"weights"},
    "PIL": {"decoding", "image"},
    "pillow_heif": {"decoding"},
    "sqlite3": {"store"},
    "c2pa": {"checks.content_credentials"},
    "defusedxml": {"markup"},
    "brotli": {"containers.bmff"},
    "pylibjxl": {"decoding"},
    # The server opens no connection of its own.
    "socket": set(),
    "urllib": set(),
    "http": set(),
    "requests": set(),
    "subprocess": set(),
}

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "server").rglob("*.py")
}
SOURCES = sorted([*(ROOT / "server").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")])


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else node.module for name in names)


EDGES = sorted({(module, name) for module, path in MODULES.items() for name in imported(path)})


def layer(module: str) -> int:
    name = module.removeprefix("server.")
    package, dot, _ = name.partition(".")
    names = {name, f"{package}.*"} if dot else {name}
    return next(height for height, layer in enumerate(LAYERS) if layer & names)


# The package itself holds only the version.
INNER = [edge for edge in EDGES if edge[1] in MODULES and edge[1] != "server"]
OUTER = [edge for edge in EDGES if edge[1] not in MODULES]


@pytest.mark.parametrize(("importer", "name"), INNER)
def test_imports_point_down(importer: str, name: str) -> None:
    assert layer(name) < layer(importer)


@pytest.mark.parametrize(("importer", "name"), OUTER)
def test_each_library_has_one_owner(importer: str, name: str) -> None:
    module = importer.removeprefix("server.")
    assert module in OWNERS.get(name.split(".")[0], {module})


def test_the_server_imports_no_script() -> None:
    assert not [edge for edge in EDGES if edge[1].startswith("scripts")]


def test_every_check_file_is_registered() -> None:
    files = {path.stem for path in (ROOT / "server/checks").glob("[!_]*.py")}
    assert files == set(CHECKS)


def functions(path: Path) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
class TestBudgets:
    def test_a_module_has_at_most_300_lines(self, path: Path) -> None:
        assert len(path.read_text().splitlines()) <= 300

    def test_a_function_has_at_most_60_lines(self, path: Path) -> None:
        long = {f.name: f.end_lineno - f.lineno + 1 for f in functions(path)}
        assert not {name: lines for name, lines in long.items() if lines > 60}

    def test_a_function_has_at_most_4_positional_parameters(self, path: Path) -> None:
        counts = {
            f.name: len([a for a in f.args.args if a.arg not in ("self", "cls")])
            for f in functions(path)
        }
        assert not {name: count for name, count in counts.items() if count > 4}

    def test_there_is_no_global_and_no_relative_import(self, path: Path) -> None:
        nodes = list(ast.walk(ast.parse(path.read_text())))
        assert not [n for n in nodes if isinstance(n, ast.Global)]
        assert not [n for n in nodes if isinstance(n, ast.ImportFrom) and n.level]

    def test_every_public_module_and_function_says_what_it_is(self, path: Path) -> None:
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree)
        silent = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
            # Errors are described by the tree at the top of their module.
            and path.name != "errors.py"
        ]
        assert not silent


def test_only_the_outermost_edge_catches_everything() -> None:
    broad = [
        str(path.relative_to(ROOT))
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert broad == []  # app.py has Flask's handler for it, which logs


def test_no_function_takes_unnamed_keywords() -> None:
    found = [f.name for path in MODULES.values() for f in functions(path) if f.args.kwarg]
    assert found == []

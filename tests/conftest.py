"""What several tests share: a store, a client of the gated application, a signer."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from scripts.signing import Signer, make_signer
from server.app import create_app
from server.store import Store


@pytest.fixture(autouse=True)
def no_trust_lists(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lists this machine has: a test trusts whom it names."""
    monkeypatch.setenv("TOUCHSTONE_TRUST", str(tmp_path_factory.mktemp("trust")))


@pytest.fixture(scope="session")
def signer() -> Signer:
    return make_signer("Example Studio")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """A client that sends no token; its requests come from loopback to our own host."""
    return create_app(store).test_client()


@pytest.fixture
def page(client: FlaskClient) -> dict[str, str]:
    """The headers of our own page."""
    html = client.get("/").get_data(as_text=True)
    found = re.search(r'name="touchstone-token" content="([0-9a-f]{64})"', html)
    assert found
    return {"Authorization": f"Bearer {found[1]}"}

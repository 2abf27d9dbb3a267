"""Shared by all tests: no network, a throw-away key folder, the sample campaign gathered once."""

import shutil
import socket
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SHARED = REPOSITORY.parent / "shared"  # real samples that are measured against and never committed
SAMPLE = REPOSITORY / "data" / "dong-nai-2025"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine fails the test that tries it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a network connection to {address!r}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_keys(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGNSTATS_KEYS", str(tmp_path_factory.mktemp("keys")))
    monkeypatch.setenv("CAMPAIGNSTATS_DEBUG", "1")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample campaign, gathered and tagged. Tests read it; one that writes takes its own copy."""
    folder = tmp_path_factory.mktemp("sample") / "dong-nai-2025"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("tables", "findings"))
    from campaignstats import campaign, gather, tagging

    loaded = campaign.load(folder)
    gather.gather(loaded, processes=1)
    tagging.tag(loaded, processes=1)
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real samples beside the checkout; tests that need it skip by name where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared (real samples, not committed)")
    return SHARED

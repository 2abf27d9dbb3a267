"""The pseudonym key: made once, kept apart, never silently replaced."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from campaignstats import campaign, keys
from campaignstats.errors import StoreError

TOML = '[campaign]\nid = "thu"\nname = { vi = "Thử", en = "Trial" }\n[window]\nstart = 2025-11-15\nend = 2025-12-15\n'


@pytest.fixture
def loaded(tmp_path: Path) -> campaign.Campaign:
    (tmp_path / "campaign.toml").write_text(TOML, encoding="utf-8")
    return campaign.load(tmp_path)


def test_made_once_outside_the_campaign(loaded: campaign.Campaign) -> None:
    key = keys.campaign_key(loaded)
    assert len(key) == 32
    assert keys.campaign_key(loaded) == key
    file = keys.key_file(loaded)
    assert not file.is_relative_to(loaded.folder)
    assert list(file.parent.iterdir()) == [file]
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0


def test_one_a_campaign(loaded: campaign.Campaign) -> None:
    assert keys.campaign_key(loaded) != keys.campaign_key(replace(loaded, id="khac"))


def test_a_synthetic_campaign_has_a_public_one(loaded: campaign.Campaign) -> None:
    synthetic = replace(loaded, synthetic=True)
    assert keys.campaign_key(synthetic) == keys.campaign_key(synthetic)
    assert not keys.key_file(synthetic).exists()


@pytest.mark.parametrize("content", ["", "zz", "ab" * 31])
def test_a_damaged_key_is_not_replaced(loaded: campaign.Campaign, content: str) -> None:
    keys.campaign_key(loaded)
    keys.key_file(loaded).write_text(content, encoding="ascii")
    with pytest.raises(StoreError, match="damaged"):
        keys.campaign_key(loaded)
    assert keys.key_file(loaded).read_text(encoding="ascii") == content


def test_the_fingerprint_does_not_tell_the_key(loaded: campaign.Campaign) -> None:
    key = keys.campaign_key(loaded)
    assert keys.fingerprint(key) not in key.hex()
    assert keys.fingerprint(key) != keys.fingerprint(bytes(32))

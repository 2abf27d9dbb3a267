"""Formats known by sight: refused by their name."""

from pathlib import Path

import pytest

from campaignstats.readers import base, opening

EXPORTS = Path(__file__).parent.parent / "exports"


@pytest.mark.parametrize("name", ["crowdtangle"])
def test_refused_by_its_own_name(name: str) -> None:
    reader = base.registry()[name]
    for found in opening.inbox_files(EXPORTS / name):
        document = opening.open_document(found)
        assert [r.NAME for r in base.registry().values() if base.claims(r, document)] == [name]
        (refused,) = reader.read(document, base.Context())
        assert (refused.row, refused.rule, refused.details) == (0, "not_read_yet", {"format": reader.TITLE})

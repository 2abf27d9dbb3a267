"""What is stored is in NFC, one character a letter, whatever the file held: macOS and iPhones write NFD."""

import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest
from test_by_column import compared, read
from test_damage import COMMENTS, FB, data_of

from campaignstats import columnar, reading


def test_every_letter_that_composition_changes_is_looked_at() -> None:
    letters = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    changed = [c for c in letters if not unicodedata.is_normalized("NFC", c) or unicodedata.combining(c)]
    pairs = [unicodedata.normalize("NFD", c) for c in letters]
    changed += sorted({p[-1] for p in pairs if len(p) > 1})
    assert len(changed) > 1900
    assert columnar.matching(pa.array(changed), reading._COMPOSABLE).all()


@pytest.mark.parametrize("path", [FB, COMMENTS])
def test_a_decomposed_copy_is_stored_as_the_untouched_file(tmp_path: Path, path: str) -> None:
    name = path.split("/")[-1]
    text = data_of(path).decode("utf-8-sig")
    bare = unicodedata.normalize("NFC", text).encode()
    apart = unicodedata.normalize("NFD", text).encode()
    assert bare != apart
    _, before = read(tmp_path / "a", name, bare, strict=True)
    _, after = read(tmp_path / "b", name, apart, strict=True)
    assert before.keys() == after.keys()
    for table in before:
        rows = [
            [{k: v for k, v in r.items() if k != "source"} for r in of[table].to_pylist()] for of in (before, after)
        ]
        assert rows[0] == rows[1], table
    compared(tmp_path / "c", name, apart)

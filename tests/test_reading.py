"""What becomes of the rows that readers yield: accounted for by record, whatever their order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaignstats import reading
from campaignstats.readers import base, opening
from campaignstats.readers.base import Context, Document, Format, Row, Structure, Yield
from campaignstats.store import Store


def _post(row: int) -> Row:
    return Row("post", row, {"platform": "facebook", "post_id": "1", "account_id": "2"})


def _comment(row: int, id_: str) -> Row:
    return Row("comment", row, {"platform": "facebook", "comment_id": id_, "post_id": "1", "text": "Hay"})


@pytest.mark.parametrize(
    ("yielded", "kept", "refused", "cells"),
    [
        ([_post(2), _comment(2, "Người Mẫu")], 1, 0, 1),
        ([_comment(2, "Người Mẫu"), _post(2)], 0, 1, 0),
        ([_comment(2, "Người Mẫu"), _comment(2, "7")], 0, 1, 0),
        ([_post(2), _comment(2, "7")], 1, 0, 0),
    ],
)
def test_a_record_with_a_moved_id_has_one_fate(
    yielded: list[Row], kept: int, refused: int, cells: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(document: Document, context: Context) -> Iterator[Yield]:
        for number, _ in document.records():
            yield from [Structure(number)] if number == 1 else (r._replace(values=dict(r.values)) for r in yielded)

    form = Format("invented", "facebook", (frozenset({"a", "b"}),), read, "UTC", ("comment",), PERSONAL=True)
    monkeypatch.setattr(base, "registry", lambda: {"invented": form})
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (found,) = opening.inbox_files(tmp_path / "inbox")
    task = reading.Task(
        found, found.sha256, "stamp", tmp_path / "tables", Context(), b"key" * 8, frozenset(), frozenset()
    )
    record = reading.read_source(task)
    assert (record["n_kept"], record["n_quarantined"], record["n_cells_refused"]) == (kept, refused, cells)
    Store(tmp_path / "tables").commit(record)
    assert "Mẫu" not in str(Store(tmp_path / "tables").frame("quarantine")["value"].tolist())

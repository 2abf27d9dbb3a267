"""What becomes of the rows that readers yield: accounted for by record, whatever their order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


ERRORS = ("#NAME?", "#VALUE!", "#REF!", "#DIV/0!", "#NULL!", "#NUM!", "#N/A", "#ERROR!", "Err:508", "Err:511")


def _of_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Row], n: int) -> tuple[dict[str, Any], Store]:
    """The record and the store of a table of ``n`` records that is read as ``rows``."""

    def read(document: Document, context: Context) -> Iterator[Yield]:
        for number, _ in document.records():
            yield from [Structure(number)] if number == 1 else (r for r in rows if r.row == number)

    form = Format("invented", "facebook", (frozenset({"a", "b"}),), read, "UTC", ("comment",))
    monkeypatch.setattr(base, "registry", lambda: {"invented": form})
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.csv").write_text("a,b\n" + "1,2\n" * n, encoding="utf-8")
    (found,) = opening.inbox_files(tmp_path / "inbox")
    task = reading.Task(
        found, found.sha256, "stamp", tmp_path / "tables", Context(), b"key" * 8, frozenset(), frozenset()
    )
    record = reading.read_source(task)
    store = Store(tmp_path / "tables")
    store.commit(record)
    return record, store


@pytest.mark.parametrize("error", ERRORS)
def test_a_formula_error_is_no_text_and_no_id(error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = f"Ô này ghi {error} là sao?"
    rows = [
        Row("comment", 2, {"platform": "facebook", "comment_id": "7", "post_id": "1", "text": error, "author": error}),
        Row("comment", 3, {"platform": "facebook", "comment_id": error, "post_id": error, "text": said}),
        Row("post", 4, {"platform": "facebook", "post_id": error, "account_id": "2", "text": "Mất mã"}),
        Row("metric", 4, {"platform": "facebook", "item_kind": "post", "item": error, "metric": "likes", "value": 1.0}),
        Row("post", 5, {"platform": "facebook", "post_id": "5", "account_name": error, "text": error}),
    ]
    record, store = _of_rows(tmp_path, monkeypatch, rows, 4)
    assert (record["n_kept"], record["n_quarantined"], record["n_cells_refused"]) == (3, 1, 6)
    refused = store.frame("quarantine")
    assert set(refused["rule"]) == {"formula_error"}
    assert set(refused["value"]) == {error}
    assert sorted(zip(refused["row"], refused["column"], strict=True)) == [
        *((2, "author"), (2, "text"), (3, "comment_id"), (3, "post_id"), (4, "")),
        *((5, "account_name"), (5, "text")),
    ]
    comments = store.frame("comment").sort_values("row")
    assert comments["text"].tolist()[1] == said
    assert comments["text"].isna().tolist() == [True, False]
    assert comments["author"].isna().all()
    assert comments["comment_id"].str.match("7|h:").all()
    for table in ("post", "comment", "metric", "account"):
        frame = store.frame(table)
        assert not frame.astype(str).isin([error, f"name:{error}"]).any(axis=None)
    assert store.frame("metric").empty

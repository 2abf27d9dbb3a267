"""What is not believed of a file that speaks against itself, and what must not pass where no time was read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import reading
from campaignstats.readers import base, opening
from campaignstats.readers.base import Context, Document, Format, Row, Structure, Yield
from campaignstats.store import Store

NAME = "Nguyễn Thị Mẫu"
EXPORTS = Path(__file__).parent / "exports"


def read(place: Path, name: str, data: bytes, context: Context | None = None) -> tuple[dict[str, Any], Store]:
    """The record and the store of one file."""
    (place / "inbox").mkdir(parents=True)
    (place / "inbox" / name).write_bytes(data)
    (found,) = opening.inbox_files(place / "inbox")
    known = context or Context(names=found.names, timezone="Asia/Ho_Chi_Minh")
    task = reading.Task(found, found.sha256, "s", place / "tables", known, b"k" * 32, frozenset(), frozenset())
    record = reading.read_source(task)
    store = Store(place / "tables")
    store.commit(record)
    return record, store


def test_a_name_where_the_time_stood_is_not_stored(tmp_path: Path) -> None:
    data = (EXPORTS / "facepager" / "phunu_mau.csv").read_bytes()
    assert b"2025-11-25T02:10:00+0000" in data
    _, whole = read(tmp_path / "a", "phunu_mau.csv", data)
    _, moved = read(tmp_path / "b", "phunu_mau.csv", data.replace(b"2025-11-25T02:10:00+0000", NAME.encode()))
    for table in ("post", "comment", "quarantine"):
        assert NAME not in moved.frame(table).to_csv()
    told, left = (s.frame("comment").set_index("comment_id")["published_text"].dropna() for s in (whole, moved))
    assert len(left) == len(told) - 1
    assert (told[left.index] == left).all()


@pytest.mark.parametrize("flags", [None, "time_from_id"])
def test_a_posts_time_that_was_not_read_is_not_stored(
    flags: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime(2025, 11, 25, tzinfo=UTC) if flags else None
    post = {"platform": "facebook", "post_id": "1", "account_id": "2", "published_at": at}
    rows = [Row("post", 2, {**post, "published_text": NAME, "flags": flags})]
    _, store = _of_rows(tmp_path, monkeypatch, rows, 1)
    assert store.frame("post")["published_text"].isna().all()


def _metric(row: int, item: str, value: float, metric: str = "likes", **more: Any) -> Row:
    own = {"platform": "facebook", "item_kind": "post", "item": item, "account_id": "2", "metric": metric}
    return Row("metric", row, {**own, "grain": "post_lifetime", "value": value, **more})


def _post(row: int, id_: str) -> Row:
    return Row("post", row, {"platform": "facebook", "post_id": id_, "account_id": "2"})


def _of_rows(place: Path, monkeypatch: pytest.MonkeyPatch, rows: list[Row], n: int) -> tuple[dict[str, Any], Store]:
    """The record and the store of a table of ``n`` records that is read as ``rows``."""

    def made(document: Document, context: Context) -> Iterator[Yield]:
        for number, _ in document.records():
            own = [r._replace(values=dict(r.values)) for r in rows if r.row == number]
            yield from [Structure(number)] if number == 1 else own

    form = Format("invented", "facebook", (frozenset({"a", "b"}),), made, "UTC", ("comment",))
    monkeypatch.setattr(base, "registry", lambda: {"invented": form})
    return read(place, "a.csv", b"a,b\n" + b"1,2\n" * n, Context())


def test_two_values_of_one_figure_are_both_refused_whatever_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_ = [
        *(_post(2, "1"), _metric(2, "1", 15400.0), _metric(2, "1", 7.0, "shares")),
        *(_metric(3, "1", 15400.0), _metric(3, "1", 7.0, "shares")),  # equal repeats, of which one is disputed below
        *(_post(4, "4"), _metric(4, "4", 3.0)),
        _metric(5, "1", 15401.0),  # nothing else of its record
        *(_metric(6, "4", 9.0, evidence="self_reported"), _metric(6, "4", 8.0, traffic="paid")),
    ]
    turned = [r._replace(row=8 - r.row) for r in reversed(given_)]
    turned.sort(key=lambda r: (r.row, r.table != "post"))
    for name, rows in (("a", given_), ("b", turned)):
        record, store = _of_rows(tmp_path / name, monkeypatch, rows, 5)
        assert (record["n_read"], record["n_kept"], record["n_quarantined"]) == (5, 4, 1)
        assert record["n_cells_refused"] == 2
        kept = store.frame("metric")
        assert sorted(zip(kept["item"], kept["metric"], kept["value"], strict=True)) == [
            *(("1", "shares", 7.0), ("1", "shares", 7.0), ("4", "likes", 3.0), ("4", "likes", 8.0)),
            ("4", "likes", 9.0),
        ]
        refused = store.frame("quarantine")
        assert set(refused["rule"]) == {"two_values"}
        assert sorted(zip(refused["value"], refused["column"], strict=True)) == [
            *(("15400", "likes"), ("15400", "likes"), ("15401", "")),
        ]
        assert '"one": 15400, "other": 15401' in refused["details"].iloc[0]
        assert sorted(store.frame("post")["post_id"]) == ["1", "4"]


def test_a_table_of_two_months_put_together_gives_neither_months_figure(tmp_path: Path) -> None:
    head = "Content,Video title,Video publish time,Views\n"
    first, other = (f'abcdefghij1,Phim,"Nov 20, 2025",{n}\n' for n in (5200, 9900))
    for name, rows in (("a", first + other), ("b", other + first)):
        record, store = read(tmp_path / name, "Table data.csv", (head + rows).encode())
        assert record["format"].startswith("yt_"), store.frame("quarantine").to_dict("records")
        assert store.frame("metric").query("metric == 'views'").empty
        assert set(store.frame("quarantine")["rule"]) >= {"two_values"}


@given(st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(["likes", "shares"]), st.sampled_from([1.0, 2.0]))))
def test_what_is_kept_never_has_two_values(told: list[tuple[str, str, float]]) -> None:
    rows = [_metric(n, *(told[n][i] for i in (0, 2, 1))) for n in range(len(told))]
    looked = reading._Reading.__new__(reading._Reading)
    looked.disputed, looked.n_figures, looked.figures, looked.repeated = {}, 0, {}, {}
    for row in looked._undisputed(iter(rows)):
        assert isinstance(row, Row)
        looked._weigh(row.values)
    again = reading._Reading.__new__(reading._Reading)
    again.disputed, again.n_figures = looked._two_values(), 0
    left = list(again._undisputed(iter(rows)))
    kept = [(i.values["item"], i.values["metric"], i.values["value"]) for i in left if isinstance(i, Row)]
    values: dict[tuple[str, str], set[float]] = {}
    for item, metric, value in told:
        values.setdefault((item, metric), set()).add(value)
    assert kept == [t for t in told if len(values[t[:2]]) == 1]
    assert len(left) == len(told)

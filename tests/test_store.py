"""The tables on disk: whole or not there, newest wins, one writer."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from campaignstats import schema
from campaignstats.errors import StoreError
from campaignstats.store import VIEWS, Store

AT = datetime(2025, 12, 1, tzinfo=UTC)


def record(sha: str, *, stamp: str = "s1", exported_at: datetime | None = AT, path: str = "") -> dict[str, Any]:
    counts = dict.fromkeys(("n_read", "n_kept", "n_quarantined", "n_skipped", "n_cells_refused"), 1)
    versions = dict.fromkeys(("reader_version", "redaction_version", "schema_version"), 1)
    about = {"source": sha, "stamp": stamp, "path": path or f"{sha}.csv", "format": "f", "exported_at": exported_at}
    return about | counts | versions


def metric(sha: str, value: float, **other: Any) -> dict[str, Any]:
    what = {"platform": "facebook", "item_kind": "post", "item": "1", "metric": "views", "definition": "d"}
    how = {"traffic": "total", "grain": "post_lifetime", "evidence": "export"}
    return what | how | {"value": value, "source": sha, "row": 1} | other


def put(store: Store, sha: str, table: str, *rows: dict[str, Any], stamp: str = "s1", **about: Any) -> None:
    with store.writer(sha, stamp) as writer:
        for row in rows:
            writer.add(table, row)
    store.commit(record(sha, stamp=stamp, **about))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tables")


def test_an_empty_store_has_every_table_and_view(store: Store) -> None:
    for table in schema.TABLES:
        assert list(store.frame(table).columns) == list(schema.TABLES[table].names)
    for view in VIEWS:
        assert len(store.frame(view)) == 0


def test_tags_of_another_tagger_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = "a" * 64
    put(store, sha, "post", {"platform": "x", "post_id": "1", "status": "ok", "source": sha, "row": 1})
    tag = {"item_kind": "post", "platform": "x", "item": "1", "version": "1", "source": sha}
    store.write_tags(sha, "s1", "older", [tag | {"tagger": "older"}])
    with monkeypatch.context() as patch:  # what a kill leaves: the new ones written, the old ones still there
        patch.setattr(Store, "keep_tags", lambda *_: None)
        store.write_tags(sha, "s1", "newer", [tag | {"tagger": "newer"}])
    assert len(store.tag_parts()) == 2
    store.keep_tags(sha, "s1", "newer")
    assert store.frame("newest_tag")["tagger"].tolist() == ["newer"]
    assert len(store.tag_parts()) == 1


def test_a_leftover_that_is_being_read_waits_for_the_next_sweep(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 1))
    put(store, "b" * 64, "metric", metric("b" * 64, 2))
    store.drop("b" * 64)

    def held(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "in use")

    with monkeypatch.context() as patch:  # Windows refuses to remove a file that somebody reads
        patch.setattr(Path, "unlink", held)
        store.sweep()
    assert store.frame("metric")["value"].tolist() == [1]
    store.sweep()
    assert len(list((store.folder / "metric").iterdir())) == 1


def test_types_survive(store: Store) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 5.5, period_start=date(2025, 11, 15), as_of=AT, approximate=None))
    row = store.frame("metric").iloc[0]
    assert row["value"] == 5.5
    assert row["period_start"] == pd.Timestamp("2025-11-15")
    assert row["as_of"] == pd.Timestamp("2025-12-01", tz="UTC")
    assert row["approximate"] is pd.NA
    assert str(store.frame("metric")["row"].dtype) == "Int64"


def test_a_newer_export_wins_and_history_is_kept(store: Store) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 10), exported_at=datetime(2025, 12, 1, tzinfo=UTC))
    put(store, "b" * 64, "metric", metric("b" * 64, 7), exported_at=datetime(2025, 12, 9, tzinfo=UTC))
    put(store, "c" * 64, "metric", metric("c" * 64, 99), exported_at=None)
    assert store.frame("newest_metric")["value"].tolist() == [7.0]
    assert sorted(store.frame("metric")["value"]) == [7.0, 10.0, 99.0]


def test_equal_instants_are_decided_by_content_not_by_chance(tmp_path: Path) -> None:
    for n, order in enumerate((("a", "b"), ("b", "a"))):
        store = Store(tmp_path / str(n))
        for sha in order:
            put(store, sha * 64, "metric", metric(sha * 64, ord(sha)))
        assert store.frame("newest_metric")["value"].tolist() == [float(ord("a"))]


def test_evidence_is_never_overruled_by_another_kind(store: Store) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 10))
    told = metric("b" * 64, 900, evidence="self_reported")
    put(store, "b" * 64, "metric", told, exported_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert sorted(store.frame("newest_metric")["evidence"]) == ["export", "self_reported"]


def test_a_vanished_post_keeps_what_was_known_of_it(store: Store) -> None:
    post = {"platform": "facebook", "post_id": "1", "row": 1}
    old = post | {"source": "a" * 64, "text": "Chữ", "status": "ok", "published_at": AT}
    put(store, "a" * 64, "post", old)
    gone = post | {"source": "b" * 64, "status": "unavailable"}
    put(store, "b" * 64, "post", gone, exported_at=datetime(2026, 1, 1, tzinfo=UTC))
    row = store.frame("newest_post").iloc[0]
    assert (row["status"], row["text"], row["published_at"]) == ("unavailable", "Chữ", pd.Timestamp(AT))


def test_a_source_without_its_record_does_not_exist(store: Store) -> None:
    with store.writer("a" * 64, "s1") as writer:
        writer.add("metric", metric("a" * 64, 1))
    assert len(store.frame("metric")) == 0
    store.sweep()
    assert list(store.folder.rglob("metric/*")) == []


def test_a_new_stamp_replaces_the_old_rows_at_once(store: Store) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 1))
    with store.writer("a" * 64, "s2") as writer:
        writer.add("metric", metric("a" * 64, 2))
    assert store.frame("metric")["value"].tolist() == [1.0]
    store.commit(record("a" * 64, stamp="s2"))
    assert store.frame("metric")["value"].tolist() == [2.0]


def test_an_error_while_writing_leaves_nothing(store: Store) -> None:
    def broken_off() -> None:
        with store.writer("a" * 64, "s1") as writer:
            for n in range(30_000):
                writer.add("metric", metric("a" * 64, n))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert [f for f in store.folder.rglob("*") if f.is_file()] == []


_HOLDER = """
from pathlib import Path
from campaignstats.store import Store
with Store(Path({folder!r})).lock():
    print("in", flush=True)
    input()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
@pytest.mark.parametrize("n", [100, 50_000])  # refused at the end of the file, or at a row group within it
def test_a_full_disk_is_a_sentence_and_leaves_nothing(store: Store, n: int) -> None:
    import resource

    rows = {"text": [os.urandom(40).hex() for _ in range(n)], "platform": "x", "comment_id": "1"}
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        with pytest.raises(StoreError) as caught, store.writer("a" * 64, "s1") as writer:
            writer.add_columns("comment", rows, n)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.key == "tables_not_writable"
    assert list((store.folder / "comment").iterdir()) == []


def test_two_writers_do_not_meet(store: Store) -> None:
    code = _HOLDER.format(folder=str(store.folder))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(StoreError, match="Another campaignstats command"), store.lock():
            pass
        other.communicate("\n")
    with store.lock():
        pass


def test_a_damaged_part_is_named(store: Store) -> None:
    put(store, "a" * 64, "metric", metric("a" * 64, 1))
    store.parts("metric")[0].write_bytes(b"not Parquet")
    with pytest.raises(StoreError):
        store.frame("metric")
    with pytest.raises(StoreError, match="gather again"):
        store.part("metric", "a" * 64, "s1")


_WRITER = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_store import Store, metric, put
store = Store(Path({folder!r}))
n = int(sys.argv[1])
print("ready", flush=True)
while True:
    sha = hashlib.sha256(str(n).encode()).hexdigest()
    put(store, sha, "metric", *[metric(sha, float(n), item=str(i)) for i in range(300)])
    n += 1
"""


def killed_runs(store: Store, times: int, seed: int) -> int:
    """Kill a writer ``times`` times at random moments; every source seen then must be whole. Returns how many."""
    chance = random.Random(seed)
    code = _WRITER.format(tests=str(Path(__file__).parent), folder=str(store.folder))
    for n in range(times):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(n * 10_000)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.005, 0.25))
            writer.send_signal(signal.SIGKILL)
        rows = store.frame("metric").groupby("source").size()
        assert set(rows.index) == set(store.sources()["source"])
        assert (rows == 300).all()
    store.sweep()
    assert not list(store.folder.rglob("*.partial"))
    return len(store.sources())


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_kill_leaves_the_last_whole_state(store: Store) -> None:
    assert killed_runs(store, 3, seed=1) > 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_kill_fifty_times(store: Store) -> None:
    n = killed_runs(store, 50, seed=2)
    print(f"50 kills: {n} sources, each whole")

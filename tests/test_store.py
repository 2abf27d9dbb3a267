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
from campaignstats.store import VIEWS, Store, source_key

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


# -- packs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def packing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer parts than in life are many: each costs the disk some milliseconds."""
    monkeypatch.setattr("campaignstats.store._ENOUGH", 8)


def sha_of(n: int) -> str:
    return f"{n:032x}".ljust(64, "0")


def many(store: Store, names: range, *, stamp: str = "s1", value: float = 0.0) -> None:
    for n in names:
        sha = sha_of(n)
        put(store, sha, "metric", *(metric(sha, value or n, item=str(i), row=i) for i in range(1, 4)), stamp=stamp)


def held(store: Store) -> dict[int, list[float]]:
    """source -> values; and every way of reading says the same."""
    found = store.frame("metric").sort_values(["source", "row"])
    for source in store.sources().itertuples():
        own = store.part("metric", source.source, source.stamp)
        assert own["value"].tolist() == found.loc[found["source"] == source.source, "value"].tolist()
        assert store.is_whole(source.source, source.stamp, "metric")
    return {int(str(s)[:32], 16): f["value"].tolist() for s, f in found.groupby("source")}


@pytest.mark.usefixtures("packing")
def test_many_small_parts_become_one_file_and_hold_the_same(store: Store) -> None:
    many(store, range(1, 13))
    before, sources = held(store), store.sources()
    assert len(list(store.folder.rglob("*.parquet"))) == 24
    store.compact()
    assert sorted(f.parent.name for f in store.folder.rglob("*.parquet")) == ["metric", "source"]
    assert held(store) == before
    pd.testing.assert_frame_equal(store.sources(), sources)
    state = {f: f.stat().st_mtime_ns for f in store.folder.rglob("*.parquet")}
    store.compact()
    store.sweep()
    assert {f: f.stat().st_mtime_ns for f in store.folder.rglob("*.parquet")} == state


@pytest.mark.usefixtures("packing")
def test_few_parts_are_left_alone(store: Store) -> None:
    many(store, range(1, 5))
    store.compact()
    assert len(list(store.folder.rglob("*.parquet"))) == 8


@pytest.mark.usefixtures("packing")
def test_a_packed_source_is_replaced_dropped_and_read_anew(store: Store) -> None:
    many(store, range(1, 13))
    store.compact()
    many(store, range(5, 6), stamp="s2", value=500.0)  # under another stamp
    many(store, range(7, 8), value=700.0)  # under the same: a newer reader
    assert (held(store)[5], held(store)[7]) == ([500.0] * 3, [700.0] * 3)
    store.drop(sha_of(9), sha_of(10))
    for _ in range(2):  # as it stands, and packed again
        assert set(held(store)) == set(range(1, 13)) - {9, 10}
        assert (held(store)[5], held(store)[7]) == ([500.0] * 3, [700.0] * 3)
        store.compact()
        store.sweep()
    import pyarrow.parquet as pq

    on_disk = {s for f in (store.folder / "metric").iterdir() for s in pq.read_table(f)["source"].to_pylist()}
    assert sha_of(9) not in on_disk  # what leaves the inbox leaves the disk
    store.drop(*(sha_of(n) for n in range(13)))
    store.sweep()
    assert not list(store.folder.rglob("*.parquet"))


@pytest.mark.usefixtures("packing")
def test_packs_grow_and_stay_few(store: Store) -> None:
    for first in range(1, 50, 10):
        many(store, range(first, first + 10))
        store.compact()
    assert len(store.parts("metric")) == 1
    assert set(held(store)) == set(range(1, 51))


@pytest.mark.usefixtures("packing")
def test_packing_stopped_anywhere_changes_no_row(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many(store, range(1, 13))
    store.compact()
    many(store, range(1, 10), value=7.0)
    many(store, range(13, 23))
    before = held(store)
    real = {"replace": Path.replace, "unlink": Path.unlink}
    for steps in range(1000):
        left = [steps]

        def stopped(name: str, left: list[int] = left) -> Any:
            def step(path: Path, *args: Any, **kwargs: Any) -> Any:
                if left[0] == 0:
                    raise KeyboardInterrupt
                left[0] -= 1
                return real[name](path, *args, **kwargs)

            return step

        with monkeypatch.context() as patch:
            for name in real:
                patch.setattr(Path, name, stopped(name))
            try:
                store.compact()
                break
            except KeyboardInterrupt:
                pass
        assert held(store) == before
    assert steps > 5
    store.sweep()
    assert held(store) == before


@pytest.mark.usefixtures("packing")
def test_a_reader_meets_a_packing_gather(store: Store) -> None:
    """Files that go between their listing and their reading are looked for again."""
    many(store, range(1, 13))
    before, other = held(store), Store(store.folder)
    real, calls = Store._live, []

    def late(self: Store) -> dict[str, str]:
        found = real(self)
        if self is store and not calls:
            calls.append(1)
            other.compact()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_live", late)
        assert len(store.frame("metric")) == 36
    assert calls
    assert held(store) == before


@pytest.mark.usefixtures("packing")
def test_packed_tags_give_way_to_those_of_another_tagger(store: Store) -> None:
    many(store, range(1, 13))
    tag = {"item_kind": "post", "platform": "x", "item": "1", "version": "1"}
    shas = [sha_of(n) for n in range(1, 13)]
    for sha in shas:
        store.write_tags(sha, "s1", "older", [tag | {"tagger": "older", "source": sha}])
    store.compact()
    assert len(store.tag_parts()) == 1
    assert store.has_tags(shas[0], "s1", "older")
    assert not store.has_tags(shas[0], "s1", "newer")
    store.write_tags(shas[0], "s1", "newer", [tag | {"tagger": "newer", "source": shas[0]}])
    for _ in range(2):
        assert (store.has_tags(shas[0], "s1", "newer"), store.has_tags(shas[0], "s1", "older")) == (True, False)
        assert store.frame("tag")["tagger"].value_counts().to_dict() == {"older": 11, "newer": 1}
        store.compact()


@pytest.mark.usefixtures("packing")
@pytest.mark.parametrize("seed", range(6))
def test_any_damage_is_found_and_taken_away(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    many(store, range(1, 13))
    store.compact()
    many(store, range(13, 16))
    before = held(store)
    for file in filter(Path.exists, chance.sample(sorted(store.folder.rglob("*.parquet")), 4)):
        data = bytearray(file.read_bytes())
        if chance.random() < 0.5:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        else:
            data = data[: chance.randrange(len(data))]
        file.write_bytes(data)
        lost = store.mend()
        whole = {s.source: s for s in store.sources().itertuples() if store.is_whole(s.source, s.stamp, "metric")}
        kept = {n: v for n, v in before.items() if sha_of(n) in whole and source_key(sha_of(n), "s1") not in lost}
        store.drop(*(sha_of(n) for n in before if n not in kept))
        assert held(store) == kept
        many(store, range(1, 16))
        assert held(store) == before

"""The tables on disk: the only code that knows Parquet and DuckDB.

    tables/source/<sha>.parquet            one record a source; written last, so a source without it does not exist
    tables/<table>/<sha>-<stamp>.parquet   the source's rows; other stamps are leftovers and are never read
    tables/tag/<sha>-<stamp>-<tagger>.parquet

Every file is written beside its place, flushed to disk and renamed: whoever reads, and whatever is killed, finds the
old file or the new one. Writers hold one lock; readers need none.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from campaignstats import schema
from campaignstats.errors import StoreError

_ARROW = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}
_PANDAS = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
_CHUNK = 20_000  # rows buffered before they become a row group


def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a canonical table."""
    return pa.schema([(c.name, _ARROW[c.type]) for c in schema.TABLES[table].columns])


def _part_name(sha: str, *stamps: str) -> str:
    return "-".join([sha[:32], *(s[:12] for s in stamps)]) + ".parquet"


class _Part:
    """A Parquet file that appears under its name only when ``close`` has put it on the disk whole."""

    def __init__(self, path: Path, table: str) -> None:
        self.path, self.table = path, table
        self.names = schema.TABLES[table].names
        self.schema = arrow_schema(table)
        self.partial = path.with_name(path.name + f".{os.getpid()}.partial")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: list[dict[str, Any]] = []
        self.writer: pq.ParquetWriter | None = None

    def add(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        if len(self.rows) >= _CHUNK:
            self.flush()

    def add_columns(self, columns: dict[str, Any], n: int) -> None:
        """Write ``n`` rows given by column: a list or Arrow array each, or one value that all rows share."""
        if self.rows:
            self.flush()
        arrays = []
        for field in self.schema:
            value = columns.get(field.name)
            if isinstance(value, pa.Array):
                arrays.append(value)
            elif isinstance(value, list):
                arrays.append(pa.array(value, type=field.type))
            else:
                arrays.append(pa.repeat(pa.scalar(value, type=field.type), n))
        self._write(arrays)

    def flush(self) -> None:
        columns = [
            pa.array([r.get(n) for r in self.rows], type=f.type) for n, f in zip(self.names, self.schema, strict=True)
        ]
        self._write(columns)
        self.rows = []

    def _write(self, columns: list[pa.Array]) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.partial, self.schema, compression="zstd")
        self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))

    def close(self) -> None:
        if self.rows or self.writer is None:
            self.flush()
        assert self.writer is not None
        self.writer.close()
        with self.partial.open("rb+") as file:
            os.fsync(file.fileno())
        self.partial.replace(self.path)
        _sync_folder(self.path.parent)

    def abandon(self) -> None:
        if self.writer is not None:
            with contextlib.suppress(OSError):  # a full disk refuses the end of the file too
                self.writer.close()
        self.partial.unlink(missing_ok=True)


def _remove(file: Path) -> None:
    """Take away a file that nothing vouches for. One that somebody reads on Windows waits for the next sweep."""
    with contextlib.suppress(PermissionError):
        file.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a rename is made durable by the file system itself
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Writer:
    """The parts of one source: ``add`` rows, then leave the ``with`` block; nothing remains after an error."""

    def __init__(self, folder: Path, sha: str, *stamps: str) -> None:
        self.folder, self.name = folder, _part_name(sha, *stamps)
        self.parts: dict[str, _Part] = {}

    def add(self, table: str, row: dict[str, Any]) -> None:
        self._part(table).add(row)

    def add_columns(self, table: str, columns: dict[str, Any], n: int) -> None:
        """As ``add``, for ``n`` rows given by column."""
        self._part(table).add_columns(columns, n)

    def _part(self, table: str) -> _Part:
        part = self.parts.get(table)
        if part is None:
            part = self.parts[table] = _Part(self.folder / table / self.name, table)
        return part

    def discard(self) -> None:
        """Forget every row added so far."""
        for part in self.parts.values():
            part.abandon()
        self.parts = {}

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for part in self.parts.values():
                    part.close()
            elif isinstance(error, OSError):  # rows that filled a row group: the disk refused them
                raise error
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem
        finally:
            for part in self.parts.values():
                part.abandon()


def _disk_error(folder: Path, problem: OSError) -> StoreError:
    return StoreError("tables_not_writable", folder=str(folder), why=problem.strerror or str(problem))


class Store:
    """The tables below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[object, pd.DataFrame] | None = None  # the source records as last read

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """The one writer's lock; another writer's is a StoreError at once, not a wait without end."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock")
            lock.acquire(timeout=3)
        except Timeout:
            raise StoreError("tables_locked", folder=str(self.folder)) from None
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem
        try:
            yield
        finally:
            lock.release()

    # -- writing ----------------------------------------------------------------------------------------------------

    def writer(self, sha: str, stamp: str) -> Writer:
        """A writer for the parts of the source ``sha`` read under ``stamp``."""
        return Writer(self.folder, sha, stamp)

    def commit(self, record: dict[str, Any]) -> None:
        """Write the source record: from here on its parts count, and those of an earlier stamp no longer."""
        part = _Part(self.folder / "source" / _part_name(record["source"]), "source")
        part.add(record)
        try:
            part.close()
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem
        finally:
            part.abandon()

    def drop(self, sha: str) -> None:
        """Forget a source: its record first, so that a kill in between leaves no half source."""
        try:
            (self.folder / "source" / _part_name(sha)).unlink(missing_ok=True)
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem

    def sweep(self) -> None:
        """Remove the files that no source record vouches for. Call with the lock held."""
        live = {(r.source[:32], r.stamp[:12]) for r in rows(self.sources())}
        for file in self.folder.glob("*/*"):
            own = file.parent.name == "source" or tuple(file.stem.split("-")[:2]) in live
            if not own or file.suffix == ".partial":
                _remove(file)

    def write_tags(self, sha: str, stamp: str, tagger: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write the tags of one source's items; tags of another tagger go once the new ones are there."""
        with Writer(self.folder, sha, stamp, tagger) as writer:
            writer.parts["tag"] = _Part(self.folder / "tag" / writer.name, "tag")
            for row in rows:
                writer.add("tag", row)
        self.keep_tags(sha, stamp, tagger)

    def keep_tags(self, sha: str, stamp: str, tagger: str) -> None:
        """Remove the source's tags by any other tagger: a killed run may have left them beside the new ones."""
        for old in (self.folder / "tag").glob(f"{sha[:32]}-*.parquet"):
            if old.name != _part_name(sha, stamp, tagger):
                _remove(old)

    # -- reading ----------------------------------------------------------------------------------------------------

    def sources(self) -> pd.DataFrame:
        """The source records, ordered by path; columns of schema.SOURCE."""
        files = sorted((self.folder / "source").glob("*.parquet"))
        state = [(f.name, f.stat().st_mtime_ns, f.stat().st_ino) for f in files]
        if self._seen is None or self._seen[0] != state:
            # the empty table gives the records of an older version the columns that they lack
            tables = [arrow_schema("source").empty_table(), *(_read(f) for f in files)]
            frame = _frame(pa.concat_tables(tables, promote_options="default"))
            self._seen = state, frame.sort_values("path", ignore_index=True)
        return self._seen[1].copy()

    def parts(self, table: str) -> list[Path]:
        """The files that hold the table's rows, those of committed sources only, in the order of their names."""
        folder = self.folder / table
        names = {_part_name(r.source, r.stamp) for r in rows(self.sources())}
        return sorted(folder / name for name in names if (folder / name).exists())

    def part(self, table: str, sha: str, stamp: str) -> pd.DataFrame:
        """One source's rows of ``table``; empty where it has none."""
        file = self.folder / table / _part_name(sha, stamp)
        return _frame(_read(file) if file.exists() else arrow_schema(table).empty_table())

    def is_whole(self, sha: str, stamp: str, tables: str) -> bool:
        """Whether every part that the source's record names ("post|metric") is there."""
        name = _part_name(sha, stamp)
        return all((self.folder / table / name).exists() for table in tables.split("|") if table)

    def has_tags(self, sha: str, stamp: str, tagger: str) -> bool:
        return (self.folder / "tag" / _part_name(sha, stamp, tagger)).exists()

    def tag_parts(self) -> list[Path]:
        live = {_part_name(r.source, r.stamp)[:-8] for r in rows(self.sources())}
        files = sorted((self.folder / "tag").glob("*.parquet"))
        return [f for f in files if f.stem.rsplit("-", 1)[0] in live]

    def frame(self, name: str) -> pd.DataFrame:
        """A whole table or view as pandas: a table's name for every row gathered, or one of ``VIEWS``.

        Strings are ``str``, counts ``Int64``, instants ``datetime64[us, UTC]``, days ``datetime64``.
        """
        return self.query(f"SELECT * FROM {name}")

    def query(self, sql: str) -> pd.DataFrame:
        """The result of a DuckDB query over the tables and ``VIEWS``; nothing is written."""
        with duckdb.connect(":memory:") as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET autoinstall_known_extensions = false")
            con.execute("SET autoload_known_extensions = false")
            for table in schema.TABLES:
                if table == "source":
                    con.register("source", pa.Table.from_pandas(self.sources(), schema=arrow_schema("source")))
                    continue
                files = self.tag_parts() if table == "tag" else self.parts(table)
                if not files:
                    con.register(table, arrow_schema(table).empty_table())
                    continue
                listed = ", ".join("'" + str(f).replace("'", "''") + "'" for f in files)
                try:
                    con.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}], union_by_name = true)")
                except duckdb.Error as problem:
                    raise StoreError("part_unreadable", file=table, why=str(problem).splitlines()[0]) from problem
            try:
                for view, text in VIEWS.items():
                    con.execute(f"CREATE VIEW {view} AS {text}")
                return _frame(con.sql(sql).to_arrow_table())
            except duckdb.Error as problem:
                if "KeyboardInterrupt" in str(problem):  # Ctrl-C while DuckDB asked Python for rows
                    raise KeyboardInterrupt from problem
                raise StoreError("query_failed", why=str(problem).splitlines()[0]) from problem


def rows(frame: pd.DataFrame) -> list[Any]:
    """The frame's rows as named tuples, their values of any type."""
    return list(frame.itertuples(index=False))


def _read(file: Path) -> pa.Table:
    try:
        return pq.read_table(file, partitioning=None)
    except (pa.ArrowInvalid, OSError) as problem:
        raise StoreError("part_unreadable", file=file.name, why=str(problem).splitlines()[0]) from problem


def _frame(table: pa.Table) -> pd.DataFrame:
    frame = table.to_pandas(types_mapper=_PANDAS.get, date_as_object=False)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert("UTC")
    return frame


def _snapshots(table: str) -> str:
    """SQL: every row of ``table`` with the instant that it speaks of: its own, else its source's."""
    return (
        f"(SELECT t.* REPLACE (coalesce(t.as_of, s.exported_at) AS as_of), s.path AS _path"
        f" FROM {table} t JOIN source s ON t.source = s.source)"
    )


# newest first; equal instants are decided by content hash and record, so that two machines agree
_ORDER = "as_of DESC NULLS LAST, source, row DESC"


def _newest(table: str, *, filled: bool) -> str:
    """SQL: one row per key. ``filled``: a cell missing in the newest snapshot is taken from the newest that has it."""
    of = schema.TABLES[table]
    key = [k for k in of.key if k != "as_of"] + (["evidence"] if table == "metric" else [])
    keys = ", ".join(f'"{k}"' for k in key)
    if not filled:
        window = f"row_number() OVER (PARTITION BY {keys} ORDER BY {_ORDER})"
        columns = ", ".join(f'"{c}"' for c in of.names)
        return f"SELECT {columns} FROM (SELECT *, {window} AS _n FROM {_snapshots(table)}) WHERE _n = 1"
    rest = ", ".join(
        f'first("{c}" ORDER BY {_ORDER}) FILTER ("{c}" IS NOT NULL) AS "{c}"' for c in of.names if c not in key
    )
    return f"SELECT {keys}, {rest} FROM {_snapshots(table)} GROUP BY {keys}"


VIEWS = {
    "newest_account": (
        "SELECT platform, account_id, first(name ORDER BY source, row) FILTER (name IS NOT NULL) AS name,"
        " first(handle ORDER BY source, row) FILTER (handle IS NOT NULL) AS handle,"
        " count(DISTINCT source) AS n_sources FROM account GROUP BY platform, account_id"
    ),
    "newest_post": _newest("post", filled=True),
    "newest_metric": _newest("metric", filled=False),
    "newest_audience": _newest("audience", filled=False),
    "newest_comment": _newest("comment", filled=False),
    "newest_tag": (
        "SELECT * EXCLUDE (_n) FROM (SELECT t.*, row_number() OVER (PARTITION BY t.item_kind, t.platform, t.item"
        " ORDER BY s.exported_at DESC NULLS LAST, t.source) AS _n FROM tag t JOIN source s ON t.source = s.source)"
        " WHERE _n = 1"
    ),
}

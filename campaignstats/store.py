"""The tables on disk: the only code that knows Parquet and DuckDB.

    tables/source/<sha>.parquet            one record a source; written last, so a source without it does not exist
    tables/<table>/<sha>-<stamp>.parquet   the source's rows; other stamps are leftovers and are never read
    tables/tag/<sha>-<stamp>-<tagger>.parquet
    tables/<table>/pack-<hash>.parquet     many small parts in one; its footer says which rows are whose
    tables/source/pack.parquet             many records in one

Every file is written beside its place, flushed to disk and renamed: whoever reads, and whatever is killed, finds the
old file or the new one. Writers hold one lock; readers need none.

A part of its own outweighs the same in a pack, so ``compact`` may be killed anywhere: it writes the packs, then removes
the packs that they replace, then the single parts. A source is read anew, or goes, as if it had never been packed; the
next ``compact`` writes the pack without it. Pages carry checksums, and ``mend`` takes away what they don't fit.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from campaignstats import schema
from campaignstats.errors import StoreError

if TYPE_CHECKING:  # a process that only reads files and writes parts starts without them, half a second sooner
    import pandas as pd

Read = TypeVar("Read")

_ARROW = {
    "string": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
}
_CHUNK = 20_000  # rows buffered before they become a row group
_SMALL = 1 << 18  # bytes of a part that is worth packing
_ENOUGH = 64  # small parts of a table from which on they are packed
_PACK = 100_000  # rows of a pack
_PACK_GROUP = 5_000  # rows of a pack's row groups: one source is read without the rest
_UNREPEATED = ("comment_id", "row")  # columns of which every cell is another one: a dictionary costs time and size
_MEMBERS = b"campaignstats.members"  # in a pack's footer: JSON, part -> [first row, rows]


def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a canonical table."""
    return pa.schema([(c.name, _ARROW[c.type]) for c in schema.TABLES[table].columns])


def _part_name(sha: str, *stamps: str) -> str:
    return "-".join([sha[:32], *(s[:12] for s in stamps)]) + ".parquet"


def source_key(sha: str, stamp: str) -> str:
    """What the names of a source's parts begin with."""
    return f"{sha[:32]}-{stamp[:12]}"


def _source_key(part: str) -> str:
    """Of a part's name, what a source record vouches for: all but the tagger of tags."""
    return "-".join(part.removesuffix(".parquet").split("-")[:2])


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
            self.writer = _parquet_writer(self.partial, self.schema)
        self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))

    def add_pack(self, table: pa.Table, members: dict[str, tuple[int, int]]) -> None:
        """Write the rows of many parts, and which are whose."""
        self.writer = _parquet_writer(self.partial, self.schema)
        self.writer.write_table(table, row_group_size=_PACK_GROUP)
        self.writer.add_key_value_metadata({_MEMBERS: json.dumps(members)})

    def close(self, *, sync_folder: bool = True) -> None:
        """``sync_folder=False``: the name outlasts a power cut only once somebody has flushed the folder."""
        if self.rows or self.writer is None:
            self.flush()
        assert self.writer is not None
        self.writer.close()
        with self.partial.open("rb+") as file:
            os.fsync(file.fileno())
        self.partial.replace(self.path)
        if sync_folder:
            _sync_folder(self.path.parent)

    def abandon(self) -> None:
        if self.writer is not None:
            with contextlib.suppress(OSError):  # a full disk refuses the end of the file too
                self.writer.close()
        self.partial.unlink(missing_ok=True)


def _parquet_writer(file: Path, of: pa.Schema) -> pq.ParquetWriter:
    repeated = [name for name in of.names if name not in _UNREPEATED]
    return pq.ParquetWriter(file, of, compression="zstd", use_dictionary=repeated, write_page_checksum=True)


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

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                for part in self.parts.values():
                    part.close(sync_folder=False)  # ``commit`` does, and without a commit they don't count
            elif isinstance(error, OSError):  # rows that filled a row group: the disk refused them
                raise error
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem
        finally:
            for part in self.parts.values():
                part.abandon()


def _disk_error(folder: Path, problem: OSError) -> StoreError:
    told = re.search(r"\[errno (\d+)\]", str(problem), re.IGNORECASE)  # pyarrow's, which sets no errno
    code = problem.errno or (int(told[1]) if told else 0)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return StoreError("disk_full", folder=str(folder))
    return StoreError("tables_not_writable", folder=str(folder), why=os.strerror(code) if code else str(problem))


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

    def commit(self, *records: dict[str, Any]) -> None:
        """Write source records: from here on their parts count, and those of an earlier stamp no longer."""
        try:
            for table in sorted({t for r in records for t in (r.get("tables") or "").split("|") if t}):
                _sync_folder(self.folder / table)  # no record may outlast what it vouches for
            for record in records:
                part = _Part(self.folder / "source" / _part_name(record["source"]), "source")
                try:
                    part.add(record)
                    part.close(sync_folder=False)
                finally:
                    part.abandon()
            if records:
                _sync_folder(self.folder / "source")
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem

    def drop(self, *shas: str) -> None:
        """Forget sources: their records go, so that a kill leaves no half source; ``compact`` takes the rows."""
        gone = set(shas)
        try:
            # the pack first: a record of its own that outlives it still stands for the whole source
            if (pack := self._record_pack).exists() and gone & set(_read(pack).column("source").to_pylist()):
                self._write_records([r for r in _read(pack).to_pylist() if r["source"] not in gone])
            for sha in gone:
                (self.folder / "source" / _part_name(sha)).unlink(missing_ok=True)
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem

    @property
    def _record_pack(self) -> Path:
        return self.folder / "source" / "pack.parquet"

    def _write_records(self, records: list[dict[str, Any]]) -> None:
        if not records:
            self._record_pack.unlink(missing_ok=True)
            return
        part = _Part(self._record_pack, "source")
        try:
            for record in sorted(records, key=lambda r: r["source"]):
                part.add(record)
            part.close()
        finally:
            part.abandon()

    def sweep(self) -> None:
        """Remove the files that no source record vouches for. Call with the lock held."""
        live = self._live()
        for folder in filter(Path.is_dir, self.folder.glob("*")):
            homes = _Homes(folder, live) if folder.name != "source" else None
            for file in sorted(folder.iterdir()):
                if file.suffix == ".partial" or (homes is not None and file not in homes.used):
                    _remove(file)

    def compact(self) -> None:
        """Pack small parts where a table has many, and leave out of packs what no longer counts. Needs the lock."""
        try:
            live = self._live()
            for folder in sorted(filter(Path.is_dir, self.folder.glob("*"))):
                if folder.name in schema.TABLES and folder.name != "source":
                    _compact(folder, _Homes(folder, live))
            loose = sorted(f for f in (self.folder / "source").glob("*.parquet") if f != self._record_pack)
            if len(loose) >= _ENOUGH:
                self._write_records(self._records().to_pylist())
                for file in loose:
                    _remove(file)
        except OSError as problem:
            raise _disk_error(self.folder, problem) from problem

    def mend(self) -> set[str]:
        """Remove every file that can't be read whole; the ``source_key``s of what went, as far as known.

        Everything is read and compared with its checksums. Call with the lock held; what went is then to be read anew.
        """
        lost: set[str] = set()
        for file in sorted(self.folder.glob("*/*.parquet")):
            if not _is_sound(file):
                with contextlib.suppress(StoreError):
                    lost |= set(map(_source_key, _members(file)))
                lost.add(_source_key(file.name))
                _remove(file)
        self._seen = None
        return lost

    def write_tags(self, sha: str, stamp: str, tagger: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write the tags of one source's items; tags of another tagger go once the new ones are there."""
        with Writer(self.folder, sha, stamp, tagger) as writer:
            writer.parts["tag"] = _Part(self.folder / "tag" / writer.name, "tag")
            for row in rows:
                writer.add("tag", row)
        _sync_folder(self.folder / "tag")
        self.keep_tags(sha, stamp, tagger)

    def keep_tags(self, sha: str, stamp: str, tagger: str) -> None:
        """Remove the source's tags by any other tagger: a killed run may have left them beside the new ones."""
        for old in (self.folder / "tag").glob(f"{sha[:32]}-*.parquet"):
            if old.name != _part_name(sha, stamp, tagger):
                _remove(old)

    # -- reading ----------------------------------------------------------------------------------------------------

    def sources(self) -> pd.DataFrame:
        """The source records, ordered by path; columns of schema.SOURCE."""
        return self._settled(self._sources).copy()

    def _sources(self) -> pd.DataFrame:
        files = sorted((self.folder / "source").glob("*.parquet"))
        state = [(f.name, f.stat().st_mtime_ns, f.stat().st_ino) for f in files]
        if self._seen is None or self._seen[0] != state:
            self._seen = state, _frame(self._records()).sort_values("path", ignore_index=True)
        return self._seen[1]

    def _records(self) -> pa.Table:
        pack = self._record_pack
        own = [_read(f) for f in sorted((self.folder / "source").glob("*.parquet")) if f != pack]
        # the empty table gives the records of an older version the columns that they lack
        loose = pa.concat_tables([arrow_schema("source").empty_table(), *own], promote_options="default")
        if not pack.exists():
            return loose
        packed = _read(pack)
        newer = pc.is_in(packed.column("source"), value_set=loose.column("source").combine_chunks())
        return pa.concat_tables([loose, packed.filter(pc.invert(newer))], promote_options="default")

    def _live(self) -> dict[str, str]:
        """The sources by their part's name without its ending."""
        return {source_key(r.source, r.stamp): r.source for r in rows(self.sources())}

    def _homes(self, table: str) -> _Homes:
        return _Homes(self.folder / table, self._live())

    def parts(self, table: str) -> list[Path]:
        """The files that hold the table's rows, those of committed sources only, in the order of their names."""
        return sorted(self._homes(table).used)

    def tag_parts(self) -> list[Path]:
        return self.parts("tag")

    def part(self, table: str, sha: str, stamp: str) -> pd.DataFrame:
        """One source's rows of ``table``; empty where it has none."""
        name = _part_name(sha, stamp)
        file = self.folder / table / name
        if file.exists():
            return _frame(_read(file))
        for pack in _packs(self.folder / table):
            if (place := _members(pack).get(name)) is not None:
                return _frame(_read_rows(pack, *place))
        return _frame(arrow_schema(table).empty_table())

    def is_whole(self, sha: str, stamp: str, tables: str) -> bool:
        """Whether every part that the source's record names ("post|metric") is there."""
        name = _part_name(sha, stamp)
        return all(_holds(self.folder / table, name) for table in tables.split("|") if table)

    def has_tags(self, sha: str, stamp: str, tagger: str) -> bool:
        """Whether these are the tags that count: the source's own file of tags outweighs those in a pack."""
        return _holds(self.folder / "tag", _part_name(sha, stamp, tagger))

    def frame(self, name: str) -> pd.DataFrame:
        """A whole table or view as pandas: a table's name for every row gathered, or one of ``VIEWS``.

        Strings are ``str``, counts ``Int64``, instants ``datetime64[us, UTC]``, days ``datetime64``.
        """
        return self.query(f"SELECT * FROM {name}")

    def query(self, sql: str) -> pd.DataFrame:
        """The result of a DuckDB query over the tables and ``VIEWS``; nothing is written."""
        return self._settled(lambda: self._queried(sql))

    def _settled(self, read: Callable[[], Read]) -> Read:
        """What ``read`` returns, read again where a gather moved files between their listing and their reading."""
        for _ in range(4):
            try:
                return read()
            except FileNotFoundError as problem:
                self._seen, moved = None, problem
        raise StoreError("query_failed", why=str(moved)) from moved

    def _queried(self, sql: str) -> pd.DataFrame:
        files: list[Path] = []
        import duckdb

        with duckdb.connect(":memory:") as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute("SET autoinstall_known_extensions = false")
            con.execute("SET autoload_known_extensions = false")
            try:
                live = self._live()
                for table in schema.TABLES:
                    if table == "source":
                        con.register("source", pa.Table.from_pandas(self.sources(), schema=arrow_schema("source")))
                        continue
                    homes = _Homes(self.folder / table, live)
                    files += homes.used
                    if homes.used:
                        con.execute(f"CREATE VIEW {table} AS {homes.sql()}")
                    else:
                        con.register(table, arrow_schema(table).empty_table())
                for view, text in VIEWS.items():
                    con.execute(f"CREATE VIEW {view} AS {text}")
                return _frame(con.sql(sql).to_arrow_table())
            except duckdb.Error as problem:
                if "KeyboardInterrupt" in str(problem):  # Ctrl-C while DuckDB asked Python for rows
                    raise KeyboardInterrupt from problem
                why = str(problem).splitlines()[0]
                if not all(f.exists() for f in files):
                    raise FileNotFoundError(why) from problem
                if broken := next((f for f in files if not _is_sound(f)), None):
                    name = f"{broken.parent.name}/{broken.name}"
                    raise StoreError("part_unreadable", file=name, why=why) from problem
                raise StoreError("query_failed", why=why) from problem


class _Homes:
    """Where the rows of a table's live sources lie: ``own`` files, and for each pack those of its parts that count.

    A file of its own outweighs a pack, and of two packs that hold a source the first by name: they hold the same rows,
    as ``compact`` removes a pack that was overtaken before it removes what overtook it.
    """

    def __init__(self, folder: Path, live: dict[str, str]) -> None:
        self.live = live
        files = sorted(folder.glob("*.parquet"))
        self.own = [f for f in files if not f.name.startswith("pack-") and _source_key(f.name) in live]
        self.packs: dict[Path, list[str]] = {}
        found = {_source_key(f.name) for f in self.own}
        for pack in (f for f in files if f.name.startswith("pack-")):
            counted = [m for m in _members(pack) if (key := _source_key(m)) in live and key not in found]
            if counted:
                self.packs[pack] = counted
                found |= set(map(_source_key, counted))

    @property
    def used(self) -> set[Path]:
        return {*self.own, *self.packs}

    def sql(self) -> str:
        """The rows that count, as a query."""
        whole = [p for p, parts in self.packs.items() if len(parts) == len(_members(p))]
        queries = []
        if files := sorted([*self.own, *whole]):
            listed = ", ".join(_quoted(str(f)) for f in files)
            queries.append(f"SELECT * FROM read_parquet([{listed}], union_by_name = true)")
        for pack in self.packs.keys() - set(whole):
            sources = ", ".join(_quoted(self.live[_source_key(m)]) for m in self.packs[pack])
            queries.append(f"SELECT * FROM read_parquet({_quoted(str(pack))}) WHERE source IN ({sources})")
        return " UNION ALL BY NAME ".join(queries)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _packs(folder: Path) -> list[Path]:
    return sorted(folder.glob("pack-*.parquet"))


def _holds(folder: Path, name: str) -> bool:
    if (folder / name).exists():
        return True
    if name.count("-") > 1 and any(folder.glob(f"{_source_key(name)}-*.parquet")):
        return False  # tags by another tagger outweigh the packed ones
    return any(name in _members(pack) for pack in _packs(folder))


def _members(pack: Path) -> dict[str, tuple[int, int]]:
    """The parts that a pack holds: their first row in it and how many."""
    status = pack.stat()
    return _members_of(pack, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=4096)
def _members_of(pack: Path, mtime: int, inode: int) -> dict[str, tuple[int, int]]:
    try:
        found = pq.read_metadata(pack).metadata or {}
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, OSError) as problem:
        raise StoreError("part_unreadable", file=pack.name, why=str(problem).splitlines()[0]) from problem
    return {name: (first, n) for name, (first, n) in json.loads(found.get(_MEMBERS, b"{}")).items()}


def _read_rows(pack: Path, first: int, n: int) -> pa.Table:
    """Rows of a pack, reading only the row groups that they lie in."""
    groups = range(first // _PACK_GROUP, (first + max(n, 1) - 1) // _PACK_GROUP + 1)
    try:
        with pq.ParquetFile(pack, page_checksum_verification=True) as file:
            table = file.read_row_groups(list(groups)) if n else file.schema_arrow.empty_table()
    except (pa.ArrowInvalid, OSError) as problem:
        raise StoreError("part_unreadable", file=pack.name, why=str(problem).splitlines()[0]) from problem
    return table.slice(first - groups.start * _PACK_GROUP, n)


def _compact(folder: Path, homes: _Homes) -> None:
    """Write the packs of one table anew where there is reason to."""
    several = Counter(_source_key(f.name) for f in homes.own)  # two taggers' tags: the tagger settles which stay
    small = [f for f in homes.own if several[_source_key(f.name)] == 1 and f.stat().st_size < _SMALL]
    packs = {p for p in _packs(folder) if len(homes.packs.get(p, ())) < len(_members(p))}
    if len(small) < _ENOUGH:  # too few, but those that take the place of their like in a pack
        small = [f for f in small if any(f.name in _members(p) for p in packs)]
    else:
        packs |= {p for p in homes.packs if 2 * pq.read_metadata(p).num_rows < _PACK}
    if not small and not packs:
        return
    places = {f.name: (f, 0, -1) for f in small}
    places |= {m: (p, *_members(p)[m]) for p in packs for m in homes.packs.get(p, ())}
    written: set[Path] = set()
    members: dict[str, pa.Table] = {}

    def write() -> None:
        name = hashlib.sha256("\n".join(members).encode()).hexdigest()[:20]
        starts = itertools.accumulate((t.num_rows for t in members.values()), initial=0)
        part = _Part(folder / f"pack-{name}.parquet", folder.name)
        try:
            table = pa.concat_tables([part.schema.empty_table(), *members.values()], promote_options="default")
            table = table.select(part.schema.names).cast(part.schema)
            part.add_pack(
                table, {m: (start, t.num_rows) for start, (m, t) in zip(starts, members.items(), strict=False)}
            )
            part.close()
        finally:
            part.abandon()
        written.add(part.path)
        members.clear()

    for name in sorted(places):
        file, first, n = places[name]
        members[name] = _read(file) if n < 0 else _read_rows(file, first, n)
        if sum(t.num_rows for t in members.values()) >= _PACK:
            write()
    if members:
        write()
    for pack in packs - written:
        _remove(pack)
    if not any(p.exists() for p in packs - written):
        for file in small:
            _remove(file)


def _is_sound(file: Path) -> bool:
    """Whether a Parquet file can be read whole and its pages fit their checksums."""
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as parquet:
            for n in range(parquet.num_row_groups):
                parquet.read_row_group(n)
    except (pa.ArrowException, OSError):
        return False
    return True


def rows(frame: pd.DataFrame) -> list[Any]:
    """The frame's rows as named tuples, their values of any type."""
    return list(frame.itertuples(index=False))


def _read(file: Path) -> pa.Table:
    try:
        return pq.read_table(file, partitioning=None, page_checksum_verification=True)
    except FileNotFoundError:
        raise
    except (pa.ArrowInvalid, OSError) as problem:
        raise StoreError("part_unreadable", file=file.name, why=str(problem).splitlines()[0]) from problem


def _frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame = table.to_pandas(types_mapper=nullable.get, date_as_object=False)
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

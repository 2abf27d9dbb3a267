"""The files of the inbox: folders walked, archives unpacked, links and bombs left alone. Not a reader.

Nothing here looks into a file further than to see whether it is an archive.
"""

import hashlib
import io
import os
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from campaignstats.errors import ReadError

CHUNK = 1 << 20
MAX_MEMBER = 1 << 30  # bytes of one unpacked archive member
MAX_ARCHIVE = 4 << 30  # bytes of a whole archive, unpacked
MAX_MEMBERS = 10_000
MAX_NESTED = 64 << 20  # an archive within an archive is held in memory
MAX_RATIO, RATIO_FROM = 200, 64 << 20  # a member above 64 MB that shrinks more than 200-fold is a bomb


@dataclass(frozen=True)
class Found:
    """A file below the inbox, or a member of an archive there. Can be pickled and sent to another process.

    ``path``: place in the inbox in posix form, "a.zip!/Table data.csv" for a member. ``ignored``: catalogue key below
    [ignored] of a file that is left out on purpose. ``error``: why it can't be opened at all.
    """

    path: str
    file: Path
    members: tuple[str, ...] = ()
    archived_at: datetime | None = None  # naive local time, as archives hold it
    size: int = 0
    ignored: str | None = None
    error: ReadError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Path parts, archives included, outermost first (``Context.names``)."""
        return tuple(part for part in self.path.replace("!/", "/").split("/") if part)

    def open(self) -> BinaryIO:
        """The unpacked bytes from the start. ReadError if the file is locked, unreadable or damaged."""
        try:
            if not self.members:
                return _long(self.file).open("rb", buffering=CHUNK)
            stream: Any = None
            for member in self.members:
                if stream is not None:
                    with stream:
                        stream = io.BytesIO(stream.read(MAX_NESTED + 1))
                # closing the archive leaves the member readable, and the member then closes the file: Windows locks it
                with zipfile.ZipFile(stream or _long(self.file)) as archive:
                    unpacked = archive.open(archive.infolist()[int(member)])
                stream = io.BufferedReader(cast(io.RawIOBase, unpacked), CHUNK)
        except PermissionError:
            raise ReadError("read.locked", path=self.path) from None
        except OSError as problem:
            raise ReadError("read.unreadable", path=self.path, reason=problem.strerror or str(problem)) from None
        except BROKEN_ZIP:
            raise ReadError("read.bad_zip", path=self.path) from None
        return cast(BinaryIO, stream)

    @cached_property
    def sha256(self) -> str:
        """Hash of the unpacked bytes; '' where they can't be read or must not be: a pipe has no end, nor has a bomb."""
        if self.error and self.error.key in _UNTOUCHED:
            return ""
        digest = hashlib.sha256()
        try:
            for chunk in self.chunks():
                digest.update(chunk)
        except ReadError:
            return ""
        return digest.hexdigest()

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The unpacked bytes piece by piece; ReadError as ``open``, also halfway through a damaged archive."""
        with self.open() as stream:
            while chunk := guarded(self.path, stream.read, size):
                yield chunk


_UNTOUCHED = ("read.no_file", "read.broken_link", "read.link_outside", "read.link_in_archive", "read.bomb")
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, IndexError)


def guarded(path: str, read: Any, *args: Any) -> Any:
    try:
        return read(*args)
    except PermissionError:
        raise ReadError("read.locked", path=path) from None
    except OSError as problem:
        raise ReadError("read.unreadable", path=path, reason=problem.strerror or str(problem)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise ReadError("read.bad_zip", path=path) from None


def _long(path: Path) -> Path:
    r"""The path in the form that Windows opens whatever its length (\\?\); elsewhere unchanged. Untested on Windows."""
    if sys.platform != "win32":
        return path
    full = os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links
    if full.startswith("\\\\?\\"):
        return Path(full)
    return Path("\\\\?\\UNC\\" + full[2:] if full.startswith("\\\\") else "\\\\?\\" + full)


_IGNORED = {
    ".ds_store": "system_file",
    "thumbs.db": "system_file",
    "ehthumbs.db": "system_file",
    "desktop.ini": "system_file",
    "readme.txt": "readme",
    "readme.md": "readme",
    "doc-truoc.txt": "readme",
}
_UNFINISHED = (".crdownload", ".part", ".partial", ".download", ".opdownload")
_FILE_LIKE = (".csv", ".xlsx", ".xls", ".zip", ".json", ".ndjson", ".jsonl", ".tsv", ".txt")


def _ignored(name: str) -> str | None:
    lowered = name.casefold()
    if lowered.startswith("~$") or lowered.startswith(".~lock."):
        return "office_lock"
    if lowered in _IGNORED:
        return _IGNORED[lowered]
    return "hidden_file" if lowered.startswith(".") else None


# line ends, terminal commands, marks that turn the direction of writing round
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _shown(name: str) -> str:
    """A name that can be printed and stored: NFC (macOS gives NFD), bytes that are no UTF-8 and controls as escapes."""
    shown = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))
    return _UNPRINTABLE.sub(lambda match: match.group().encode("unicode_escape").decode(), shown)


def inbox_files(folder: Path) -> Iterator[Found]:
    """Every file below ``folder`` at any depth, sorted by path, archives unpacked into one Found a member.

    What can't be opened comes with its ``error``, what is left out on purpose with ``ignored``: nothing is silent.
    """
    root = _long(folder)
    inside = os.path.realpath(root)

    def walk(directory: Path, shown: str) -> Iterator[Found]:
        try:
            with os.scandir(directory) as entries:
                listing = sorted(entries, key=lambda e: _shown(e.name))
        except OSError as problem:
            error = ReadError("read.unreadable", path=shown, reason=problem.strerror or str(problem))
            yield Found(shown, directory, error=error)
            return
        for entry in listing:
            file, path = Path(entry.path), f"{shown}/{_shown(entry.name)}".lstrip("/")
            if entry.is_symlink():
                yield from link(file, path)
            elif entry.is_dir(follow_symlinks=False):
                if entry.name.casefold().endswith(_FILE_LIKE):
                    yield Found(path + "/", file, ignored="directory_like_file")
                if not entry.name.startswith(".") and entry.name != "__MACOSX":
                    yield from walk(file, path)
                else:
                    yield Found(path + "/", file, ignored="hidden_file")
            else:
                yield from one(file, path)

    def link(file: Path, path: str) -> Iterator[Found]:
        target = os.path.realpath(file)
        if not Path(target).exists():
            yield Found(path, file, error=ReadError("read.broken_link", path=path))
        elif os.path.commonpath([inside, target]) != inside:
            yield Found(path, file, error=ReadError("read.link_outside", path=path))
        elif Path(target).is_dir():
            yield Found(path + "/", file, ignored="link_to_folder")  # its files are listed at their own place
        else:
            yield from one(file, path)

    def one(file: Path, path: str) -> Iterator[Found]:
        name = path.rsplit("/", 1)[-1]
        try:
            status = file.stat()
        except OSError as problem:
            yield Found(path, file, error=ReadError("read.unreadable", path=path, reason=problem.strerror or ""))
            return
        found = Found(path, file, size=status.st_size)
        if reason := _ignored(name):
            yield Found(path, file, size=status.st_size, ignored=reason)
        elif not stat.S_ISREG(status.st_mode):
            yield Found(path, file, error=ReadError("read.no_file", path=path))
        elif name.casefold().endswith(_UNFINISHED):
            yield Found(path, file, size=status.st_size, error=ReadError("read.half_downloaded", path=path))
        else:
            yield from _unpacked(found)

    yield from walk(root, "")


def _unpacked(found: Found) -> Iterator[Found]:
    """The members of an archive, or the file itself if it is none."""

    def failed(error: ReadError, path: str = found.path) -> Found:
        return Found(path, found.file, found.members, found.archived_at, found.size, error=error)

    try:
        with found.open() as stream:
            if guarded(found.path, stream.read, 4) not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
                yield found
                return
        if len(found.members) > 1:
            yield failed(ReadError("read.nested_archive", path=found.path))
            return
        if found.members and found.size > MAX_NESTED:
            yield failed(ReadError("read.archive_too_big", path=found.path, limit=MAX_NESTED >> 20))
            return
        with found.open() as stream:
            data = io.BytesIO(guarded(found.path, stream.read)) if found.members else stream
            entries = zipfile.ZipFile(data).infolist()
    except ReadError as error:
        yield failed(error)
        return
    except BROKEN_ZIP:
        yield failed(ReadError("read.bad_zip", path=found.path))
        return

    names = {e.filename for e in entries}
    if "[Content_Types].xml" in names or "mimetype" in names:
        yield found  # an office document, not an archive of exports
        return
    if len(entries) > MAX_MEMBERS or sum(e.file_size for e in entries) > MAX_ARCHIVE:
        yield failed(ReadError("read.archive_too_big", path=found.path, limit=MAX_ARCHIVE >> 20))
        return
    listed: dict[str, int] = {}
    members: list[Found] = []
    for place, entry in enumerate(entries):
        name = _member_name(entry)
        if entry.is_dir():
            continue
        path = f"{found.path}!/{_shown(name)}"
        unsafe = _unsafe(entry, name, path)
        if name in listed:
            unsafe = ReadError("read.duplicate_member", path=path)
        listed[name] = place
        ignored = "system_file" if name.startswith("__MACOSX/") else _ignored(name.rsplit("/", 1)[-1])
        try:
            archived_at = datetime(*entry.date_time) if entry.date_time > (1980, 1, 1, 23) else None
        except ValueError:
            archived_at = None
        members.append(
            Found(
                path,
                found.file,
                (*found.members, str(place)),
                archived_at,
                entry.file_size,
                ignored=None if unsafe else ignored,
                error=unsafe,
            )
        )
    if not members:
        yield failed(ReadError("read.empty_archive", path=found.path))
    for member in sorted(members, key=lambda m: (m.path, m.members)):
        if member.error or member.ignored:
            yield member
        else:
            yield from _unpacked(member)


def _member_name(entry: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: Windows' Explorer and macOS often write UTF-8 without saying so."""
    if not entry.flag_bits & 0x800:
        try:
            return entry.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return entry.filename


def _unsafe(entry: zipfile.ZipInfo, name: str, path: str) -> ReadError | None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return ReadError("read.unsafe_name", path=path)
    if stat.S_ISLNK(entry.external_attr >> 16):
        return ReadError("read.link_in_archive", path=path)
    if entry.flag_bits & 1:
        return ReadError("read.archive_password", path=path)
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > MAX_MEMBER or (entry.file_size > RATIO_FROM and ratio > MAX_RATIO):
        return ReadError("read.bomb", path=path, ratio=round(ratio))
    return None

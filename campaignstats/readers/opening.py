"""Bytes of the inbox -> documents: which files there are, what they are made of, and their records.

The only code that knows encodings, delimiters, archives and damage that a spreadsheet does to a whole file. Nothing
here knows a platform. Tables are streamed: a file of any size passes through a few megabytes of memory.
"""

import codecs
import csv
import hashlib
import io
import itertools
import json
import os
import re
import stat
import sys
import unicodedata
import warnings
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from campaignstats.errors import ReadError
from campaignstats.readers.base import Refused

CHUNK = 1 << 20
MAX_LINE = 8 << 20  # bytes without a line end in a table or NDJSON file
MAX_FIELD = 1_000_000  # characters in a cell; Facebook's longest post has 63,206
MAX_RESYNC = 1000  # lines that a record may have in a table with a quote that is never closed
MAX_JSON = 40 << 20
MAX_MEMBER = 1 << 30  # bytes of one unpacked archive member
MAX_ARCHIVE = 4 << 30  # bytes of a whole archive, unpacked
MAX_MEMBERS = 10_000
MAX_NESTED = 64 << 20  # an archive within an archive is held in memory
LATE_DECODING = 64 << 20  # bytes; a bigger table is decoded once, while it is read, and refused then
MAX_RATIO, RATIO_FROM = 200, 64 << 20  # a member above 64 MB that shrinks more than 200-fold is a bomb
MAX_WORKBOOK = 400 << 20  # bytes of a workbook, unpacked
HEAD = 40

csv.field_size_limit(MAX_FIELD)


# ---- which files there are -----------------------------------------------------------------------------------------


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
        except _BROKEN_ZIP:
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
            while chunk := _guarded(self.path, stream.read, size):
                yield chunk


_UNTOUCHED = ("read.no_file", "read.broken_link", "read.link_outside", "read.link_in_archive", "read.bomb")
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, IndexError)


def _guarded(path: str, read: Any, *args: Any) -> Any:
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
            if _guarded(found.path, stream.read, 4) not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
                yield found
                return
        if len(found.members) > 1:
            yield failed(ReadError("read.nested_archive", path=found.path))
            return
        if found.members and found.size > MAX_NESTED:
            yield failed(ReadError("read.archive_too_big", path=found.path, limit=MAX_NESTED >> 20))
            return
        with found.open() as stream:
            data = io.BytesIO(_guarded(found.path, stream.read)) if found.members else stream
            entries = zipfile.ZipFile(data).infolist()
    except ReadError as error:
        yield failed(error)
        return
    except _BROKEN_ZIP:
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


# ---- what a file is made of ----------------------------------------------------------------------------------------


@dataclass
class Opened:
    """What every kind of document has (``base.Document``).

    ``refused``: records of the last reading that are too broken to hand to a reader; gather counts them as quarantined.
    ``n_delivered``: records that the last ``records()`` or ``items()`` handed out.
    """

    path: str
    kind: str
    encoding: str
    repairs: tuple[str, ...] = ()
    head: list[tuple[int, list[Any]]] = field(default_factory=list)
    sheets: tuple[str, ...] = ()
    payload: Any = None
    refused: list[Refused] = field(default_factory=list)
    n_delivered: int = 0

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]:
        raise NotImplementedError

    def items(self, values: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """The items of a JSON document, numbered from 1 and counted."""
        self.n_delivered = 0
        for number, value in enumerate(values, 1):
            self.n_delivered = number
            yield number, value


_MAGIC = (
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"%PDF", "pdf"),
    (b"\x1a\x45\xdf\xa3", "video"),
    (b"ID3", "video"),
    (b"OggS", "video"),
    (b"\x1f\x8b", "other_archive"),
    (b"7z\xbc\xaf\x27\x1c", "other_archive"),
    (b"Rar!", "other_archive"),
    (b"BZh", "other_archive"),
    (b"\xfd7zXZ", "other_archive"),
    (b"SQLite format 3", "database"),
    (b"PAR1", "database"),
    (b"{\\rtf", "word"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)


def open_document(found: Found) -> Opened:
    """The file opened by what its bytes are, never by its name. ReadError says what it is and what to do instead."""
    if found.error:
        raise found.error
    with found.open() as stream:
        start = _guarded(found.path, stream.read, 1 << 16)
    blank = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"
    if not start.strip(blank) and not any(chunk.strip(blank) for chunk in found.chunks()):
        raise ReadError("read.zeros" if b"\0" in start else "read.empty", path=found.path)
    for magic, what in _MAGIC:
        if start.startswith(magic) and not (magic in (b"BM", b"MZ", b"ID3") and _looks_like_text(start)):
            raise ReadError(f"read.{what}", path=found.path)
    if start[4:8] == b"ftyp" or (start[:4] == b"RIFF" and start[8:12] in (b"WEBP", b"AVI ", b"WAVE")):
        image = start[8:12] in (b"WEBP", b"heic", b"mif1", b"avif")
        raise ReadError("read.image" if image else "read.video", path=found.path)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _ole_error(found)
    if start.startswith(b"PK\x03\x04"):
        return _workbook(found)
    return _textual(found, start)


def _looks_like_text(start: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", start[:512])


def _ole_error(found: Found) -> ReadError:
    seen = b""
    for chunk in itertools.islice(found.chunks(), 16):
        seen = seen[-64:] + chunk
        for name, what in (("EncryptedPackage", "password"), ("WordDocument", "word"), ("PowerPoint Document", "word")):
            if name.encode("utf-16-le") in seen:
                return ReadError(f"read.{what}", path=found.path)
        if "Workbook".encode("utf-16-le") in seen or "Book\0".encode("utf-16-le") in seen:
            return ReadError("read.old_excel", path=found.path)
    return ReadError("read.unknown_office", path=found.path)


# ---- text: encoding and damage -------------------------------------------------------------------------------------


def _soft_hyphen(error: UnicodeError) -> tuple[str, int]:
    """A lone byte AD in a UTF-8 file is the soft hyphen of every Windows code page: invisible, no letter, no digit.

    YouTube Studio's tables of 2022 came out of Excel so ("Dis\\xadlikes"). Any other stray byte stays an error.
    """
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0xAD and error.end - error.start == 1:
        return "\u00ad", error.start + 1
    raise error


codecs.register_error("campaignstats.soft_hyphen", _soft_hyphen)

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL_DELETED = dict.fromkeys(_CONTROLS)


@dataclass
class _Scan:
    codec: str
    errors: str
    n_quotes: int
    controls: bool


def _encoding(start: bytes) -> tuple[str, str, str | None]:
    """(label, codec, repair) from the byte order mark or, for UTF-16 without one, from where the zero bytes stand."""
    if start.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32", "utf-32", None
    if start.startswith(b"\xff\xfe"):
        return "utf-16-le", "utf-16", None
    if start.startswith(b"\xfe\xff"):
        return "utf-16-be", "utf-16", None
    if start.startswith(b"\xef\xbb\xbf"):
        return "utf-8-bom", "utf-8-sig", None
    sample = start[: len(start) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and even * 8 < odd:
        return "utf-16-le", "utf-16-le", "utf16_without_mark"
    if even > len(sample) // 8 and odd * 8 < even:
        return "utf-16-be", "utf-16-be", "utf16_without_mark"
    return "utf-8", "utf-8", None


def _scanned(found: Found, codec: str, *, long_lines: bool) -> _Scan:
    """One pass over the whole file: it decodes without a doubt, and no line is endless."""
    try:
        return _scan(found, codec, "strict", long_lines=long_lines)
    except UnicodeDecodeError as problem:
        if codec not in ("utf-8", "utf-8-sig"):
            cut = "truncated" in problem.reason
            raise ReadError("read.cut_off" if cut else "read.broken_utf16", path=found.path) from None
    try:
        return _scan(found, codec, "campaignstats.soft_hyphen", long_lines=long_lines)
    except UnicodeDecodeError as problem:
        raise _encoding_error(found, problem) from None


def _scan(found: Found, codec: str, errors: str, *, long_lines: bool) -> _Scan:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    wide = codec.startswith("utf-16") or codec == "utf-32"
    scan, line = _Scan(codec, errors, 0, False), 0
    late = found.size > LATE_DECODING and not wide
    for chunk in found.chunks():
        if not late:
            text = decoder.decode(chunk)
            if wide:
                chunk = text.encode("utf-8", "replace")
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        line = line + len(chunk) if end < 0 else len(chunk) - end
        if line > MAX_LINE and not long_lines:
            raise ReadError("read.long_line", path=found.path, limit=MAX_LINE >> 20)
        scan.n_quotes += chunk.count(b'"')
        if not scan.controls and len(chunk.translate(None, _CONTROLS)) != len(chunk):
            scan.controls = True
    decoder.decode(b"", final=True)
    return scan


def _encoding_error(found: Found, problem: UnicodeDecodeError) -> ReadError:
    """Names the encoding that the file probably has, for the sentence only: no text is read by a guess."""
    sample = b"".join(itertools.islice(found.chunks(), 4))
    kept = sample.decode("utf-8", "ignore")
    high = bytes(b for b in sample if b > 127)
    stray = len(sample) - len(kept.encode("utf-8"))
    if "unexpected end" in problem.reason and stray <= 3:
        return ReadError("read.cut_off", path=found.path)
    if stray * 10 <= len(high):
        line = 1
        for chunk in found.chunks():
            good = chunk.decode("utf-8", "surrogateescape")
            bad = re.search("[\udc80-\udcff]", good)
            line += good.count("\n", 0, bad.start() if bad else len(good))
            if bad:
                break
        return ReadError("read.broken_utf8", path=found.path, line=line)
    vietnamese = sum(high.count(b) for b in (0xCC, 0xD2, 0xDE, 0xEC, 0xF2, 0xF5, 0xFD, 0xD0, 0xF0, 0xE3, 0xC3))
    cyrillic_words = len(re.findall(rb"[\xc0-\xff]{4,}", sample))
    guess = "cp1252"
    if cyrillic_words * 6 > len(high) / 4:
        guess = "cp1251"
    elif vietnamese * 3 > len(high):
        guess = "cp1258"
    return ReadError("read.not_utf8", path=found.path, encoding=guess)


_SEP = re.compile(r'"?sep=(.)"?[\t,; ]*[\r\n]*', re.IGNORECASE)


def _textual(found: Found, start: bytes) -> Opened:
    label, codec, repair = _encoding(start)
    try:
        beginning = codecs.getincrementaldecoder(codec)("replace").decode(start).lstrip("\ufeff \t\r\n")
    except UnicodeError:
        beginning = ""
    opening_letter = beginning[:1]
    if re.match(r"<(?:!doctype|html|head|\?xml|table)", beginning, re.IGNORECASE):
        raise ReadError("read.web_page", path=found.path)
    as_json = opening_letter in ("{", "[") and bool(
        re.match(r'(?:\[\s*(?:[\[{"\d\-\]]|true|false|null)|\{\s*["}])', beginning)
    )
    if as_json and (document := _json_or_ndjson(found, label, codec, repair, beginning)):
        return document
    scan = _scanned(found, codec, long_lines=False)
    return Table(found, label, scan, repair)


class _Lines:
    """Text lines of a file, decoded strictly, line ends kept; control characters removed where the scan found any."""

    def __init__(self, found: Found, scan: _Scan) -> None:
        self.raw = found.open()
        self.text = io.TextIOWrapper(self.raw, scan.codec, scan.errors, newline="")
        self.clean = scan.controls

    def __enter__(self) -> Iterator[str]:
        if not self.clean:
            return self.text
        return (line.translate(_CONTROL_DELETED) for line in self.text)

    def __exit__(self, *_: object) -> None:
        self.text.close()


class Table(Opened):
    """A CSV-like file. Record numbers are those that Excel shows: empty lines count, a ``sep=`` line does not."""

    def __init__(self, found: Found, label: str, scan: _Scan, repair: str | None) -> None:
        super().__init__(found.path, "table", label)
        self._found, self._scan = found, scan
        with _Lines(found, scan) as lines:
            sample = _sample(lines)
        while sample and sample[0].strip("\ufeff \t\r\n") == "" and len(sample) > 1 and _SEP.fullmatch(sample[1]):
            del sample[0]
        declared = _SEP.fullmatch(sample[0].lstrip("\ufeff")) if sample else None
        self._skip = 1 if declared else 0
        sample = sample[self._skip :]
        self.delimiter, width = _delimiter(sample, declared.group(1) if declared else None)
        self._unwrap = _wrapping(sample) if width <= 1 or _wrapping(sample) else None
        if self._unwrap:
            self.delimiter, width = _delimiter(list(self._unwrap(iter(sample))), None)
        named = {
            repair: bool(repair),
            "cp1252_soft_hyphens": scan.errors != "strict",
            "control_characters": scan.controls,
            "quoted_twice": self._unwrap is not None,
        }
        self.repairs = tuple(name for name, made in named.items() if name and made)
        self._width = width
        self.head = list(itertools.islice(self.records(), HEAD))
        if not self.head:
            raise ReadError("read.empty", path=found.path)
        self.n_delivered, self.refused = 0, []

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]:
        self.n_delivered, self.refused = 0, []
        number = 0
        with _Lines(self._found, self._scan) as lines:
            for _ in range(self._skip):
                next(lines, None)
            if self._unwrap:
                lines = self._unwrap(lines)
            if self._scan.n_quotes % 2 and not self._unwrap:
                yield from self._resynced(lines, 0)
                return
            reader = csv.reader(lines, delimiter=self.delimiter)
            delivered = 0
            try:
                for number, cells in enumerate(reader, 1):
                    if cells and (cells[0].strip() or any(map(str.strip, cells))):
                        delivered += 1
                        yield number, cells
            except csv.Error:
                self.refused.append(Refused(number + 1, "", "field_too_long", "", {"limit": MAX_FIELD}))
                self.n_delivered = delivered
                yield from self._resynced(lines, number + 1)
            except UnicodeDecodeError as problem:
                raise _encoding_error(self._found, problem) from None
            except (zipfile.BadZipFile, zlib.error, OSError) as problem:
                # the file was whole when it was scanned: it changed or went away while it was read
                raise ReadError("read.changed", path=self.path, reason=str(problem)) from None
            finally:
                self.n_delivered = max(self.n_delivered, delivered)

    def _resynced(self, lines: Iterator[str], number: int) -> Iterator[tuple[int, list[Any]]]:
        """Records of a table with a quote that is never closed, which would swallow good rows up to the next quote.

        A record that does not come out with the common number of cells gives up its first line, and the reading starts
        again behind it: the broken record is refused, those after it are read. Narrow tables (up to three columns) have
        no such sign; their records go to the reader as they are.
        """
        queue: deque[str] = deque()
        pending: list[str] = []
        n_broken = 0
        while True:
            line = queue.popleft() if queue else next(lines, None)
            if line is None and not pending:
                break
            if line is not None:
                pending.append(line)
                if len(pending) > 1 and '"' not in line and len(pending) < MAX_RESYNC:
                    continue  # nothing in this line can close the quote
            cells = _closed(pending, self.delimiter)
            if cells is not None and not any(map(str.strip, cells or pending)):
                pending, number = [], number + 1
            elif cells and (self._width <= 3 or len(cells) == self._width):
                if n_broken:
                    number += 1
                    self.refused.append(Refused(number, "", "unclosed_quote", "", {"lines": n_broken}))
                pending, n_broken, number = [], 0, number + 1
                self.n_delivered += 1
                yield number, cells
            elif cells is not None or line is None or len(pending) >= MAX_RESYNC:
                queue.extendleft(reversed(pending[1:]))
                pending, n_broken = [], n_broken + 1
        if n_broken:
            self.refused.append(Refused(number + 1, "", "unclosed_quote", "", {"lines": n_broken}))


def _closed(lines: list[str], delimiter: str) -> list[str] | None:
    """The cells of a record of these lines; None while a quote is open, [] if the quotes make no sense."""
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as problem:
        return None if "unexpected end of data" in str(problem) else []
    return found[0] if found else []


def _sample(lines: Iterator[str]) -> list[str]:
    """The first lines of a file, enough to see how it is made."""
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > 1 << 18 or len(sample) >= 400:
            break
    return sample


def _delimiter(sample: list[str], declared: str | None) -> tuple[str, int]:
    """(delimiter, width): the one that splits most records into the same number of cells, more than one."""
    best: tuple[float, int, int, str] = (0.0, 0, 0, declared if declared in (",", ";", "\t", "|") else ",")
    for place, delimiter in enumerate((declared,) if declared in (",", ";", "\t", "|") else (",", ";", "\t", "|")):
        assert delimiter
        widths: list[int] = []
        try:
            for cells in itertools.islice(csv.reader(iter(sample), delimiter=delimiter), HEAD * 2):
                if any(map(str.strip, cells)):
                    widths.append(len(cells))
        except csv.Error:
            pass  # a cell without end: the records before it tell enough
        split = [w for w in widths if w > 1]
        if not split:
            continue
        common = max(sorted(set(split)), key=split.count)
        best = max(best, (round(split.count(common) / len(widths), 2), common, -place, delimiter))
    return best[3], best[1]


def _unwrapped_lines(lines: Iterator[str]) -> Iterator[str]:
    """Excel saved each line that holds a quote as one cell: `"a,""b, c"",d"`; other lines stand as they were."""
    for line in lines:
        body = line.rstrip("\r\n")
        if len(body) > 1 and body[0] == '"' == body[-1]:
            yield body[1:-1].replace('""', '"') + line[len(body) :]
        else:
            yield line


def _unwrapped_records(lines: Iterator[str]) -> Iterator[str]:
    """Each whole record, line breaks included, was saved as one cell."""
    for cells in csv.reader(lines):
        if len(cells) == 1:
            yield from (cells[0] + "\n").splitlines(keepends=True)


def _wrapping(sample: list[str]) -> Any:
    """How to take one layer of quotes off (rule 0.11): only if the records then all have the header's length."""
    first = next((line for line in sample if line.strip()), "")
    if not first.lstrip("\ufeff").startswith('"') or '""' not in first:
        return None
    for unwrap in (_unwrapped_lines, _unwrapped_records):
        try:
            outer = next(csv.reader([first]), [])
            if len(outer) != 1:
                continue
            lines = list(unwrap(iter(sample)))
            delimiter, width = _delimiter(lines, None)
            records = [c for c in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, c))]
        except csv.Error:
            continue
        full = records[:-1] if len(sample) >= 400 and len(records) > 2 else records  # the sample may end mid-record
        if width >= 3 and len(records[0]) == width and sum(len(c) == width for c in full) >= 0.8 * len(full):
            return unwrap
    return None


# ---- JSON ----------------------------------------------------------------------------------------------------------


class Json(Opened):
    """A JSON document in ``payload``; the reader numbers and counts its items by ``items()``."""


class Ndjson(Opened):
    """One JSON object a line. A line that is none is refused; the rest is read."""

    def __init__(self, found: Found, label: str, scan: _Scan, repairs: tuple[str, ...]) -> None:
        super().__init__(found.path, "ndjson", label, repairs)
        self._found, self._scan = found, scan
        self.head = list(itertools.islice(self.records(), HEAD))
        self.n_delivered, self.refused = 0, []

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, Any]]:
        self.n_delivered, self.refused = 0, []
        with _Lines(self._found, self._scan) as lines:
            try:
                for number, line in enumerate(lines, 1):
                    if not line.strip("\ufeff \t\r\n"):
                        continue
                    item = _parsed(line)
                    if not isinstance(item, dict):
                        self.refused.append(Refused(number, "", "broken_json_line"))
                        continue
                    self.n_delivered += 1
                    yield number, item
            except UnicodeDecodeError as problem:
                raise _encoding_error(self._found, problem) from None


# "\ud83d" without its other half: a text cut in the middle of an emoji
_HALF_LETTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


def _parsed(text: str) -> Any:
    """The value that the JSON text holds, or the exception as a value; NaN and Infinity are absent values.

    Half a letter, which no table can store, becomes U+FFFD.
    """
    try:
        value = json.loads(text.lstrip("\ufeff"), parse_constant=lambda _: None)
        if _HALF_LETTER.search(text):
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            value = json.loads(whole.decode("utf-16-le", "replace"))
        return value
    except (ValueError, RecursionError) as problem:
        return problem


def _json_or_ndjson(found: Found, label: str, codec: str, repair: str | None, beginning: str) -> Opened | None:
    lines = [line for line in beginning.split("\n") if line.strip()]
    whole_lines = lines if found.size <= 1 << 16 else lines[:-1]
    objects = sum(isinstance(_parsed(line), dict) for line in whole_lines[:20])
    named = found.path.casefold().endswith((".ndjson", ".jsonl"))
    if beginning.startswith("{") and objects and (len(whole_lines) > 1 or named):
        scan = _scanned(found, codec, long_lines=False)
        return Ndjson(found, label, scan, tuple(r for r in (repair,) if r))
    if found.size > MAX_JSON:
        if named:
            scan = _scanned(found, codec, long_lines=False)
            return Ndjson(found, label, scan, tuple(r for r in (repair,) if r))
        raise ReadError("read.json_too_big", path=found.path, limit=MAX_JSON >> 20)
    scan = _scanned(found, codec, long_lines=True)
    with _Lines(found, _Scan(scan.codec, "strict", 0, False)) as text:
        payload = _parsed("".join(text))
    if isinstance(payload, Exception):
        if beginning.startswith("[") and not re.match(r"\[\s*[{\[\]]", beginning):
            return None  # a table whose first cell begins with a bracket
        line = getattr(payload, "lineno", 0)
        raise ReadError("read.broken_json", path=found.path, line=line) from None
    return Json(found.path, "json", label, tuple(r for r in (repair,) if r), payload=payload)


# ---- workbooks -----------------------------------------------------------------------------------------------------

# a cell beyond column ZZ, e.g. r="XFD1048576": readers that make a rectangle of it fill the memory
_FAR_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{3,}\d+)")


class Workbook(Opened):
    """An XLSX file. Record numbers are the sheet's own rows; a formula counts as its stored value."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.path, "workbook", "xlsx")
        self._found = found
        with found.open() as stream:
            book = self._load(stream)
            self.sheets = tuple(ws.title for ws in book.worksheets)
            book.close()
        self.head = list(itertools.islice(self.records(), HEAD)) if self.sheets else []
        self.n_delivered, self.refused = 0, []
        if not self.head and not any(next(iter(self.records(sheet)), None) for sheet in self.sheets):
            raise ReadError("read.empty", path=found.path)
        self.n_delivered = 0

    def _load(self, stream: BinaryIO) -> Any:
        import openpyxl

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # styles and validations that openpyxl leaves out
                return openpyxl.load_workbook(
                    io.BytesIO(stream.read()), read_only=True, data_only=True, keep_links=False
                )
        except Exception as problem:  # openpyxl raises a dozen kinds for a damaged file
            raise ReadError("read.bad_workbook", path=self.path, reason=type(problem).__name__) from None

    def records(self, sheet: str | None = None) -> Iterator[tuple[int, list[Any]]]:
        self.n_delivered = 0
        if sheet is not None and sheet not in self.sheets:
            raise KeyError(f"no sheet {sheet!r}; the workbook has {list(self.sheets)}")
        with self._found.open() as stream:
            book = self._load(stream)
        try:
            worksheet = book[sheet] if sheet is not None else book.worksheets[0]
            worksheet.reset_dimensions()  # the stored dimension is often wrong
            rows = enumerate(worksheet.iter_rows(values_only=True), 1)
            while block := self._block(rows):
                for number, cells in block:
                    if any(c is not None and c != "" for c in cells):
                        values = [_plain(c) for c in cells]
                        if any(v is not None and v != "" for v in values):
                            self.n_delivered += 1
                            yield number, values
        finally:
            book.close()

    def _block(self, rows: Iterator[tuple[int, tuple[Any, ...]]]) -> list[tuple[int, tuple[Any, ...]]]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return list(itertools.islice(rows, 500))
        except Exception as problem:
            raise ReadError("read.bad_workbook", path=self.path, reason=type(problem).__name__) from None


def _plain(cell: Any) -> Any:
    """A cell as str, int, float, bool, datetime or None; text without outer blanks and Excel's _x000D_ escapes."""
    if cell is None or isinstance(cell, bool | int | float | datetime):
        return cell
    written = cell if isinstance(cell, str) else str(cell)
    if "_x" in written:
        written = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), written)
    return written.translate(_CONTROL_DELETED) if written.strip() else None


def _workbook(found: Found) -> Opened:
    try:
        with found.open() as stream:
            entries = zipfile.ZipFile(io.BytesIO(_guarded(found.path, stream.read))).infolist()
    except _BROKEN_ZIP:
        raise ReadError("read.bad_zip", path=found.path) from None
    names = {e.filename for e in entries}
    if "mimetype" in names:
        raise ReadError("read.open_document", path=found.path)
    if not any(name.startswith("xl/") for name in names):
        raise ReadError("read.word", path=found.path)
    if "xl/workbook.bin" in names:
        raise ReadError("read.binary_excel", path=found.path)
    if any(e.flag_bits & 1 for e in entries):
        raise ReadError("read.password", path=found.path)
    if sum(e.file_size for e in entries) > MAX_WORKBOOK:
        raise ReadError(
            "read.bomb", path=found.path, ratio=round(sum(e.file_size for e in entries) / max(found.size, 1))
        )
    if len(names) != len(entries):
        raise ReadError("read.bad_workbook", path=found.path, reason="duplicate names")
    with found.open() as stream:
        archive = zipfile.ZipFile(io.BytesIO(_guarded(found.path, stream.read)))
        for entry in entries:
            sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
            if sheet and (cell := _far_cell(found, archive, entry)):
                raise ReadError("read.far_cell", path=found.path, cell=cell)
    return Workbook(found)


def _far_cell(found: Found, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    try:
        with archive.open(entry) as sheet:
            tail = b""
            while chunk := sheet.read(CHUNK):
                if far := _FAR_CELL.search(tail + chunk):
                    return far.group(1).decode("ascii")
                tail = chunk[-200:]
    except (*_BROKEN_ZIP, OSError):
        raise ReadError("read.bad_zip", path=found.path) from None
    return None

"""Bytes -> text: which encoding a file is in, and how far that is proved. Not a reader."""

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from campaignstats.errors import ReadError
from campaignstats.readers.inbox import Found

MAX_LINE = 8 << 20  # bytes without a line end in a table or NDJSON file
LATE_DECODING = 64 << 20  # bytes; a bigger table is decoded once, while it is read, and refused then


def _soft_hyphen(error: UnicodeError) -> tuple[str, int]:
    """A lone byte AD in a UTF-8 file is the soft hyphen of every Windows code page: invisible, no letter, no digit.

    YouTube Studio's tables of 2022 came out of Excel so ("Dis\\xadlikes"). Any other stray byte stays an error.
    """
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0xAD and error.end - error.start == 1:
        return "\u00ad", error.start + 1
    raise error


codecs.register_error("campaignstats.soft_hyphen", _soft_hyphen)

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
CONTROL_DELETED = dict.fromkeys(_CONTROLS)


@dataclass
class Scan:
    codec: str
    errors: str
    n_quotes: int
    controls: bool


def encoding(start: bytes) -> tuple[str, str, str | None]:
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


def scanned(found: Found, codec: str, *, long_lines: bool) -> Scan:
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
        raise encoding_error(found, problem) from None


def _scan(found: Found, codec: str, errors: str, *, long_lines: bool) -> Scan:
    decoder = codecs.getincrementaldecoder(codec)(errors)
    wide = codec.startswith("utf-16") or codec == "utf-32"
    scan, line = Scan(codec, errors, 0, False), 0
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


def encoding_error(found: Found, problem: UnicodeDecodeError) -> ReadError:
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


class Lines:
    """Text lines of a file, decoded strictly, line ends kept; control characters removed where the scan found any."""

    def __init__(self, found: Found, scan: Scan) -> None:
        self.raw = found.open()
        self.text = io.TextIOWrapper(self.raw, scan.codec, scan.errors, newline="")
        self.clean = scan.controls

    def __enter__(self) -> Iterator[str]:
        if not self.clean:
            return self.text
        return (line.translate(CONTROL_DELETED) for line in self.text)

    def __exit__(self, *_: object) -> None:
        self.text.close()

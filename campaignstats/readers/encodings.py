"""Bytes -> text: which encoding a file is in, and how far that is proved. Not a reader."""

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from campaignstats import columnar
from campaignstats.errors import ReadError
from campaignstats.readers.inbox import Found
from campaignstats.readers.letters import LEGACY_FONTS, legacy_font

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

n_strays = 0  # broken bytes met by the handler below, in all files of this process


def _counted(error: UnicodeError) -> tuple[str | bytes, int]:
    """As surrogateescape, and counted: whether a big file has broken bytes is only known while it is read."""
    global n_strays
    n_strays += 1
    return _surrogateescape(error)


_surrogateescape = codecs.lookup_error("surrogateescape")
codecs.register_error("campaignstats.counted", _counted)

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_BEGUN = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")  # a letter of two bytes or more, perhaps whole
_TURNING = re.compile(
    b"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])"
)  # in UTF-8, marks that turn the direction of writing round
CONTROL_DELETED = dict.fromkeys([*_CONTROLS, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass
class Scan:
    """What one pass over a whole file tells.

    ``state``: "whole", or "strays" (UTF-8 with some broken bytes), or "code_page" (no UTF-8 at all; ``guess`` is the
    page that it probably is, for sentences). ``is_cut``: the file ends within a letter. ``first_stray``: its line.
    """

    codec: str
    errors: str = "strict"
    n_quotes: int = 0
    controls: bool = False
    ends_line: bool = True
    is_cut: bool = False
    state: str = "whole"
    guess: str = ""
    first_stray: int = 0


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
    """One pass over the whole file: how its bytes become letters, and that no line is endless."""
    try:
        return _scan(found, codec, "strict", long_lines=long_lines)
    except UnicodeDecodeError as problem:
        wide, cut = codec not in ("utf-8", "utf-8-sig"), "truncated" in problem.reason
        if wide and not cut:
            raise ReadError("read.broken_utf16", path=found.path) from None
    if wide:
        try:
            scan = _scan(found, codec, "replace", long_lines=long_lines, only_at_end=True)
        except UnicodeDecodeError:
            raise ReadError("read.broken_utf16", path=found.path) from None
        scan.is_cut = True
        return scan
    try:
        return _scan(found, codec, "campaignstats.soft_hyphen", long_lines=long_lines)
    except UnicodeDecodeError:
        scan = _scan(found, codec, "surrogateescape", long_lines=long_lines)
    _judge(found, scan)
    return scan


def _scan(found: Found, codec: str, errors: str, *, long_lines: bool, only_at_end: bool = False) -> Scan:
    decoder = codecs.getincrementaldecoder(codec)("strict" if only_at_end else errors)
    wide = codec.startswith("utf-16") or codec == "utf-32"
    scan, line, size, last = Scan(codec, errors), 0, 0, b""
    carried = b""  # of a letter that the chunk's end cuts
    for chunk in found.chunks():
        if wide:
            chunk = decoder.decode(chunk).encode("utf-8", "replace")
        elif size < LATE_DECODING:
            data = carried + chunk
            begun = _BEGUN.search(data, max(0, len(data) - 3)) if errors == "strict" else None
            carried = begun.group() if begun else b""
            whole = data[: len(data) - len(carried)]
            if errors != "strict" or not columnar.is_utf8(whole):
                decoder.decode(whole)
        size += len(chunk)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        line = line + len(chunk) if end < 0 else len(chunk) - end
        if line > MAX_LINE and not long_lines:
            raise ReadError("read.long_line", path=found.path, limit=MAX_LINE >> 20)
        scan.n_quotes += chunk.count(b'"')
        if not scan.controls and (
            len(chunk.translate(None, _CONTROLS)) != len(chunk)
            or _TURNING.search(last + chunk[:2])
            or _TURNING.search(chunk)
        ):
            scan.controls = True
        last = chunk[-2:] or last
    if not only_at_end:
        if wide or size <= LATE_DECODING:
            decoder.decode(b"", final=True)
            carried.decode()
        else:
            scan.errors = "campaignstats.counted"
    scan.ends_line = last.endswith((b"\n", b"\r"))
    return scan


def _judge(found: Found, scan: Scan) -> None:
    """Whether a file that is not strictly UTF-8 is so but for some bytes, or in a code page; and probably in which."""
    sample = b"".join(itertools.islice(found.chunks(), 4))
    high = sum(1 for b in sample if b > 127)
    kept = sample.decode("utf-8", "surrogateescape")
    stray = len(re.findall("[\udc80-\udcff]", kept))
    if stray * 10 <= high or (stray <= 3 and len(sample) == found.size and _ends_within_a_letter(sample)):
        scan.state, scan.is_cut = "strays", _ends_within_a_letter(_tail(found))
        first = re.search("[\udc80-\udcff]", kept)
        scan.first_stray = kept.count("\n", 0, first.start()) + 1 if first else 0
        return
    scan.state, scan.guess = "code_page", _probable_page(sample)


def _tail(found: Found) -> bytes:
    tail = b""
    for chunk in found.chunks():
        tail = (tail + chunk)[-8:]
    return tail


def _ends_within_a_letter(data: bytes) -> bool:
    begun = re.search(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z", data)
    return begun is not None and len(begun.group()) < {0xE: 3, 0xF: 4}.get(begun.group()[0] >> 4, 2)


def _probable_page(sample: bytes) -> str:
    """The code page that a file probably has, for the sentence only: no text is read by a guess."""
    texts = re.split("[\r\n\t;,]", sample.decode("cp1252", "replace"))
    if font := legacy_font(texts):
        return LEGACY_FONTS[font]
    high = bytes(b for b in sample if b > 127)
    vietnamese = sum(high.count(b) for b in (0xCC, 0xD2, 0xDE, 0xEC, 0xF2, 0xF5, 0xFD, 0xD0, 0xF0, 0xE3, 0xC3))
    cyrillic_words = len(re.findall(rb"[\xc0-\xff]{4,}", sample))
    if cyrillic_words * 6 > len(high) / 4:
        return "cp1251"
    return "cp1258" if vietnamese * 3 > len(high) else "cp1252"


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

"""Bytes of the inbox -> documents: what a file is made of, by what its bytes are.

The files and archives are found by ``inbox``; letters are read by ``encodings``, tables by ``text_tables``, JSON by
``json_files``, workbooks by ``workbooks``. Nothing in them knows a platform. Not a reader.
"""

import codecs
import re
import unicodedata
from functools import partial
from typing import Any

from campaignstats.errors import ReadError
from campaignstats.readers import base, letters
from campaignstats.readers.cells import CellRefused
from campaignstats.readers.documents import Opened
from campaignstats.readers.encodings import Scan, encoding, scanned
from campaignstats.readers.inbox import Found, guarded, inbox_files
from campaignstats.readers.json_files import json_document
from campaignstats.readers.text_tables import Table
from campaignstats.readers.workbooks import old_workbook, workbook

__all__ = ["Found", "Opened", "inbox_files", "open_document"]

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
        start = guarded(found.path, stream.read, 1 << 16)
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
        return _book(old_workbook(found))
    if start.startswith(b"PK\x03\x04"):
        return _book(workbook(found))
    return _textual(found, start)


def _book(document: Opened) -> Opened:
    _settle_letters(document)
    return document


def _looks_like_text(start: bytes) -> bool:
    return not re.search(rb"[\x00-\x08\x0e-\x1f]", start[:512])


def _textual(found: Found, start: bytes) -> Opened:
    label, codec, repair = encoding(start)
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
    if as_json and (document := json_document(found, label, codec, repair, beginning)):
        return document
    scan = scanned(found, codec, long_lines=False)
    table = Table(found, label, scan, repair)
    _settle_letters(table, scan)
    if not scan.ends_line:
        table.ends_lines = any(getattr(r, "ENDS_LINES", False) for r in _claimants(table))
    return table


# ---- how the letters of a file are to be read ------------------------------------------------------------------------


def _claimants(document: Opened) -> list[Any]:
    return [r for r in base.registry().values() if base.claims(r, document)]


def _settle_letters(document: Opened, scan: Scan | None = None) -> None:
    """Decide how a file's letters are read: by what its headers, or all of its cells, prove; else refuse those cells.

    A file whose headers can't be read at all is refused as a whole.
    """
    if scan and scan.state == "code_page":
        _settle_code_page(document, scan)
    elif scan and scan.state == "strays":
        document.way = letters.without_strays
        document.read_head()
        if not _claimants(document):
            if scan.is_cut:
                raise ReadError("read.cut_off", path=document.path)
            raise ReadError("read.broken_utf8", path=document.path, line=scan.first_stray)
    else:
        _settle_text(document)


def _settle_code_page(document: Opened, scan: Scan) -> None:
    proved, owners = [], set()
    for page in (*letters.CODE_PAGES, *letters.LEGACY_FONTS):
        document.way = letters.agreed([page], probable=scan.guess)
        document.read_head()
        if found := _claimants(document):
            proved.append(page)
            owners |= {r.NAME for r in found}
    if not proved or len(owners) > 1:
        raise ReadError("read.not_utf8", path=document.path, encoding=scan.guess)
    document.way = letters.agreed(proved, probable=scan.guess)
    document.read_head()
    if len(proved) == 1:
        document.encoding = proved[0]
        document.repaired("code_page", encoding=letters.LEGACY_FONTS.get(proved[0], proved[0]))
    else:
        document.encoding = scan.guess
        document.notes.append(("letters_unproved", {"encoding": scan.guess}))


def _settle_text(document: Opened) -> None:
    """The letters of a text that decodes: mojibake, legacy fonts, lost letters. Judged by the first records."""
    texts = [c[:5000] for _, cells in document.sample() for c in cells if isinstance(c, str) and len(c) > 1]
    if any(map(letters.is_provably_mangled, texts)):
        _settle_mangled(document)
    elif font := letters.legacy_font(texts):
        if _proves(document, letters.from_legacy_font(font)):
            document.repaired("legacy_font", font=letters.LEGACY_FONTS[font])
        else:
            document.way = letters.no_legacy_font(font)
            document.read_head()
            if not _claimants(document):
                raise ReadError("read.legacy_font", path=document.path, font=letters.LEGACY_FONTS[font])
            document.notes.append(("legacy_font", {"font": letters.LEGACY_FONTS[font]}))
    elif letters.has_lost_letters(texts):
        known_by_name = _claimants(document)  # the commune form knows its own headers even so, and says so
        document.way = letters.without_holes
        document.read_head()
        if _claimants(document):
            document.notes.append(("lost_letters", {}))
        elif known_by_name:
            document.way = None
            document.read_head()
        else:
            raise ReadError("read.lost_letters", path=document.path)
    elif 2 * sum(not unicodedata.is_normalized("NFC", t) for t in texts) > sum(not t.isascii() for t in texts):
        document.way = partial(unicodedata.normalize, "NFC")  # saved on a Mac: readers know words such as "Trọn đời"
        document.read_head()


def _settle_mangled(document: Opened) -> None:
    """Mojibake is undone if every cell of the file makes the round trip, and is refused by the cell otherwise.

    At least three different words must come out as Vietnamese syllables: two odd letters in a name are no mojibake.
    """
    n_mangled = n_other = 0
    syllables: set[str] = set()
    for sheet in document.sheets or (None,):
        for _, cells in document.records(sheet):
            for cell in cells:
                if isinstance(cell, str) and not cell.isascii():
                    try:
                        text = letters.unmangled(cell)
                    except CellRefused:
                        n_other += 1
                        continue
                    if text != cell:
                        n_mangled += 1
                        if len(syllables) < 3:
                            syllables |= letters.accented_syllables(text)
    if len(syllables) >= 3 and not n_other:
        document.way = letters.unmangled
        document.repaired("mojibake", cells=n_mangled)
    elif len(syllables) >= 3:
        document.way = letters.not_mangled
        document.notes.append(("mangled_in_part", {}))
    document.read_head()


def _proves(document: Opened, way: letters.Way) -> bool:
    """Whether a known export's header comes out only in this way; if so, the document is read in it."""
    before = {r.NAME for r in _claimants(document)}
    document.way = way
    document.read_head()
    if not before and _claimants(document):
        return True
    document.way = None
    document.read_head()
    return False

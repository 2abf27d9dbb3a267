"""Bytes of the inbox -> documents: what a file is made of, by what its bytes are.

The files and archives are found by ``inbox``; letters are read by ``encodings``, tables by ``text_tables``, JSON by
``json_files``, workbooks by ``workbooks``. Nothing in them knows a platform. Not a reader.
"""

import codecs
import re

from campaignstats.errors import ReadError
from campaignstats.readers.documents import Opened
from campaignstats.readers.encodings import encoding, scanned
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
        return old_workbook(found)
    if start.startswith(b"PK\x03\x04"):
        return workbook(found)
    return _textual(found, start)


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
    return Table(found, label, scan, repair)

"""Where each key of a TOML text stands: the only code that knows the lines of campaign.toml.

tomllib gives values without positions. ``lines`` walks a text that tomllib has accepted (so it need not check
anything) and records the line of every table, key and list element under the path by which the parsed value is reached:
``("account", 2, "place") -> 41``.
"""

import re
from bisect import bisect_right

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")|' + r"'''.*?'{3,5}(?!')|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def lines(text: str) -> dict[Path, int]:
    """Line numbers from 1 by path, for a valid TOML text."""
    return _Walk(text.replace("\r\n", "\n")).found


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, int] = {}
        self.n_tables: dict[Path, int] = {}  # how often each [[list]] was opened
        self.ends = [m.start() for m in re.finditer("\n", text)]
        table: Path = ()
        self.blank()
        while self.at < len(text):
            if text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.blank()

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        assert found is not None  # it matches the empty string too
        self.at = found.end()

    def note(self, path: Path, at: int) -> None:
        self.found.setdefault(path, bisect_right(self.ends, at - 1) + 1)

    def header(self) -> Path:
        start, many = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self.keys()
        self.at += 2 if many else 1
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            self.note(path, start)
            if many and number == len(keys):
                self.n_tables[path] = self.n_tables.get(path, 0) + 1
            if path in self.n_tables:
                path = (*path, self.n_tables[path] - 1)
                self.note(path, start)
        return path

    def keys(self) -> list[str]:
        """The parts of a dotted key; leaves ``at`` on the sign that ends it."""
        parts: list[str] = []
        while True:
            self.blank()
            quoted = _STRING.match(self.text, self.at)
            if quoted:
                part = quoted.group()
                parts.append(_unescaped(part[1:-1]) if part[0] == '"' else part[1:-1])
                self.at = quoted.end()
            else:
                bare = _BARE.match(self.text, self.at)
                assert bare, "the text was not valid TOML"
                parts.append(bare.group())
                self.at = bare.end()
            self.blank()
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def pair(self, table: Path) -> None:
        start, path = self.at, table
        for key in self.keys():
            path = (*path, key)
            self.note(path, start)
        self.at += 1  # the equals sign
        self.value(path)

    def value(self, path: Path) -> None:
        self.blank()
        text, start = self.text, self.at
        if text[start] in "[{":
            closing, number = ("]", 0) if text[start] == "[" else ("}", -1)
            self.at += 1
            self.blank()
            while not text.startswith(closing, self.at):
                if closing == "]":
                    self.note((*path, number), self.at)
                    self.value((*path, number))
                    number += 1
                else:
                    self.pair(path)
                self.blank()
                if text.startswith(",", self.at):
                    self.at += 1
                    self.blank()
            self.at += 1
        else:
            self.at = (_STRING.match(text, start) or _SCALAR.match(text, start)).end()  # type: ignore[union-attr]


def _unescaped(text: str) -> str:
    def letter(m: re.Match[str]) -> str:
        return chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _ESCAPED.get(m[3], m[3])

    return _ESCAPE.sub(letter, text)

# ruff: noqa: SIM905 (lists of names read better as one text)
"""What pages and people of the simulated campaign write: a hand-made stock, dealt like cards and roughened.

The stock is posts.txt and comments.txt. A section opens with ``==`` and its tags; in posts.txt blank lines part the
passages, in comments.txt every line is a comment. The tags are the truth that taggers are measured against.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Said:
    """A text with its true tags."""

    text: str
    themes: tuple[str, ...] = ()
    sentiment: str = "neutral"
    stance: str = "none"
    hostile: str = "no"
    victim_blaming: str = "no"
    help: str = "no"
    addressed: tuple[str, ...] = ()
    contest: bool = False
    title: str = ""


@dataclass(frozen=True)
class Section:
    tags: dict[str, str]
    texts: tuple[str, ...]

    def listed(self, tag: str) -> tuple[str, ...]:
        value = self.tags.get(tag, "")
        return tuple(part for part in value.split(",") if part)


@cache
def stock(name: str) -> tuple[Section, ...]:
    """The sections of posts.txt or comments.txt. A head is ``== kind tag=value tag=value``."""
    found = []
    for block in re.split(r"(?m)^== ", (HERE / name).read_text(encoding="utf-8"))[1:]:
        head, _, body = block.partition("\n")
        kind, *pairs = head.split()
        tags = {"kind": kind} | dict(pair.split("=", 1) for pair in pairs)
        parts = re.split(r"\n\s*\n", body.strip()) if name == "posts.txt" else body.strip().splitlines()
        found.append(Section(tags, tuple(unicodedata.normalize("NFC", p.strip()) for p in parts if p.strip())))
    return tuple(found)


def unaccented(text: str) -> str:
    """Vietnamese without its accents, as many people type it."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


class Deck:
    """Deals indices of a pile in a shuffled order, each once before any comes twice."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._piles: dict[object, list[int]] = {}

    def deal(self, pile: object, size: int) -> int:
        left = self._piles.get(pile)
        if not left:
            left = self._piles[pile] = [int(i) for i in self._rng.permutation(size)]
        return left.pop()


def _fill(text: str, rng: np.random.Generator, **slots: str) -> str:
    for name, value in slots.items():
        mark = "{" + name + "}"
        while mark in text:
            before, _, after = text.partition(mark)
            opens = not before or before[-1] == "\n" or before.rstrip().endswith((".", "!", "?", ":"))
            shown = value if opens or name != "xa" else value[0].lower() + value[1:]
            text = before + shown + after
    # {3-9} is a number of that range
    return re.sub(r"\{(\d+)-(\d+)\}", lambda m: str(rng.integers(int(m[1]), int(m[2]) + 1)), text)


_SECTORS = {"commune": "commune", "womens_union": "women", "youth_union": "youth", "home_affairs": "province"}


class PostWriter:
    """Writes posts in the voice of their page."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.deck = Deck(rng)
        self.used: dict[tuple[str, tuple[int, int]], int] = {}
        self.written: set[str] = set()
        self.passages = [s for s in stock("posts.txt") if s.tags["kind"] == "passage"]
        self.titles = [s for s in stock("posts.txt") if s.tags["kind"] == "title"]
        self.plain = {
            s.tags["kind"]: s
            for s in stock("posts.txt")
            if s.tags["kind"] in ("opening", "tail", "hotline", "own_tail")
        }
        self.hashtags = {s.tags.get("themes", ""): s for s in stock("posts.txt") if s.tags["kind"] == "hashtags"}

    def post(
        self, *, platform: str, kind: str, sector: str, level: str, commune: str, campaign: bool, day: date
    ) -> Said:
        rng = self.rng
        if platform in ("youtube", "tiktok") or (platform in ("instagram", "x") and rng.random() < 0.5):
            return self._short(platform, sector, campaign, commune, day)
        voice = "commune" if level == "commune" and rng.random() < 0.6 else _SECTORS.get(sector, sector)
        section, text = self._passage(voice, campaign, commune, day)
        parts = [text]
        themes = section.listed("themes")
        if campaign and rng.random() < 0.2 and kind in ("photo", "carousel", "text"):
            more, extra = self._passage(voice, campaign, commune, day)
            if extra != text and "\n" not in extra and set(themes) & set(more.listed("themes")):
                parts.append(extra)
                themes = tuple(dict.fromkeys(themes + more.listed("themes")))
        if rng.random() < 0.16 and campaign:
            parts.insert(0, self._one("opening"))
        if rng.random() < 0.14:
            parts.append(self._one("tail" if campaign else "own_tail"))
        if campaign and set(themes) & {"violence", "support", "online_violence"} and rng.random() < 0.22:
            parts.append(self._one("hotline"))
            themes = tuple(dict.fromkeys((*themes, "support")))
        if platform in ("facebook", "instagram", "x") and rng.random() < (0.75 if campaign else 0.25):
            parts.append(self._tags(themes, commune, day))
        glue = "\n\n" if kind in ("photo", "carousel", "text", "article") and rng.random() < 0.7 else "\n"
        text = _fill(glue.join(parts), rng, xa=commune or "tỉnh", ngay=f"{day.day}/{day.month}")
        if text in self.written and commune:
            text = f"{text}\n#{unaccented(commune.split(' ', 1)[-1]).replace(' ', '')} {day:%d.%m}"
        self.written.add(text)
        if platform == "x":
            text = text.replace("\n\n", " ").replace("\n", " ")[:275]
        first = text.split("\n")[0]
        return Said(
            text,
            themes,
            section.tags.get("sentiment", "neutral"),
            "support" if themes else "none",
            addressed=section.listed("addressed"),
            contest=section.tags.get("contest") == "yes",
            title=first[:90],
        )

    def _usable(
        self, sections: list[Section], voice: str, campaign: bool, commune: str, day: date
    ) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for i, section in enumerate(sections):
            if bool(section.listed("themes")) != campaign:
                continue
            voices = section.listed("voice")
            if voices and voice not in voices:
                continue
            if not _in_season(section, day):
                continue
            found.extend((i, j) for j, t in enumerate(section.texts) if commune or "{xa}" not in t)
        return found

    def _passage(self, voice: str, campaign: bool, commune: str, day: date) -> tuple[Section, str]:
        usable = self._usable(self.passages, voice, campaign, commune, day)
        usable = usable or self._usable(self.passages, "province", campaign, commune, day)
        i, j = self._least_used("passage", usable)
        return self.passages[i], self.passages[i].texts[j]

    def _least_used(self, pile: str, usable: list[tuple[int, int]]) -> tuple[int, int]:
        """One of those that were written least so far, by any page."""
        least = min(self.used.get((pile, u), 0) for u in usable)
        fresh = [u for u in usable if self.used.get((pile, u), 0) == least]
        chosen = fresh[self.rng.integers(len(fresh))]
        self.used[pile, chosen] = least + 1
        return chosen

    def _short(self, platform: str, sector: str, campaign: bool, commune: str, day: date) -> Said:
        voice = _SECTORS.get(sector, sector)
        usable = self._usable(self.titles, voice, campaign, commune, day)
        usable = usable or self._usable(self.titles, "province", campaign, commune, day)
        i, j = self._least_used("title", usable)
        section = self.titles[i]
        title = _fill(section.texts[j], self.rng, xa=commune or "Đồng Nai", ngay=f"{day.day}/{day.month}")
        themes = section.listed("themes")
        text = title
        if platform in ("tiktok", "instagram", "x") and self.rng.random() < 0.85:
            text += " " + self._tags(themes, commune, day)
        return Said(
            text,
            themes,
            section.tags.get("sentiment", "neutral"),
            "support" if themes else "none",
            addressed=section.listed("addressed"),
            contest=section.tags.get("contest") == "yes",
            title=title,
        )

    def _one(self, kind: str) -> str:
        section = self.plain[kind]
        return section.texts[self.deck.deal(kind, len(section.texts))]

    def _tags(self, themes: tuple[str, ...], commune: str, day: date) -> str:
        words: list[str] = []
        general = self.hashtags["" if themes else "none"].texts
        if day < date(2025, 11, 20):
            general = tuple(t for t in general if "16Ngay" not in t)
        words.extend(general[i] for i in sorted(self.rng.choice(len(general), self.rng.integers(1, 3), replace=False)))
        for theme in themes[:2]:
            own = self.hashtags.get(theme)
            if own and self.rng.random() < 0.6:
                words.append(own.texts[self.rng.integers(len(own.texts))])
        if commune and self.rng.random() < 0.5:
            words.append("#" + unaccented(commune.split(" ", 1)[1]).replace(" ", ""))
        return " ".join(dict.fromkeys(words))

    def copy(self, said: Said, commune: str) -> Said:
        """The province's words on a commune's page: half of them untouched, half with a small edit."""
        rng = self.rng
        text = said.text
        if rng.random() < 0.5:
            lines = text.split("\n")
            change = rng.integers(4)
            if change == 0:
                text = f"[{commune.upper()}] {text}"
            elif change == 1 and len(lines) > 2:
                text = "\n".join(lines[:-1]).rstrip()
            elif change == 2:
                text = text + "\n#" + unaccented(commune.split(" ", 1)[-1]).replace(" ", "")
            else:
                text = text.replace("tỉnh", "tỉnh Đồng Nai", 1) if "tỉnh " in text else f"📢 {text}"
        return replace(said, text=text)


def _in_season(section: Section, day: date) -> bool:
    season = section.tags.get("days")
    if not season:
        return True
    first, last = season.split("-")
    return first <= f"{day:%m%d}" <= last


_FAMILY = (
    "Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Trần Lê Lê Phạm Phạm Huỳnh Huỳnh Võ Vũ Phan Trương Bùi Đặng Đỗ Ngô Hồ Dương "
    "Đinh Lý Lương Thạch Điểu Thị Chế Hoàng Mai Đoàn Tô Châu"
).split()
_MIDDLE = (
    "Thị Thị Thị Văn Văn Ngọc Thanh Minh Kim Hồng Quốc Hữu Thu Bảo Gia Mỹ Tuấn Đức Phương Như Bích Công Trúc".split()
)
_GIVEN = (
    "Hoa Lan Hương Mai Thảo Trang Linh Ngân Nhung Tuyền Diễm Loan Phượng Yến Nga Thủy Hiền Hạnh Oanh Vy My Trâm Quyên "
    "Dung Hùng Dũng Tùng Phong Khải Khang Phúc Lộc Thịnh Tài Tâm Bình An Hậu Nghĩa Trọng Sơn Hải Long Quân Toàn Vinh "
    "Thắm Sen Út Bé Sáu Lành Đào Cúc Xuân"
).split()
_NICKS = (
    "bé ba {g}|Mẹ {g}|{g} {g2}|Ti Na Trần|cô {g} bán cà phê|Út {g}|ba của {g}|Tiệm {g}|{g} Nail|Nông sản {g}|"
    "mẹ bỉm {g}|thầy {g} dạy toán|{g} Cao su|anh {g} rẫy điều|{g} Nhơn Trạch|{g} Bù Đăng|Tý {g}|Shop {g} kids"
).split("|")
_SEEN_INSTITUTIONS = (
    "Hội LHPN {xa}|Đoàn Thanh niên {xa}|Công an {xa}|UBMTTQ {xa}|Trạm Y tế {xa}|Hội Nông dân {xa}|Tuổi trẻ {xa}|"
    "Hội Cựu chiến binh {xa}|UBND {xa}|Chi hội phụ nữ ấp 3 {xa}|Trường THCS {xa}"
).split("|")

_TEEN = (
    ("không", "ko"), ("không", "k"), ("không", "hông"), ("được", "đc"), ("được", "dc"), ("mọi người", "mn"),
    ("mình", "mk"), ("biết", "bít"), ("rồi", "r"), ("rồi", "rùi"), ("vậy", "z"), ("vậy", "zậy"), ("gì", "j"),
    ("cũng", "cg"), ("người", "ng"), ("quá", "qá"), ("nhiều", "nhìu"), ("yêu", "iu"), ("với", "vs"), ("trời", "chời"),
    ("bây giờ", "bi h"), ("những", "nh~"), ("vợ", "vk"), ("chồng", "ck"), ("anh em", "ae"), ("phụ nữ", "pn"),
    ("điện thoại", "đt"), ("nhắn tin", "nt"), ("luôn", "lun"), ("thôi", "thui"), ("thích", "thík"),
)  # fmt: skip
_SOUTH = (
    ("không", "hổng"), ("vậy", "vầy"), ("thật", "thiệt"), ("về", "dìa"), ("với", "dới"), ("bố", "ba"),
    ("nhìn", "dòm"), ("đâu có", "hổng có"), ("mắng", "la"), ("vui", "dui"), ("vợ", "dợ"), ("tôi", "tui"),
)  # fmt: skip
_BEFORE = (
    "dạ ", "Dạ ", "ad ơi ", "Ad ơi, ", "trời ơi ", "Ủa ", "mn ơi ", "Nói thiệt ", "haizz ", "Ờ ", "theo mình thì ",
    "thiệt sự ", "hic ", "Mấy bạn ơi ", "công nhận ", "Thưa chương trình, ", "quá đúng, ", "Chuẩn, ", "ê ", "nghe nè, ",
)  # fmt: skip
_SMILES = {
    "positive": (" ❤️", " 👏👏", " 🌸", " 💪", " 🥰", "!!!", " ạ", " nha", " 🙏", " luôn á", " nè"),
    "negative": (" 😡", " 😢", "...", " 😤", " hic", "!!!", " 💔", " haizz", " luôn", " á"),
    "neutral": ("..", "?", "??", " 🤔", " nha", " 🙏", " mn ơi", " ad ơi", "...", " hen"),
}
# between two short thoughts of one comment
_JOINS = (". ", ". ", ". ", ", ", ", ", "... ", "\n", " - ")
_TURNS = (". Mà ", ". Với lại ", ". Còn nữa, ", ", rồi ", "... ờ mà ")
_EMOJI = ("❤️", "👏", "🌸", "👍", "🥰", "💪", "🙏", "😍", "💐", "🎉", "😢", "😡", "💜", "🧡", "😂", "🌹", "💯", "🔥")
_SAD = {"😢", "😡"}


class CommentWriter:
    """Writes comments; no line of the stock comes twice before all of its kind have come."""

    def __init__(self, rng: np.random.Generator, places: list[str]) -> None:
        self.rng = rng
        self.places = places
        self.deck = Deck(rng)
        sections = stock("comments.txt")
        self.sections = [s for s in sections if s.tags["kind"] == "opinion"]
        self.special = {s.tags["kind"]: s for s in sections if s.tags["kind"] not in ("opinion", "after")}
        self.after = {(s.tags["sentiment"], s.tags["stance"]): s for s in sections if s.tags["kind"] == "after"}
        self._weights: dict[tuple[tuple[str, ...], bool], np.ndarray] = {}
        self.written: set[str] = set()
        self.worded: Counter[str] = Counter()

    def name(self, person: int) -> str:
        """The invented name of a person, always the same."""
        rng = np.random.default_rng([person, 7])
        given = _GIVEN[rng.integers(len(_GIVEN))]
        if rng.random() < 0.16:
            nick = _NICKS[rng.integers(len(_NICKS))]
            return nick.format(g=given, g2=_GIVEN[rng.integers(len(_GIVEN))])
        family, middle = _FAMILY[rng.integers(len(_FAMILY))], _MIDDLE[rng.integers(len(_MIDDLE))]
        full = f"{family} {middle} {given}" if rng.random() < 0.55 else f"{middle} {given}"
        return unaccented(full) if rng.random() < 0.12 else full

    def institution(self) -> tuple[str, str]:
        """(name, commune) of an office that comments."""
        form = _SEEN_INSTITUTIONS[self.rng.integers(len(_SEEN_INSTITUTIONS))]
        place = self.places[self.rng.integers(len(self.places))]
        return form.format(xa=place[0].lower() + place[1:]), place

    def kind_for(self, post: Said) -> str:
        kinds = {"opinion": 0.66, "emoji": 0.08, "friend_tag": 0.07, "owner": 0.06, "institution": 0.05, "copy": 0.015}
        if post.contest:
            kinds["contest"] = 0.75
        weights = np.array(list(kinds.values()))
        return str(self.rng.choice(list(kinds), p=weights / weights.sum()))

    def comment(self, kind: str, post: Said, answered: Said | None, place: str = "") -> Said:
        rng = self.rng
        if kind == "emoji":
            mark = _EMOJI[rng.integers(len(_EMOJI))]
            text = mark * int(rng.integers(1, 5)) if rng.random() < 0.6 else "".join(rng.choice(_EMOJI[:10], 3))
            # a crying face under a story of violence is no opposition
            return Said(text, sentiment="negative" if mark in _SAD and text[0] == mark else "positive",
                        stance="none" if mark in _SAD else "support" if post.themes else "none")  # fmt: skip
        if kind == "friend_tag":
            names = [
                self.name(int(rng.integers(1, 10**6))) for _ in range(int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])))
            ]
            tail = self._line("friend_tag") if rng.random() < 0.55 else ""
            return Said(" ".join([*names, tail]).strip())
        if kind == "copy":
            return replace(post, text=post.text[:700], addressed=(), contest=False, title="")
        if kind in ("owner", "institution", "contest"):
            pile = kind
            if kind == "owner" and answered and answered.help == "yes":
                pile = "owner_help"
            elif kind == "owner" and post.contest and rng.random() < 0.5:
                pile = "owner_contest"
            section = self.special[pile]
            text = self._filled(self._line(pile), place)
            return _said(section, text)
        return self._opinion(post)

    def _line(self, kind: str) -> str:
        section = self.special[kind]
        return section.texts[self.deck.deal(kind, len(section.texts))]

    def _filled(self, text: str, place: str = "") -> str:
        rng = self.rng
        place = place or self.places[rng.integers(len(self.places))]
        return _fill(
            text,
            rng,
            xa=place,
            ten=self.name(int(rng.integers(1, 10**6))),
            sdt=f"0900 000 {rng.integers(0, 1000):03d}"
            if rng.random() < 0.6
            else f"0900000{rng.integers(0, 1000):03d}",
            chu="".join(rng.choice(list("ABCD"), 3)),
        )

    def _opinion(self, post: Said) -> Said:
        """Short praise comes up again and again, as it does; a sentence is never written twice in the same letters,
        and seldom in the same words.
        """
        for _ in range(12):
            said = self._drafted(post)
            worded = " ".join(re.findall(r"[a-z]+", unaccented(said.text).lower()))
            if len(said.text) <= 22:
                if said.text not in self.written or self.rng.random() < 0.35:
                    break
            elif said.text not in self.written and self.worded[worded] < 3:
                break
        self.written.add(said.text)
        self.worded[worded] += 1
        return said

    def _drafted(self, post: Said) -> Said:
        rng = self.rng
        key = (post.themes, post.contest)
        if key not in self._weights:
            weights = []
            for section in self.sections:
                themes = section.listed("themes")
                about = section.listed("under")  # goes only below such posts
                weight = float(section.tags.get("w", "1")) * len(section.texts) ** 0.5
                if "campaign" in about and not post.themes:
                    weight = 0
                elif "other" in about and post.themes:
                    weight *= 0.03
                elif themes and not set(themes) & set(post.themes):
                    weight *= 0.035 if post.themes else 0.01
                weights.append(weight)
            self._weights[key] = np.array(weights) / sum(weights)
        index = int(rng.choice(len(self.sections), p=self._weights[key]))
        section = self.sections[index]
        said = _said(section, self._filled(section.texts[self.deck.deal(index, len(section.texts))]))
        if len(said.text) > 24 and said.help == "no" and said.hostile == "no":
            roll = rng.random()
            if roll < 0.16:
                said = self._with_second_thought(said, section)
            elif roll < 0.56:
                said = self._with_afterword(said)
        return replace(said, text=self._roughened(said))

    def _with_second_thought(self, said: Said, section: Section) -> Said:
        """``said`` and one more opinion of the same mind, on its themes or on none."""
        same = ("sentiment", "stance", "under", "hostile", "help")
        mates = [
            i
            for i, s in enumerate(self.sections)
            if all(s.tags.get(tag) == section.tags.get(tag) for tag in same)
            and set(s.listed("themes")) <= set(section.listed("themes"))
        ]
        other = mates[int(self.rng.integers(len(mates)))]
        texts = self.sections[other].texts
        more = _said(self.sections[other], self._filled(texts[self.deck.deal(other, len(texts))]))
        if more.text == said.text:
            return said
        return replace(
            said,
            text=self._joined(said.text, more.text, (*_JOINS, *_TURNS)),
            victim_blaming="yes" if "yes" in (said.victim_blaming, more.victim_blaming) else "no",
            themes=tuple(dict.fromkeys(said.themes + more.themes)),
        )

    def _with_afterword(self, said: Said) -> Said:
        """``said`` and a few words of the same feeling that have no theme, so that its tags stay true."""
        section = self.after.get((said.sentiment, said.stance))
        if section is None:
            return said
        pile = ("after", said.sentiment, said.stance)
        words = self._filled(section.texts[self.deck.deal(pile, len(section.texts))])
        return replace(said, text=self._joined(said.text, words, _JOINS))

    def _joined(self, first: str, second: str, joins: tuple[str, ...]) -> str:
        """Two thoughts as one comment; a question keeps its mark."""
        first = first.rstrip(" .!")
        join = joins[self.rng.integers(len(joins))]
        if first.endswith("?"):
            return f"{first} {second}"
        return first + join + (second if join in (". ", "\n") else _lowered(second))

    def _roughened(self, said: Said) -> str:
        """As it comes from a thumb on a telephone."""
        rng = self.rng
        text = said.text
        if len(text) > 30:
            if rng.random() < 0.13:
                text = _swapped(text, _TEEN, rng, int(rng.integers(1, 4)))
            if rng.random() < 0.16:
                text = _swapped(text, _SOUTH, rng, int(rng.integers(1, 3)))
            if rng.random() < 0.12 and said.hostile == "no":
                sighs = said.sentiment == "negative"
                usable = [b for b in _BEFORE if sighs or not b.startswith(("ha", "hic"))]
                first = usable[rng.integers(len(usable))]
                text = first + text[0].lower() + text[1:]
        style = rng.random()
        if style < 0.3:
            text = (text[0].lower() + text[1:]).rstrip(".")
        elif style < 0.38:
            text = unaccented(text)
            if rng.random() < 0.6:
                text = text.lower()
        elif style < 0.41:
            text = text.upper()
        elif style < 0.46:
            text = text.replace(", ", " ").replace(". ", " ")
        if rng.random() < 0.24:
            ends = _SMILES[said.sentiment]
            if text.rstrip(" .").endswith(
                (" ạ", " ad", " nha", " á", " luôn", " nghen", " nè", " hen", " ha", " vậy", " ta")
            ):
                ends = tuple(e for e in ends if not e.strip().isalpha())
            text = text.rstrip(" .") + ends[rng.integers(len(ends))]
        if rng.random() < 0.05 and len(text) > 20:
            at = int(rng.integers(5, len(text) - 4))  # a slip of the finger
            if text[at].isalpha() and text[at + 1].isalpha():
                text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text


def _swapped(text: str, pairs: tuple[tuple[str, str], ...], rng: np.random.Generator, most: int) -> str:
    usable = [p for p in pairs if re.search(rf"\b{p[0]}\b", text)]
    for i in rng.permutation(len(usable))[:most]:
        text = re.sub(rf"\b{usable[i][0]}\b", usable[i][1], text)
    return text


def _lowered(text: str) -> str:
    """``text`` as the middle of a sentence; a name of two words ("Đồng Nai") keeps its capital."""
    return text if re.match(r"\S+ [^\W\d_]", text) and text.split()[1][0].isupper() else text[0].lower() + text[1:]


def _said(section: Section, text: str) -> Said:
    tags = section.tags
    return Said(
        text,
        section.listed("themes"),
        tags.get("sentiment", "neutral"),
        tags.get("stance", "none"),
        tags.get("hostile", "no"),
        tags.get("blame", "no"),
        tags.get("help", "no"),
    )

"""What kind of thing a comment is, so that tags of friends and contest answers are not counted as opinions."""

import re
from collections import Counter
from collections.abc import Sequence

from campaignstats.text.normalise import folded, normalised, words
from campaignstats.text.privacy import HANDLE, redacted

KINDS = ("opinion", "owner", "institution", "friend_tag", "emoji", "contest", "copy")
MIN_COPIES = 5  # equal long texts from here on are a pasted text, not that many opinions
MIN_COPY_WORDS = 8

# words that only call a friend to look
_INVITING = (
    "vô vào coi xem nè nha nhé ơi kìa đây đọc đi với cùng tham gia thi thử mày bạn em anh chị tui mình ê này nầy ha "
    "hen chơi vo vao nhe oi kia day doc di voi cung choi thu may ban"
)
_TAG_WORDS = frozenset(_INVITING.split())
_ANSWER = re.compile(
    r"(?:đáp án|dap an|câu trả lời|cau tra loi|câu số|câu|cau)\s*\d*\s*(?:là|la|:|-|\.)?\s*[a-dA-D1-4](?!\w)"
    r"|^\s*(?:\d{1,2}\s*[.:\-)]?\s*[a-dA-D][\s,;.]*){2,}"
    r"|^\s*[a-dA-D][.\s]*$"
    r"|(?:số người dự đoán|so nguoi du doan|dự đoán|du doan|có|co)\s*:?\s*\d[\d.,]*\s*(?:người|nguoi|bạn|ban)?"
    r"\s*(?:trả lời đúng|tra loi dung|cùng đáp án|cung dap an|trùng đáp án|cùng câu trả lời)",
    re.IGNORECASE,
)
_DID = r"(?:thi|tham gia|hoàn thành|hoan thanh|like|share|chia sẻ|chia se|theo dõi|theo doi)"
_DONE = re.compile(
    rf"^\W*(?:em|mình|minh|e)?\s*(?:done|xong|(?:đã|da)\s(?:xong|{_DID}(?:\s(?:và|va|,)?\s*{_DID})*))(?:\s(?:rồi|roi|xong))?"
    r"\W*(?:ạ|a|ad|nha)?\W*$",
    re.IGNORECASE,
)


def kind(text: str | None, *, is_owner: bool = False, is_institution: bool = False, n_copies: int = 1) -> str:
    """One of ``KINDS`` for one comment.

    "owner" and "institution" go by who wrote it. "emoji": nothing to read but emoji, signs or stickers (an empty text
    too). "friend_tag": people called, with at most a few inviting words. "contest": answers and "done" of contests.
    "copy": one of at least five equal comments of eight or more words (``n_copies``). Anything else is an opinion.
    """
    if is_owner:
        return "owner"
    if is_institution:
        return "institution"
    text = normalised(text) if isinstance(text, str) else ""
    if "@" in text:
        text = redacted(text)
    called = HANDLE in text
    without = text.replace(HANDLE, " ")
    read = [word for word in words(without) if word[0].isalnum() or word[0] == "#"]
    if not read:
        return "friend_tag" if called else "emoji"
    if called and len(read) <= 6 and all(word in _TAG_WORDS for word in read):
        return "friend_tag"
    if _DONE.match(without.strip()) or (len(read) <= 40 and _ANSWER.search(without)):
        return "contest"
    if n_copies >= MIN_COPIES and len(read) >= MIN_COPY_WORDS:
        return "copy"
    return "opinion"


def reception_kinds(
    texts: Sequence[str | None],
    *,
    is_owner: Sequence[bool] | None = None,
    is_institution: Sequence[bool] | None = None,
) -> list[str]:
    """``kind`` of every comment, in order; copies are counted among the given texts, accents and case aside."""
    keys = [folded(" ".join(words(text))) if isinstance(text, str) else "" for text in texts]
    copies = Counter(keys)
    n = len(keys)
    owners = [False] * n if is_owner is None else list(is_owner)
    institutions = [False] * n if is_institution is None else list(is_institution)
    return [
        kind(text, is_owner=bool(o), is_institution=bool(i), n_copies=copies[key])
        for text, key, o, i in zip(texts, keys, owners, institutions, strict=True)
    ]

"""The only code that knows underthesea."""

import logging
import re
from collections.abc import Callable, Sequence
from functools import cache

# One of underthesea's regular expressions takes quadratic time on long runs without a space; none is a word.
_LONG_RUN = re.compile(r"\S{301,}")
_MAX_RUN = 300
_SURROGATES = re.compile("[\ud800-\udfff]")


def word_tokens(texts: Sequence[str | None]) -> list[list[str]]:
    """The words of each text, exactly as ``underthesea.word_tokenize`` gives them.

    Compound words keep their inner spaces ("bình đẳng"). A missing text has none; lone surrogates, which underthesea
    refuses, are read as "\\ufffd"; a run of more than 300 characters without a space is cut to 300.
    """
    tokenize = _tokenizer()
    return [tokenize(_safe(text)) if isinstance(text, str) and text else [] for text in texts]


def _safe(text: str) -> str:
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    return _LONG_RUN.sub(lambda m: m.group()[:_MAX_RUN], text) if len(text) > _MAX_RUN else text


@cache
def _tokenizer() -> Callable[[str], list[str]]:
    # The import puts a handler on the root logger and sets its level: both are put back.
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        from underthesea import word_tokenize
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    return word_tokenize

import logging
import subprocess
import sys
import time

from campaignstats.text.tokens import word_tokens

TEXTS = [
    "Chung tay phòng, chống bạo lực gia đình",
    "ko bik luôn á 😍😍 #BinhDangGioi",
    "hoà thuận hòa thuận",
    "  ",
    "1800 1768 hoặc 111!!!",
]


def test_tokens_are_those_of_underthesea():
    from underthesea import word_tokenize

    assert word_tokens(TEXTS) == [word_tokenize(text) for text in TEXTS]


def test_missing_and_broken_texts_have_tokens_too():
    assert word_tokens([None, "", "\ud800 a"]) == [[], [], ["\ufffd", "a"]]
    assert word_tokens([]) == []


def test_long_runs_are_cut_and_do_not_take_for_ever():
    started = time.perf_counter()
    (tokens,) = word_tokens(["a." * 50_000])
    assert sum(map(len, tokens)) <= 300
    assert time.perf_counter() - started < 10


def test_import_leaves_logging_and_the_network_alone():
    code = (
        "import logging, socket\n"
        "def refuse(*a, **k): raise OSError('network used')\n"
        "socket.socket.connect = refuse\n"
        "from campaignstats.text.tokens import word_tokens\n"
        "import sys; assert 'underthesea' not in sys.modules\n"
        "assert word_tokens(['bình đẳng giới']) == [['bình đẳng', 'giới']]\n"
        "root = logging.getLogger()\n"
        "assert root.handlers == [] and root.level == logging.WARNING, (root.handlers, root.level)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert logging.getLogger().level == logging.WARNING

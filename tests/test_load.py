"""A big inbox in small: what is shown while it is gathered, what it costs in memory, and that it goes on where it was.

The full size is ``python benchmarks/load.py`` (5,000 files; 10,000,000 rows); ``make prove`` runs a smaller one.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaignstats import campaign, gather, simulate
from campaignstats.store import Store

CAMPAIGN = """
[campaign]
id = "load"
name = { vi = "Tải", en = "Load" }
timezone = "Asia/Ho_Chi_Minh"
language = "en"
synthetic = true
[window]
start = 2025-11-15
end = 2025-12-15
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    return tmp_path


def small_files(folder: Path, numbers: range) -> None:
    for n in numbers:
        text = f"Date,Video views,Profile views,Likes,Comments,Shares\n2025-11-{n % 28 + 1:02d},{n},1,0,0,0\n"
        (folder / "inbox" / f"Overview {n}.csv").write_text(text, encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_progress_is_shown_to_a_person_and_to_nobody_else(folder: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    small_files(folder, range(30))
    words = [sys.executable, "-m", "campaignstats.cli", "gather", str(folder)]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs) as run:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 4096):
                shown += piece
        except OSError:  # the other side was closed
            pass
    os.close(ours)
    assert run.returncode == 0
    assert b"/30 " in shown, shown
    small_files(folder, range(30, 40))
    piped = subprocess.run(words, capture_output=True, check=True)
    assert piped.stderr == b""


def test_many_small_files_become_few_and_each_can_still_go(folder: Path) -> None:
    small_files(folder, range(90))
    gather.gather(campaign.load(folder), processes=1)
    store = Store(folder / "tables")
    assert len(list(store.folder.rglob("*.parquet"))) < 8
    assert len(store.sources()) == 90
    (folder / "inbox" / "Overview 3.csv").unlink()
    small_files(folder, range(200, 201))
    report = gather.gather(campaign.load(folder), processes=1)
    states = [f.state for f in report.files]
    assert (states.count("unchanged"), states.count("read"), report.n_removed) == (89, 1, 1)
    values = set(store.query("SELECT value FROM metric WHERE metric = 'views'")["value"])
    assert values == {*map(float, range(90)), 200.0} - {3.0}


def test_memory_does_not_grow_with_the_rows(folder: Path) -> None:
    """Reading four times as many rows takes no more memory; measured in the process, whatever the libraries weigh."""
    code = (
        "import resource, sys\nfrom campaignstats import campaign, gather\n"
        "gather.gather(campaign.load(sys.argv[1]), processes=1)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for rows in (60_000, 240_000):
        simulate.comments_csv(folder / "inbox" / "ig-comments_1 - ExportComments.com.csv", rows, 1)
        ran = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
        peaks.append(int(ran.stdout) / 1024)
    assert peaks[1] < peaks[0] + 150, peaks  # MB

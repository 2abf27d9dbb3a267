"""Many files, and many rows: time and memory of the real command, all its processes together.

    python benchmarks/load.py [FILES [ROWS]]        5000 small files, 10,000,000 comment rows in ten files

Memory is the largest sum of resident sizes over the command and its workers, looked at 20 times a second: pages that
they share count once each, so the truth is rather below. "stopped half way" is killed with all its workers when half of
the files are done, and then run again. "packed" and "loose" say what packing small parts is worth to those who read.
"""

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

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
FRAMES = """
from campaignstats.campaign import load
from campaignstats.store import Store
store = Store(load({folder!r}).tables)
for view in ("newest_post", "newest_metric", "newest_account", "newest_audience"):
    store.frame(view)
store.query("SELECT count(*) FROM newest_comment")
"""
N_FILES_OF_ROWS = 10


def measured(words: list[str], *, stop_at: tuple[Path, int] | None = None) -> tuple[float, float]:
    """(seconds, peak MB) of a command with all its processes; killed when ``stop_at`` holds so many files."""
    start, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True)
        whole = psutil.Process(run.pid)
        while run.poll() is None:
            sizes = 0
            try:
                for process in (whole, *whole.children(recursive=True)):
                    sizes += process.memory_info().rss
            except psutil.Error:
                pass  # it ended while we looked
            peak = max(peak, sizes)
            if stop_at and stop_at[0].is_dir() and len(os.listdir(stop_at[0])) >= stop_at[1]:  # noqa: PTH208
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()
                return time.perf_counter() - start, peak / 1e6
            time.sleep(0.05)
        said.seek(0)
        if run.returncode:
            sys.exit(said.read().decode())
    return time.perf_counter() - start, peak / 1e6


def gather(folder: Path) -> list[str]:
    return [sys.executable, "-m", "campaignstats.cli", "gather", str(folder), "--lang", "en"]


def compared(folder: Path, n_files: int, rows: int) -> None:
    """One table: gather first, again, stopped half way and gone on; and reading."""
    tables = folder / "tables"
    size = sum(f.stat().st_size for f in (folder / "inbox").rglob("*") if f.is_file()) / 1e6
    what = f"{rows / 1e6:g} M rows, " if rows else ""
    print(f"\n{what}{n_files} files, {size:.0f} MB, {os.cpu_count()} cores; Python {sys.version.split()[0]}")
    print("| what | seconds | ms a file |" + (" s a million rows |" if rows else "") + " peak MB |")
    print("|---|---|---|---|" + ("---|" if rows else ""))

    def line(name: str, found: tuple[float, float]) -> float:
        seconds, peak = found
        per_row = f" {seconds / rows * 1e6:.1f} |" if rows else ""
        print(f"| {name} | {seconds:.1f} | {1000 * seconds / n_files:.1f} |{per_row} {peak:.0f} |", flush=True)
        return seconds

    read = [sys.executable, "-c", FRAMES.format(folder=str(folder))]
    first = line("gather, first", measured(gather(folder)))
    n_parts = sum(1 for _ in tables.rglob("*.parquet"))
    again = line("gather, again", measured(gather(folder)))
    line("reading the newest of each", measured(read))
    shutil.rmtree(tables)
    stopped = line("stopped half way", measured(gather(folder), stop_at=(tables / "source", n_files // 2)))
    if not rows:
        line("reading, loose", measured(read))
    n_kept = sum(1 for _ in (tables / "source").glob("*.parquet"))
    rest = line("gone on", measured(gather(folder)))
    print(f"again / first {again / first:.3f}; {n_parts} Parquet files; ", end="")
    print(f"stopped with {n_kept} sources kept; stopped and gone on / first {(stopped + rest) / first:.2f}", flush=True)


def many_files(folder: Path, n: int) -> int:
    """About ``n`` files of the kinds that ``simulate`` writes; how many it were, members of archives counted.

    Several campaigns in one inbox, as one alone has no more than some 2,000 accounts; the first is the one declared.
    """
    from campaignstats import simulate

    made = 0
    for seed in itertools.count(1):
        part = min(n - made, 1500)
        if part < 20:
            return made
        own = folder if made == 0 else folder / f"part-{seed}"
        made += simulate.campaign(own, seed=seed, n_posts=3 * part, n_comments=8 * part, n_accounts=3 * part // 4)[
            "n_files"
        ]
        if own != folder:
            (own / "inbox").rename(folder / "inbox" / f"đợt {seed}")
            shutil.rmtree(own)
    raise AssertionError


def many_rows(folder: Path, n: int) -> int:
    """``n`` comments in ``N_FILES_OF_ROWS`` files of one form, each comment with an id of its own."""
    from campaignstats import simulate

    (folder / "inbox").mkdir(parents=True)
    (folder / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    base = simulate.comments_csv(folder / "base.csv", n // N_FILES_OF_ROWS, 1)
    data = base.read_bytes()
    base.unlink()
    for k in range(N_FILES_OF_ROWS):
        name = f"ig-comments_{k} - ExportComments.com.csv"
        (folder / "inbox" / name).write_bytes(data.replace(b"17900", b"179%02d" % (k + 10)))
    return N_FILES_OF_ROWS


def main(n_files: int, n_rows: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        os.environ["CAMPAIGNSTATS_KEYS"] = f"{place}/keys"
        if n_files:
            compared(Path(place) / "files", many_files(Path(place) / "files", n_files), 0)
            shutil.rmtree(Path(place) / "files")
        if n_rows:
            compared(Path(place) / "rows", many_rows(Path(place) / "rows", n_rows), n_rows)


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    main(*(asked + [5_000, 10_000_000][len(asked) :]))

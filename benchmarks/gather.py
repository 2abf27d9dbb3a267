"""Gathering 1,000,000 comment rows, redaction and pseudonyms included, against pandas' own read of the same CSV.

    python benchmarks/gather.py [ROWS]

Ratios of medians in one run on one machine; memory is the peak of the whole process that gathered. pandas is shown
twice: as it reads by default, guessing types (ids of 17 digits then lose their end), and with every cell kept as text,
which is what our rule "ids are strings" asks of any reader.
"""

import csv
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

CAMPAIGN = """
[campaign]
id = "bench"
name = { vi = "Đo", en = "Bench" }
timezone = "Asia/Ho_Chi_Minh"
language = "en"
synthetic = true
[window]
start = 2025-11-15
end = 2025-12-15
"""
YOUTUBE = ("id ", "", "Name", "Date", "Likes", "isHearted", "isPinned", "Comment", "(view source)")
TIMED = """
import resource, sys, time
start = time.perf_counter()
{code}
took = time.perf_counter() - start
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(took, peak / 1024)
"""
GATHER = """
from campaignstats import campaign, gather
report = gather.gather(campaign.load({folder!r}))
assert sum(f.kept for f in report.files) == {rows}, [f.reason("en") for f in report.files]
"""


def timed(code: str) -> tuple[float, float]:
    """(seconds, peak MB) of ``code`` in a fresh interpreter, imports included."""
    ran = subprocess.run([sys.executable, "-c", TIMED.format(code=code)], capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    seconds, peak = ran.stdout.split()[-2:]
    return float(seconds), float(peak)


def instagram(folder: Path, rows: int) -> Path:
    """Ten cells a row, links and long ids among them."""
    from campaignstats import simulate

    return simulate.comments_csv(folder / "ig-comments_1 - ExportComments.com.csv", rows, 1)


def youtube(folder: Path, rows: int) -> Path:
    """The same comments in the shorter form, which has neither links nor ids."""
    from campaignstats import simulate

    file = folder / "yt-comments_AbCdEfGhIjK_1 - ExportComments.com.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(YOUTUBE)
        for n, (name, _, _, at, likes, text, *_) in enumerate(simulate.comment_rows(rows, 1), 1):
            date = f"{at[8:10]}/{at[5:7]}/{at[2:4]}{at[10:]}"
            writer.writerow((n, "", name, date, likes, "no", "no", text, "view comment"))
    return file


def compared(form: Callable[[Path, int], Path], rows: int) -> None:
    """One table: pandas' two ways of reading, and gathering first and again."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "inbox").mkdir()
        (folder / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
        file = form(folder / "inbox", rows)
        size = file.stat().st_size / 1e6
        read = f"import pandas\npandas.read_csv({str(file)!r}"
        guessed = [timed(f"{read})") for _ in range(3)]
        as_text = [timed(f"{read}, dtype=str)") for _ in range(3)]
        code = GATHER.format(folder=place, rows=rows)
        first = timed(code)
        again = [timed(code) for _ in range(3)]
    base, text = (statistics.median(t for t, _ in runs) for runs in (guessed, as_text))
    second = statistics.median(t for t, _ in again)
    print(f"{rows:,} comment rows, {form.__name__} form, {size:.0f} MB; Python {sys.version.split()[0]}")
    print("| what | seconds | against pandas | against pandas, all text | peak MB |")
    print("|---|---|---|---|---|")
    for name, seconds, peak in (
        ("pandas.read_csv", base, guessed[0][1]),
        ("pandas.read_csv(dtype=str)", text, as_text[0][1]),
        ("gather, first", first[0], first[1]),
        ("gather, again", second, again[0][1]),
    ):
        print(f"| {name} | {seconds:.2f} | {seconds / base:.2f} | {seconds / text:.2f} | {peak:.0f} |")
    print(f"again / first: {second / first[0]:.3f}\n", flush=True)


if __name__ == "__main__":
    for made in (instagram, youtube):
        compared(made, int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

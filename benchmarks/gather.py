"""Gathering 1,000,000 comment rows, redaction and pseudonyms included, against bare reads of the same bytes.

    python benchmarks/gather.py [ROWS [ROUNDS]]

Bare are pyarrow.csv.read_csv (every column a string, its own threads), csv.reader, and pandas twice: as it reads by
default, guessing types (ids of 17 digits then lose their end), and with every cell kept as text. Gathering is shown
with one process and with two, as one file and as four, by the fast path and with it switched off
(CAMPAIGNSTATS_STRICT). Every run is a fresh interpreter, the ways take turns, and medians are told. ``alone`` is the
call itself, starting the worker processes included; ``whole`` also counts the interpreter and its imports; ``CPU`` is
the processor time of all processes of the run, which tells more than a clock on a busy machine.
"""

import csv
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
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
import resource, time
begun = time.perf_counter()
{setup}
start = time.perf_counter()
{code}
end = time.perf_counter()
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(end - start, end - begun, sum(u.ru_utime + u.ru_stime for u in used), max(u.ru_maxrss for u in used) / 1024)
"""
PYARROW = """
names = [str(i) for i in range({width})]
read = csv.read_csv(
    {file!r},
    read_options=csv.ReadOptions(column_names=names, skip_rows=1),
    parse_options=csv.ParseOptions(newlines_in_values=True),
    convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string())),
)
assert read.num_rows == {rows}
"""
GATHER = """
report = gather.gather(campaign.load({folder!r}), processes={processes})
assert sum(f.kept for f in report.files) == {rows}, [f.reason("en") for f in report.files]
"""


@dataclass
class Way:
    """One way through the bytes; ``runs`` are (alone, whole, CPU, peak MB)."""

    name: str
    setup: str
    code: str
    folder: Path | None = None  # its tables are removed before every run
    strict: bool = False
    runs: list[tuple[float, ...]] = field(default_factory=list)

    def run(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder / "tables", ignore_errors=True)
        given = {**os.environ, **({"CAMPAIGNSTATS_STRICT": "1"} if self.strict else {})}
        code = TIMED.format(setup=self.setup, code=self.code)
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=given)
        if ran.returncode:
            sys.exit(ran.stderr)
        self.runs.append(tuple(map(float, ran.stdout.split()[-4:])))

    @property
    def medians(self) -> list[float]:
        return [statistics.median(column) for column in zip(*self.runs, strict=True)]


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


def campaign_folder(place: Path, file: Path, rows: int, n_files: int) -> Path:
    """A campaign with the file's records in its inbox, dealt out to so many files in their order."""
    inbox = place / f"{file.parent.name}-{n_files}" / "inbox"
    inbox.mkdir(parents=True)
    (inbox.parent / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    each = -(-rows // n_files)
    with file.open(encoding="utf-8", newline="") as lines:
        records = csv.reader(lines)
        header = next(records)
        for k in range(n_files):  # never held: a child's peak would start from this process's
            name = file.name.replace("_1 -", f"_{k + 1} -")
            with (inbox / name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(header)
                writer.writerows(itertools.islice(records, each))
    return inbox.parent


def compared(form: Callable[[Path, int], Path], rows: int, rounds: int) -> None:
    """One table: the bare reads, and gathering in every way."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / form.__name__).mkdir()
        path = form(Path(place) / form.__name__, rows)
        file, size = str(path), path.stat().st_size / 1e6
        with path.open(encoding="utf-8", newline="") as lines:
            width = len(next(csv.reader(lines)))
        ways = [
            Way("pyarrow, bare", "import pyarrow; from pyarrow import csv", PYARROW.format(**locals())),
            Way(
                "csv.reader, bare",
                "import csv",
                f"for _ in csv.reader(open({file!r}, encoding='utf-8', newline='')): ...",
            ),
            Way("pandas, guessing", "import pandas", f"pandas.read_csv({file!r})"),
            Way("pandas, dtype=str", "import pandas", f"pandas.read_csv({file!r}, dtype=str)"),
        ]
        for n_files in (1, 4):
            folder = campaign_folder(Path(place), path, rows, n_files)
            for strict in (True, False):
                for processes in (1, 2):
                    name = f"gather, {'strict' if strict else 'fast'}, {processes} proc., {n_files} file" + "s" * (
                        n_files > 1
                    )
                    code = GATHER.format(folder=str(folder), rows=rows, processes=processes)
                    ways.append(Way(name, "from campaignstats import campaign, gather", code, folder, strict))
        for _ in range(rounds):
            for way in ways:
                way.run()
        again = Way("gather again, nothing new", ways[-1].setup, ways[-1].code)
        again.run()
    print(
        f"{rows:,} comment rows, {form.__name__} form, {size:.0f} MB; Python {sys.version.split()[0]}; {rounds} rounds"
    )
    print("| what | alone, s | ÷ pyarrow | whole, s | ÷ pyarrow | CPU, s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    bare = ways[0].medians
    for way in [*ways, again]:
        alone, whole, cpu, peak = way.medians
        ratios = alone / bare[0], whole / bare[1]
        print(
            f"| {way.name} | {alone:.2f} | {ratios[0]:.1f} | {whole:.2f} | {ratios[1]:.1f} | {cpu:.2f} | {peak:.0f} |"
        )
    print(flush=True)


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    for made in (instagram, youtube):
        compared(made, given[0] if given else 1_000_000, given[1] if given[1:] else 3)

"""What happens to the tables when a gather is killed, stopped, crowded or out of space: never half a state.

Every run is the real command in a process group of its own. ``_WORTH_PROCESSES`` is set low there, so that the workers
of a big inbox are among the killed though the inbox is small enough for a test.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from campaignstats import campaign, gather, schema, simulate
from campaignstats.errors import StoreError
from campaignstats.store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, limits and mounts of POSIX")

_COMMAND = """
import sys
from campaignstats import gather
gather._WORTH_PROCESSES = 0
sys.argv[0] = "campaignstats"
{before}
from campaignstats.cli import main
main()
"""


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of some 90 small files of every kind that ``simulate`` writes, not gathered yet; tests copy it."""
    folder = tmp_path_factory.mktemp("crash") / "campaign"
    simulate.campaign(folder, seed=11, n_posts=160, n_comments=800, n_accounts=36)
    return folder


@pytest.fixture
def folder(inbox: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(inbox, tmp_path / "campaign"))


def started(folder: Path, *more: str, before: str = "", command: str = "gather") -> subprocess.Popen[str]:
    """The command as a user starts it, in a process group of its own."""
    code = _COMMAND.format(before=before)
    words = [sys.executable, "-c", code, command, str(folder), "--processes", "2", *more]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, text=True, encoding="utf-8", start_new_session=True, **pipes)


def ended(folder: Path, *more: str, before: str = "", command: str = "gather") -> tuple[int, str, str]:
    with started(folder, *more, before=before, command=command) as run:
        out, err = run.communicate(timeout=120)
        return run.returncode, out, err


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table in a fixed order of rows; nothing in them may depend on when or how they were written."""
    store = Store(folder / "tables")
    found = {t: store.frame(t) for t in schema.TABLES}
    return {t: f.sort_values([c for c in ("source", "row", *f) if c in f], ignore_index=True) for t, f in found.items()}


def files(folder: Path) -> dict[str, str]:
    """Every file of the tables with the hash of its bytes."""
    place = folder / "tables"
    return {
        f.relative_to(place).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest() for f in place.rglob("*.parquet")
    }


def same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name in schema.TABLES:
        pd.testing.assert_frame_equal(one[name], other[name], obj=name)


def killed_runs(folder: Path, times: int, seed: int) -> Counter[str]:
    """Kill ``times`` gathers at random moments, each followed by one that is left in peace; what was found counted."""
    chance = random.Random(seed)
    start = time.monotonic()
    assert ended(folder)[0] == 0
    whole = time.monotonic() - start
    undisturbed, names = tables(folder), files(folder)
    assert any("/pack-" in n for n in names)
    counts = dict.fromkeys(
        ("kills", "while_nothing", "while_reading", "while_packing", "same_files", "reread", "kept"), 0
    )
    n_sources = len(undisturbed["source"])
    while counts["kills"] < times:
        shutil.rmtree(folder / "tables")
        with started(folder) as run:
            time.sleep(chance.uniform(0.3, 1.0) * whole if counts["kills"] % 3 else _until_packing(folder, run, chance))
            if run.poll() is not None:
                continue  # it was quicker than the moment: another
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        held = {n.split("/")[0] for n in files(folder)}
        n_kept = len(Store(folder / "tables").sources())
        packing = any((folder / "tables").glob("*/pack*"))
        counts["while_packing" if packing else "while_reading" if held else "while_nothing"] += 1
        code, out, err = ended(folder, "--json")
        assert code == 0, err
        report = json.loads(out)["files"]
        n_reread = sum(f["state"] == "read" for f in report)
        assert n_reread <= n_sources - n_kept + sum(f["state"] == "refused" for f in report)
        same(tables(folder), undisturbed)
        assert not list((folder / "tables").rglob("*.partial"))
        counts["kills"] += 1
        counts["reread"] += n_reread
        counts["kept"] += n_kept
        counts["same_files"] += files(folder) == names
    return counts


def _until_packing(folder: Path, run: subprocess.Popen[str], chance: random.Random) -> float:
    """Waits until the run packs, then returns a moment: packing is short, and chance alone would seldom meet it."""
    while run.poll() is None and not any((folder / "tables").glob("*/pack-*")):
        time.sleep(0.001)
    return chance.uniform(0, 0.05)


def test_after_kill_9_the_next_gather_gives_the_tables_of_an_undisturbed_one(folder: Path) -> None:
    killed_runs(folder, 5, seed=1)


@pytest.mark.slow
def test_fifty_kills(folder: Path) -> None:
    counts = killed_runs(folder, 50, seed=2)
    print("\nkill -9 of gather and its workers:", ", ".join(f"{k} {n}" for k, n in counts.items()))


def test_no_worker_outlives_a_killed_gather(folder: Path) -> None:
    with started(folder) as run:
        while run.poll() is None and not (workers := _children(run.pid)):
            time.sleep(0.01)
        time.sleep(0.5)
        workers = _children(run.pid)
        run.kill()  # the parent only
    end = time.monotonic() + 20
    while time.monotonic() < end and any(Path(f"/proc/{p}/cmdline").exists() for p in workers):
        time.sleep(0.05)
    assert not [p for p in workers if Path(f"/proc/{p}/cmdline").exists()]


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("needs /proc")
    return [int(p) for p in listed.read_text().split()]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_ctrl_c_is_a_sentence_and_the_next_gather_goes_on(folder: Path, lang: str) -> None:
    with started(folder, "--lang", lang) as run:
        while run.poll() is None and len(list((folder / "tables").glob("source/*.parquet"))) < 5:
            time.sleep(0.001)
        os.killpg(run.pid, signal.SIGINT)  # a terminal sends it to the workers too
        start = time.monotonic()
        out, err = run.communicate(timeout=60)
    assert time.monotonic() - start < 10
    assert run.returncode == 130
    told = {"vi": "Đã dừng. Những gì làm xong được giữ lại", "en": "Stopped. What was finished is kept"}
    assert err.startswith(told[lang])
    assert len(err.splitlines()) == 1, err
    assert out == ""
    n_kept = len(Store(folder / "tables").sources())
    assert n_kept >= 5
    report = json.loads(ended(folder, "--json")[1])["files"]
    assert sum(f["state"] == "unchanged" for f in report) + sum(f["state"] == "refused" for f in report) >= n_kept
    assert sum(f["state"] == "read" for f in report) <= len(report) - n_kept


_HOLDER = """
from pathlib import Path
from campaignstats.store import Store
with Store(Path({folder!r})).lock():
    print("in", flush=True)
    input()
"""


# -- two at once -------------------------------------------------------------------------------------------------------


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process has the writers' lock, as a gather, a tag or a run has it."""
    code = _HOLDER.format(folder=str(folder / "tables"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        yield other
        other.kill()


def test_a_second_writer_is_refused_in_both_languages(folder: Path) -> None:
    sentences = {"vi": "Một lệnh campaignstats khác đang ghi vào", "en": "Another campaignstats command is writing to"}
    asked = [(command, lang) for command in ("gather", "tag", "run") for lang in sentences]
    with holding(folder):
        runs = [started(folder, "--lang", lang, command=command) for command, lang in asked]
        for (_, lang), run in zip(asked, runs, strict=True):
            with run:
                out, err = run.communicate(timeout=120)
            assert (run.returncode, out) == (1, "")
            assert err.startswith(sentences[lang])
            assert len(err.splitlines()) == 1, err


def test_two_gathers_started_together(folder: Path) -> None:
    with started(folder, "--lang", "en") as one, started(folder, "--lang", "en") as other:
        ends = [(run.communicate(timeout=120), run.returncode) for run in (one, other)]
    codes = sorted(code for _, code in ends)
    assert codes in ([0, 1], [0, 0])  # the second may have come when the first was done
    for (_, err), code in ends:
        assert err == "" if code == 0 else err.startswith("Another campaignstats command is writing to")
    assert ended(folder)[0] == 0


def test_the_lock_of_a_killed_gather_blocks_nobody(folder: Path) -> None:
    with holding(folder) as other:
        other.kill()
        other.wait()
        assert (folder / "tables" / ".lock").exists()
        start = time.monotonic()
        with Store(folder / "tables").lock():
            assert time.monotonic() - start < 1


# -- a full disk -------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A real file system of that size at ``place``."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount a file system here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_a_sentence_and_the_last_whole_state_stays(folder: Path) -> None:
    shutil.rmtree(folder / "tables", ignore_errors=True)
    n_full = 0
    with small_disk(folder / "tables", "700k"):
        seen = -1
        for _ in range(4):
            code, out, err = ended(folder, "--lang", "en")
            assert (code, out) == (1, ""), err
            assert err.startswith(f"The disk that holds {folder / 'tables'} is full. The tables as they were are whole")
            now = tables(folder)
            assert len(now["source"]) >= max(seen, 1)
            seen, n_full = len(now["source"]), n_full + 1
            held = {r for t in ("post", "metric", "comment") for r in now[t]["source"]}
            assert held <= set(now["source"]["source"])
        assert ended(folder, "--lang", "vi")[2].startswith(f"Ổ đĩa chứa {folder / 'tables'} đã đầy.")
        subprocess.run(["mount", "-o", "remount,size=60m", str(folder / "tables")], check=True)
        assert ended(folder)[0] == 0
        after = tables(folder)
        assert not list((folder / "tables").rglob("*.partial"))
    assert ended(folder)[0] == 0
    same(after, tables(folder))


def test_a_disk_too_full_to_pack_changes_no_row(folder: Path) -> None:
    """Packing needs room beside the parts. Where there is none, the parts stay as they are, and are packed later."""
    import resource

    gather.gather(campaign.load(folder), processes=1)
    undisturbed = tables(folder)
    shutil.rmtree(folder / "tables")
    loose = folder / "tables"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = 6_000  # bytes: more than most single parts have, less than any pack
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, before[1]))
    try:
        with pytest.raises(StoreError) as caught:
            gather.gather(campaign.load(folder), processes=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.key == "tables_not_writable"
    assert not list(loose.rglob("*.partial"))
    gather.gather(campaign.load(folder), processes=1)
    same(tables(folder), undisturbed)


# -- damage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_damaged_tables_are_read_anew_from_the_inbox(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    gather.gather(campaign.load(folder), processes=1)
    undisturbed, names = tables(folder), files(folder)
    for name in chance.sample(sorted(names), 3):
        file = folder / "tables" / name
        data = bytearray(file.read_bytes())
        match chance.randrange(4):
            case 0:
                data = data[: chance.randrange(len(data))]
            case 1:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 2:
                data = bytearray(len(data))
            case _:
                data = bytearray()
        file.write_bytes(data)
    gather.gather(campaign.load(folder), processes=1)
    same(tables(folder), undisturbed)

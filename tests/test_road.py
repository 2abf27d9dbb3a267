"""The whole road as its users take it: the command line, without a network, from an installed wheel."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SAMPLE = REPOSITORY / "data" / "dong-nai-2025"

WORDS = {"vi": "Bình đẳng giới", "en": "gender equality"}


def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """The command line in a fresh interpreter, as a user has it: no debugging switched on."""
    environment = {k: v for k, v in os.environ.items() if k != "CAMPAIGNSTATS_DEBUG"} | {"PYTHONUTF8": "1"} | env
    command = [sys.executable, "-m", "campaignstats.cli", *args]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False, timeout=300)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The sample campaign with the files of two senders: seconds, not a minute."""
    folder = tmp_path / "chiến dịch thử"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("tables", "findings", "inbox", "truth"))
    kept = sorted(p for p in (SAMPLE / "inbox").iterdir())[:2]
    for part in kept:
        shutil.copytree(part, folder / "inbox" / part.name)
    return folder


def test_every_command_has_help_in_both_languages() -> None:
    from campaignstats.cli import main

    for name in main.commands:
        vi, en = (run(name, "--help", "--lang", lang) for lang in ("vi", "en"))
        assert vi.returncode == en.returncode == 0
        assert vi.stdout != en.stdout


def test_run_writes_findings_in_both_languages(small: Path) -> None:
    for lang in ("vi", "en"):
        ran = run("run", str(small), "--lang", lang)
        assert ran.returncode == 0, ran.stderr
        assert ran.stderr == ""
        page = next((small / "findings" / lang).glob("*.html")).read_text(encoding="utf-8")
        assert f'lang="{lang}"' in page
        assert WORDS[lang].casefold() in page.casefold()


def test_the_same_input_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    def outputs() -> dict[str, bytes]:
        assert run("run", str(small)).returncode == 0
        files = {str(f.relative_to(small)): f.read_bytes() for f in (small / "findings").rglob("*") if f.is_file()}
        shutil.rmtree(small / "findings")
        shutil.rmtree(small / "tables")
        return files

    first = outputs()
    assert len(first) > 10
    again = outputs()
    assert set(first) == set(again)
    assert [name for name in first if first[name] != again[name]] == []


def test_a_campaign_fresh_from_init_gathers(tmp_path: Path) -> None:
    folder = tmp_path / "moi"
    assert run("init", str(folder), "--lang", "vi").returncode == 0
    source = next((SAMPLE / "inbox").rglob("*ExportComments.com.csv"))
    shutil.copy(source, folder / "inbox")
    ran = run("gather", str(folder), "--json")
    assert ran.returncode == 0, ran.stderr
    (file,) = (f for f in json.loads(ran.stdout)["files"] if f["state"] != "ignored")
    assert file["kept"] > 0
    assert file["read"] == file["kept"] + file["quarantined"] + file["skipped"]
    assert run("doctor", str(folder)).returncode == 0
    assert run("init", str(folder)).returncode == 1  # nothing is overwritten


def test_mistakes_end_in_a_sentence(tmp_path: Path, small: Path) -> None:
    for args in (
        ("gather", str(tmp_path / "nowhere")),
        ("findings", str(small)),
        ("tag",),
        ("tag", "--texts", "missing.csv"),
        ("tag", "--texts", "missing.csv", "--out", "x.csv"),
    ):
        for lang in ("vi", "en"):
            ran = run(*args, "--lang", lang, cwd=tmp_path)
            assert ran.returncode == 1, args
            assert ran.stderr.strip(), args
            assert "Traceback" not in ran.stderr + ran.stdout
            assert "{" not in ran.stderr


def test_tag_a_csv(tmp_path: Path) -> None:
    import csv

    texts = tmp_path / "texts.csv"
    rows = [("7", "Chung tay phòng chống bạo lực gia đình"), ("3", 'Nhiều\ndòng, "có" ngoặc'), ("9", "")]
    with texts.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("stt", "text"), *rows])
    ran = run("tag", "--texts", str(texts), "--out", str(tmp_path / "out.csv"))
    assert ran.returncode == 0, ran.stderr
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        out = list(csv.DictReader(file))
    assert [(r["stt"], r["text"]) for r in out] == rows
    assert "violence" in out[0]["themes"].split("|")
    assert {r["sentiment"] for r in out} <= {"positive", "negative", "neutral"}


def _can_cut_network() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(
    not _can_cut_network() and not os.environ.get("CI"), reason="needs unshare (Linux) to cut the network"
)
def test_the_road_without_a_network(small: Path) -> None:
    command = ["unshare", "-rn", sys.executable, "-m", "campaignstats.cli", "run", str(small)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONUTF8": "1"})
    assert ran.returncode == 0, ran.stderr
    assert list((small / "findings").rglob("*.html"))


def test_a_wheel_installed_elsewhere_is_whole(tmp_path: Path) -> None:
    """The wheel alone, away from the checkout; its dependencies are those of this environment."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(tmp_path / "dist"),
            str(REPOSITORY),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    shutil.unpack_archive(wheel, site, "zip")
    env = {"PYTHONPATH": str(site)}
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import campaignstats.publish as p; print(p.__file__, len(p.notebook_files()))"],
        capture_output=True, text=True, check=True, cwd=tmp_path, env=os.environ | env,
    )  # fmt: skip
    file, notebooks = where.stdout.rsplit(maxsplit=1)
    assert Path(file).is_relative_to(site)
    assert int(notebooks) >= 5
    folder = tmp_path / "moi"
    assert run("init", str(folder), cwd=tmp_path, **env).returncode == 0
    empty = run("run", str(folder), cwd=tmp_path, **env)
    assert empty.returncode == 1
    assert "inbox" in empty.stderr
    shutil.copy(next((SAMPLE / "inbox").rglob("*.csv")), folder / "inbox")
    for args in (
        ("run", str(folder), "--notebooks"),
        ("simulate", str(tmp_path / "mau"), "--posts", "60", "--comments", "200"),
        ("run", str(tmp_path / "mau")),
        ("notebooks", str(tmp_path / "mau"), "--lang", "en"),
    ):
        ran = run(*args, cwd=tmp_path, **env)
        assert ran.returncode == 0, (args, ran.stderr)
    assert len(list((tmp_path / "mau" / "findings" / "notebooks" / "en").glob("*.ipynb"))) == int(notebooks)

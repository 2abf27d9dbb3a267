"""The simulated campaign: the same bytes for the same seed, files that readers take, and a truth that adds up."""

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from campaignstats import campaign as campaigns
from campaignstats import gather, simulate, tagging
from campaignstats.errors import InputError
from campaignstats.readers import base, opening
from campaignstats.simulation import exports, texts, world
from campaignstats.store import Store
from campaignstats.text import reception

SMALL = {"seed": 7, "n_posts": 160, "n_comments": 700, "n_accounts": 30}
SAMPLE = Path(__file__).parents[1] / "data" / "dong-nai-2025"
THEMES = {
    "equality", "digital_skills", "online_violence", "violence", "support", "community", "opportunity", "amplify",
}  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return world.simulated(SMALL["seed"], SMALL["n_posts"], SMALL["n_comments"], SMALL["n_accounts"])[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("simulated") / "campaign"
    simulate.campaign(where, **SMALL)
    return where


@pytest.fixture(scope="module")
def gathered(folder):
    declared = campaigns.load(folder)
    return gather.gather(declared, processes=1), Store(declared.tables), declared


def truth(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "truth" / name, dtype=str, keep_default_na=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def unpacked(data: bytes) -> object:
    """Members of a whole archive, else the bytes: compressors differ between builds, contents don't."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {i.filename: (i.date_time, archive.read(i)) for i in archive.infolist()}
    except zipfile.BadZipFile:
        return None if data[:2] == b"PK" else data


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    small = {"n_posts": 40, "n_comments": 120, "n_accounts": 14}
    for name in ("one", "two"):
        simulate.campaign(tmp_path / name, seed=3, **small)
    simulate.campaign(tmp_path / "other", seed=4, **small)
    one = contents(tmp_path / "one")
    assert one == contents(tmp_path / "two")
    assert set(one) != set(contents(tmp_path / "other"))


def test_a_campaign_of_somebodys_own_is_not_overwritten(tmp_path):
    own = b'[campaign]\nid = "our-campaign"\n'
    (tmp_path / "campaign.toml").write_bytes(own)
    with pytest.raises(InputError, match="not synthetic"):
        simulate.campaign(tmp_path, seed=3, n_posts=40, n_comments=10, n_accounts=14)
    assert [f.name for f in tmp_path.iterdir()] == ["campaign.toml"]
    assert (tmp_path / "campaign.toml").read_bytes() == own


@pytest.mark.slow
def test_the_committed_sample_is_what_its_seed_gives(tmp_path):
    simulate.campaign(tmp_path / "again", seed=2025)
    again, kept = contents(tmp_path / "again"), contents(SAMPLE)
    kept = {name: data for name, data in kept.items() if not name.startswith(("tables/", "findings/", "labels/"))}
    assert set(again) == set(kept)
    assert [name for name in kept if unpacked(kept[name]) != unpacked(again[name])] == []


def test_the_committed_sample_is_small_and_says_what_it_is():
    own = [f for top in ("inbox", "truth") for f in (SAMPLE / top).rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in own) < 8_000_000
    first = (SAMPLE / "README.md").read_text(encoding="utf-8").splitlines()[0]
    assert "KHÔNG CÓ THẬT" in first
    assert "SYNTHETIC" in first
    assert campaigns.load(SAMPLE).synthetic
    summary = json.loads((SAMPLE / "truth" / "summary.json").read_text(encoding="utf-8"))
    assert summary["n_comments"] == 10_000
    assert 1450 <= summary["n_posts"] <= 1500
    assert (summary["n_accounts"], summary["n_communes"]) == (60, 95)


def test_every_file_is_claimed_and_counted_as_the_truth_says(folder, gathered):
    report, _, _ = gathered
    told = truth(folder, "files.csv").set_index("path")
    assert {f.path for f in report.files} == set(told.index)
    for file in report.files:
        assert (file.format, file.read) == (told.format[file.path], int(told.rows[file.path])), file.path
        assert file.read == file.kept + file.quarantined + file.skipped
    assert report.undeclared == []
    assert report.unnamed == []


def test_no_comment_of_the_committed_sample_looks_damaged():
    """Ids in exponent form or with four noughts at the end are taken for ids that a spreadsheet rounded."""
    told = truth(SAMPLE, "comments.csv")
    assert len(told) == 10_000
    assert not told.duplicated(["platform", "comment_id"])[told.comment_id != ""].any()
    tiktok = told[told.platform == "tiktok"].comment_id
    assert len(tiktok) > 1_000
    assert not tiktok.str.endswith("0000").any()


def test_each_damage_comes_to_its_reason(folder, gathered):
    report, _, _ = gathered
    outcome = truth(folder, "files.csv").set_index("path").outcome
    by_outcome = {outcome[f.path]: f for f in report.files if outcome[f.path] not in ("read", "repaired")}
    assert set(by_outcome) == {"duplicate", "empty", "image", "half_zip", "ids_rounded"}
    assert by_outcome["duplicate"].state == "duplicate"
    for name in ("empty", "image", "half_zip"):
        assert by_outcome[name].state == "refused"
        assert by_outcome[name].kept == 0
    rounded = by_outcome["ids_rounded"]
    assert rounded.cells_refused + rounded.quarantined >= rounded.read  # no rounded id was taken for a whole one
    repaired = [f for f in report.files if outcome[f.path] == "repaired"]
    assert {f.format for f in repaired} == {"mbs_ig_posts", "mbs_account_day"}
    assert all(f.kept == f.read > 0 for f in repaired)


def test_what_is_gathered_is_what_was_posted(folder, gathered):
    _, store, _ = gathered
    posts = truth(folder, "posts.csv")
    with store.lock():
        read = store.frame("post")
    joined = read.merge(posts, on=["platform", "post_id"])
    assert set(joined.platform) == {"facebook", "instagram", "youtube", "tiktok", "x", "zalo"}
    exact = joined[joined.platform != "youtube"]  # whose files give the Pacific day only
    local = (pd.to_datetime(exact.published_at, utc=True) + timedelta(hours=7)).dt.date.astype(str)
    assert (local == exact.day).all()
    sent = posts[(posts.platform == "facebook") & (posts.account_sent_files == "1")]
    assert set(sent.post_id) <= set(read.post_id)


def test_reach_in_the_files_is_the_number_of_persons(folder, gathered):
    _, store, _ = gathered
    posts = truth(folder, "posts.csv")
    with store.lock():
        values = store.frame("metric")
    reach = values[(values.metric == "reach") & (values.traffic == "total") & (values.grain == "post_lifetime")]
    newest = reach.groupby(["platform", "item"]).value.max().rename("value").reset_index()
    joined = newest.merge(posts, left_on=["platform", "item"], right_on=["platform", "post_id"])
    old = joined[joined.day < "2025-12-15"]  # younger ones still grow when exported
    assert len(old) > 60
    assert (old.value == old.people.astype(float)).mean() > 0.99


def test_comments_are_all_there_with_their_truth(folder, gathered, made):
    _, store, _ = gathered
    told = truth(folder, "comments.csv")
    assert len(told) == len(made.comments) == SMALL["n_comments"]
    assert not told.duplicated(["file", "row"]).any()
    with store.lock():
        assert len(store.frame("comment")) == SMALL["n_comments"]
    assert set("|".join(told.themes).split("|")) - {""} <= THEMES
    assert set(told.sentiment) == {"positive", "negative", "neutral"}
    assert set(told.stance) == {"support", "oppose", "none"}
    assert set(told.hostile) <= {"no", "offensive", "hateful"}
    assert {"opinion", "owner", "institution", "friend_tag", "emoji"} <= set(told.kind)


def test_persons_reached_lie_between_the_largest_account_and_the_sum(made):
    accounts = {key: n for (scope, key), n in made.people.items() if scope == "account"}
    whole = made.people["campaign", "all"]
    assert max(accounts.values()) <= whole <= sum(accounts.values())
    assert whole < sum(accounts.values())  # audiences overlap
    platforms = {key: n for (scope, key), n in made.people.items() if scope == "platform"}
    assert max(platforms.values()) <= whole <= sum(platforms.values())
    for platform, n in platforms.items():
        mine = sum(v for key, v in accounts.items() if key.startswith(platform + ":"))
        assert n <= mine
        assert n <= 1.02 * world.USERS[platform] * world.POPULATION
    for key, n in made.people_of_theme.items():
        assert n <= made.people.get(key, n)


def test_the_communes_share_the_population_of_the_province():
    places = world.communes(2025)
    assert len({p.code for p in places}) == 95
    assert sum(p.population for p in places) == world.POPULATION
    assert min(p.population for p in places) > 5_000
    assert [p.first_person for p in places[1:]] == [p.first_person + p.population for p in places[:-1]]
    assert world.communes(2025) != world.communes(2026)


def sheet_of(path: str, *, header: int | None = 0) -> pd.DataFrame:
    return pd.read_excel(SAMPLE / path, dtype=str, header=header, engine="openpyxl")


def places_table() -> pd.DataFrame:
    """The 95 communes by the names of 2025, when the campaign took place; ten became wards in 2026."""
    table = Path(__file__).parents[1] / "data" / "places" / "dong_nai_95.csv"
    return pd.read_csv(table, dtype=str, comment="#").set_index("code")


def test_the_communes_are_those_of_the_places_table():
    known = places_table()
    simulated = {p.code: p for p in world.communes(1)}
    assert list(simulated) == list(known.index)
    for code, row in known.iterrows():
        place = simulated[code]
        assert (place.name, place.name_en, place.kind) == (row["name"], row.name_en, row.kind)
        assert (place.latitude, place.longitude) == (float(row.latitude), float(row.longitude)), code
    assert Counter(p.kind for p in simulated.values()) == {"ward": 23, "commune": 72}


def test_the_committed_sample_has_the_names_of_its_year():
    known = places_table()
    sheet = sheet_of("places.xlsx").set_index("code")
    assert sheet[["name", "name_en", "kind"]].to_dict("index") == known[["name", "name_en", "kind"]].to_dict("index")
    told = truth(SAMPLE, "places.csv").set_index("place")
    assert told.name.to_dict() == known["name"].to_dict()
    folders = {f.name for f in (SAMPLE / "inbox" / "cac xa phuong").iterdir() if f.is_dir()}
    assert len(folders) > 20
    assert folders <= set(known["name"])
    accounts = sheet_of("accounts.xlsx")
    of_communes = accounts[accounts.place.notna()]
    assert len(of_communes) > 30
    for name, code in zip(of_communes["name"], of_communes.place, strict=True):
        official = known["name"][code]
        # "Xã Tân Phú", "Hội LHPN xã Tân Phú" or "Tuổi trẻ Tân Phú"
        assert official.split(" ", 1)[1] in name
        assert not re.search("phường" if official.startswith("Xã") else r"\bxã\b", name, re.IGNORECASE)
    form = sheet_of("inbox/cac xa phuong/bieu-thu-thap.xlsx", header=None)
    filled = 0
    for row in form.itertuples(index=False):
        code = next((v for v in row if v in known.index), None)
        if code:
            filled += 1
            assert known["name"][code] in row
    assert filled > 5
    in_2026 = set(known.name_2026) - set(known["name"])
    assert len(in_2026) == 10
    wrong = re.compile("|".join(sorted(in_2026)), re.IGNORECASE)
    for file in sorted(SAMPLE.rglob("*")):
        if file.is_file() and file.relative_to(SAMPLE).parts[0] in ("inbox", "truth", "campaign.toml", "README.md"):
            assert not wrong.search(str(file.relative_to(SAMPLE)))
            for encoding in ("utf-8", "utf-16-le"):
                assert not wrong.search(file.read_bytes().decode(encoding, errors="ignore")), file.name


def test_few_comments_are_pasted_copies():
    """As they are published: what reads like an opinion and is one of five or more of the same eight or more words."""
    comments = world.simulated(2025, 1500, 10_000, 60)[0].comments
    keys = [tagging.text_key(c.said.text, shortest=reception.MIN_COPY_WORDS) for c in comments]
    times = Counter(key for key in keys if key)
    pasted = Counter(
        c.kind
        for c, key in zip(comments, keys, strict=True)
        if times[key] >= reception.MIN_COPIES and reception.kind(c.said.text, is_owner=c.kind == "owner") == "opinion"
    )
    assert 0.02 < pasted.total() / len(comments) < 0.08
    assert pasted["institution"] > 200  # slogans, pasted by staff
    assert pasted["opinion"] < 0.02 * sum(c.kind == "opinion" for c in comments)


def test_an_afterword_changes_no_tag():
    after = [s for s in texts.stock("comments.txt") if s.tags["kind"] == "after"]
    assert {(s.tags["sentiment"], s.tags["stance"]) for s in after} == {
        ("positive", "support"), ("positive", "none"), ("negative", "support"), ("negative", "oppose"),
        ("negative", "none"), ("neutral", "none"),
    }  # fmt: skip
    assert all(set(s.tags) == {"kind", "sentiment", "stance"} for s in after)
    writer = texts.CommentWriter(world.rng_of(5, "afterwords"), ["Xã Tân Phú"])
    said = texts.Said("Đọc mà thương mấy đứa nhỏ quá", ("violence",), "negative", "support")
    for _ in range(60):
        longer = writer._with_afterword(said)
        assert longer.text.startswith(said.text)
        assert len(longer.text) > len(said.text)
        assert replace(longer, text="") == replace(said, text="")


def test_ids_hold_the_instant_of_the_post(made):
    seen = Counter()
    for post in made.posts:
        if post.account.platform == "tiktok":
            at = datetime.fromtimestamp(int(post.id) >> 32, UTC)
        elif post.account.platform == "x":
            at = datetime.fromtimestamp(((int(post.id) >> 22) + 1_288_834_974_657) / 1000, UTC)
        elif post.account.platform == "instagram":
            number = 0
            for sign in post.media:
                number = number * 64 + world._URL64.index(sign)
            at = datetime.fromtimestamp(((number >> 23) + 1_314_220_021_721) / 1000, UTC)
        else:
            continue
        assert abs(at - post.at) < timedelta(seconds=2)
        seen[post.account.platform] += 1
    assert set(seen) == {"tiktok", "x", "instagram"}


def test_times_of_meta_are_pacific_over_the_end_of_summer_time(made):
    page = max((a for a in made.accounts if a.platform == "facebook"), key=lambda a: len(a.posts))
    data, n = exports.fb_posts(page.posts, exported=exports.EXPORTED, seed=1)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) == n == len(page.posts)
    offsets = set()
    for row in rows:
        post = next(p for p in page.posts if p.id == row["ID bài viết"])
        text = datetime.strptime(row["Thời gian đăng"], "%m/%d/%Y %H:%M")
        assert text.replace(tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC) == post.at.replace(second=0)
        offsets.add(post.at.replace(second=0, tzinfo=None) - text)
    assert offsets == {timedelta(hours=7), timedelta(hours=8)}


def test_meta_quotes_only_where_it_does():
    data = exports.meta_csv([["Ngày", "Lượt xem", None], ["a", 'nói "thôi"', "1\n2"]])
    assert data == '\ufeffNgày,"Lượt xem",\na,"nói ""thôi""","1\n2"\n'.encode()


def test_series_are_utf16_and_jump_with_the_clock():
    days = [(datetime(2025, 11, d).date(), d) for d in (1, 2, 3)]
    data, n = exports.account_series("Người xem", days)
    assert data[:2] == b"\xff\xfe"
    lines = data[2:].decode("utf-16-le").split("\n")
    assert lines[:4] == ["sep=,", '"Người xem"', '"Ngày","Primary"', '"2025-11-01T00:00:00","1"']
    assert lines[5] == '"2025-11-03T01:00:00","3"'
    assert n == 3


def test_an_older_download_has_smaller_numbers(made):
    page = max((a for a in made.accounts if a.platform == "facebook"), key=lambda a: len(a.posts))
    early = datetime(2025, 11, 28, 8, 40)
    old = [p for p in page.posts if p.at.replace(tzinfo=None) < early - timedelta(hours=8)]
    values = []
    for exported in (early, exports.EXPORTED):
        data, _ = exports.fb_posts(old, exported=exported, seed=1)
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        values.append({r["ID bài viết"]: int(r["Lượt xem"]) for r in rows})
    assert all(values[0][i] <= values[1][i] for i in values[0])
    assert any(values[0][i] < values[1][i] for i in values[0])


def test_campaign_days_are_louder_than_the_days_before(made):
    per_day = Counter(p.local_day for p in made.posts)
    before = [per_day[world.BASELINE[0] + timedelta(days=i)] for i in range(45)]
    during = [per_day[world.WINDOW[0] + timedelta(days=i)] for i in range(31)]
    assert sum(during) / 31 > 1.5 * sum(before) / 45
    assert sum(during) / 31 > per_day.total() / 89


def test_texts_of_the_stock_are_whole():
    lines = [line for s in texts.stock("comments.txt") for line in s.texts]
    passages = [p for s in texts.stock("posts.txt") for p in s.texts]
    assert len(set(lines)) == len(lines) > 600
    assert len(set(passages)) == len(passages) > 250
    for text in lines + passages:
        assert unicodedata.is_normalized("NFC", text)
    allowed = {"xa", "ten", "sdt", "chu", "ngay"}
    slots = set(re.findall(r"\{(\w+)\}", "\n".join(lines + passages)))
    assert slots <= allowed
    known = {"kind", "themes", "sentiment", "stance", "hostile", "blame", "help", "w", "under", "voice", "addressed",
             "contest", "days"}  # fmt: skip
    for section in (*texts.stock("comments.txt"), *texts.stock("posts.txt")):
        assert set(section.tags) <= known
        assert set(section.listed("themes")) <= THEMES | {"none"}


def test_nobody_could_be_rung(made):
    written = "\n".join([p.said.text for p in made.posts] + [c.said.text for c in made.comments])
    assert "{" not in written
    numbers = {re.sub(r"\D", "", n) for n in re.findall(r"(?<!\d)(?:0\d|1[89]00|\+84)[\d ]{6,}\d", written)}
    assert numbers
    hotlines = {"1900969680", "18001768"}
    assert all(n in hotlines or re.fullmatch(r"0900000\d{3}", n) for n in numbers)
    assert "http" not in written


def test_a_long_opinion_is_never_written_twice(made):
    opinions = Counter(c.said.text for c in made.comments if c.kind == "opinion" and len(c.said.text) > 40)
    assert opinions.most_common(1)[0][1] == 1


def test_communes_repeat_the_words_of_the_province():
    places = world.communes(11)
    posts = world.posts(11, 600, world.accounts(11, 60, places))
    by_id = {p.id: p for p in posts}
    copies = [p for p in posts if p.copy_of]
    assert len(copies) > 20
    for post in copies:
        source = by_id[post.copy_of]
        assert source.at < post.at
        assert source.account.level != "commune"
        assert source.said.themes == post.said.themes
    assert 0 < sum(p.said.text == by_id[p.copy_of].said.text for p in copies) < len(copies)


def test_no_sentence_of_the_seed_is_in_the_stock():
    """Else the tagger would be tried on what it was trained on."""
    files = sorted(Path(texts.__file__).parents[1].joinpath("text", "seed").glob("*.csv"))
    read = pd.concat([pd.read_csv(file, dtype=str, usecols=["text"]) for file in files])
    known = {" ".join(re.findall(r"\w+", str(t).casefold())) for t in read.text}
    assert len(known) > 1_000
    lines = [t for name in ("comments.txt", "posts.txt") for s in texts.stock(name) for t in s.texts]
    ours = {" ".join(re.findall(r"\w+", t.casefold())) for t in lines}
    assert {t for t in ours & known if len(t.split()) > 3} == set()


def test_comments_for_the_benchmark(tmp_path):
    file = simulate.comments_csv(tmp_path / "inbox" / "many.csv", 3_000, seed=5)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert len(rows) == 3_000
    assert len({r["Comment ID"] for r in rows}) == 3_000
    words = [len(r["Comment"].split()) for r in rows]
    assert 9 < sum(words) / len(words) < 17
    assert any("0900 000" in r["Comment"] for r in rows)
    assert any("https://" in r["Comment"] for r in rows)
    assert list(simulate.comment_rows(3_000, 5)) == [tuple(r.values()) for r in rows]
    document = opening.open_document(next(iter(opening.inbox_files(file.parent))))
    assert [n for n, r in base.registry().items() if base.claims(r, document)] == ["exportcomments_instagram"]

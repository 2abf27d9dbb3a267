"""The inbox as people leave it: every file accounted for, nothing lost, nothing personal stored."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from campaignstats import campaign, gather, quarantine
from campaignstats.errors import InputError, StoreError
from campaignstats.gather import GatherReport
from campaignstats.store import Store

CAMPAIGN = """
[campaign]
id = "thu-nghiem"
name = { vi = "Thử nghiệm", en = "Trial" }
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
[window]
start = 2025-11-15
end = 2025-12-15
"""
COMMENTS = (
    "id ,,Name,Date,Likes,isHearted,isPinned,Comment,(view source)\n"
    '1,,Người Mẫu Một,03/12/25 08:00:01,2,no,no,"Hay quá, gọi 0900 000 123 nha",view comment\n'
    "2,,Người Mẫu Hai,03/12/25 08:05:00,0,no,no,Chúc chương trình thành công,view comment\n"
)
NAME = "yt-comments_AbCdEfGhIjK_1 - ExportComments.com.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "chien-dich"
    (place / "inbox").mkdir(parents=True)
    (place / "campaign.toml").write_text(CAMPAIGN, encoding="utf-8")
    return place


def gathered(folder: Path) -> GatherReport:
    report = gather.gather(campaign.load(folder), processes=1)
    for file in report.files:
        assert file.read == file.kept + file.quarantined + file.skipped, file
        for lang in ("vi", "en"):
            assert "{" not in file.reason(lang), f"an unfilled sentence: {file.reason(lang)}"
    return report


def of(report: GatherReport, name: str) -> gather.FileReport:
    return next(f for f in report.files if f.path.endswith(name))


def tables(folder: Path) -> Store:
    return Store(folder / "tables")


def test_nested_zipped_duplicated_renamed(folder: Path) -> None:
    inbox = folder / "inbox"
    deep = inbox / "Xã A" / "gửi lần 2"
    deep.mkdir(parents=True)
    (deep / NAME).write_text(COMMENTS, encoding="utf-8")
    (inbox / "bản sao.csv").write_text(COMMENTS, encoding="utf-8")
    with zipfile.ZipFile(inbox / "goi.zip", "w") as archive:
        archive.writestr("trong/" + NAME, COMMENTS.replace("Chúc", "Mong"))
    report = gathered(folder)
    states = {f.path: f.state for f in report.files}
    assert sorted(states.values()) == ["duplicate", "read", "read"]
    assert states["goi.zip!/trong/" + NAME] == "read"
    assert len(tables(folder).frame("newest_comment")) == 3  # one comment stands in both files


def test_the_same_words_twice_are_two_comments_where_nothing_tells_who_and_when(folder: Path) -> None:
    link = "https://www.facebook.com/trang.mau/posts/pfbid0Mau"
    rows = [(link, 0, "❤️"), (link, 1, "❤️"), (link, 0, "Hay quá"), (link[:-1] + "v", 0, "❤️")]
    lines = [f"{url},{likes},Bài mẫu,{text}" for url, likes, text in rows]
    for name, take in (("sớm.csv", 3), ("muộn.csv", 4)):  # the second download holds the first one's comments too
        written = "\n".join(["facebookUrl,likesCount,postTitle,text", *lines[:take]]) + "\n"
        (folder / "inbox" / name).write_text(written, encoding="utf-8")
    gathered(folder)
    found = tables(folder).frame("newest_comment")
    assert sorted(found["text"]) == ["Hay quá", "❤️", "❤️", "❤️"]


def test_gathering_twice_changes_nothing(folder: Path) -> None:
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    gathered(folder)
    before = {f: (f.stat().st_mtime_ns, f.read_bytes()) for f in sorted(tables(folder).folder.rglob("*.parquet"))}
    report = gathered(folder)
    assert [f.state for f in report.files] == ["unchanged"]
    assert {
        f: (f.stat().st_mtime_ns, f.read_bytes()) for f in sorted(tables(folder).folder.rglob("*.parquet"))
    } == before


def test_what_leaves_the_inbox_leaves_the_tables(folder: Path) -> None:
    file = folder / "inbox" / NAME
    file.write_text(COMMENTS, encoding="utf-8")
    gathered(folder)
    file.unlink()
    assert gathered(folder).n_removed == 1
    assert len(tables(folder).frame("comment")) == 0
    assert not list(tables(folder).folder.rglob("*.parquet"))


def test_nothing_personal_is_stored(folder: Path) -> None:
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    gathered(folder)
    comments = tables(folder).frame("comment")
    assert "0900" not in " ".join(comments["text"])
    assert comments["author"].str.fullmatch(r"k[0-9a-f]{20}").all()
    stored = b"".join(f.read_bytes() for f in tables(folder).folder.rglob("*.parquet"))
    assert "Người Mẫu".encode() not in stored
    assert b"0900 000 123" not in stored


def test_pseudonyms_are_the_same_on_rereading_and_another_with_another_key(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    gathered(folder)
    first = set(tables(folder).frame("comment")["author"])
    shutil.rmtree(folder / "tables")
    gathered(folder)
    assert set(tables(folder).frame("comment")["author"]) == first
    monkeypatch.setenv("CAMPAIGNSTATS_KEYS", str(tmp_path / "other"))
    report = gathered(folder)
    assert [f.state for f in report.files] == ["read"]  # the tables notice the other key
    assert not set(tables(folder).frame("comment")["author"]) & first


def test_bad_files_each_a_sentence_and_the_rest_is_gathered(folder: Path) -> None:
    inbox = folder / "inbox"
    (inbox / NAME).write_text(COMMENTS, encoding="utf-8")
    (inbox / "rỗng.csv").write_bytes(b"")
    (inbox / "thư mục.csv").mkdir()
    whole = inbox / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.csv", COMMENTS * 50)
    (inbox / "nửa chừng.zip").write_bytes(whole.read_bytes()[:400])
    whole.unlink()
    (inbox / "ảnh.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (inbox / "la.csv").write_text("một,hai\n1,2\n", encoding="utf-8")
    (inbox / "cp1258.csv").write_bytes("Tên,Ngày\nHội phụ nữ,Thứ hai\n".encode("cp1258", "replace") + b"\xe1\xf0\n")
    (inbox / "khoa.xlsx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    report = gathered(folder)
    assert of(report, NAME).kept == 2
    rules = {
        "rỗng.csv": "read.empty",
        "nửa chừng.zip": "read.bad_zip",
        "ảnh.csv": "read.image",
        "la.csv": "no_reader",
        "khoa.xlsx": "read.password",
    }
    for name, rule in rules.items():
        assert of(report, name).rule == rule
    assert of(report, "cp1258.csv").state == "refused"
    for refusal in quarantine.refusals(campaign.load(folder)):
        for lang in ("vi", "en"):
            assert refusal.sentence(lang)
            assert refusal.advice(lang)


def test_a_long_line_is_refused_in_bounded_memory(folder: Path) -> None:
    import tracemalloc

    with (folder / "inbox" / "dai.csv").open("wb") as file:
        for _ in range(60):
            file.write(b"x" * 1_000_000)
    tracemalloc.start()
    report = gathered(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert of(report, "dai.csv").state == "refused"
    assert peak < 60_000_000


def test_undeclared_and_unnamed_are_listed_ready_to_paste(folder: Path) -> None:
    import tomllib

    (folder / "inbox" / "Totals.csv").write_text("Date,Views\n2025-11-15,3\n", encoding="utf-8")
    report = gathered(folder)
    assert report.unnamed == ["Totals.csv"]
    lines = report.lines("vi")
    pasted = "\n".join(lines[lines.index("[[export]]") :])
    assert tomllib.loads(pasted)["export"][0]["path"] == "Totals.csv"


BY_HAND = """
[[mapped]]
path = "so-tay.csv"
table = "post"
platform = "facebook"
account = "trang mẫu"
columns = { permalink = "Link", published_at = "Ngày" }
"""


def test_pasting_all_that_is_printed_loads_and_silences_it(folder: Path) -> None:
    """A page known by its id in one file and by its name in another, and a folder of files that name nobody."""
    toml, inbox = folder / "campaign.toml", folder / "inbox"
    toml.write_text(CAMPAIGN + BY_HAND, encoding="utf-8")
    posts = (
        "Post ID,Page ID,Page name,Title,Publish time,Permalink,Post type,Views,Reach\n"
        "1200000000000001,1000000000000099,Trang Mẫu,Bài,11/20/2025 08:00,https://www.facebook.com/1,Photos,9,7\n"
    )
    (inbox / "posts.csv").write_text(posts, encoding="utf-8")
    (inbox / "so-tay.csv").write_text("Link,Ngày\nhttps://www.facebook.com/99/posts/5,2025-11-20\n", encoding="utf-8")
    (inbox / "tiktok [1]").mkdir()
    for n in range(3):
        text = f"Date,Video views,Profile views,Likes,Comments,Shares\n2025-11-1{n},3,1,0,0,0\n"
        (inbox / "tiktok [1]" / f"Overview{n}.csv").write_text(text, encoding="utf-8")
    report = gathered(folder)
    assert set(tables(folder).frame("post")["account_id"]) == {"1000000000000099", "name:trang mẫu"}
    assert [(a.id, a.name) for a in report.undeclared] == [("1000000000000099", "Trang Mẫu")]
    assert len(report.unnamed) == 3

    lines = report.lines("vi")
    assert lines.count("[[export]]") == 1
    blocks = "\n".join(x for x in lines[lines.index("[[account]]") :] if x.startswith("[[") or "=" in x)
    assert "\nowner_level = " not in blocks
    toml.write_text(CAMPAIGN + BY_HAND + blocks, encoding="utf-8")
    pasted = gathered(folder)
    assert (pasted.undeclared, pasted.misnamed, pasted.unmatched) == ([], (), [])
    assert pasted.unfilled == ("tiktok [[]1]/*",)  # an account left empty is said, not asked for again
    assert "[[export]]" not in pasted.lines("vi")
    assert any("còn để trống account" in line for line in pasted.lines("vi"))

    filled = blocks.replace('account = ""', 'account = "Kênh Mẫu"')
    declared = '[[account]]\nplatform = "tiktok"\nname = "Kênh Mẫu"\n'
    toml.write_text(CAMPAIGN + BY_HAND + filled + "\n" + declared, encoding="utf-8")
    silent = gathered(folder)
    assert (silent.undeclared, silent.unnamed, silent.unfilled, silent.misnamed) == ([], [], (), ())


def test_a_folder_where_another_file_names_its_account_is_asked_for_file_by_file() -> None:
    unnamed = ["tiktok/a.csv", "tiktok/b.csv", "mot.csv", "hai/x.csv"]
    assert [x for x in gather._exports_to_fill(unnamed, [*unnamed, "tiktok/c.csv"], "en") if "path" in x] == [
        'path = "tiktok/a.csv"', 'path = "tiktok/b.csv"', 'path = "mot.csv"', 'path = "hai/x.csv"'
    ]  # fmt: skip
    assert [x for x in gather._exports_to_fill(unnamed, unnamed, "en") if "path" in x] == [
        'path = "tiktok/*"', 'path = "mot.csv"', 'path = "hai/x.csv"'
    ]  # fmt: skip


def test_rows_skipped_on_purpose_say_why(folder: Path) -> None:
    table = "Date,Video views,Profile views,Likes,Comments,Shares\n2025-11-15,3,1,0,0,0\n2025-11-16,,,,,\n"
    (folder / "inbox" / "Overview.csv").write_text(table, encoding="utf-8")
    for _ in range(2):  # also where the file was known already
        report = of(gathered(folder), "Overview.csv")
        assert (report.kept, report.skipped) == (1, 1)
        assert "rows without any figure (1)" in report.reason("en")
        assert "dòng không có số nào (1)" in report.reason("vi")


def test_json_says_the_same(folder: Path) -> None:
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    report = json.loads(json.dumps(gathered(folder).as_dict()))
    (file,) = report["files"]
    assert {k: file[k] for k in ("path", "format", "read", "kept", "quarantined", "skipped")} == {
        "path": NAME,
        "format": "exportcomments_youtube",
        "read": 2,
        "kept": 2,
        "quarantined": 0,
        "skipped": 0,
    }
    assert file["reason"]


def test_refusals_as_csv_are_inert(folder: Path, tmp_path: Path) -> None:
    (folder / "inbox" / "=HYPERLINK.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    gathered(folder)
    out = tmp_path / "refused.csv"
    assert quarantine.write_refusals(quarantine.refusals(campaign.load(folder)), out, lang="en") == 1
    assert pd.read_csv(out)["path"].tolist() == ["'=HYPERLINK.csv"]


def test_without_an_inbox(folder: Path) -> None:
    (folder / "inbox").rmdir()
    with pytest.raises(InputError, match="campaignstats init"):
        gather.gather(campaign.load(folder))


def test_a_second_gather_waits_its_turn_with_a_sentence(folder: Path) -> None:
    loaded = campaign.load(folder)
    with Store(folder / "tables").lock(), pytest.raises(StoreError, match="Another campaignstats"):
        gather.gather(loaded)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a file that this user can't read")
def test_an_unreadable_file(folder: Path) -> None:
    file = folder / "inbox" / NAME
    file.write_text(COMMENTS, encoding="utf-8")
    file.chmod(0)
    assert of(gathered(folder), NAME).state == "refused"


def test_processes_give_the_same_tables(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        text = COMMENTS.replace("03/12/25", f"0{n + 1}/12/25")
        (folder / "inbox" / f"yt-comments_AbCdEfGhIj{n}_1 - ExportComments.com.csv").write_text(text, encoding="utf-8")
    gathered(folder)
    one = {f.name: f.read_bytes() for f in tables(folder).folder.rglob("*.parquet")}
    shutil.rmtree(folder / "tables")
    monkeypatch.setattr(gather, "_WORTH_PROCESSES", 0)
    gather.gather(campaign.load(folder), processes=2)
    assert {f.name: f.read_bytes() for f in tables(folder).folder.rglob("*.parquet")} == one


def test_a_captured_post_of_somebody_undeclared_loses_its_name(folder: Path) -> None:
    item = {
        "id": "7573891823749238401",
        "desc": "Bài của người lạ",
        "createTime": 1763448000,
        "author": {"uniqueId": "nguoi.la.mau"},
        "stats": {"playCount": 10, "diggCount": 1, "commentCount": 0, "shareCount": 0},
    }
    line = {"nav_index": "1:1", "item_id": item["id"], "timestamp_collected": 1763534400000, "id": 1}
    line |= {"source_platform": "tiktok.com", "source_platform_url": "https://www.tiktok.com/", "data": item}
    (folder / "inbox" / "thu.ndjson").write_text(json.dumps(line) + "\n", encoding="utf-8")
    report = gathered(folder)
    assert report.undeclared == []
    assert b"nguoi.la.mau" not in b"".join(f.read_bytes() for f in tables(folder).folder.rglob("*.parquet"))
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write('[[account]]\nplatform = "tiktok"\nname = "Trang mẫu"\nhandle = "@nguoi.la.mau"\n')
    gathered(folder)
    assert tables(folder).frame("post")["account_name"].tolist() == ["nguoi.la.mau"]


def test_a_file_of_which_nothing_or_not_all_was_kept_says_why(folder: Path) -> None:
    inbox = folder / "inbox"
    (inbox / NAME).write_text(COMMENTS + "3,,Ba,03/12/25 08:06:00,0,no,no,hay,x,y,z\n" * 2, encoding="utf-8")
    (inbox / NAME.replace("AbC", "XyZ")).write_text(COMMENTS.split("\n")[0] + "\n", encoding="utf-8")
    for _ in range(2):  # as read, and as known from before
        report = gathered(folder)
        broken, empty = of(report, NAME), of(report, NAME.replace("AbC", "XyZ"))
        assert (broken.kept, broken.quarantined) == (2, 2)
        assert "2 rows refused: " in broken.reason("en")
        assert "2 dòng bị từ chối: " in broken.reason("vi")
        assert (empty.read, empty.state) == (0, "read") or empty.state == "unchanged"
        assert "no rows" in empty.reason("en")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_what_must_not_be_opened_does_not_stand_for_what_may(folder: Path) -> None:
    inbox = folder / "inbox"
    os.mkfifo(inbox / "a.csv")
    (inbox / "b.csv.crdownload").write_text(COMMENTS, encoding="utf-8")
    (inbox / NAME).write_text(COMMENTS, encoding="utf-8")
    for _ in range(2):
        report = gathered(folder)
        assert of(report, "a.csv").rule == "read.no_file"
        assert of(report, ".crdownload").rule == "read.half_downloaded"
        assert of(report, NAME).kept == 2  # and no duplicate of the unfinished one


def test_captured_posts_without_an_author_are_not_by_the_same_one(folder: Path) -> None:
    def line(code: str) -> str:
        data = {"code": code, "taken_at": 1763448000, "like_count": 3, "media_type": 1}
        about = {"item_id": code, "timestamp_collected": 1763534400000, "source_platform": "instagram.com"}
        return json.dumps(about | {"data": data}) + "\n"

    (folder / "inbox" / "thu.ndjson").write_text(line("DRAAA1111aa") + line("DRAAA2222bb"), encoding="utf-8")
    assert gathered(folder).undeclared == []
    posts = tables(folder).frame("post").set_index("post_id")["account_id"]
    assert posts.nunique() == 2
    likes = tables(folder).frame("metric").set_index("item")["account_id"]
    assert likes.to_dict() == posts.to_dict()


def test_a_lost_part_is_read_again(folder: Path) -> None:
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    gathered(folder)
    tables(folder).parts("comment")[0].unlink()
    assert [f.state for f in gathered(folder).files] == ["read"]
    assert len(tables(folder).frame("comment")) == 2


def test_a_refused_cell_of_a_comment_is_kept_by_its_shape_only(folder: Path) -> None:
    text = COMMENTS.replace(",view comment\n", ",view comment,Người Mẫu nói thêm 0900 000 123\n", 1)
    (folder / "inbox" / NAME).write_text(text, encoding="utf-8")
    report = gathered(folder)
    assert of(report, NAME).quarantined == 1
    (refusal,) = quarantine.refusals(campaign.load(folder))
    assert refusal.value.startswith("xxxxx xxx xxx xxxx ")
    assert not any(letter.isdigit() for letter in refusal.value)


def test_advice_fits_what_was_refused() -> None:
    def advice(path: str, row: int, rule: str, name: str = "") -> str:
        return quarantine.Refusal(path, row, "", rule, "", {}, name).advice("en")

    for path, row in (("items.json", 3), ("items.ndjson", 2), ("torn.zip", 0), ("empty.csv", 0)):
        assert "Excel" not in advice(path, row, "a_rule_without_advice")
    assert "Excel" in advice("table.csv", 3, "a_rule_without_advice")
    assert "date_format" in advice("table.csv", 3, "not_a_date", "mapped")
    assert "date_format" not in advice("table.csv", 3, "not_a_date", "x_content")


def test_files_refused_for_one_reason_are_listed_under_it() -> None:
    refused = [quarantine.Refusal(f"{n}.csv", 0, "", "no_reader", "", {}) for n in range(9)]
    other = quarantine.Refusal("9.csv", 4, "Likes", "not_a_number", "x", {})
    lines = quarantine.refusal_lines([*refused, other], "en")
    assert lines[:9] == [f"{n}.csv" for n in range(9)]
    assert sum("→" in line for line in lines) == 2
    assert lines[lines.index("9.csv") - 1] == ""


def test_a_block_to_paste_is_told_once() -> None:
    files = [
        gather.FileReport(f"{n}.csv", state="refused", rule="year_unknown", details={"path": f"{n}.csv"})
        for n in range(9)
    ]
    lines = GatherReport(files, [], [], []).lines("vi")
    assert "\n".join(lines).count("exported_at = ") == 1
    assert 'path = "8.csv"' in "\n".join(lines)
    refused = [quarantine.Refusal(f.path, 0, "", f.rule, "", f.details) for f in files]
    assert "\n".join(quarantine.refusal_lines(refused, "vi")).count("exported_at = ") == 1


def test_a_column_that_campaign_toml_names_is_shown_in_the_quarantine(folder: Path) -> None:
    mapped = (
        '[[mapped]]\npath = "y-kien.csv"\ntable = "comment"\nplatform = "facebook"\n'
        'columns = { post_id = "Mã bài", text = "Nội dung", published_at = "Gửi lúc" }\ndate_format = "%d/%m/%Y"\n'
    )
    (folder / "campaign.toml").write_text(CAMPAIGN + mapped, encoding="utf-8")
    table = "Mã bài,Gửi lúc,Nội dung\n5,20/11/2025,Hay\n5,hôm qua,Tốt\n"
    (folder / "inbox" / "y-kien.csv").write_text(table, encoding="utf-8")
    gathered(folder)
    (refused,) = quarantine.refusals(campaign.load(folder))
    assert (refused.column, refused.value) == ("Gửi lúc", "xxx xxx")
    assert "date_format" in refused.advice("en")


def test_marks_of_direction_do_not_reach_the_terminal(folder: Path) -> None:
    from campaignstats.campaign import Account

    lines = gather.pasteable([Account("facebook", "1", gather._printable("\u202eTrang\u2066 Mẫu"))])
    assert 'name = "Trang Mẫu"' in lines


def test_files_that_wait_are_counted_until_the_first_gather(folder: Path) -> None:
    loaded = campaign.load(folder)
    assert gather.ungathered(loaded) == 0
    (folder / "inbox" / NAME).write_text(COMMENTS, encoding="utf-8")
    assert gather.ungathered(loaded) == 1
    gathered(folder)
    assert gather.ungathered(loaded) is None


BUSINESS_SUITE = (
    '"Post ID","Page ID","Page name",Title,Description,"Duration (sec)","Publish time","Caption type",Permalink,'
    '"Is crosspost","Is share","Post type",Languages,"Custom labels","Funded content status","Data comment",Date,Views,'
    "Reach\n"
    '802000000000001,100012345678901,"Trang mẫu",Clip,,31,"02/01/2024 01:30",,https://www.facebook.com/reel/802/,0,0,'
    "Reels,,,,,Lifetime,90,80\n"
)


@pytest.mark.parametrize(
    ("packed", "declared", "definition"),
    [
        ((2024, 3, 10, 8, 0, 0), "", "views.facebook.plays"),
        ((2025, 3, 10, 8, 0, 0), "", "views.facebook"),
        (
            (2025, 3, 10, 8, 0, 0),
            "exported_at = 2024-03-11T08:00:00+07:00",
            "views.facebook.plays",
        ),  # unpacked, repacked
        (None, "", "views.facebook"),  # nobody knows
    ],
)
def test_a_lifetime_total_counts_by_the_definition_of_the_day_that_the_archive_tells(
    folder: Path, packed: tuple[int, ...] | None, declared: str, definition: str
) -> None:
    if packed is None:
        (folder / "inbox" / "bai.csv").write_text(BUSINESS_SUITE, encoding="utf-8")
    else:
        with zipfile.ZipFile(folder / "inbox" / "a.zip", "w") as archive:
            archive.writestr(zipfile.ZipInfo("bai.csv", packed), BUSINESS_SUITE)
    if declared:
        with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
            file.write(f'[[export]]\npath = "a.zip"\n{declared}\n')
    gathered(folder)
    found = tables(folder).frame("metric")
    assert found.loc[found["metric"] == "views", "definition"].tolist() == [definition]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("", True),  # nothing but a name is known of the declared page
        ('id = "100070000000001"', True),
        ('id = "100070000000009"\nformer_ids = ["100070000000001"]', True),
        ('id = "100070000000009"', False),  # another page of the same name
        ('id = "PhuNuMau"', True),  # no number: it may be the same page's
    ],
)
def test_a_captured_account_with_another_number_is_not_the_declared_one_of_its_name(
    folder: Path, told: str, kept: bool
) -> None:
    post = {
        "facebookUrl": "https://www.facebook.com/100070000000001",
        "pageName": "",
        "postId": "122101234567890",
        "url": "https://www.facebook.com/reel/122101234567890",
        "time": "2025-11-20T01:00:00.000Z",
        "timestamp": 1763600400,
        "user": {"id": "100070000000001", "name": "Trang mẫu trùng tên"},
        "text": "Lễ phát động",
        "likes": 35,
        "comments": 6,
        "shares": 18,
        "topLevelUrl": "https://www.facebook.com/100070000000001/posts/122101234567890",
    }
    name = "dataset_facebook-posts-scraper_2025-12-01_03-20-00-000.json"
    (folder / "inbox" / name).write_text(json.dumps([post]), encoding="utf-8")
    with (folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(f'[[account]]\nplatform = "facebook"\nname = "TRANG MẪU trùng tên"\n{told}\n')
    report = gathered(folder)
    (post_kept,) = tables(folder).frame("post").to_dict("records")
    assert (post_kept["account_id"] == "100070000000001") is kept
    assert pd.notna(post_kept["account_name"]) is pd.notna(post_kept["permalink"]) is kept
    assert set(tables(folder).frame("metric")["account_id"]) == {post_kept["account_id"]}
    assert report.undeclared == []
    stored = b"".join(f.read_bytes() for f in tables(folder).folder.rglob("*.parquet"))
    assert (b"100070000000001" in stored) is kept

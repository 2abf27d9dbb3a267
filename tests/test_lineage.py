"""Renamed, merged and replaced accounts and places: one account by every name, its place by date, each mistake said."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from campaignstats import words
from campaignstats.campaign import Campaign, FormerName, FormerPlace, load
from campaignstats.errors import CampaignError

LEAST = """\
[campaign]
id = "t"
name = "T"
[window]
start = 2025-11-15
end = 2025-12-15
"""
JUNE30, JULY1 = date(2025, 6, 30), date(2025, 7, 1)

# two communes merged into a ward on 1 July 2025; on 30 April 2026 another commune became a ward
MERGED = """
[[place]]
code = "1"
name = "Xã Cũ Một"
kind = "commune"
valid_to = 2025-06-30
merged_into = "Phường Mới"
[[place]]
code = "2"
name = "Xã Cũ Hai"
kind = "commune"
valid_to = 2025-06-30
merged_into = "9"
[[place]]
code = "9"
name = "Phường Mới"
kind = "ward"
valid_from = 2025-07-01
[[place]]
code = "5"
name = "Xã Dầu Giây"
kind = "commune"
population = 100
[[place]]
code = "5"
name = "Phường Dầu Giây"
kind = "ward"
valid_from = 2026-04-30
"""
PAGES = """
[[account]]
platform = "facebook"
id = "100"
name = "UBND phường Mới"
former_names = ["UBND xã Cũ Một (đến 30/06/2025)", "Cổng thông tin xã Cũ Một"]
former_ids = ["61550000000100"]
place = "9"
former_places = ["Xã Cũ Một"]
[[account]]
platform = "facebook"
id = "200"
name = "UBND xã Cũ Hai"
place = "2"
[[account]]
platform = "facebook"
id = "300"
name = "Thông tin phường Mới"
continues = ["UBND xã Cũ Hai"]
since = 2025-07-05
place = "9"
"""


def campaign(folder: Path, text: str, head: str = LEAST) -> Campaign:
    (folder / "campaign.toml").write_text(head + text, encoding="utf-8")
    return load(folder)


def refusal(folder: Path, text: str) -> CampaignError:
    with pytest.raises(CampaignError) as caught:
        campaign(folder, text)
    for lang in words.LANGUAGES:
        assert "campaign.toml" in caught.value.message(lang)
    return caught.value


def test_one_account_under_every_name_and_id(tmp_path: Path) -> None:
    c = campaign(tmp_path, MERGED + PAGES)
    page = c.accounts[0]
    assert page.former_names == (FormerName("UBND xã Cũ Một", JUNE30), FormerName("Cổng thông tin xã Cũ Một"))
    for told in (("100", None), ("61550000000100", None), (None, "ubnd xã cũ một"), (None, "Cổng thông tin xã Cũ Một")):
        assert c.account_for("facebook", *told) is page
        assert c.owner("facebook", told[0] or "", told[1]).account is page
    assert c.account_for("tiktok", None, "UBND xã Cũ Một") is None
    # another page's id says that it is another page, whatever its name
    assert c.account_for("facebook", "999", "UBND xã Cũ Một") is None


def test_a_name_that_was_taken_over_is_the_others_until_its_day(tmp_path: Path) -> None:
    text = """
[[account]]
platform = "facebook"
name = "Trang Mới"
former_names = ["Trang Chung (đến 30/06/2025)"]
[[account]]
platform = "facebook"
name = "Trang Chung"
"""
    renamed, now = campaign(tmp_path, text).accounts
    c = load(tmp_path)
    assert c.account_for("facebook", None, "trang chung", on=JUNE30) == renamed
    assert c.account_for("facebook", None, "trang chung", on=JULY1) == now
    assert c.account_for("facebook", None, "trang chung") == now


def test_an_accounts_place_by_date(tmp_path: Path) -> None:
    c = campaign(tmp_path, MERGED + PAGES)
    renamed, old, new = c.accounts
    assert renamed.former_places == (FormerPlace("1", JUNE30),)
    assert [c.place_of(renamed, day) for day in (date(2024, 11, 20), JUNE30, JULY1)] == ["1", "1", "9"]
    assert [c.place_of(old, day) for day in (JUNE30, JULY1)] == ["2", "9"]  # the place was merged, the page was not
    assert c.place_of(new) == "9"
    assert c.successors == {"1": "9", "2": "9"}
    assert c.continued_by == {"facebook:200": "facebook:300"}
    assert (old.until, new.since) == (date(2025, 7, 4), date(2025, 7, 5))  # the old page ends when the new one begins
    assert [c.accounts[2].in_use(d) for d in (date(2025, 7, 4), date(2025, 7, 5))] == [False, True]


def test_places_are_named_as_of_the_windows_end(tmp_path: Path) -> None:
    c = campaign(tmp_path, MERGED)
    assert [(p.code, p.name) for p in c.places] == [("9", "Phường Mới"), ("5", "Xã Dầu Giây")]
    assert [p.code for p in c.former_places] == ["1", "2"]
    place = c.places[1]
    assert [place.named(d).kind for d in (date(2020, 1, 1), date(2026, 4, 29), date(2026, 4, 30))] == [
        "commune",
        "commune",
        "ward",
    ]
    later = campaign(tmp_path, MERGED, LEAST.replace("2025-11-15", "2026-11-15").replace("2025-12-15", "2026-12-15"))
    assert [(p.name, p.kind, p.population) for p in later.places if p.code == "5"] == [("Phường Dầu Giây", "ward", 100)]
    # found by either name, and by no other
    text = MERGED + '[[account]]\nplatform = "zalo"\nname = "A"\nplace = "Phường Dầu Giây"\n'
    assert campaign(tmp_path, text).accounts[0].place == "5"


def test_a_code_that_lives_on_under_another_name(tmp_path: Path) -> None:
    text = """
[[place]]
code = "25333"
name = "Phường An Lộc"
valid_from = 2025-07-01
[[place]]
code = "25333"
name = "Xã Thanh Lương"
valid_to = 2025-06-30
merged_into = "25333"
"""
    c = campaign(tmp_path, text)
    assert [(p.name, p.merged_into, [n.name for n in p.names]) for p in c.places] == [
        ("Phường An Lộc", None, ["Xã Thanh Lương", "Phường An Lộc"])
    ]
    assert c.successor("25333", date(2030, 1, 1)) == "25333"


def test_the_sheets_take_the_same_in_one_cell(tmp_path: Path) -> None:
    def workbook(name: str, *rows: tuple[str, ...]) -> None:
        book = xlsxwriter.Workbook(str(tmp_path / name))
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
        book.close()

    workbook(
        "places.xlsx",
        ("Mã địa bàn", "Tên địa bàn", "Có từ ngày", "Có đến ngày", "Nhập vào"),
        ("1", "Xã Một", "", "30/06/2025", "Phường Ba"),
        ("2", "Xã Hai", "", "30/06/2025", "3"),
        ("3", "Phường Ba", "01/07/2025", "", ""),
    )
    workbook(
        "accounts.xlsx",
        ("Nền tảng", "Tên tài khoản", "Địa bàn", "Địa bàn cũ (đến ngày)", "Tên cũ (đến ngày)", "Mã cũ",
         "Thay cho trang, kênh"),
        ("Facebook", "Phường Ba", "3", "Xã Một (đến 31/08/2025)", "Xã Một; Xã Một (cũ)", "12;34", ""),
        ("Facebook", "Trang xã Hai", "2", "", "", "", ""),
        ("Facebook", "Trang phường", "3", "", "", "", "Trang xã Hai"),
    )  # fmt: skip
    c = campaign(tmp_path, "")
    first = c.accounts[0]
    assert first.former_places == (FormerPlace("1", date(2025, 8, 31)),)
    assert first.former_names == (FormerName("Xã Một"), FormerName("Xã Một (cũ)"))  # no day: part of the name
    assert first.former_ids == ("12", "34")
    assert c.accounts[2].continues == ("facebook:Trang xã Hai",)
    # the commune was gone before the page changed its name
    assert [c.place_of(first, d) for d in (JUNE30, JULY1, date(2025, 9, 1))] == ["1", "3", "3"]


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('merged_into = "9"', 'merged_into = "Phường Mơi"', "unknown_place_near", "“Phường Mới”"),
        ("valid_to = 2025-06-30\nmerged_into = \"9\"", 'merged_into = "9"', "merged_without_day", "valid_to"),
        ("valid_from = 2025-07-01", 'valid_to = 2025-12-31\nmerged_into = "1"', "merged_in_circle", "Xã Cũ Một → "),
        ("valid_from = 2025-07-01", "valid_to = 2025-06-30", "merged_into_former", "30 June 2025"),
        ("valid_from = 2026-04-30", "", "twice", "“5”"),
        ('kind = "commune"\npopulation = 100', "valid_to = 2026-05-30", "overlapping_names", "code 5"),
        ('name = "Xã Dầu Giây"', 'name = "X"\nvalid_from = 2026-01-02\nvalid_to = 2026-01-01', "end_before_start", ""),
        ('former_places = ["Xã Cũ Một"]', 'former_places = ["Xã Cu Mot"]', "unknown_place_near", "“Xã Cũ Một”"),
        ('former_places = ["Xã Cũ Một"]', 'former_places = ["Xã Dầu Giây"]', "former_place_without_day", "(until"),
        ('former_places = ["Xã Cũ Một"]', 'former_places = ["Xã Cũ Một", "2"]', "overlapping_places", "30 June 2025"),
        ("(đến 30/06/2025)", "(đến 31/06/2025)", "no_such_day", "31/06/2025"),
        ('continues = ["UBND xã Cũ Hai"]', 'continues = ["UBND xã Cu Hai"]', "unknown_account_near", "“UBND xã Cũ"),
        ('continues = ["UBND xã Cũ Hai"]', 'continues = ["Thông tin phường Mới"]', "continued_in_circle", "Thông tin"),
        ('place = "2"', 'place = "2"\ncontinues = ["300"]', "continued_in_circle", "→"),
        ('place = "2"', 'place = "2"\nuntil = 2025-07-05', "overlapping_accounts", "5 July 2025"),
        ('name = "UBND xã Cũ Hai"', 'name = "UBND xã Cũ Hai"\nformer_ids = ["100"]', "twice", "UBND xã Cũ Hai"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    text = MERGED + PAGES
    assert old in text
    error = refusal(tmp_path, text.replace(old, new, 1))
    assert error.key == f"campaign.{key}"
    assert says in error.message("en")


def test_two_successors_of_one_page_are_refused(tmp_path: Path) -> None:
    another = '[[account]]\nplatform = "facebook"\nid = "400"\nname = "C"\ncontinues = ["200"]\n'
    assert refusal(tmp_path, MERGED + PAGES + another).key == "campaign.continued_twice"


def test_whose_an_account_is(tmp_path: Path) -> None:
    c = campaign(tmp_path, MERGED + PAGES.replace('place = "2"', 'place = "5"'))
    assert c.owner("facebook", "300").known_by == "declared"
    told = c.owner("facebook", "place:Xã Dầu Giây")  # the one page of that commune
    assert (told.known_by, told.account.id) == ("declared", "200")
    assert c.owner("facebook", "place:9").known_by == "place"  # it has two
    assert c.owner("facebook", "place:9").account.place == "9"
    assert c.owner("zalo", "place:Xã Nào Đó").account.place is None
    assert c.owner("facebook", "k0123456789abcdef0123").known_by == "somebody"
    assert c.owner("facebook", "file:ab").known_by == "nobody"
    assert c.owner("facebook", "file:ab", "Trang lạ").known_by == "file"
    assert c.owner("facebook", "name:trang lạ").account.name == "trang lạ"


def test_a_misspelt_account_of_an_export_has_the_nearest_beside_it(tmp_path: Path) -> None:
    exports = """
[[export]]
path = "a.csv"
account = "UBND phuờng Mới"
[[export]]
path = "b.csv"
account = "ubnd xã cũ một"
[[mapped]]
path = "c.csv"
table = "post"
account = "Zzz"
[mapped.columns]
post_id = "ID"
"""
    found = campaign(tmp_path, MERGED + PAGES + exports).unknown_names
    assert [(f.section, f.path, f.near) for f in found] == [
        ("export", "a.csv", "UBND phường Mới"),
        ("mapped", "c.csv", None),
    ]
    assert campaign(tmp_path, exports).unknown_names == ()  # where nothing is declared, nothing is misspelt


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8), st.dates(date(2024, 1, 1), date(2026, 1, 1))
)
def test_following_mergers_always_ends(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, int]], day: date
) -> None:
    into = dict(pairs)
    text = "".join(
        f'[[place]]\ncode = "{n}"\nname = "X {n}"\n'
        + (f'valid_to = 2025-0{n + 1}-28\nmerged_into = "{into[n]}"\n' if n in into else "")
        for n in range(7)
    )
    # into a place that is gone by then, or in the end into itself
    wrong = any(old != new and new in into and new <= old for old, new in into.items())
    folder = tmp_path_factory.mktemp("c")
    if wrong:
        with pytest.raises(CampaignError, match=r"circle|ended on"):
            campaign(folder, text)
        return
    c = campaign(folder, text)
    for place in c.all_places:
        last = c.successor(place.code, day)
        assert c.successor(last, day) == last
    assert set(c.successors) <= {p.code for p in c.former_places}


POSTS = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Post type,Date,Views,Reach\n"


def export(folder: Path, name: str, *rows: tuple[str, str, str]) -> None:
    """A content export of Meta: page id, page name and day of each post."""
    (folder / "inbox").mkdir(exist_ok=True)
    lines = [
        f"{number[-6:]}{n}0123456789,{number},{page},Bài {n},{day} 20:30,https://www.facebook.com/{number}{n},Photos,Lifetime,10,9\n"
        for n, (number, page, day) in enumerate(rows)
    ]
    (folder / "inbox" / name).write_text("\ufeff" + POSTS + "".join(lines), encoding="utf-8")


def test_posts_before_a_merger_are_of_the_former_place_and_compared_with_its_successor(tmp_path: Path) -> None:
    from campaignstats import gather, publish, tagging

    head = LEAST + "[baseline]\nstart = 2024-11-15\nend = 2024-12-15\n"
    c = campaign(tmp_path, MERGED + PAGES, head)
    export(
        tmp_path,
        "nam-truoc.csv",
        ("61550000000100", "UBND xã Cũ Một", "11/20/2024"),
        ("200", "UBND xã Cũ Hai", "11/21/2024"),
    )
    export(
        tmp_path, "nam-nay.csv", ("100", "UBND phường Mới", "11/20/2025"), ("300", "Thông tin phường Mới", "11/21/2025")
    )
    report = gather.gather(c, processes=1)
    assert report.undeclared == []
    tagging.tag(c, processes=1)
    of = publish.evaluation(tmp_path, "en")
    posts = of.posts.set_index("period")
    assert sorted(zip(posts.loc["before", "account"], posts.loc["before", "place"], strict=True)) == [
        ("facebook:100", "1"),  # by its former id, at its former place
        ("facebook:200", "2"),
    ]
    assert set(posts.loc["during", "place"]) == {"9"}
    # three accounts, not four: the old id is no account of its own
    assert sorted(of.accounts["account"]) == ["facebook:100", "facebook:200", "facebook:300"]
    years = of.year_before.set_index("measure")
    assert years.loc["posts", ["now", "before", "reason", "n_former"]].tolist()[:2] == [2, 2]
    assert years.loc["places", ["now", "before"]].tolist() == [1, 1]  # both communes of then are one ward of today
    assert set(years["n_former"]) == {2}
    assert not {"other_accounts", "merger"} & set(years["reason"].dropna())
    assert "2 earlier posts" in " ".join(of.answer("people").split())
    # whoever declares no successor is told that the area changed
    text = (tmp_path / "campaign.toml").read_text(encoding="utf-8").replace('merged_into = "9"\n', "")
    (tmp_path / "campaign.toml").write_text(text, encoding="utf-8")
    assert set(publish.evaluation(tmp_path, "en").year_before["reason"]) == {"merger"}


def test_the_sample_has_no_lineage_and_so_none_is_told(sample: Path) -> None:
    c = load(sample)
    assert (c.former_places, dict(c.successors), dict(c.continued_by)) == ((), {}, {})
    assert all(c.place_of(a, day) == a.place for a in c.accounts for day in (JUNE30, c.window.end))

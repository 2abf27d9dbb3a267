"""docs/accounts-over-time.md: each example loads, from TOML and from the sheets alike, and does what it says."""

import re
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from campaignstats.campaign import Campaign, load
from campaignstats.campaign.loading import TEMPLATES
from campaignstats.errors import CampaignError

PAGE = (Path(__file__).parent.parent / "docs" / "accounts-over-time.md").read_text(encoding="utf-8")
HEAD = '[campaign]\nid = "t"\nname = "T"\n[window]\nstart = {0}-11-15\nend = {0}-12-15\n'
BEFORE, JUNE30, JULY1 = date(2024, 11, 20), date(2025, 6, 30), date(2025, 7, 1)

# an example: the toml, and the sheets up to the next one
EXAMPLES = [
    (toml, dict(re.findall(r"`(\w+)\.xlsx`\n\n((?:\|.*\n)+)", after)))
    for toml, after in re.findall(r"```toml\n(.*?)```\n(.*?)(?=```toml|\Z)", PAGE, re.S)
]


def cells(line: str) -> list[str]:
    return [cell.strip().removeprefix("'") for cell in line.strip().strip("|").split("|")]


def both(folder: Path, n: int, year: int = 2025) -> Campaign:
    """The campaign of example ``n``, which its TOML and its sheets declare alike."""
    toml, sheets = EXAMPLES[n]
    one, other = folder / "toml", folder / "sheets"
    for made, text in ((one, toml), (other, "")):
        made.mkdir()
        (made / "campaign.toml").write_text(HEAD.format(year) + text, encoding="utf-8")
    assert sheets
    for name, table in sheets.items():
        book = xlsxwriter.Workbook(str(other / f"{name}.xlsx"))
        sheet = book.add_worksheet()
        header, _, *rows = table.strip().split("\n")
        for at, line in enumerate((header, *rows)):
            for column, value in enumerate(cells(line)):
                sheet.write_string(at, column, value)
        book.close()
    told, typed = load(one), load(other)
    for part in ("accounts", "places", "former_places"):
        assert getattr(told, part) == getattr(typed, part), part
    return typed


def test_every_example_is_tested() -> None:
    assert len(EXAMPLES) == 5


def test_a_renamed_page(tmp_path: Path) -> None:
    c = both(tmp_path, 0)
    assert c.account_for("facebook", None, "xã suối mơ online") == c.accounts[0]


def test_a_page_with_another_id(tmp_path: Path) -> None:
    c = both(tmp_path, 1)
    assert c.account_for("facebook", "100000000000002") == c.accounts[0]


def test_a_page_in_anothers_stead(tmp_path: Path) -> None:
    c = both(tmp_path, 2)
    old, new = c.accounts
    assert c.continued_by == {old.key: new.key}
    assert old.until == date(2025, 7, 4)


def test_a_page_of_a_merged_commune(tmp_path: Path) -> None:
    c = both(tmp_path, 3)
    page, zalo = c.accounts
    assert [p.name for p in c.places] == ["Phường Mây Mơ"]
    assert [[c.place_of(a, day) for day in (BEFORE, JUNE30, JULY1)] for a in (page, zalo)] == [
        ["90001", "90001", "90010"],
        ["90002", "90002", "90010"],
    ]


@pytest.mark.parametrize(("year", "name"), [(2025, "Xã Đá Bạc"), (2026, "Phường Đá Bạc")])
def test_a_place_that_changed_its_kind(tmp_path: Path, year: int, name: str) -> None:
    (place,) = both(tmp_path, 4, year).places
    assert (place.name, place.population) == (name, 41000)
    assert [n.name for n in place.names] == ["Xã Đá Bạc", "Phường Đá Bạc"]


def test_gather_says_once_whose_former_names_were_counted_for_whom(tmp_path: Path) -> None:
    from campaignstats.gather import gather

    c = both(tmp_path, 3)
    header = "Post ID,Page ID,Page name,Title,Publish time,Permalink,Post type,Date,Views,Reach\n"
    c.inbox.mkdir()
    for n, name in enumerate(("UBND xã Suối Mơ", "ubnd  xã suối mơ", "UBND phường Mây Mơ")):
        row = f"90{n},100000000000005,{name},Bài,11/20/2025 20:30,https://www.facebook.com/90{n},Photos,Lifetime,10,9\n"
        (c.inbox / f"{n}.csv").write_text("\ufeff" + header + row, encoding="utf-8")
    report = gather(c, processes=1)
    says = "Tên cũ “UBND xã Suối Mơ” được tính cho “UBND phường Mây Mơ” (Facebook): 2 tệp."
    assert report.lines("vi").count(says) == 1
    assert says.replace("2 tệp", "3 tệp") in PAGE.replace("`", "")
    assert "counted for “UBND phường Mây Mơ” (Facebook): 2 files." in "\n".join(report.lines("en"))
    assert report.as_dict()["former_names"] == [
        {"called": "UBND xã Suối Mơ", "is_id": False, "account": "facebook:100000000000005", "n_files": 2}
    ]


def test_a_former_id_is_said_too(tmp_path: Path) -> None:
    from campaignstats.gather import gather

    c = both(tmp_path, 1)
    c.inbox.mkdir()
    (c.inbox / "a.csv").write_text(
        "\ufeffPost ID,Page ID,Page name,Title,Publish time,Permalink,Post type,Date,Views,Reach\n"
        "91,100000000000002,Hội Phụ nữ xã Suối Mơ,Bài,11/20/2025 20:30,https://www.facebook.com/91,Photos,Lifetime,9,9\n",
        encoding="utf-8",
    )
    assert [(f.told, f.is_id, f.n_files) for f in gather(c, processes=1).former] == [("100000000000002", True, 1)]


@pytest.mark.parametrize(
    ("told", "near"),
    [
        ("Xã Đồi Mâu", "Xã Đồi Mây"),
        ("doi may", "Xã Đồi Mây"),
        ("Xã ĐồiMây", "Xã Đồi Mây"),
        ("Phường Suối Mơ", "Xã Suối Mơ"),
        ("90200", "90002"),
        ("90100", None),  # 90001 or 90010
        ("Xã Đồi Cây", None),  # one letter of four apart, and quite another commune
        ("Xã Đồi", None),
        ("90003", None),
    ],
)
def test_an_unknown_commune_is_not_taken_for_an_unrelated_one(tmp_path: Path, told: str, near: str | None) -> None:
    text = EXAMPLES[3][0].replace('place = "Phường Mây Mơ"', f'place = "{told}"')
    (tmp_path / "campaign.toml").write_text(HEAD.format(2025) + text, encoding="utf-8")
    with pytest.raises(CampaignError) as caught:
        load(tmp_path)
    assert caught.value.values["near"] == near
    for lang in ("vi", "en"):
        assert "merged_into" in caught.value.message(lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_example_of_inits_template_loads_when_its_marks_are_taken_away(tmp_path: Path, lang: str) -> None:
    template = (TEMPLATES / f"campaign.{lang}.toml").read_text(encoding="utf-8")
    block = next(b for b in template.split("\n\n") if "former_names" in b)
    lines = [line.removeprefix("# ") for line in block.split("\n") if re.match(r"# (\[|\w+ = )", line)]
    more = '\n[[place]]\ncode = "26068"\nname = "Phường Mây Mơ"\n'
    (tmp_path / "campaign.toml").write_text(HEAD.format(2025) + "\n".join(lines) + more, encoding="utf-8")
    c = load(tmp_path)
    assert c.place_of(c.accounts[0], BEFORE) == "90001"
    assert [p.code for p in c.places] == ["26068"]
    assert c.accounts[0].former_names[0].until == JUNE30

"""``campaignstats metrics``: the registry in words, what a campaign uses of it, and which breaks touch its windows."""

import dataclasses
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
import result_tables
from click.testing import CliRunner

from campaignstats import campaign, inventory, metrics, words
from campaignstats.campaign import Window
from campaignstats.cli import main
from campaignstats.errors import InputError
from campaignstats.readers import base


@pytest.fixture(scope="module")
def loaded(sample: Path) -> campaign.Campaign:
    return campaign.load(sample)


@pytest.fixture(scope="module")
def used(loaded: campaign.Campaign) -> inventory.Inventory:
    return inventory.inventory(loaded)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_whole_registry_is_said(lang: str) -> None:
    lines = inventory.inventory().lines(lang)
    for name, entry in metrics.registry().items():
        assert f"{name} · {entry.label[lang]}" in lines
        for found in entry.definitions:
            assert any(line.startswith(f"    {found.id} · ") for line in lines), found.id
    assert max(map(len, lines)) <= inventory.WIDTH
    assert not [line for line in lines if "{" in line]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_metric_says_what_it_counts_when_and_what_it_is_never_summed_over(lang: str) -> None:
    text = " ".join(" ".join(inventory.inventory(names=["views", "reach"]).lines(lang)).split())
    assert metrics.metric("views").meaning[lang] in text
    first, last = words.day(date(2024, 11, 1), lang), words.day(date(2024, 10, 31), lang)
    assert words.text("metrics.from", lang, day=first) in text
    assert words.text("metrics.until", lang, day=last) in text
    assert words.text("metrics.sums_never_people", lang) in text
    assert metrics.metric("reach").breaks[0].source in text


def test_what_was_typed_is_a_folder_or_a_metric_in_any_order(tmp_path: Path) -> None:
    assert inventory.asked([str(tmp_path), "views"]) == (tmp_path, ["views"])
    assert inventory.asked(["reach", str(tmp_path)]) == (tmp_path, ["reach"])
    assert inventory.asked([]) == (None, [])
    with pytest.raises(InputError, match="reach"):
        inventory.asked(["raech"])
    with pytest.raises(InputError) as refused:
        inventory.asked(["zzzzzzz"])
    assert "zzzzzzz" in refused.value.message("vi")
    with pytest.raises(InputError):
        inventory.asked([str(tmp_path), str(tmp_path.parent)])


@pytest.mark.parametrize("typed", ["lượt xem", "Lượt xem", "luot xem", "LUOT  XEM", "Views"])
def test_a_metric_is_found_by_the_label_that_is_printed(typed: str) -> None:
    assert "views" in inventory.asked([typed])[1]


def test_every_label_finds_its_metric() -> None:
    for name, entry in metrics.registry().items():
        for label in entry.label.values():
            assert name in inventory.asked([label])[1]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_the_head_forbids_adding_kinds_of_figure_and_older_snapshots(used: inventory.Inventory, lang: str) -> None:
    head = " ".join(" ".join(used.lines(lang)).split())
    assert words.text("metrics.rules", lang) in head
    assert {"R2", "R4", "R6", "R8"} <= set(
        words.text("metrics.rules", lang).replace(",", " ").replace(")", " ").replace("(", " ").split()
    )


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_an_index_stands_before_the_details_and_all_tells_more(
    used: inventory.Inventory, loaded: campaign.Campaign, lang: str
) -> None:
    lines = used.lines(lang)
    first = lines.index(words.text("metrics.index", lang)) + 1
    index = lines[first : lines.index("", first)]
    assert [x.split(" · ")[0].strip() for x in index if not x.startswith("    ")] == [m.name for m in used.entries]
    assert max(map(len, lines)) <= inventory.WIDTH
    everything = inventory.inventory(loaded, all=True).lines(lang)
    assert 2 * len(lines) < len(everything)
    for entry in used.entries:  # what it counts is told where it is asked for
        assert entry.meaning[lang] in " ".join(" ".join(everything).split())


def test_kinds_of_figure_and_older_snapshots_are_said_where_they_stand(used: inventory.Inventory) -> None:
    text = " ".join(" ".join(used.lines("en")).split())
    by: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for u in used.uses:
        by.setdefault((u.platform, u.definition), set()).add((u.grain, u.traffic, u.day_zone))
    several = [len(kinds) for kinds in by.values() if len(kinds) > 1]
    assert several
    assert text.count("kinds of figure, never added together") == len(several)
    older = [u.n_values - u.n_items for u in used.uses if u.grain == "post_lifetime" and u.n_values > u.n_items]
    assert text.count("of the same posts and in no sum") == len(older)


def test_a_campaign_shows_what_it_uses_with_numbers(used: inventory.Inventory, loaded: campaign.Campaign) -> None:
    from campaignstats.store import Store

    counted = Store(loaded.tables).query("SELECT metric, count(*) AS n FROM metric GROUP BY metric")
    of = {name: sum(u.n_values for u in used.uses if u.metric == name) for name in counted["metric"]}
    assert of == dict(zip(counted["metric"], counted["n"], strict=True))
    assert {m.name for m in used.entries} == set(of)
    assert used.n_unused == len(metrics.registry()) - len(of)
    for lang in words.LANGUAGES:
        lines = used.lines(lang)
        assert loaded.name[lang] in " ".join(" ".join(lines[:3]).split())
        assert not [line for line in lines if "{" in line]
        assert words.text("metrics.unused", lang, n=used.n_unused) in lines


def test_days_are_named_by_whose_they_are(used: inventory.Inventory) -> None:
    zones = {(u.platform, u.route): u.day_zone for u in used.uses if u.grain.endswith("_day")}
    assert zones["facebook", "mbs_account_day"] == "America/Los_Angeles"
    assert zones["x", "x_overview"] == "UTC" if ("x", "x_overview") in zones else True
    # TikTok's days are the account's own: that the reader took the campaign's zone for them is no knowledge
    assert {zone for (platform, _), zone in zones.items() if platform == "tiktok"} == {"account"}
    assert {u.day_zone for u in used.uses if u.grain == "post_lifetime"} == {""}
    assert "US Pacific days" in " ".join(" ".join(used.lines("en")).split())


def test_every_clock_of_a_reader_has_words() -> None:
    for day in {reader.DAY for reader in base.registry().values()} - {"export", "unstated"}:
        for lang in words.LANGUAGES:
            assert words.clock(day, lang)
            if day in ("account", "declared", "UTC", "America/Los_Angeles"):
                assert day not in words.clock(day, lang).split()[:1] or day == "UTC"
    assert "Europe/Sofia" in words.clock("Europe/Sofia", "en")


def test_unknown_clocks_are_said_as_such() -> None:
    table = pd.DataFrame(
        {
            "grain": ["account_day", "account_day", "post_lifetime", "account_day"],
            "day_zone": [None, "UTC", None, "Asia/Ho_Chi_Minh"],
            "route": ["mapped", "x_overview", "mbs_fb_posts", "tt_studio_overview"],
        }
    )
    assert inventory.whose_days(table).tolist() == ["unknown", "UTC", "", "account"]


def test_a_break_is_placed_in_the_windows() -> None:
    made = result_tables.campaign()  # baseline 15 October to 14 November, window 15 November to 15 December 2025
    days = {
        "before": date(2025, 3, 31),
        "baseline": date(2025, 10, 20),
        "window": date(2025, 11, 15),
        "after": date(2026, 6, 15),
    }
    assert {where: inventory.where_of(day, made) for where, day in days.items()} == {d: d for d in days}
    year_before = dataclasses.replace(made, baseline=Window(date(2024, 11, 15), date(2024, 12, 15)))
    assert inventory.where_of(date(2025, 3, 31), year_before) == "between"
    assert inventory.where_of(date(2024, 8, 1), dataclasses.replace(made, baseline=None)) == "before"


def test_the_breaks_inside_the_windows_stand_at_the_head(used: inventory.Inventory) -> None:
    head = " ".join(" ".join(used.lines("en")[:8]).split())
    assert "Breaks that fall into these windows: 15 November 2025 reach, Facebook (may have changed)." in head


def run(*args: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(main, ["metrics", *args])
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_command_speaks_both_languages() -> None:
    vi, en = (run("views", "--lang", lang) for lang in words.LANGUAGES)
    assert vi[0] == en[0] == 0
    assert "lượt xem" in vi[1]
    assert "repeats included" in en[1]
    assert "reach" not in en[1].splitlines()


def test_the_command_with_a_campaign(sample: Path) -> None:
    code, shown, _ = run(str(sample), "reach", "--lang", "en")
    assert code == 0
    assert "mbs_fb_posts" in shown
    code, shown, _ = run(str(sample), "quotes", "--lang", "en")
    assert code == 0
    assert "no value of: quotes" in shown
    n_used = run(str(sample), "--lang", "en")[1].count(" · ")
    assert run(str(sample), "--all", "--lang", "en")[1].count(" · ") > n_used


def test_the_command_for_machines(sample: Path) -> None:
    code, shown, _ = run(str(sample), "views", "--json")
    assert code == 0
    (views,) = json.loads(shown)["metrics"]
    assert views["name"] == "views"
    assert {"platform": "facebook", "definition": "views.facebook"}.items() <= views["values"][0].items()
    assert all({"on", "platform", "kind", "where"} == set(b) for b in views["breaks_here"])
    assert len(json.loads(run("--json")[1])["metrics"]) == len(metrics.registry())


def test_a_slip_ends_in_a_suggestion() -> None:
    code, shown, said = run("vews", "--lang", "en")
    assert code == 1
    assert shown == ""
    assert "Did you mean 'views'?" in said


def test_an_empty_campaign_says_so(tmp_path: Path) -> None:
    from campaignstats import start

    start.init(tmp_path / "moi", lang="vi")
    code, shown, _ = run(str(tmp_path / "moi"), "--lang", "vi")
    assert code == 0
    assert words.text("metrics.none", "vi") in shown

import dataclasses
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import matplotlib.dates
import numpy as np
import pandas as pd
import pytest
import result_tables as tables
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from campaignstats import draw, words

TABLES = {
    "tile_map": "reach_places",
    "focus_areas": "messages",
    "theme_bars": "messages",
    "theme_weeks": "message_weeks",
    "reach_bounds": "reach",
    "views_by_platform": "views",
    "sentiment_bars": "sentiment",
    "completeness_calendar": "calendar",
    "engagement": "engagement",
    "concentration": "concentration",
    "daily": "daily",
}


def names(function: str, lang: str = "vi") -> dict[str, str]:
    areas: Any = tables.FOCUS if function == "focus_areas" else tables.THEMES
    return {area.code: area.name[lang] for area in areas}


def drawn(function: str, table: pd.DataFrame | None = None, **options: Any) -> Figure | None:
    frame = tables.rich()[TABLES[function]] if table is None else table
    if function == "daily":
        options = {"breaks": tables.rich()["definition_breaks"]} | options
    return draw.FUNCTIONS[function](frame, names=names(function, options.get("lang", "vi")), **options)


def figure(function: str, table: pd.DataFrame | None = None, **options: Any) -> Figure:
    made = drawn(function, table, **options)
    assert made is not None
    return made


def texts(made: Figure, gid: str | None = None) -> list[str]:
    found = [*made.texts, *(text for axes in made.axes for text in axes.texts)]
    return [text.get_text() for text in found if gid is None or text.get_gid() == gid]


def patches(made: Figure, gid: str) -> list[Rectangle]:
    return [
        p for axes in made.axes for p in axes.patches if isinstance(p, Rectangle) and str(p.get_gid()).startswith(gid)
    ]


def test_every_figure_is_listed() -> None:
    assert set(draw.FUNCTIONS) == set(TABLES)


@pytest.mark.parametrize("function", sorted(TABLES))
@pytest.mark.parametrize("lang", words.LANGUAGES)
class TestEveryFigure:
    def test_title_source_and_synthetic_mark_stand_in_the_language(self, function: str, lang: str) -> None:
        made = figure(function, lang=lang, synthetic=True, source="Nguồn mẫu.")
        assert " ".join(texts(made, "title")[0].split()) == words.text(f"draw.title.{function}", lang)
        assert texts(made, "source") == ["Nguồn mẫu."]
        assert texts(made, "synthetic") == [words.text("draw.synthetic", lang)]

    def test_a_real_campaign_bears_no_mark(self, function: str, lang: str) -> None:
        assert texts(figure(function, lang=lang), "synthetic") == []

    def test_an_empty_table_is_no_figure(self, function: str, lang: str) -> None:
        assert drawn(function, tables.rich()[TABLES[function]].iloc[:0], lang=lang) is None

    def test_no_text_leaves_the_picture(self, function: str, lang: str) -> None:
        made = figure(function, lang=lang, synthetic=True, source="Nguồn mẫu.")
        width, height = made.get_size_inches() * 100
        renderer = FigureCanvasAgg(made).get_renderer()
        for axes in [None, *made.axes]:
            # tick labels beyond the limits are not drawn
            shown = made.texts if axes is None else [*axes.texts, *_shown_ticks(axes)]
            for text in shown:
                box = text.get_window_extent(renderer)
                if text.get_text() and text.get_visible():
                    assert box.x0 >= -2, text.get_text()
                    assert box.x1 <= width + 2, text.get_text()
                    assert box.y0 >= -2, text.get_text()
                    assert box.y1 <= height + 2, text.get_text()

    def test_labels_do_not_collide(self, function: str, lang: str) -> None:
        made = figure(function, lang=lang, synthetic=True, source="Nguồn mẫu.")
        renderer = FigureCanvasAgg(made).get_renderer()
        found = [(t.get_text(), t.get_window_extent(renderer)) for t in made.texts if t.get_text()]
        for axes in made.axes:
            found += [(t.get_text(), t.get_window_extent(renderer)) for t in axes.texts if t.get_text()]
            found += [(t.get_text(), t.get_window_extent(renderer)) for t in _shown_ticks(axes)]
        for at, (text, box) in enumerate(found):
            for other, second in found[at + 1 :]:
                wide = min(box.x1, second.x1) - max(box.x0, second.x0)
                high = min(box.y1, second.y1) - max(box.y0, second.y0)
                assert not (wide > 1.5 and high > 2.5), f"{text!r} over {other!r}"


def _shown_ticks(axes: Any) -> list[Any]:
    if not axes.axison:
        return []
    found = []
    for axis, limits in ((axes.xaxis, sorted(axes.get_xlim())), (axes.yaxis, sorted(axes.get_ylim()))):
        for place, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=False):
            if label.get_text() and limits[0] <= place <= limits[1]:
                found.append(label)
    return found


@pytest.mark.parametrize("function", sorted(TABLES))
def test_the_same_table_gives_the_same_bytes(function: str) -> None:
    first, second = (figure(function, synthetic=True, source="Nguồn mẫu.") for _ in range(2))
    assert draw.svg(first) == draw.svg(second)
    assert draw.png(first) == draw.png(second)


@pytest.mark.parametrize("function", sorted(TABLES))
def test_row_order_does_not_matter_and_the_table_is_left_alone(function: str) -> None:
    table = tables.rich()[TABLES[function]]
    before = table.copy()
    shuffled = table.sample(frac=1, random_state=3)
    assert draw.svg(figure(function, shuffled)) == draw.svg(figure(function, table))
    pd.testing.assert_frame_equal(table, before)


def test_svg_is_well_formed_and_names_no_host() -> None:
    made = draw.svg(figure("tile_map", synthetic=True))
    ET.fromstring(made)
    hosts = {part.split('"')[0].split("<")[0] for part in made.split("http://")[1:]}
    assert all(host.startswith(("www.w3.org/", "purl.org/", "creativecommons.org/")) for host in hosts)


def test_drawing_leaves_the_settings_of_others_alone() -> None:
    before = dict(mpl.rcParams)
    draw.png(figure("engagement"))
    assert dict(mpl.rcParams) == before


def test_dollar_signs_are_no_formula() -> None:
    table = tables.rich()["calendar"].assign(name="giá $100 và $200")
    assert draw.svg(figure("completeness_calendar", table))


class TestTileMap:
    def test_the_three_states_differ_in_fill_and_outline_and_hatch(self) -> None:
        made = figure("tile_map")
        looks = {
            (
                to_hex(tile.get_facecolor(), keep_alpha=True),
                to_hex(tile.get_edgecolor()),
                str(tile.get_linestyle()),
                tile.get_hatch(),
            )
            for tile in patches(made, "tile-")
        }
        assert len(looks) == 4  # posted; complete; dashed outline over a hatched ground

    def test_every_place_has_its_own_tile_in_its_state(self) -> None:
        table = tables.rich()["reach_places"]
        made = figure("tile_map", table)
        for state in draw.STATES:
            n = int((table["state"] == state).sum())
            assert len(patches(made, f"tile-{state}")) == n + 1  # one in the key
            assert words.text(f"draw.state.{state}", "vi", n=n) in texts(made, "key")
        where = [(p.get_x(), p.get_y()) for p in patches(made, "tile-") if p.get_gid() != "tile-hatch"]
        assert len(set(where)) == len(where)

    def test_names_lose_their_kind_and_keep_their_letters(self) -> None:
        made = figure("tile_map")
        shown = {text.replace("\n", " ") for axes in made.axes for text in _names(axes)}
        assert {"Nghĩa Thuận", "Hạ Ròn", "Mười"} <= shown

    def test_a_missing_name_is_the_code(self) -> None:
        table = tables.rich()["reach_places"]
        table.loc[0, "name"] = None
        assert "00001" in _names(figure("tile_map", table).axes[0])


def _names(axes: Any) -> list[str]:
    return [t.get_text() for t in axes.texts if str(t.get_gid()).startswith("name-")]


@given(
    st.lists(
        st.tuples(st.floats(106.0, 108.0), st.floats(10.0, 12.5)) | st.just((float("nan"), float("nan"))),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_two_places_share_a_cell(where: list[tuple[float, float]]) -> None:
    longitude, latitude = np.array(where).T
    columns, rows = draw.tile_cells(longitude, latitude)
    assert len({*zip(columns.tolist(), rows.tolist(), strict=True)}) == len(where)
    assert columns.min() >= 0
    assert rows.min() >= 0


def test_tiles_stand_as_the_places_do() -> None:
    # a cross: north, south, west, east
    columns, rows = draw.tile_cells(np.array([107.0, 107.0, 106.5, 107.5]), np.array([12.0, 10.5, 11.25, 11.25]))
    assert rows[0] < rows[2] == rows[3] < rows[1]
    assert columns[2] < columns[3]


class TestOwnedEarned:
    def test_bars_are_as_long_as_the_masked_shares(self) -> None:
        table = tables.rich()["messages"]
        made = figure("focus_areas", table)
        for row in table[(table["scope"] == "focus_area") & table["masked"]].itertuples():
            (bar,) = patches(made, f"{row.side}-{row.code}")
            assert bar.get_width() == pytest.approx(row.share)

    def test_owned_is_solid_and_earned_hatched(self) -> None:
        made = figure("theme_bars")
        assert all(not bar.get_hatch() for bar in patches(made, "owned-"))
        assert all(bar.get_hatch() for bar in patches(made, "earned-"))

    def test_a_theme_keeps_its_colour_whatever_is_drawn(self) -> None:
        colours = draw.theme_colours(names("theme_bars"))
        table = tables.rich()["messages"]
        for part in (table, table[table["code"].isin(["support", "amplify"])]):
            for bar in patches(figure("theme_bars", part), "owned-"):
                code = str(bar.get_gid()).removeprefix("owned-")
                assert to_hex(bar.get_facecolor()).upper() == colours[code].upper()
        assert len(set(colours.values())) == len(colours)

    def test_a_side_without_a_share_is_said(self) -> None:
        table = tables.rich()["messages"]
        made = figure("focus_areas", table[table["side"] == "owned"])
        assert words.text("draw.no_earned", "vi") in texts(made)

    def test_shares_that_are_missing_are_no_bars(self) -> None:
        table = tables.rich()["messages"].assign(share=None)
        assert drawn("focus_areas", table) is None

    @pytest.mark.parametrize(("lang", "label"), [("vi", "58 % trong 1.204 bài"), ("en", "58% of 1,204 posts")])
    def test_numbers_in_the_language(self, lang: str, label: str) -> None:
        shown = [text.replace("\u00a0", " ") for text in texts(figure("focus_areas", lang=lang), "value")]
        assert any(text.startswith(label.split(" bài")[0].split(" posts")[0]) for text in shown)


class TestReachBounds:
    def test_lines_run_from_lower_to_upper_with_the_campaign_first(self) -> None:
        made = figure("reach_bounds")
        lines = [np.asarray(line.get_xdata()) for line in made.axes[0].lines if line.get_gid() == "interval"]
        assert list(lines[0]) == [412_300.0, 3_871_450.0]
        assert texts(made, "name")[0] == "Toàn chiến dịch"
        assert len(lines) == 5

    def test_an_unknown_ceiling_is_an_arrow_and_words(self) -> None:
        made = figure("reach_bounds", lang="en")
        assert len([line for line in made.axes[0].lines if line.get_gid() == "open"]) == 1
        assert "at least 74,050; ceiling unknown" in texts(made, "value")


def test_views_are_labelled_and_never_added() -> None:
    table = tables.rich()["views"]
    made = figure("views_by_platform", table)
    widths = sorted(bar.get_width() for bar in made.axes[0].patches if isinstance(bar, Rectangle))
    assert widths == sorted(table["views"])
    assert " 5.120.334" in texts(made, "value")


def test_heat_map_has_a_cell_for_every_known_share() -> None:
    table = tables.rich()["message_weeks"]
    owned = table[table["side"] == "owned"]
    made = figure("theme_weeks", table)
    assert len(patches(made, "cell")) == int(owned["share"].notna().sum())
    assert len(patches(made, "none")) == int(owned["share"].isna().sum()) == 1


def test_one_week_is_no_heat_map() -> None:
    table = tables.rich()["message_weeks"]
    assert drawn("theme_weeks", table[table["week_start"] == table["week_start"].min()]) is None


class TestSentiment:
    def test_parts_stand_in_order_and_fill_the_bar(self) -> None:
        made = figure("sentiment_bars")
        bars = {kind: patches(made, kind) for kind in ("negative", "neutral", "positive")}
        for negative, neutral, positive in zip(*bars.values(), strict=True):
            assert negative.get_x() == 0
            assert neutral.get_x() == pytest.approx(negative.get_width())
            assert positive.get_x() + positive.get_width() == pytest.approx(1)

    def test_blue_to_orange_with_a_hatch(self) -> None:
        made = figure("sentiment_bars")
        assert {to_hex(bar.get_facecolor()) for bar in patches(made, "positive")} == {"#0072b2"}
        assert all(bar.get_hatch() for bar in patches(made, "negative"))

    def test_a_withheld_platform_is_left_out(self) -> None:
        table = tables.rich()["sentiment"]
        table["share"] = table["share"].mask(table["platform"] == "youtube")
        assert len(patches(figure("sentiment_bars", table), "positive")) == 3


class TestCalendar:
    def test_it_tells_no_post_from_no_source(self) -> None:
        table = tables.rich()["calendar"]
        made = figure("completeness_calendar", table)
        assert len(patches(made, "posts")) - 3 == int((table["state"] == "posts").sum())  # three in the key
        lines = [line for axes in made.axes for line in axes.lines]
        empty = sum(len(line.get_xdata()) for line in lines if line.get_gid() == "no_posts")
        assert empty - 3 == int((table["state"] == "no_posts").sum())
        hatched = [p for p in patches(made, "no_source") if p.get_hatch()]
        assert sum(p.get_width() for p in hatched) - 3 == int((table["state"] == "no_source").sum())

    @pytest.mark.parametrize("lang", words.LANGUAGES)
    def test_the_campaigns_days_and_the_missing_files_are_named(self, lang: str) -> None:
        made = figure("completeness_calendar", lang=lang)
        assert texts(made, "first-day") == [words.text("draw.calendar.first", lang, day="27/03")]
        assert texts(made, "last-day") == [words.text("draw.calendar.last", lang, day="12/04")]
        assert texts(made, "nothing") == [words.text("draw.calendar.nothing", lang)]
        assert words.text("draw.calendar.no_source", lang) in texts(made, "key")

    def test_what_lacks_most_stands_first_in_its_level(self) -> None:
        rows = texts(figure("completeness_calendar"), "name")
        communes = [row for row in rows if row.startswith("Trang xã") or row.startswith("Xã số")]
        assert len(rows) == 43
        assert "số 0" in communes[0]

    def test_many_accounts_go_over_pages_and_none_is_lost(self) -> None:
        table = tables.rich()["calendar"]
        many = pd.concat([table.assign(account=table["account"] + f" {n}") for n in range(5)], ignore_index=True)
        pages = draw.calendar_pages(many)
        assert max(map(len, pages)) <= 66
        assert sorted(a for page in pages for a in page) == sorted(many["account"].unique())
        assert len(draw.calendar_pages(table)) == 1

    def test_labels_stay_inside_the_picture(self) -> None:
        table = tables.rich()["calendar"].assign(name="Một tên trang rất dài của một xã có tên dài" * 2)
        made = figure("completeness_calendar", table)
        renderer = FigureCanvasAgg(made).get_renderer()
        for text in (t for axes in made.axes for t in axes.texts):
            box = text.get_window_extent(renderer)
            assert box.x0 >= -2, text.get_text()
            assert box.x1 <= made.bbox.x1 + 2, text.get_text()


class TestEngagement:
    def test_a_panel_for_each_denominator(self) -> None:
        made = figure("engagement")
        titles = [axes.get_title(loc="left") for axes in made.axes if axes.get_title(loc="left")]
        assert titles == ["Tương tác trên 100 tài khoản tiếp cận", "Tương tác trên 100 lượt xem"]

    def test_a_rate_without_an_interval_is_a_dot_and_says_so(self) -> None:
        made = figure("engagement")
        intervals = [line for axes in made.axes for line in axes.lines if line.get_gid() == "interval"]
        dots = [line for axes in made.axes for line in axes.lines if line.get_gid() == "rate"]
        assert (len(intervals), len(dots)) == (3, 4)
        assert "1,14  (không có khoảng)" in texts(made, "value")


def test_concentration_bars_are_the_top_five_share() -> None:
    made = figure("concentration")
    assert [bar.get_width() for bar in patches(made, "top5")] == pytest.approx([0.31, 0.62])


def test_every_letter_of_vietnamese_is_in_the_font() -> None:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = set(get_font(findfont(FontProperties(family=draw.STYLE["font.family"]))).get_charmap())
    base = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ₫–“”"
    assert {ord(c) for c in base + base.upper()} - known == set()


def test_figures_of_a_poor_campaign_are_left_out() -> None:
    poor = tables.poor()
    made = {f: draw.FUNCTIONS[f](poor[t], names=names(f)) for f, t in TABLES.items()}
    assert {f for f, m in made.items() if m is not None} == set()


def test_campaign_of_one_platform_still_draws() -> None:
    rich = tables.rich()
    one = rich["sentiment"][rich["sentiment"]["platform"] == "facebook"]
    assert figure("sentiment_bars", one)
    assert figure("views_by_platform", rich["views"].iloc[:1])
    assert figure("engagement", rich["engagement"].iloc[3:])


def test_themes_are_the_dataclasses_of_the_campaign() -> None:
    assert [t.code for t in tables.campaign().themes] == list(draw.theme_colours(names("theme_bars")))
    assert dataclasses.is_dataclass(tables.THEMES[0])


def _dated(made: Figure, gid: str) -> list[Any]:
    return [line for axes in made.axes for line in axes.lines if str(line.get_gid()).startswith(gid)]


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_days_are_drawn_in_segments_and_say_whose_they_are(lang: str) -> None:
    made = figure("daily", lang=lang)
    youtube = made.axes[-1]
    changed = mpl.dates.date2num(pd.Timestamp("2025-03-31"))
    lines = [line for line in youtube.lines if str(line.get_gid()).startswith("segment-")]
    assert {line.get_gid() for line in lines} == {"segment-0", "segment-1"}
    for line in lines:  # no line runs across the break, nor over the day without figures
        days = list(line.get_xdata())
        assert max(days) < changed or min(days) >= changed
        assert [b - a for a, b in pairwise(days)] == [1.0] * (len(days) - 1)
    assert [axes.get_xlabel() for axes in made.axes[1:]] == [
        words.clock("account", lang),
        words.clock("America/Los_Angeles", lang),
    ]
    assert words.text("draw.days.key_breaks", lang) in " ".join(texts(made, "key")[0].split())


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_breaks_are_dashed_lines_with_a_label_each_in_their_own_panel(lang: str) -> None:
    made = figure("daily", lang=lang)
    marks = _dated(made, "break-")
    assert [str(m.get_gid()) for m in marks] == ["break-changed", "break-possible"]  # that of 2026 is out of sight
    assert all(m.is_dashed() for m in marks)
    day = words.day(pd.Timestamp("2025-03-31"), lang)
    about = words.text("draw.break.about", lang, day=words.day(pd.Timestamp("2025-04-02"), lang))
    assert texts(made, "break") == [
        words.text("draw.break.changed", lang, day=day),
        words.text("draw.break.possible", lang, day=about),
    ]
    assert not _dated(figure("daily", lang=lang, breaks=None), "break-")


def test_many_breaks_stand_below_each_other_and_clear_of_the_lines() -> None:
    breaks = pd.DataFrame(
        [
            ("views", "youtube", pd.Timestamp("2025-03-21") + pd.Timedelta(days=3 * n), "changed", True)
            for n in range(7)
        ],
        columns=["metric", "platform", "on", "kind", "precise"],
    )
    made = figure("daily", breaks=breaks)
    renderer = FigureCanvasAgg(made).get_renderer()
    boxes = [t.get_window_extent(renderer) for axes in made.axes for t in axes.texts if t.get_gid() == "break"]
    assert len(boxes) == 7
    for at, box in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert not box.overlaps(other)
    axes = made.axes[-1]
    top = max(max(line.get_ydata()) for line in axes.lines if str(line.get_gid()).startswith("segment"))
    assert min(box.y0 for box in boxes) >= axes.transData.transform((0, top))[1] - 1


def test_any_figure_over_time_can_be_marked() -> None:
    with mpl.rc_context(draw.STYLE):
        made = Figure(figsize=(4, 2))
        axes = made.add_subplot()
        axes.plot(pd.date_range("2025-11-01", "2025-12-01"), range(31))
        found = tables.rich()["definition_breaks"].assign(on=pd.Timestamp("2025-11-15"))
        assert draw.break_lines(axes, found, lang="en") >= 1
    assert {line.get_gid() for line in axes.lines if line.get_gid()} == {
        "break-changed",
        "break-possible",
        "break-renamed",
    }


def test_days_inside_the_campaign_have_a_ground() -> None:
    made = figure("daily")
    grounds = [p for axes in made.axes for p in axes.patches if p.get_gid() == "window"]
    assert len(grounds) == 2
    left = mpl.dates.date2num(pd.Timestamp("2025-03-25")) - 0.5
    assert grounds[0].get_x() == pytest.approx(left)
    assert grounds[0].get_width() == pytest.approx(12)


def test_one_day_is_no_picture() -> None:
    table = tables.rich()["daily"]
    assert drawn("daily", table.groupby("platform").head(1)) is None

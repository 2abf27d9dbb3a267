import re
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
import result_tables as tables

from campaignstats import words
from campaignstats.findings import report as reports
from campaignstats.findings.model import Report, Section

LANGUAGES = words.LANGUAGES
QUESTIONS = {
    "vi": [
        "Bao nhiêu người?",
        "Ở đâu?",
        "Thông điệp nào?",
        "Đón nhận ra sao?",
        "Chắc đến đâu?",
        "Thiếu gì?",
        "Làm gì tiếp?",
    ],
    "en": [
        "How many people?",
        "Where?",
        "Which messages?",
        "How was it received?",
        "How sure is this?",
        "What is missing?",
        "What next?",
    ],
}


def made(results: dict[str, pd.DataFrame] | None = None, *, lang: str = "vi", **changes: Any) -> Report:
    campaign = replace(tables.campaign(), **changes)
    return reports.report(tables.rich() if results is None else results, campaign, lang=lang)


def section(report: Report, name: str) -> Section:
    return next(s for s in report.sections if s.name == name)


def said(report: Report, name: str | None = None) -> str:
    """All sentences (of one section), with plain spaces."""
    found = report.sections if name is None else [section(report, name)]
    parts = [f"{x.lead} {x.text}" for s in found for x in s.sentences]
    return " ".join(parts).replace("\u00a0", " ")


def keys(report: Report) -> set[str]:
    return {x.key for s in report.sections for x in s.sentences}


def changed(name: str, **columns: Any) -> dict[str, pd.DataFrame]:
    results = tables.rich()
    results[name] = results[name].assign(**columns)
    return results


@pytest.mark.parametrize("lang", LANGUAGES)
class TestBothLanguages:
    def test_the_seven_questions_in_order(self, lang: str) -> None:
        assert [s.heading for s in made(lang=lang).front] == QUESTIONS[lang]
        assert [s.heading for s in made(tables.poor(), lang=lang).front] == QUESTIONS[lang]

    def test_every_question_has_a_sentence_even_without_tables(self, lang: str) -> None:
        report = made({}, lang=lang)
        assert all(s.sentences for s in report.front)
        assert report.figures == ()
        assert words.text("findings.answer.not_enough", lang) in [s.answer for s in report.front]

    def test_always_said(self, lang: str) -> None:
        for results in (tables.rich(), tables.poor(), {}):
            report = made(results, lang=lang)
            front = " ".join(f"{x.lead} {x.text}" for s in report.front for x in s.sentences)
            assert words.text("findings.lead.year_before", lang) in front
            assert words.text("findings.missing.unmeasured", lang) in front
            assert words.text("findings.missing.beside", lang) in front
            assert words.text("findings.reception.not_residents", lang) in front

    def test_no_pattern_is_left_unfilled_and_no_missing_value_is_printed(self, lang: str) -> None:
        for results in (tables.rich(), tables.poor(), {}):
            report = made(results, lang=lang)
            text = said(report) + " ".join(f"{s.answer} {s.gloss}" for s in report.front)
            assert not re.search(r"[{}]|\bnan\b|<NA>|None|NaT", text)

    def test_synthetic_is_said(self, lang: str) -> None:
        assert made(lang=lang).mark == words.text("draw.synthetic", lang)
        assert made(lang=lang, synthetic=False).mark == ""

    def test_numbers_in_the_languages_form(self, lang: str) -> None:
        answer = section(made(lang=lang), "people").answer
        assert answer == {"vi": "412.300 đến 3.871.450", "en": "412,300 to 3,871,450"}[lang]

    def test_every_share_has_tagger_beside_it(self, lang: str) -> None:
        report = made(lang=lang)
        how = {"vi": "máy đếm, chưa hiệu chỉnh", "en": "tagger's count, uncorrected"}[lang]
        for name in ("message", "reception"):
            for sentence in section(report, name).sentences:
                if "%" in sentence.text and not sentence.key.startswith("engagement."):
                    assert how in sentence.text
            # a tagger's raw count is never the answer in large type
            assert "%" not in section(report, name).answer + section(report, name).gloss
            assert section(report, name).answer == {"vi": "Chưa kết luận được", "en": "No finding yet"}[lang]
        for table in report.tables:
            if any(c.name == "share" for c in table.columns) or table.name == "message_weeks":
                assert how.capitalize() in " ".join(table.notes)
        for figure in report.figures:
            if figure.function in ("focus_areas", "theme_bars", "theme_weeks", "sentiment_bars"):
                assert how in figure.caption.lower()

    def test_reach_is_called_an_output(self, lang: str) -> None:
        assert {"vi": "kết quả đầu ra", "en": "Reach is an output"}[lang] in said(made(lang=lang), "people")

    def test_tables_cited_exist(self, lang: str) -> None:
        report = made(lang=lang)
        names = {t.name for t in report.tables}
        assert {n for s in report.sections for x in s.sentences for n in x.see} <= names
        assert len({t.number for t in report.tables}) == len(report.tables)

    def test_every_figure_says_its_table_in_words(self, lang: str) -> None:
        report = made(lang=lang)
        assert len(report.figures) == 11
        assert all(len(f.alt) > 30 for f in report.figures)
        bounds = next(f for f in report.figures if f.function == "reach_bounds")
        assert words.number(4_491_408, lang) not in bounds.alt  # a capped upper bound is no finding
        assert words.number(74_050, lang) in bounds.alt

    def test_tables_say_stage_and_source(self, lang: str) -> None:
        for table in made(lang=lang).tables:
            assert words.text("findings.source.dated", lang, n=3, day=date(2025, 12, 24)) in table.source


class TestReach:
    def test_number_first_then_certainty_then_base(self) -> None:
        text = said(made(), "people")
        assert text.strip().startswith("Từ 412.300 đến 3.871.450 tài khoản")
        assert text.index("không phải khoảng tin cậy") < text.index("1.204 bài của 58 trang")

    @pytest.mark.parametrize(("lang", "words_"), [("vi", "chưa biết trần"), ("en", "the ceiling is unknown")])
    def test_capped_is_at_least(self, lang: str, words_: str) -> None:
        report = made(changed("reach", capped=True), lang=lang)
        assert words_ in said(report, "people")
        assert section(report, "people").answer == {"vi": "Ít nhất 412.300", "en": "At least 412,300"}[lang]
        assert words.number(3_871_450, lang) not in said(report, "people")

    def test_an_upper_bound_that_is_missing_is_open(self) -> None:
        assert "reach.open" in keys(made(changed("reach", upper=None)))

    def test_equal_bounds_are_one_number(self) -> None:
        report = made(changed("reach", lower=900.0, upper=900.0))
        assert section(report, "people").answer == "900"
        assert "reach.single" in keys(report)

    def test_views_are_listed_not_added(self) -> None:
        text = said(made(), "people")
        assert "Facebook 5.120.334 (thiếu số của 40 bài); TikTok 2.904.551 (" in text
        assert words.number(5_120_334 + 2_904_551, "vi") not in text

    def test_views_read_off_a_screen_are_said(self) -> None:
        assert "views.on_screen" not in keys(made())
        assert "14 bài có lượt xem do người đọc" in said(made(changed("views", n_on_screen=[14, 0, 0, 0])), "people")

    def test_bounds_without_some_posts_are_no_ceiling(self) -> None:
        report = made(lang="en")
        assert "so the upper bound is no ceiling yet" in said(report, "people")
        assert "by the posts that have a reach figure" in section(report, "people").gloss
        assert "For the posts that have a figure" in said(report, "certainty")
        whole = made(changed("reach", n_missing=0), lang="en")
        assert "that have a" not in section(whole, "people").gloss + said(whole, "certainty")

    def test_one_is_singular(self) -> None:
        text = said(made(changed("reach", n_posts=1, n_accounts=1, n_missing=0), lang="en"), "people")
        assert "1 post of 1 page or channel." in text
        assert "1,204 posts of 58 pages and channels." in said(made(lang="en"), "people")

    def test_missing_posts_are_said(self) -> None:
        assert "96 trên 1.204 bài không có số tiếp cận" in said(made(), "people")
        assert "reach.missing" not in keys(made(changed("reach", n_missing=0)))


class TestYearBefore:
    def test_comparable_and_not(self) -> None:
        text = said(made(), "people")
        assert "Số bài đăng: 1.204, cùng kỳ năm trước 633; so sánh được." in text
        assert "không so sánh được, vì nền tảng đã đổi cách đếm giữa hai năm" in text

    def test_one_reason_for_all_is_said_once(self) -> None:
        text = said(made(changed("year_before", comparable=False, reason="other_window")), "people")
        assert text.count("Không so sánh được, vì") == 1
        assert "không phải là cùng kỳ năm trước" in text

    def test_an_unknown_reason_is_said_to_be_unknown(self) -> None:
        report = made(changed("year_before", comparable=False, reason="no.such.key"))
        assert "chưa rõ lý do" in said(report, "people")

    def test_views_of_a_platform_have_their_name(self) -> None:
        report = made(changed("year_before", measure="views.facebook"), lang="en")
        assert "Views on Facebook: " in said(report, "people")

    def test_a_full_catalogue_key_is_a_reason(self) -> None:
        report = made(changed("year_before", comparable=False, reason="reason.merger"), lang="en")
        assert "because the area changed in a merger" in said(report, "people")


class TestPlaces:
    def test_at_least_unless_exact(self) -> None:
        assert section(made(), "where").answer == "Ít nhất 3 trên 6"
        assert section(made(changed("participation", exact=True)), "where").answer == "3 trên 6"

    def test_places_known_by_their_own_sheet_alone_are_said(self) -> None:
        assert "where.on_sheet" not in keys(made())
        text = said(made(changed("participation", n_on_sheet_only=2)), "where")
        assert "2 trên 3 xã, phường có bài chỉ được biết qua biểu do chính nơi đó điền" in text

    def test_nothing_received_is_unknown(self) -> None:
        assert "chưa biết có làm hay không" in said(made(), "where")
        assert "2 trên 6 xã, phường chưa gửi dữ liệu: Phường Đông Thạnh, Phường Mười." in said(made(), "missing")
        assert "Đề nghị 2 xã, phường" in said(made(), "next")

    def test_many_names_are_cut_short_and_counted(self) -> None:
        places = pd.DataFrame(
            {
                "place": [f"{i:03d}" for i in range(20)],
                "name": [f"Xã số {i}" for i in range(20)],
                "latitude": 11.0,
                "longitude": 107.0,
            }
        )
        results = tables.rich(places)
        results["reach_places"]["state"] = "nothing_received"
        results["participation"] = results["participation"].assign(n_nothing_received=20)
        assert "và 12 nơi khác" in said(made(results), "missing")

    def test_places_to_ask_stand_first_in_the_table(self) -> None:
        table = next(t for t in made().tables if t.name == "reach_places")
        states = [row[[c.name for c in table.columns].index("state")] for row in table.rows]
        assert states == sorted(states, key=["chưa nhận được dữ liệu", "đủ dữ liệu, không có bài", "có bài"].index)


class TestMessages:
    def test_headline_is_the_masked_share(self) -> None:
        corrected = made(changed("messages", corrected=True))
        assert section(corrected, "message").answer.replace("\u00a0", " ") == "58 %"
        report = made()
        assert "58 %" in said(report, "message")
        assert "56 % bài mang “Bình đẳng giới” nếu tính cả tên và khẩu hiệu" in said(report, "message")

    def test_a_theme_and_a_focus_area_of_one_code_keep_their_names(self) -> None:
        results = tables.rich()
        results["messages"] = results["messages"].assign(code=results["messages"]["code"].replace("1", "community"))
        areas = tuple(replace(f, code="community") if f.code == "1" else f for f in tables.campaign().focus_areas)
        report = made(results, focus_areas=areas)
        names = {t.name: {row[1] for row in t.rows} for t in report.tables if t.name in ("themes", "focus_areas")}
        assert names["themes"] <= {t.name["vi"] for t in tables.campaign().themes}
        assert names["focus_areas"] <= {f.name["vi"] for f in areas}

    def test_a_tie_is_not_the_most(self) -> None:
        report = made(changed("messages", share=0.5, corrected=True), lang="en")
        assert "jointly the most of any" in section(report, "message").gloss
        assert "jointly the fewest" in said(report, "message")
        assert "jointly" not in section(made(changed("messages", corrected=True), lang="en"), "message").gloss

    def test_a_share_of_a_few_posts_is_no_answer(self) -> None:
        report = made(changed("messages", n_items=9))
        assert section(report, "message").answer == "Không đủ số liệu"
        assert "%" not in said(report, "message")
        assert section(made(changed("messages", n_items=10)), "message").answer != "Không đủ số liệu"

    def test_owned_without_earned(self) -> None:
        results = tables.rich()
        results["messages"] = results["messages"][results["messages"]["side"] == "owned"]
        assert "bình luận và bài chia sẻ: không đủ số liệu" in said(made(results), "message")

    def test_corrected_shares_lose_the_words(self) -> None:
        report = made(changed("messages", corrected=True), lang="en")
        assert "corrected by people's labels" in said(report, "message")
        assert "certain.corrected" in keys(report)
        assert "next.label" not in keys(report)


class TestRates:
    def test_interval_and_its_kind_stand_beside_the_rate(self) -> None:
        text = said(made(), "reception")
        assert "Facebook: 3,42 tương tác trên 100 tài khoản tiếp cận (khoảng 95 %: 2,81 đến 4,20)" in text
        assert "(bỏ lần lượt từng tài khoản: 3,30 đến 6,44); từ 62 bài của 4 tài khoản" in text

    def test_a_rate_without_an_interval_says_so(self) -> None:
        results = tables.rich()
        results["engagement"] = results["engagement"].iloc[3:]
        assert "YouTube: 1.14 engagements per 100 views, without an interval; from 88 posts of 1 account." in said(
            made(results, lang="en"), "reception"
        )

    def test_rates_that_are_missing_are_not_counted_as_without_interval(self) -> None:
        results = tables.rich()
        missing = results["engagement"].iloc[3:].assign(platform="zalo", rate=None)
        results["engagement"] = pd.concat([results["engagement"], missing], ignore_index=True)
        assert "1 không có khoảng" in said(made(results), "certainty")


class TestPersons:
    def small(self, n: int) -> dict[str, pd.DataFrame]:
        results = tables.rich()
        table = results["sentiment"]
        few = (table["platform"] == "youtube") & (table["sentiment"] == "negative")
        results["sentiment"] = table.assign(n_writers=table["n_writers"].mask(few, n))
        return results

    def shown(self, report: Report, platform: str) -> list[tuple[Any, ...]]:
        table = next(t for t in report.tables if t.name == "sentiment")
        return [row for row in table.rows if row[0] == platform]

    def test_a_small_count_takes_its_platform_and_one_more_along(self) -> None:
        report = made(self.small(9))
        for platform in ("YouTube", "TikTok"):  # TikTok: the next smallest, or it could be found by subtraction
            assert all(row[2:] == (None,) * 4 for row in self.shown(report, platform))
        assert all(row[2] is not None for row in self.shown(report, "Facebook"))
        figure = next(f for f in report.figures if f.function == "sentiment_bars")
        hidden = figure.table[figure.table["platform"].isin(["youtube", "tiktok"])]
        assert hidden[["n_comments", "share", "n_writers"]].isna().all().all()

    def test_ten_are_enough(self) -> None:
        assert all(row[2] is not None for row in self.shown(made(self.small(10)), "YouTube"))

    def test_a_small_whole_hides_all_and_says_so(self) -> None:
        report = made(changed("sentiment", n_writers=4))
        assert "dưới 10" in said(report, "reception")
        assert section(report, "reception").answer == "Không đủ số liệu"
        assert "sentiment_bars" not in [f.function for f in report.figures]

    def test_a_kind_with_few_writers_takes_another_along(self) -> None:
        results = tables.rich()
        kinds = results["reception_kinds"]
        results["reception_kinds"] = kinds.assign(n_writers=[2804, 7, 88, 700, 640, 610, 250])
        table = next(t for t in made(results).tables if t.name == "reception_kinds")
        assert [row[1] is None for row in table.rows] == [False, True, True, False, False, False, False]

    def test_a_kind_whose_writers_the_measure_withheld_is_withheld_whole(self) -> None:
        results = tables.rich()
        kinds = results["reception_kinds"]
        writers = kinds["n_writers"].astype("Int64").mask(kinds.index == 1)
        results["reception_kinds"] = kinds.assign(n_writers=writers)
        table = next(t for t in made(results).tables if t.name == "reception_kinds")
        assert table.rows[1][1:] == (None, None, None)
        assert sum(row[1] is None for row in table.rows) == 2  # or it could be found by subtraction

    def test_the_tables_given_are_left_alone(self) -> None:
        results = self.small(3)
        before = {name: table.copy() for name, table in results.items()}
        made(results)
        for name, table in results.items():
            pd.testing.assert_frame_equal(table, before[name])


class TestAnnex:
    def test_targets_that_no_table_answers_cannot_be_told(self) -> None:
        results = tables.rich()
        del results["targets"]
        assert "chưa thể kết luận, vì số liệu mạng xã hội không đo tỷ lệ trong dân" in said(made(results), "certainty")
        assert "targets" in [t.name for t in made(results).tables]

    def test_context_stands_in_its_own_table(self) -> None:
        report = made()
        table = next(t for t in report.tables if t.name == "context_figures")
        assert table.title == "Bối cảnh, không phải kết quả của chiến dịch"
        assert table.rows[0][1] == "32,35 %"
        assert "32,35" not in said(report)

    def test_files_are_listed_with_rows_that_add_up(self) -> None:
        table = next(t for t in made().tables if t.name == "sources")
        at = {c.name: i for i, c in enumerate(table.columns)}
        row = table.rows[0]
        assert row[at["n_read"]] == row[at["n_kept"]] + row[at["n_quarantined"]] + row[at["n_skipped"]]
        assert row[at["exported_at"]] == date(2025, 12, 24)

    def test_calendar_tells_missing_from_zero(self) -> None:
        table = next(t for t in made().tables if t.name == "completeness")
        values = {value for row in table.rows for value in row[3:]}
        assert {None, 0} <= values

    def test_activities_with_words_for_numbers_are_printed_as_they_stand(self) -> None:
        results = tables.rich()
        results["activities"] = results["activities"].astype({"people": object})
        results["activities"].loc[0, "people"] = "khoảng 200"
        table = next(t for t in made(results).tables if t.name == "activities")
        assert table.rows[0][2] == "khoảng 200"

    def test_definitions_are_put_in_words(self) -> None:
        results = changed("views", definition="views.facebook")
        table = next(t for t in made(results).tables if t.name == "definitions")
        assert any(row[:2] == ("lượt xem (Facebook)", "views.facebook") and "hiển thị" in row[2] for row in table.rows)


def test_hostile_names_lose_controls_and_marks_of_direction() -> None:
    report = made()
    text = repr(report.tables) + "".join(f.table.to_csv() for f in report.figures)
    assert "\u202e" not in text
    assert "\x07" not in text


def test_row_order_does_not_matter_to_sentences() -> None:
    shuffled = {name: table.sample(frac=1, random_state=5) for name, table in tables.rich().items()}
    for name in ("year_before", "engagement", "views", "reception_kinds", "targets"):
        shuffled[name] = tables.rich()[name]  # these keep the order that the measures give
    assert said(made(shuffled)) == said(made())


def test_every_sentence_pattern_has_the_same_values_in_both_languages() -> None:
    from string import Formatter

    for key, texts in words.catalogue().items():
        if key.startswith(("findings.", "draw.")):
            fields = [{field for _, field, _, _ in Formatter().parse(texts[lang]) if field} for lang in LANGUAGES]
            assert fields[0] == fields[1], key


def test_every_column_and_note_has_words() -> None:
    for name, (spec, notes, stage) in reports._SPEC.items():
        assert words.has(f"findings.table.{name}")
        assert words.has(f"findings.stage.{stage}")
        assert all(words.has(f"findings.note.{note}") for note in notes)
        assert all(words.has(f"findings.column.{item.split('=')[0]}") for item in spec.split()), name


def test_no_theme_at_all_is_said_in_one_sentence() -> None:
    report = made(changed("messages", share=0.0), lang="en")
    assert "The tagger found none of the campaign's themes" in said(report, "message")
    assert "jointly" not in said(report, "message")


def test_signs_without_a_glyph_are_left_out_of_pictures() -> None:
    from campaignstats import draw
    from campaignstats.findings import figures

    results = tables.rich()
    results["calendar"] = results["calendar"].assign(name="🍰 Bánh ngọt Đồng Nai")
    report = made(results)
    (calendar,) = (f for f in report.figures if f.function == "completeness_calendar")
    draw.svg(figures.drawn(calendar, report))  # a missing glyph is a warning, and so an error here
    assert draw.drawable("🍰 Bánh ngọt ₫") == "Bánh ngọt ₫"

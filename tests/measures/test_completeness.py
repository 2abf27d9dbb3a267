"""Comments held of those counted, cut exports, the calendar of days: against arithmetic by hand."""

import json
from datetime import date

import pandas as pd
import pytest
from invented_frames import accounts, comments, of_posts, places, posts, sources, spans

from campaignstats import measures, words
from campaignstats.measures.completeness import CUTS, DAY_STATES, cut_of

WINDOW = (date(2025, 11, 15), date(2025, 11, 24))
BASELINE = (date(2025, 11, 10), date(2025, 11, 14))


def test_comments_held_of_those_counted_by_hand():
    told = posts({}, {}, {}, {}, {"account": "facebook:2"})
    counted = of_posts(told, comments=[10, 2, 0, None, 4])
    held = comments(
        *[{}] * 6,  # p1: 6 of 10
        *[{"post_id": "p2"}] * 5,  # p2: 5 of 2, three too many
        *[{"post_id": "p4", "is_reply": True}] * 3,  # p4: no count known
        {"post_id": "elsewhere"},
    )
    found = measures.comment_coverage(told, counted, held)
    platform = found[found["scope"] == "platform"].iloc[0]
    assert platform[["n_posts", "n_missing", "n_zero", "n_without", "n_more"]].tolist() == [5, 1, 1, 1, 1]
    assert platform[["counted", "held", "excess", "held_uncounted", "n_replies"]].tolist() == [16, 11, 3, 3, 3]
    assert platform["held_share"] == pytest.approx(8 / 16)  # the surplus of one post fills no other's gap
    mine = found[found["account"] == "facebook:1"].iloc[0]
    assert mine["held_share"] == pytest.approx(8 / 12)
    assert found.loc[found["account"] == "facebook:2", "held_share"].tolist() == [0]


def test_a_share_never_exceeds_one_and_is_missing_without_a_count():
    told = posts({}, {"platform": "zalo", "account": "zalo:1"})
    held = comments(*[{}] * 9)
    found = measures.comment_coverage(told, of_posts(told, comments=[3, None]), held).set_index(["scope", "platform"])
    assert found.loc[("platform", "facebook"), ["held_share", "excess"]].tolist() == [1, 6]
    assert pd.isna(found.loc[("platform", "zalo"), "held_share"])
    assert pd.isna(found.loc[("platform", "zalo"), "counted"])


def test_two_definitions_of_comments_are_two_rows():
    told = posts({}, {})
    counted = of_posts(told, comments=[10, 20])
    counted.loc[1, "definition"] = "comments.facebook.legacy"
    found = measures.comment_coverage(told, counted, comments({}))
    assert found.loc[found["scope"] == "platform", "counted"].tolist() == [10, 20]


def test_cut_exports_are_known_by_the_last_word_of_their_note():
    notes = [["exportcomments.capped", {"rows": 100}], ["exportcomments.zone_unknown", {"zone": "x"}]]
    found = measures.cut_exports(
        sources(
            {"notes": json.dumps(notes)},
            {"source": "s2", "path": "b", "tables": "post", "notes": '[["tt_studio.top_posts_only", {"posts": 20}]]'},
            {"source": "s3", "path": "c", "notes": '[["yt_api.replies_incomplete", {"replies": 7, "threads": 2}]]'},
            {"source": "s4", "path": "d", "notes": None},
        )
    )  # fmt: skip
    assert found[["path", "cut", "what"]].values.tolist() == [
        ["a.csv", "capped", "comments"],
        ["b", "top_posts_only", "posts"],
        ["c", "replies_incomplete", "comments"],
    ]
    assert found["rows"].tolist()[:2] == [100, 20]
    assert found["n_missing"].tolist()[2] == 7


def test_every_cut_has_a_sentence_and_a_word_and_a_reader_that_tells_it():
    told = [key.removeprefix("note.") for key in words.catalogue() if key.startswith("note.")]
    assert {cut_of(key) for key in told} - {None} == set(CUTS)
    for cut in CUTS:
        assert words.has(f"findings.cut.{cut}")


def states(found: pd.DataFrame, account: str) -> str:
    letters = {"posts": "P", "no_posts": ".", "capped": "c", "partly": "d", "no_source": "?", "not_in_use": "-"}
    return "".join(letters[s] for s in found[found["account"] == account]["state"])


def test_a_day_is_empty_only_where_a_file_says_so():
    told = posts(
        {"day": pd.Timestamp("2025-11-16")},
        {"day": pd.Timestamp("2025-11-12")},
        {"day": pd.Timestamp("2025-11-20"), "status": "unavailable"},
        {"day": pd.Timestamp("2025-11-24"), "account": "facebook:4"},
    )
    who = accounts({}, {}, {}, {"complete_source": True}, {"since": pd.Timestamp("2025-11-20")})
    of_files = spans(
        {"last": pd.Timestamp("2025-11-18")},
        {"account": "facebook:2", "capped": True},
        {"account": "facebook:2", "kind": "daily", "first": date(2025, 11, 20), "last": date(2025, 11, 22)},
    )  # fmt: skip
    found = measures.calendar(told, of_files, who, places({}), window=WINDOW, baseline=BASELINE)
    assert set(found["state"]) == set(DAY_STATES)
    # five days before, ten of the window
    assert states(found, "facebook:1") == "??P??" + ".P..??????"
    assert states(found, "facebook:2") == "?????" + "ccccccdd??"
    assert states(found, "facebook:3") == "?????" + "??????????"
    assert states(found, "facebook:4") == "?????" + ".........P"  # declared complete: of the window, and no further
    assert states(found, "facebook:5") == "-----" + "-----?????"
    facts = found.drop_duplicates("account").set_index("account")
    assert facts["has_files"].to_dict() == {f"facebook:{n}": n in (1, 2, 4) for n in range(1, 6)}
    assert facts.loc["facebook:1", "n_window"] == 1
    assert facts.loc["facebook:1", "place_name"] == "Xã số 1"


def test_the_weeks_follow_the_days_where_these_are_given():
    told = posts({"day": pd.Timestamp("2025-11-16")})
    who = accounts({})
    old = of_posts(told, views=[1]).assign(as_of=pd.Timestamp("2025-12-31T00:00:00Z"))
    days = measures.calendar(told, spans({"last": pd.Timestamp("2025-11-23")}), who, places({}), window=WINDOW)
    # measured long after, but by a file that speaks of the days up to the 23rd only
    assert measures.completeness(told, old, who, window=WINDOW)["state"].tolist() == ["posts", "no_posts", "no_posts"]
    found = measures.completeness(told, old, who, window=WINDOW, days=days)
    assert found["state"].tolist() == ["posts", "no_posts", "no_source"]

"""Sentiment, kinds of reception, and what is withheld."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_frames import comments

from campaignstats import measures


def said(platform="facebook", **n):
    return [
        {"sentiment": s, "platform": platform, "writer": f"{platform}{s}{i}"} for s, k in n.items() for i in range(k)
    ]


def cells(table, platform="all"):
    return table[table["platform"] == platform].set_index("sentiment")


def test_shares_are_of_tagged_opinions():
    made = comments(
        *said(positive=30, neutral=50, negative=20),
        {"sentiment": None},
        {"sentiment": "positive", "reception_kind": "emoji"},
        {"sentiment": "positive", "reception_kind": "owner"},
        {"sentiment": "positive", "is_owner": True},
        {"sentiment": "positive", "period": "before"},
    )
    found = cells(measures.sentiment(made))
    assert found["share"].to_dict() == {"positive": 0.3, "neutral": 0.5, "negative": 0.2}
    assert found["n_missing"].tolist() == [1, 1, 1]
    assert found["n_writers"].tolist() == [30, 50, 20]
    net = measures.net_sentiment(made).iloc[0]
    assert net["net_of_opinionated"] == pytest.approx(10 / 50)
    assert net["net_of_all"] == pytest.approx(10 / 100)


def test_few_writers_are_withheld_with_the_cell_that_would_give_them_back():
    found = cells(measures.sentiment(comments(*said(positive=30, neutral=50, negative=4))))
    assert found["suppressed"].to_dict() == {"positive": True, "neutral": False, "negative": True}
    hidden = found[found["suppressed"]]
    assert hidden[["n_comments", "share", "n_writers", "n_posts"]].isna().all(axis=None)
    net = measures.net_sentiment(comments(*said(positive=30, neutral=50, negative=4))).iloc[0]
    assert net["suppressed"]
    assert np.isnan(net["net_of_all"])
    assert pd.isna(net["n_comments"])


def test_one_writer_of_many_comments_is_withheld():
    made = comments(*said(positive=30, neutral=30), *[{"sentiment": "negative", "writer": "same"}] * 25)
    assert cells(measures.sentiment(made)).loc["negative", "suppressed"]


def test_a_platform_is_not_given_back_by_the_total():
    made = comments(*said(positive=30, neutral=30, negative=30), *said("youtube", positive=20, neutral=20, negative=3))
    found = measures.sentiment(made)
    assert cells(found, "youtube").loc["negative", "suppressed"]
    # all platforms less Facebook would be YouTube: one of them must go too
    column = found[found["sentiment"] == "negative"]
    assert column["suppressed"].sum() >= 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25)), min_size=1, max_size=3))
def test_no_row_or_column_has_a_lone_withheld_cell(counts):
    names = ["facebook", "tiktok", "youtube"]
    made = [
        r for name, (p, u, n) in zip(names, counts, strict=False) for r in said(name, positive=p, neutral=u, negative=n)
    ]
    found = measures.sentiment(comments(*made) if made else comments({}).iloc[:0])
    shown = found[~found["suppressed"] & (found["n_comments"] > 0)]
    assert (shown["n_writers"] >= 10).all()
    filled = found["suppressed"] | (found["n_comments"].fillna(1) > 0)
    for line in ("platform", "sentiment"):
        for _, part in found[filled].groupby(line):
            assert part["suppressed"].sum() != 1 or len(part) == 1


def test_the_threshold_is_an_option():
    made = comments(*said(positive=4, neutral=4, negative=4))
    assert measures.sentiment(made)["suppressed"].all()
    assert not measures.sentiment(made, suppress_below=1)["suppressed"].any()


def test_kinds_are_set_apart():
    made = comments(
        *said(neutral=12),
        {"reception_kind": "emoji"},
        {"reception_kind": "institution"},
        {"is_owner": True},
        {"reception_kind": None},
    )
    found = measures.reception_kinds(made).set_index("reception_kind")
    assert found["n_comments"].to_dict() == {"opinion": 12, "emoji": 1, "institution": 1, "owner": 1}
    assert found.loc["opinion", "n_writers"] == 12
    assert pd.isna(found.loc["emoji", "n_writers"])
    assert found["suppressed"].to_dict() == {"opinion": False, "emoji": True, "institution": False, "owner": False}

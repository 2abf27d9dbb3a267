"""Counts in metric columns: a fraction of a view is a thousands separator, in whatever reader."""

import pytest

from campaignstats.readers import columns
from campaignstats.readers.columns import Header


@pytest.mark.parametrize("written", ["191.265", "8.893", "12.000", "1.5"])
@pytest.mark.parametrize("metric", ["views", "followers", "impressions"])
def test_a_fraction_of_a_count_is_refused_by_default(written: str, metric: str) -> None:
    header = Header(1, ["views"], ["Views"], {metric: [0]})
    found, refused = header.values(2, [written])
    assert found == {}
    assert [(r.column, r.rule) for r in refused] == [("Views", "not_whole")]


@pytest.mark.parametrize("metric", ["watch_time_hours", "average_views_per_viewer"])
def test_hours_and_averages_have_fractions(metric: str) -> None:
    header = Header(1, ["x"], ["x"], {metric: [0]})
    assert header.values(2, ["8.893"]) == ({metric: 8.893}, [])


def test_net_changes_are_whole_and_money_is_not() -> None:
    assert columns.signed("-12") == -12
    assert columns.money("-1.25") == -1.25
    with pytest.raises(columns.CellRefused, match="not_whole"):
        columns.signed("-1.234")

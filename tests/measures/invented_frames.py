"""A small invented campaign as the frames that measures take."""

import pandas as pd

DURING = pd.Timestamp("2025-11-20T03:00:00Z")
AS_OF = pd.Timestamp("2025-12-22T00:00:00Z")


def posts(*rows: dict, **same) -> pd.DataFrame:
    """Posts p1, p2 … of facebook:1 in the period, changed by each row and by what all share."""
    whole = {
        "platform": "facebook",
        "account": "facebook:1",
        "account_name": "Trang một",
        "owner_level": "commune",
        "sector": "women",
        "place": "26000",
        "audience_local": False,
        "declared": True,
        "kind": "photo",
        "published_at": DURING,
        "day": pd.Timestamp("2025-11-20"),
        "period": "during",
        "status": "ok",
        "is_share": False,
        "themes": "",
        "themes_masked": "",
        "sentiment": "neutral",
    }
    return pd.DataFrame(
        [whole | same | {"post_id": f"p{i}", "text_key": f"t{i}"} | row for i, row in enumerate(rows, 1)]
    )


def values(*rows: dict, **same) -> pd.DataFrame:
    """Lifetime totals of Facebook posts; a row needs item, metric and value."""
    whole = {
        "platform": "facebook",
        "item_kind": "post",
        "account": "facebook:1",
        "traffic": "total",
        "grain": "post_lifetime",
        "period_start": pd.NaT,
        "period_end": pd.NaT,
        "as_of": AS_OF,
        "evidence": "export",
        "approximate": False,
    }
    made = [whole | same | row for row in rows]
    return pd.DataFrame([{"definition": f"{row['metric']}.{row['platform']}"} | row for row in made])


def of_posts(frame: pd.DataFrame, **metrics) -> pd.DataFrame:
    """A value of each metric for each post of ``frame``, in its order; None leaves a value out."""
    rows = []
    for name, numbers in metrics.items():
        for post, number in zip(frame.itertuples(), numbers, strict=True):
            if number is not None:
                item = {"platform": post.platform, "item": post.post_id, "account": post.account}
                rows.append(item | {"metric": name, "value": float(number)})
    return values(*rows)


def comments(*rows: dict, **same) -> pd.DataFrame:
    whole = {
        "platform": "facebook",
        "post_id": "p1",
        "account": "facebook:1",
        "owner_level": "commune",
        "is_owner": False,
        "is_reply": False,
        "day": pd.Timestamp("2025-11-21"),
        "period": "during",
        "reception_kind": "opinion",
        "themes": "",
        "themes_masked": "",
        "sentiment": "neutral",
        "stance": "none",
        "hostile": "no",
    }
    return pd.DataFrame(
        [whole | same | {"comment_id": f"c{i}", "writer": f"w{i}"} | row for i, row in enumerate(rows, 1)]
    )


def accounts(*rows: dict, **same) -> pd.DataFrame:
    whole = {
        "platform": "facebook",
        "owner_level": "commune",
        "sector": "women",
        "place": "26000",
        "audience_local": False,
        "declared": True,
        "complete_source": False,
    }
    made = [whole | same | {"account": f"facebook:{i}", "name": f"Trang {i}"} | row for i, row in enumerate(rows, 1)]
    return pd.DataFrame(made)


def places(*rows: dict) -> pd.DataFrame:
    whole = {
        "name_en": None,
        "kind": "commune",
        "population": 10_000,
        "population_date": pd.Timestamp("2025-07-01"),
        "population_source": "an invented count",
        "population_assumed": True,
        "latitude": 11.0,
        "longitude": 107.0,
    }
    return pd.DataFrame(
        [whole | {"code": f"{26000 + i}", "name": f"Xã số {i + 1}"} | row for i, row in enumerate(rows)]
    )


def activities(*rows: dict) -> pd.DataFrame:
    whole = {"date": pd.Timestamp("2025-11-25"), "place": "26000", "people": None, "copies": None, "sessions": None}
    return pd.DataFrame([whole | {"kind": "session", "sector": "women"} | row for row in rows])


def history(*rows: dict, **same) -> pd.DataFrame:
    """Lifetime totals of the Facebook post p1, each of one export; a row needs value and as_of."""
    whole = {
        "platform": "facebook",
        "item_kind": "post",
        "item": "p1",
        "account": "facebook:1",
        "metric": "views",
        "traffic": "total",
        "grain": "post_lifetime",
        "evidence": "export",
        "approximate": False,
        "route": "mbs_fb_posts",
    }
    made = [whole | same | {"export": f"e{i}"} | row for i, row in enumerate(rows, 1)]
    table = pd.DataFrame([{"definition": f"{row['metric']}.{row['platform']}"} | row for row in made])
    return table.assign(as_of=pd.to_datetime(table["as_of"], utc=True))


def sightings(*rows: dict, **same) -> pd.DataFrame:
    """Posts of facebook:1 in exports that list every post of 1 to 30 November; a row needs post_id, export, as_of."""
    whole = {
        "platform": "facebook",
        "account": "facebook:1",
        "route": "mbs_fb_posts",
        "published_at": DURING,
        "status": "ok",
        "period_start": pd.Timestamp("2025-11-01"),
        "period_end": pd.Timestamp("2025-11-30"),
        "day_zone": "America/Los_Angeles",
        "lists_all": True,
    }
    table = pd.DataFrame([whole | same | row for row in rows])
    return table.assign(as_of=pd.to_datetime(table["as_of"], utc=True))


def spans(*rows: dict) -> pd.DataFrame:
    whole = {
        "account": "facebook:1",
        "source": "s1",
        "first": pd.Timestamp("2025-11-15"),
        "last": pd.Timestamp("2025-11-20"),
        "kind": "posts",
        "capped": False,
    }
    return pd.DataFrame([whole | row for row in rows])


def sources(*rows: dict) -> pd.DataFrame:
    whole = {
        "source": "s1",
        "path": "a.csv",
        "format": "exportcomments_youtube",
        "platform": "youtube",
        "tables": "comment",
        "notes": "[]",
    }
    return pd.DataFrame([whole | row for row in rows])


def campaign() -> dict[str, pd.DataFrame]:
    """Three accounts on two platforms, a place without data, posts now and a year before."""
    told = posts(
        {"themes": "equality|support", "themes_masked": "support"},
        {"themes": "equality", "text_key": "t1", "account": "facebook:2", "place": "26001"},
        {"platform": "youtube", "account": "youtube:3", "themes_masked": "amplify", "place": None},
        {"platform": "youtube", "account": "youtube:3", "is_share": True, "place": None, "themes": None},
        {"period": "before", "day": pd.Timestamp("2024-11-20"), "published_at": DURING - pd.Timedelta(days=365)},
        {"period": None, "day": pd.NaT, "published_at": pd.NaT, "status": "unavailable"},
    )
    numbers = pd.concat(
        [
            of_posts(
                told,
                reach=[300, 200, None, None, 50, None],
                views=[500, 400, 90, 10, 70, None],
                reactions=[10, 20, None, None, 3, None],
                likes=[None, None, 5, 1, None, None],
                comments=[4, 5, 2, None, 1, None],
                shares=[1, 0, 1, 0, 0, None],
            ),
            values(
                {"item": "1", "item_kind": "account", "metric": "reach", "grain": "account_day", "value": 350.0},
                period_start=pd.Timestamp("2025-11-20"),
                period_end=pd.Timestamp("2025-11-20"),
            ),
            values(
                *[
                    {"period_start": pd.Timestamp("2025-11-20") + pd.Timedelta(days=n), "value": 10.0 + n}
                    for n in (0, 1, 2, 4)
                ],
                item="1",
                item_kind="account",
                metric="views",
                grain="account_day",
                day_zone="America/Los_Angeles",
            ).assign(period_end=lambda f: f["period_start"]),
            values(
                {"item": "p9", "metric": "views", "value": 1000.0, "account": "facebook:9"},
                {"item": "p9", "metric": "reach", "value": 800.0, "account": "facebook:9"},
                evidence="self_reported",
            ),
        ],
        ignore_index=True,
    )
    said = comments(
        *[{"sentiment": "positive", "themes": "support", "themes_masked": "support"}] * 14,
        *[{"sentiment": "negative", "platform": "youtube", "post_id": "p3"}] * 12,
        *[{"sentiment": "neutral"}] * 3,
        {"sentiment": None},
        {"is_owner": True, "reception_kind": "owner"},
        {"reception_kind": "emoji", "writer": None},
    )
    return {
        "posts": told,
        "values": numbers,
        "comments": said,
        "accounts": accounts(
            {},
            {"place": "26001", "audience_local": True},
            {"account": "youtube:3", "platform": "youtube", "owner_level": "province", "place": None},
            {"place": "26002", "complete_source": True},
        ),
        "places": places({}, {}, {}, {"population": None}),
        "history": history(
            {"value": 500.0, "as_of": "2025-11-25"},
            {"value": 480.0, "as_of": "2025-12-22", "export": "e2"},
            {"value": 9.0, "as_of": "2025-11-25", "metric": "comments", "export": "e1"},
            {"value": 4.0, "as_of": "2025-12-22", "metric": "comments", "export": "e2"},
        ),
        "sightings": sightings(
            {"post_id": "p1", "export": "e1", "as_of": "2025-11-25"},
            {"post_id": "p2", "export": "e1", "as_of": "2025-11-25"},
            {"post_id": "p1", "export": "e2", "as_of": "2025-12-22"},
            {"post_id": "p3", "export": "e2", "as_of": "2025-12-22", "published_at": pd.NaT, "status": "unavailable"},
            {"post_id": "p3", "export": "e1", "as_of": "2025-11-25"},
        ),
        "spans": spans(
            {"last": pd.Timestamp("2025-11-22")},
            {"account": "facebook:2", "capped": True},
            {"account": "youtube:3", "kind": "daily"},
        ),
        "sources": sources(
            {"notes": '[["exportcomments.capped", {"rows": 100}], ["columns.unread", {"columns": "a"}]]'},
            {
                "source": "s2",
                "path": "b.json",
                "notes": '[["yt_api.replies_incomplete", {"replies": 7}]]',
            },
            {"source": "s3", "path": "c.csv", "tables": "metric|post", "notes": '[["capped", {"rows": 500}]]'},
            {"source": "s4", "path": "d.csv", "notes": None},
        ),
        "activities": activities({"people": 40, "sessions": 1}, {"people": 25}, {"kind": "leaflet", "copies": 500}),
    }

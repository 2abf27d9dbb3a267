"""The road on real exports (../shared, never committed): each file read right, or refused for what it is."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from campaignstats import campaign, gather
from campaignstats.store import Store

DECLARED = """
[campaign]
id = "that"
name = { vi = "Tệp thật", en = "Real files" }
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
[window]
start = 2025-11-15
end = 2025-12-15
"""
# what a person would paste after the first gather: whose figures files hold that do not say it
EXPORTS = (
    ("meta_business_suite/acct_audience_en_2025.csv", 'platform = "facebook"'),
    ("meta_business_suite/acct_daily_en_views_2025.csv", 'platform = "facebook"'),
    ("meta_business_suite/acct_daily_vi_luot_xem.csv", 'platform = "facebook"'),
    ("meta_business_suite/acct_daily_vi_nguoi_xem.csv", 'platform = "facebook"'),
    ("meta_business_suite/damaged_*.csv", 'platform = "instagram"'),
    ("tiktok_studio/overview_en_2026_365d.csv", "exported_at = 2026-02-28"),
    ("tiktok_studio/viewers_en_2026.csv", "exported_at = 2026-02-28"),
)
# path -> format, rows read, kept, quarantined, skipped on purpose, cells refused; "" where refused whole, with its rule
EXPECTED = {
    "HEADERS.json": ("", 0, 0, 0, 0, 0, "no_reader"),
    "SOURCES.md": ("", 0, 0, 0, 0, 0, "no_reader"),
    "crowdtangle/ct_api_posts.json": ("crowdtangle_api", 2, 2, 0, 0, 0, ""),
    "facebook_insights_legacy/post_level_two_header_rows_2015.csv": ("fb_insights_legacy_posts", 2, 2, 0, 0, 0, ""),
    "meta_business_suite/acct_audience_en_2025.csv": ("mbs_audience", 8, 8, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_en_reach_2025_dst.csv": ("mbs_account_day", 105, 105, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_en_views_2025.csv": ("mbs_account_day", 105, 105, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_vi_ig_luot_theo_doi.csv": ("mbs_account_day", 20, 20, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_vi_ig_luot_xem.csv": ("mbs_account_day", 30, 30, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_vi_luot_click_vao_lien_ket.csv": ("mbs_account_day", 30, 30, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_vi_luot_xem.csv": ("mbs_account_day", 30, 30, 0, 0, 0, ""),
    "meta_business_suite/acct_daily_vi_nguoi_xem.csv": ("mbs_account_day", 30, 30, 0, 0, 0, ""),
    "meta_business_suite/damaged_acct_daily_views_semicolon.csv": ("mbs_account_day", 62, 62, 0, 0, 0, ""),
    "meta_business_suite/damaged_ig_posts_excel_requoted_2025.csv": ("mbs_ig_posts", 58, 58, 0, 0, 0, ""),
    "meta_business_suite/damaged_top_content_formats_semicolon.csv": ("mbs_top_formats", 3, 3, 0, 0, 0, ""),
    "meta_business_suite/fb_posts_lifetime_en_2025_dupviews.csv": ("mbs_fb_posts", 48, 48, 0, 0, 48, ""),
    "meta_business_suite/fb_posts_lifetime_en_2025_ragged.csv": ("mbs_fb_posts", 261, 261, 0, 0, 0, ""),
    "meta_business_suite/fb_posts_lifetime_vi_2026.csv": ("mbs_fb_posts", 16, 16, 0, 0, 0, ""),
    "meta_business_suite/fb_posts_lifetime_vi_2026_older_snapshot.csv": ("mbs_fb_posts", 18, 18, 0, 0, 0, ""),
    "meta_business_suite/ig_posts_lifetime_en_2025.csv": ("mbs_ig_posts", 78, 78, 0, 0, 0, ""),
    "meta_business_suite/ig_posts_lifetime_vi_2026.csv": ("mbs_ig_posts", 19, 19, 0, 0, 0, ""),
    "synthetic_values_real_headers/fb_post_daily_vi_kpim_excerpt.csv": ("mbs_fb_posts", 4, 4, 0, 0, 0, ""),
    "synthetic_values_real_headers/youtube_table_data_vi_unit_test.csv": ("yt_studio_table", 3, 1, 2, 0, 0, ""),
    "tiktok_studio/business_suite_audience_en_2025.csv": ("tt_business_audience", 62, 62, 0, 0, 0, ""),
    "tiktok_studio/business_suite_overview_en_2025.csv": ("tt_business_overview", 62, 62, 0, 0, 0, ""),
    "tiktok_studio/content_en_2026.csv": ("tt_studio_content", 13, 13, 0, 0, 0, ""),
    "tiktok_studio/follower_gender_en_2026.csv": ("tt_studio_gender", 3, 3, 0, 0, 0, ""),
    "tiktok_studio/overview_en_2026_365d.csv": ("tt_studio_overview", 365, 365, 0, 0, 0, ""),
    "tiktok_studio/viewers_en_2026.csv": ("tt_studio_viewers", 365, 365, 0, 0, 0, ""),
    "x_analytics/account_overview_analytics_2025.csv": ("x_overview", 7, 7, 0, 0, 0, ""),
    "youtube_api/comment_threads_all_to_me.json": ("yt_api_comments", 4, 4, 0, 0, 0, ""),
    "youtube_api/comment_threads_by_video_paged_1.json": ("yt_api_comments", 5, 5, 0, 0, 0, ""),
    "youtube_api/comment_threads_multi.json": ("yt_api_comments", 2, 2, 0, 0, 0, ""),
    "youtube_api/comments_by_parent_paged_1.json": ("yt_api_comments", 2, 2, 0, 0, 0, ""),
    "youtube_studio/table_cities_en.csv": ("yt_studio_dimension", 501, 500, 0, 1, 0, ""),
    "youtube_studio/table_data_en_2022_soft_hyphens.csv": ("yt_studio_table", 224, 224, 0, 0, 0, ""),
    "youtube_studio/table_data_en_2025_engagedviews.csv": ("yt_studio_table", 318, 318, 0, 0, 0, ""),
    "youtube_studio/totals_en_2025.csv": ("yt_studio_totals", 6802, 6802, 0, 0, 0, ""),
}


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(shared / "exports", folder / "inbox")
    for place in (folder / "inbox").rglob("*"):
        place.chmod(0o755 if place.is_dir() else 0o644)
    told = "".join(f'[[export]]\npath = "{path}"\n{line}\n' for path, line in EXPORTS)
    (folder / "campaign.toml").write_text(DECLARED + told, encoding="utf-8")
    gather.gather(campaign.load(folder), processes=1)
    return folder


def test_every_file_is_accounted_for(real: Path) -> None:
    report = gather.gather(campaign.load(real), processes=1)
    found = {
        f.path: (f.format, f.read, f.kept, f.quarantined, f.skipped, f.cells_refused, f.rule) for f in report.files
    }
    assert found == EXPECTED
    assert all(f.reason("vi") and f.reason("en") for f in report.files if f.rule)


def test_the_newer_export_of_the_same_posts_wins(real: Path, shared: Path) -> None:
    """The Vietnamese Page was exported twice; values are looked up in the raw files by another way."""
    folder = shared / "exports" / "meta_business_suite"
    newer, older = (
        pd.read_csv(folder / f"fb_posts_lifetime_vi_2026{name}.csv", dtype=str).set_index("ID bài viết")["Lượt xem"]
        for name in ("", "_older_snapshot")
    )
    both = sorted(set(newer.dropna().index) & set(older.dropna().index))
    assert len(both) >= 9
    store = Store(real / "tables")
    views = store.query("SELECT item, value FROM newest_metric WHERE metric = 'views' AND traffic = 'total'")
    newest = views.drop_duplicates("item").set_index("item")["value"]
    assert [newest[i] for i in both] == [float(newer[i]) for i in both]
    history = store.query("SELECT item, value FROM metric WHERE metric = 'views' AND traffic = 'total'")
    assert {(i, float(older[i])) for i in both} <= set(zip(history["item"], history["value"], strict=True))


def test_no_author_of_a_real_comment_is_stored(real: Path, shared: Path) -> None:
    import json

    names = set()
    for file in sorted((shared / "exports" / "youtube_api").glob("*.json")):
        text = json.dumps(json.loads(file.read_text(encoding="utf-8")))
        names |= {part.split('"')[0] for part in text.split('"authorDisplayName": "')[1:]}
    assert len(names) >= 5
    stored = b"".join(f.read_bytes() for f in sorted((real / "tables").rglob("*.parquet")))
    assert [n for n in names if n.encode() in stored] == []

"""Tags as a cache of the tables: made once, made anew when what they depend on changes."""

import shutil
from pathlib import Path

import pytest

from campaignstats import campaign, publish, tagging
from campaignstats.errors import InputError
from campaignstats.store import Store


def own(sample: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "mau"
    shutil.copytree(sample, folder)
    return folder


def test_every_text_has_tags_and_nothing_is_tagged_twice(sample: Path, tmp_path: Path) -> None:
    folder = own(sample, tmp_path)
    loaded = campaign.load(folder)
    report = tagging.tag(loaded, processes=1)
    assert report.n_tagged == 0
    assert report.n_known > 10_000
    missing = Store(loaded.tables).query(
        "SELECT count(*) AS n FROM newest_comment c LEFT JOIN newest_tag t ON t.item_kind = 'comment'"
        " AND t.platform = c.platform AND t.item = c.comment_id"
        " WHERE trim(coalesce(c.text, '')) <> '' AND t.item IS NULL"
    )
    assert missing["n"].tolist() == [0]


def test_new_themes_mean_new_tags(sample: Path, tmp_path: Path) -> None:
    folder = own(sample, tmp_path)
    before = tagging.tag_stamp(campaign.load(folder))
    text = (folder / "campaign.toml").read_text(encoding="utf-8")
    (folder / "campaign.toml").write_text(
        text.replace("also_called = [", 'also_called = ["Cách gọi mới", '), encoding="utf-8"
    )
    loaded = campaign.load(folder)
    assert tagging.tag_stamp(loaded) != before
    with pytest.raises(InputError, match="campaignstats tag"):  # the findings would be of other themes than declared
        publish.evaluation(folder)
    # interrupted half way: the parts that were finished are not tagged again
    parts = sorted((loaded.tables / "tag").glob("*.parquet"))
    done: list[int] = []

    def stop(n: int, _: int) -> None:
        done.append(n)
        if n == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tagging.tag(loaded, processes=1, on_part=stop)
    report = tagging.tag(loaded, processes=1)
    assert report.n_known > 0
    assert report.n_tagged > 0
    assert len(list((loaded.tables / "tag").glob("*.parquet"))) == len(parts)


def test_copies_differ_in_signs_numbers_and_accents_only() -> None:
    post = "Chung tay vì bình đẳng giới năm 2025! #BinhDangGioi"
    assert tagging.text_key(post) == tagging.text_key("chung tay, vi binh dang gioi nam 2026")
    assert tagging.text_key(post) != tagging.text_key("Chung tay vì bình đẳng giới và an toàn")
    assert tagging.text_key("Hay quá", shortest=8) is None
    assert tagging.text_key("") is None

import pytest

from campaignstats.text.privacy import redacted
from campaignstats.text.reception import kind, reception_kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chương trình ý nghĩa quá, ủng hộ các chị", "opinion"),
        ("@Nguyễn Thị Hoa vô coi nè", "friend_tag"),
        ("@lan.anh @minh_thu", "friend_tag"),
        ("@lan.anh đàn ông phải rửa chén chứ", "opinion"),
        ("😍😍❤️", "emoji"),
        (":)) !!!", "emoji"),
        ("", "emoji"),
        (None, "emoji"),
        ("Đáp án: B, có 150 người trả lời đúng", "contest"),
        ("1A 2B 3C 4D", "contest"),
        ("Done ạ", "contest"),
        ("Đã like và share", "contest"),
        ("Câu này hay ghê, đàn ông cần đọc", "opinion"),
        ("Đã chia sẻ bài này cho chồng đọc, ảnh bảo nói đúng", "opinion"),
    ],
)
def test_kind_of_a_comment(text, expected):
    assert kind(text) == expected
    if text:
        assert kind(redacted(text)) == expected  # the tables hold redacted texts


def test_who_wrote_it_comes_first():
    assert kind("😍", is_owner=True) == "owner"
    assert kind("Done ạ", is_institution=True) == "institution"


def test_many_equal_long_comments_are_copies_and_short_ones_are_not():
    pasted = "Chúc hội thi thành công tốt đẹp, mong chương trình lan rộng khắp nơi"
    texts = [pasted] * 4 + [pasted.upper()] + ["hay quá"] * 9
    assert reception_kinds(texts) == ["copy"] * 5 + ["opinion"] * 9
    assert reception_kinds(texts[:4]) == ["opinion"] * 4
    assert reception_kinds([None, pasted], is_owner=[False, True]) == ["emoji", "owner"]

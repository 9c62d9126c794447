"""The data-quality line of a month: complete, or what is not."""

from datetime import date

from gateway.reports.period_quality import DayKnown, quality_line, quality_of


def day(number: int, *, promised: bool = True, counted: bool = True, **more: bool | int) -> DayKnown:
    return DayKnown(date(2027, 3, number), promised, counted, **more)  # type: ignore[arg-type]  # fields by name


def test_nothing_to_say_is_complete_and_closed_days_miss_nothing() -> None:
    quality = quality_of([day(1), day(7, promised=False, counted=False)])
    assert quality.is_complete
    assert quality_line(quality, "vi") == "Chất lượng số liệu: đầy đủ."
    assert quality_line(quality, "en") == "Data quality: complete."


def test_each_remark_is_told_once_in_both_languages() -> None:
    days = [
        *(day(number, counted=False) for number in (2, 3, 4, 5)),
        day(8, by_hand=True),
        day(9, provisional=True),
        day(10, cut_sessions=3),
    ]
    quality = quality_of(
        [*days, *days], method_changed=True, adjustments=2, carried_bytes=900_000_000, unexplained_bytes=-1_300_000
    )
    assert not quality.is_complete
    assert quality_line(quality, "vi") == (
        "Chất lượng số liệu: 4 ngày phục vụ không có số liệu (2/3, 3/3, 4/3, …); 1 ngày ghi bằng sổ; "
        "1 ngày có giờ máy chưa chỉnh; 3 phiên bị ngắt do mất điện (sai lệch tối đa 5 phút mỗi phiên); "
        "cách đếm của kỳ gốc khác kỳ này, so sánh chỉ để tham khảo; "
        "2 số liệu của tháng đã khóa được điều chỉnh; "
        "dung lượng các phiên lệch 1,3 MB so với 900,0 MB đếm được trên đường truyền."
    )
    assert quality_line(quality, "en").count(";") == quality_line(quality, "vi").count(";")


def test_any_one_remark_makes_it_incomplete() -> None:
    assert not quality_of([day(1)], method_changed=True).is_complete
    assert not quality_of([day(1, by_hand=True)]).is_complete


def test_what_two_bookings_of_a_minute_differ_by_is_told_and_spoils_nothing() -> None:
    small = quality_of([day(1)], carried_bytes=5_000_000_000, unexplained_bytes=12_000)
    assert quality_line(small, "vi") == (
        "Chất lượng số liệu: đầy đủ; dung lượng các phiên lệch 12,0 kB so với 5,0 GB đếm được trên đường truyền."
    )
    assert small.is_complete
    assert not quality_of([day(1)], carried_bytes=5_000_000_000, unexplained_bytes=-5_000_001).is_complete
    assert not quality_of([day(1)], unexplained_bytes=1_000_001).is_complete

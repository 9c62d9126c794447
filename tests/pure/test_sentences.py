"""Standard sentences, letter by letter as the specification has them."""

from datetime import date

import pytest

from gateway.reports import vietnamese as vi
from gateway.reports.sentences import hours_sentence, method_note, pcs_sentence, visits_sentence
from gateway.reports.tables import PcRow
from gateway.service.hours import Cause, Service
from gateway.service.workstation import PcState, Share


def test_visits_that_meet_the_goal() -> None:
    assert visits_sentence(1284, 1207) == (
        "Trong tháng, các điểm truy nhập đã phục vụ 1.284 lượt người sử dụng, tăng 6,38% so với cùng kỳ năm trước, "
        "đạt chỉ tiêu kế hoạch (tăng từ 5% đến 7%)."
    )


@pytest.mark.parametrize(
    ("visits", "before", "ending"),
    [
        (760, 800, "giảm 5,00% so với cùng kỳ năm trước, chưa đạt chỉ tiêu kế hoạch; nguyên nhân chủ yếu: mưa lũ."),
        (10701, 10000, "tăng 7,01% so với cùng kỳ năm trước, vượt chỉ tiêu kế hoạch (tăng từ 5% đến 7%)."),
        (800, 800, "không thay đổi so với cùng kỳ năm trước, chưa đạt chỉ tiêu kế hoạch; nguyên nhân chủ yếu: mưa lũ."),
        (50, None, "50 lượt người sử dụng. Chưa có số liệu cùng kỳ năm trước để so sánh."),
        (50, 0, "50 lượt người sử dụng. Chưa có số liệu cùng kỳ năm trước để so sánh."),
    ],
)
def test_visits_otherwise(visits: int, before: int | None, ending: str) -> None:
    assert visits_sentence(visits, before, reasons="mưa lũ.").endswith(ending)


def test_no_reason_is_invented() -> None:
    assert visits_sentence(760, 800, span="quý").endswith("chưa đạt chỉ tiêu kế hoạch.")
    assert visits_sentence(760, 800, span="quý").startswith("Trong quý, ")


def test_pcs_with_one_out_of_order() -> None:
    fault = PcRow("PC07", PcState.FAULT, date(2027, 3, 12), 14)
    good = PcRow("PC01", PcState.OK, None, 0)
    assert pcs_sentence(Share(9, 10), [good, fault]) == (
        "Đến cuối tháng có 9/10 máy tính hoạt động bình thường (90%); 01 máy hỏng từ ngày 12 tháng 3 năm 2027."
    )
    assert pcs_sentence(Share(9, 10), [fault], reported=True).endswith(
        "01 máy hỏng từ ngày 12 tháng 3 năm 2027, đã báo sửa chữa."
    )
    other = PcRow("PC08", PcState.FAULT, date(2027, 3, 5), 18)
    away = PcRow("PC09", PcState.SUSPECT, date(2027, 2, 5), 20)
    assert pcs_sentence(Share(7, 10), [fault, other, away]) == (
        "Đến cuối tháng có 7/10 máy tính hoạt động bình thường (70%); 02 máy hỏng; "
        "01 máy không hoạt động từ ngày 05 tháng 02 năm 2027."
    )
    assert pcs_sentence(Share(10, 10), []).endswith("(100%).")
    assert pcs_sentence(None, []) == "Trong tháng không có máy tính phục vụ."


def test_hours_with_what_broke_them() -> None:
    lost = ((Cause.SUDDEN_CLOSURE, 0), (Cause.POWER, 34_200), (Cause.NOT_OPENED, 44_280))
    assert hours_sentence(Service(161 * 3600, 501_120, 478_440, 0, lost, 22_680)) == (
        "Đã phục vụ 139,2/161 giờ theo quy định (86,46%); gián đoạn do mất điện 9,5 giờ, do chưa mở cửa 12,3 giờ, "
        "do sự cố đường truyền 6,3 giờ."
    )
    assert hours_sentence(Service(3600, 3600, 3600, 0, (), 0)) == "Đã phục vụ 1/1 giờ theo quy định (100%)."
    almost = Service(10**6, 10**6 - 1, 10**6 - 1, 0, ((Cause.UNKNOWN, 1),), 0)
    assert "(99,99%)" in hours_sentence(almost)
    assert hours_sentence(Service(0, 0, 0, 0, (), 0)) == "Không có giờ phục vụ theo quy định."


def test_the_method_note_is_that_of_the_rules() -> None:
    assert method_note() == (
        "Một lượt là một lần sử dụng liên tục của một người hoặc một thiết bị; các lần truy nhập cách nhau không quá "
        "30 phút (đối với máy tính công cộng không đăng nhập: 05 phút) được tính là một lượt. "
        "Không tính thiết bị của cán bộ thư viện. "
        "Số thiết bị không đồng nghĩa với số người do điện thoại có thể tự thay đổi địa chỉ nhận dạng. "
        "Số liệu được khóa ngày 05 tháng sau."
    )


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2027, 4, 5), "ngày 05 tháng 4 năm 2027"),
        (date(2027, 1, 15), "ngày 15 tháng 01 năm 2027"),
        (date(2027, 12, 31), "ngày 31 tháng 12 năm 2027"),
    ],
)
def test_official_dates_take_the_decrees_zeros(day: date, text: str) -> None:
    assert vi.official_day(day) == text

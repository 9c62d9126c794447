"""Invoices out of the office's own table: each row is one, and one wrong row leaves all of them out."""

from pathlib import Path

import pytest

from tests.edge.desk import CommandDesk

COLUMNS = tuple(
    word
    for pair in (
        "series=Ký hiệu", "number=Số", "dated=Ngày", "month=Kỳ", "total_vnd=Tổng tiền", "discount_vnd=Giảm",
        "list_vnd=Giá", "vat_vnd=Thuế", "vat_percent=Thuế suất", "adjusts=Điều chỉnh",
    )
    for word in ("--column", pair)
)  # fmt: skip
HEAD = "Ký hiệu;Số;Ngày;Kỳ;Giá;Giảm;Thuế;Thuế suất;Tổng tiền;Điều chỉnh"
GOOD = "C26TAA;101;05/4/2026;2026-03;350.000;105.000;24.500;10%;269.500;"


@pytest.fixture
def desk(tmp_path: Path) -> CommandDesk:
    made = CommandDesk.at(tmp_path)
    contract = ("--isp", "Viễn thông A", "--from", "2026-01-01", "--price", "350000", "--seller", "0100109106")
    made.cong("contract", "add", "HD-12", *contract)
    made.cong("contract", "promise", "cam-ket", "--percent", "30", "--from", "2026-01-01", "--document", "12/CK-VT")
    made.cong("facts", "add", "vat", "first=2020-01-01", "percent=10")
    return made


def table(desk: CommandDesk, *rows: str) -> str:
    return desk.file("so-cuoc.csv", "\n".join((HEAD, *rows)) + "\n")


def test_rows_are_invoices_and_the_month_is_reconciled(desk: CommandDesk) -> None:
    file = table(desk, GOOD, "C26TAA;115;06/5/2026;2026-04;350.000;70.000;28.000;10;308.000;")
    assert "2 of 2 new" in desk.cong("invoice", "import", file, *COLUMNS, "--contract", "HD-12")
    assert "0 of 2 new" in desk.cong("invoice", "import", file, *COLUMNS, "--contract", "HD-12")
    march, april = (desk.told("reconcile", month)["rows"][0] for month in ("2026-03", "2026-04"))
    assert (march["difference_vnd"], march["status"]) == (0, "khớp")
    # the worked example: 20 % off instead of 30 %
    assert (april["difference_vnd"], april["status"]) == (38_500, "thu cao hơn cam kết")
    parts = {name: april["variance"][name] for name in ("discount_vnd", "vat_vnd")}
    assert parts == {"discount_vnd": 35_000, "vat_vnd": 3_500}


def test_an_adjusting_row_is_a_signed_difference(desk: CommandDesk) -> None:
    original = "0100109106|1|C26TAA|115"
    file = table(
        desk,
        "C26TAA;115;06/5/2026;2026-04;350.000;70.000;28.000;10;308.000;",
        f"C26TAA;120;20/5/2026;2026-04;0;35.000;-3.500;10;-38.500;{original}",
    )
    desk.cong("invoice", "import", file, *COLUMNS, "--contract", "HD-12")
    (row,) = desk.told("reconcile", "2026-04")["rows"]
    assert (row["difference_vnd"], row["status"]) == (0, "khớp")


def test_wrong_rows_are_told_with_their_lines_and_nothing_is_taken(desk: CommandDesk) -> None:
    file = table(
        desk,
        GOOD,
        "C26TAA;102;31/2/2026;2026-03;0;0;0;10;1;",
        "C26TAA;103;05/4/2026;2026-03;0;0;0;10;269,5;",
        GOOD,
        "C26TAA;104;05/4/2026;3/2026;0;0;0;10;1;",
    )
    said = desk.refused("invoice", "import", file, *COLUMNS, "--contract", "HD-12")
    assert "nothing was imported" in said
    for wrong in (
        'line 3: "31/2/2026" is no date of the form %d/%m/%Y',
        'line 4: Tổng tiền: "269,5" is no whole number',
        "line 5: invoice 0100109106|1|C26TAA|101 stands on line 2 already",
        "line 6: month:",
    ):
        assert wrong in said
    assert desk.told("invoice", "list") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (COLUMNS, "which contract is it for? --contract says it"),
        ((*COLUMNS, "--contract", "HD-13"), 'there is no contract "HD-13"'),
        (COLUMNS[2:], "--column series=… is missing"),
        ((*COLUMNS[:-1], "adjusts=Sửa"), 'column "Sửa" is not there'),
        (("--column", "total=Tổng"), "write it as FIELD=HEADING, each once"),
    ],
)
def test_what_the_table_lacks_is_said(desk: CommandDesk, words: tuple[str, ...], said: str) -> None:
    assert said in desk.refused("invoice", "import", table(desk, GOOD), *words)
    assert desk.told("invoice", "list") == []

"""axe-core and a browser judge the HTML form of a paper: phone, screen, dark screen, long names, no figures at all."""

import base64
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.documents.html import write
from gateway.papers.charts import charts_of
from tests.edge.test_judge_axe import AXE, RUN, SCREENS
from tests.lab.judges.chromium import Tab, browser, fresh_tab
from tests.paper_material import hostile, month, paper, year


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser((), "--disable-background-networking") as pipe, fresh_tab(pipe) as found:
        yield found


PAPERS = {
    "month": paper(month()),
    "english": paper(month(), "en"),
    "year": replace(paper(year()), blocks=tuple(charts_of(year(), "vi"))),
    "less-than-before": paper(month(before=400), long=True, is_draft=False),
    "nobody-came": paper(month(visitors=0, before=None)),
    "hostile": hostile(),
}


@pytest.mark.parametrize("name", PAPERS)
def test_no_paper_has_a_violation_or_scrolls_sideways(tab: Tab, tmp_path: Path, name: str) -> None:
    (tmp_path / "paper.html").write_bytes(write(PAPERS[name]))
    problems: list[str] = []
    for (width, height), scheme in zip(SCREENS, ("dark", "light"), strict=True):
        tab.view(width, height, mobile=width < 600)
        tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        loaded = tab.open((tmp_path / "paper.html").as_uri())
        assert len(loaded.urls) == 1
        if "CONG_SCREENSHOTS" in os.environ:
            tab.screenshot(Path(os.environ["CONG_SCREENSHOTS"]) / f"paper-{name}-{width}.png", whole=True)
        tab.evaluate(AXE.read_text(encoding="utf-8"))
        found = tab.call("Runtime.evaluate", expression=RUN, awaitPromise=True, returnByValue=True)
        problems += [f"{width} px: {each}" for each in found["result"]["value"]]
        if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"{width} px scrolls sideways")
    assert not problems, "\n".join(problems)


def test_the_page_prints_on_a4_wide_tables_lying(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "paper.html").write_bytes(write(PAPERS["month"]))
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    tab.open((tmp_path / "paper.html").as_uri())
    printed = tab.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
    (tmp_path / "paper.pdf").write_bytes(base64.b64decode(printed))
    told = subprocess.run(
        ["pdfinfo", "-f", "1", "-l", "99", tmp_path / "paper.pdf"], capture_output=True, text=True, check=True
    ).stdout
    sizes = [(int(float(w)), int(float(h))) for w, h in re.findall(r"size: +([\d.]+) x ([\d.]+) pts", told)]
    assert set(sizes) == {(594, 841), (841, 594)} and sizes.count((841, 594)) == 1
    text = subprocess.run(["pdftotext", tmp_path / "paper.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "1.284" in text and "+6,38%" in text and "DỰ THẢO" in text and "Y Blơm" in text
    # a dark screen's page is printed in black on white
    picture = tmp_path / "page"
    subprocess.run(["pdftoppm", "-r", "20", "-gray", "-l", "1", tmp_path / "paper.pdf", picture], check=True)
    pixels = next(tmp_path.glob("page*.pgm")).read_bytes().split(b"255\n", 1)[1]
    assert sum(pixels) / len(pixels) > 220

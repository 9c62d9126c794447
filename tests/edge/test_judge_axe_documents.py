"""axe-core and a browser judge the HTML form of a paper: phone, screen, dark screen, long names, no figures at all."""

import os
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

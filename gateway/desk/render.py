"""Pages of the desk: the house's templates with figures and days as the reports print them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from fractions import Fraction

from markupsafe import Markup

from gateway.desk.table import Language
from gateway.pages import LANGUAGES, environment, text
from gateway.papers.paper import Chart, Number
from gateway.papers.printed import NOTHING, printed
from gateway.reports import english, vietnamese

Draw = Callable[[Chart, Language], str]
"""A chart as SVG: the papers' own writer."""


class DeskPages:
    """Renders one site's pages."""

    def __init__(self, zone: timezone, draw: Draw, shared: Mapping[str, object]) -> None:
        """`shared`: what every page may ask for: static(name), site."""
        self._environments = {}
        for language in LANGUAGES:
            made = environment(language)
            made.filters |= _filters("vi" if language == "vi" else "en", zone, draw)
            made.globals |= shared
            self._environments[language] = made

    def render(self, template: str, language: str, values: Mapping[str, object]) -> str:
        """The text of portal_pages/desk/<template>; every value is escaped."""
        return self._environments[language].get_template(f"desk/{template}").render(language=language, **values)


def _filters(language: Language, zone: timezone, draw: Draw) -> dict[str, Callable[..., object]]:
    words = vietnamese if language == "vi" else english

    def number(value: int | Fraction | None, places: int = 0, signed: bool = False) -> str:
        return printed(None if value is None else Number(value, places, is_signed=signed), language)

    def percent(value: int | Fraction | None, places: int = 1, signed: bool = False) -> str:
        """Of a share: 1 is 100 %."""
        return printed(None if value is None else Number(value * 100, places, True, signed), language)

    def size(count_bytes: int | None) -> str:
        return NOTHING if count_bytes is None else words.amount(count_bytes)

    def rate(bits_s: int | None) -> str:
        if bits_s is None:
            return NOTHING
        if bits_s >= 1_000_000:
            return f"{words.plain_number(Fraction(bits_s, 1_000_000), 1)} Mbit/s"
        return f"{words.plain_number(Fraction(bits_s, 1000), 0)} kbit/s"

    def money(value: int | None) -> str:
        return NOTHING if value is None else f"{number(value)} đ"

    def day(value: date | None) -> str:
        local = value.astimezone(zone).date() if isinstance(value, datetime) else value
        return printed(local, language)

    def moment(value: datetime | None) -> str:
        return NOTHING if value is None else printed(value.astimezone(zone), language)

    def clock(value: datetime | None) -> str:
        return NOTHING if value is None else f"{value.astimezone(zone):%H:%M}"

    def span(seconds: int | None) -> str:
        return NOTHING if seconds is None else _span(seconds, language)

    def picture(chart: Chart) -> Markup:
        return Markup(draw(chart, language))  # the writer escapes every text of the chart

    own = (number, percent, size, rate, money, day, moment, clock, span, picture)
    return {each.__name__: each for each in own}


def _span(seconds: int, language: Language) -> str:
    """The two largest units: 1 giờ 20 phút."""
    units = (("days", 86400), ("hours", 3600), ("minutes", 60))
    parts = []
    for name, unit_s in units:
        count, seconds = divmod(seconds, unit_s)
        if count:
            parts.append(text(language, f"span.{name}", count=count))
    return " ".join(parts[:2]) if parts else text(language, "span.less")

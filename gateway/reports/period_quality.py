"""How far the figures of a month or a year can be trusted: the data-quality line of reports (counting 2.4 H, 2.5).

In:  what is known of each day, and of the base of comparison.
Out: PeriodQuality and its line in Vietnamese or English; "đầy đủ" when nothing lowers the figures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from gateway.reports import english, vietnamese
from gateway.reports.day import Language

_SMALL_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class DayKnown:
    """What one day's figures rest on."""

    day: date
    promised: bool
    """Something was promised on it."""
    counted: bool
    """It has figures, be they zero."""
    by_hand: bool = False
    provisional: bool = False
    """Some of its rows were written before the clock was right, and could not be settled."""
    cut_sessions: int = 0
    """Sessions that a power cut ended: their end is at most 5 minutes from the truth."""


@dataclass(frozen=True, slots=True)
class PeriodQuality:
    """What a reader should know before he trusts a period."""

    missing: tuple[date, ...]
    """Promised days without any figure; a day that was not promised misses nothing."""
    by_hand: int
    provisional: int
    cut_sessions: int
    method_changed: bool
    """The base was counted another way (hand register, gateway): comparability is broken."""
    adjustments: int
    """Figures of locked months that came out otherwise."""
    carried_bytes: int = 0
    """What the kernel counted between the two networks, apart from sessions; 0 where nothing was kept of it."""
    unexplained_bytes: int = 0
    """The same less the sessions' sum and open sites; negative when sessions have more."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing lowers the figures."""
        lowers = (self.by_hand, self.provisional, self.cut_sessions, self.adjustments)
        return not (self.missing or self.method_changed or any(lowers) or self.is_volume_doubtful)

    @property
    def is_volume_doubtful(self) -> bool:
        """Whether more is unexplained than what two bookings of one minute may differ by."""
        return abs(self.unexplained_bytes) > max(_SMALL_BYTES, self.carried_bytes // 1000)


def quality_of(
    days: Iterable[DayKnown],
    *,
    method_changed: bool = False,
    adjustments: int = 0,
    carried_bytes: int = 0,
    unexplained_bytes: int = 0,
) -> PeriodQuality:
    """The quality of a period; a day told twice counts once."""
    told = {one.day: one for one in days}.values()
    return PeriodQuality(
        missing=tuple(sorted(one.day for one in told if one.promised and not one.counted)),
        by_hand=sum(one.by_hand for one in told),
        provisional=sum(one.provisional for one in told),
        cut_sessions=sum(one.cut_sessions for one in told),
        method_changed=method_changed,
        adjustments=adjustments,
        carried_bytes=carried_bytes,
        unexplained_bytes=unexplained_bytes,
    )


def quality_line(quality: PeriodQuality, language: Language) -> str:
    """The line that is always printed: "Chất lượng số liệu: …"."""
    if language == "vi":
        told = list(_vietnamese(quality))
        return f"Chất lượng số liệu: {'; '.join(['đầy đủ', *told] if quality.is_complete else told)}."
    told = list(_english(quality))
    return f"Data quality: {'; '.join(['complete', *told] if quality.is_complete else told)}."


_NAMED = 3


def _vietnamese(quality: PeriodQuality) -> Iterator[str]:
    if quality.missing:
        days = ", ".join(f"{day.day}/{day.month}" for day in quality.missing[:_NAMED])
        more = ", …" if len(quality.missing) > _NAMED else ""
        yield f"{vietnamese.number(len(quality.missing))} ngày phục vụ không có số liệu ({days}{more})"
    if quality.by_hand:
        yield f"{vietnamese.number(quality.by_hand)} ngày ghi bằng sổ"
    if quality.provisional:
        yield f"{vietnamese.number(quality.provisional)} ngày có giờ máy chưa chỉnh"
    if quality.cut_sessions:
        yield f"{vietnamese.number(quality.cut_sessions)} phiên bị ngắt do mất điện (sai lệch tối đa 5 phút mỗi phiên)"
    if quality.method_changed:
        yield "cách đếm của kỳ gốc khác kỳ này, so sánh chỉ để tham khảo"
    if quality.adjustments:
        yield f"{vietnamese.number(quality.adjustments)} số liệu của tháng đã khóa được điều chỉnh"
    if quality.unexplained_bytes:
        gap, whole = vietnamese.amount(abs(quality.unexplained_bytes)), vietnamese.amount(quality.carried_bytes)
        yield f"dung lượng các phiên lệch {gap} so với {whole} đếm được trên đường truyền"


def _english(quality: PeriodQuality) -> Iterator[str]:
    if quality.missing:
        days = ", ".join(f"{day.day}/{day.month}" for day in quality.missing[:_NAMED])
        more = ", …" if len(quality.missing) > _NAMED else ""
        yield f"{_of(len(quality.missing), 'service day')} without figures ({days}{more})"
    if quality.by_hand:
        yield f"{_of(quality.by_hand, 'day')} from the hand register"
    if quality.provisional:
        yield f"{_of(quality.provisional, 'day')} with an unset clock"
    if quality.cut_sessions:
        yield f"{_of(quality.cut_sessions, 'session')} cut by a power failure (at most 5 minutes off each)"
    if quality.method_changed:
        yield "the base was counted another way: compare with care"
    if quality.adjustments:
        yield f"{_of(quality.adjustments, 'figure')} of locked months adjusted"
    if quality.unexplained_bytes:
        gap, whole = english.amount(abs(quality.unexplained_bytes)), english.amount(quality.carried_bytes)
        yield f"sessions differ by {gap} from the {whole} counted at the line"


def _of(count: int, word: str) -> str:
    return f"{english.number(count)} {word}" + ("" if count == 1 else "s")

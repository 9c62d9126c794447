"""The calendar's rows of the desk's table, and its pages."""

from collections.abc import Mapping
from datetime import timedelta

from gateway.desk.calendar import CalendarDesk
from gateway.desk.calendar_asked import (
    AskedChange,
    AskedDay,
    AskedMonth,
    AskedYear,
    Closure,
    Door,
    Extra,
    Holidays,
    ToldChanges,
    ToldDecision,
    ToldWeek,
    Week,
)
from gateway.desk.table import Act, Area, Caller, Nothing, Page, View, act, view
from gateway.desk.told_calendar import ToldChange, ToldDay, ToldDoor, ToldHolidays, ToldMonth, ToldNow
from gateway.staff.roles import Right


class CalendarPages:
    """Pages made of the views."""

    def __init__(self, desk: CalendarDesk) -> None:
        self._desk = desk

    async def month(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """A month, the doors, what was decided, and the two forms."""
        desk, today = self._desk, self._desk.today(caller)
        told = await desk.month(AskedMonth.model_validate({"month": query.get("month") or f"{today:%Y-%m}"}), caller)
        day, begin, end = await desk.next_extra(caller)
        shown = (told.month + timedelta(days=31)).replace(day=1)
        is_this_month = told.month == today.replace(day=1)
        missing = [each for each in told.days if each.is_proposed]
        return {
            "told": told,
            "now": await desk.now(Nothing(), caller),
            "changes": (await desk.changes(Nothing(), caller)).changes,
            "today": today,
            "before": (told.month - timedelta(days=1)).replace(day=1),
            "after": shown,
            "extra": {"day": day, "begin": begin, "end": end},
            "unaccepted": missing,
            "is_this_month": is_this_month,
            "later": await desk.ahead(shown, caller) if is_this_month else (),
            "shows_all": bool(query.get("all")),
        }

    async def day(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """A day with forms that are filled in for it."""
        told = await self._desk.day(AskedDay.model_validate({"day": query.get("day", "")}), caller)
        _, begin, end = await self._desk.next_extra(caller)
        return {"told": told, "extra": {"begin": begin, "end": end}, "today": self._desk.today(caller)}

    async def plan(self, query: Mapping[str, str], caller: Caller) -> Mapping[str, object]:
        """Week and holidays."""
        year = AskedYear.model_validate({"year": query.get("year") or self._desk.today(caller).year})
        return {
            "week": (await self._desk.week(Nothing(), caller)).days,
            "holidays": await self._desk.holidays(year, caller),
            "this_year": self._desk.today(caller).year,
        }


def calendar(desk: CalendarDesk) -> Area:
    """The area of the table."""
    pages = CalendarPages(desk)
    return Area(views=_views(desk), acts=_acts(desk), pages=_pages(pages))


def _views(desk: CalendarDesk) -> list[View]:
    see = Right.SEE
    return [
        view(
            "calendar.month", "/calendar/months/{month}", see, AskedMonth, ToldMonth, desk.month, "A month, day by day"
        ),
        view("calendar.day", "/calendar/days/{day}", see, AskedDay, ToldDay, desk.day, "What holds on a day, and why"),
        view("calendar.now", "/calendar/now", see, Nothing, ToldNow, desk.now, "Is it open now, until when"),
        view("calendar.changes", "/calendar/changes", see, Nothing, ToldChanges, desk.changes, "Decisions that stand"),
        view("calendar.week", "/calendar/week", see, Nothing, ToldWeek, desk.week, "The hours of a week"),
        view(
            "calendar.holidays",
            "/calendar/holidays/{year}",
            see,
            AskedYear,
            ToldHolidays,
            desk.holidays,
            "A year's public holidays: proposed, and entered",
        ),
    ]


def _acts(desk: CalendarDesk) -> list[Act]:
    plan, open_ = Right.PLAN, Right.OPEN
    return [
        act("calendar.extra", "POST", "/calendar/extra", plan, Extra, ToldDecision, desk.extra, "Open beside the plan"),
        act("calendar.close", "POST", "/calendar/closures", plan, Closure, ToldDecision, desk.close, "Close for days"),
        act(
            "calendar.take_back",
            "DELETE",
            "/calendar/changes/{id}",
            plan,
            AskedChange,
            ToldChange,
            desk.take_back,
            "Take a decision back",
        ),
        act("calendar.week", "PUT", "/calendar/week", plan, Week, ToldWeek, desk.set_week, "The hours of a week"),
        act(
            "calendar.holidays",
            "POST",
            "/calendar/holidays/{year}",
            plan,
            Holidays,
            ToldHolidays,
            desk.enter_holidays,
            "Enter holidays of the year's proposal",
        ),
        act("door.open", "POST", "/door/open", open_, Door, ToldDoor, desk.open_door, "Staff opened the site"),
        act("door.close", "POST", "/door/close", open_, Door, ToldDoor, desk.close_door, "Staff closed the site"),
    ]


def _pages(pages: CalendarPages) -> list[Page]:
    return [
        Page("/calendar", Right.SEE, "calendar.html", pages.month, "calendar"),
        Page("/calendar/days/{day}", Right.SEE, "calendar_day.html", pages.day, "calendar"),
        Page("/calendar/plan", Right.SEE, "calendar_plan.html", pages.plan, "calendar"),
    ]

"""Days, times and deadlines as people say them, on the company's clock."""

from __future__ import annotations

from datetime import datetime

from config.languages import N_, translate
from config.words import Language
from models.queries.inbox import Deadline, Urgency
from models.queries.shown import MONTHS

_WEEKDAYS = {
    Language.ZH_CN: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def moment(at: datetime, now: datetime, language: Language) -> str:
    """A local time with its weekday; the year only where it is another one."""
    weekday, clock = _WEEKDAYS[language][at.weekday()], f"{at:%H:%M}"
    if language is Language.ZH_CN:
        year = "" if at.year == now.year else f"{at.year}年"
        return f"{year}{at.month}月{at.day}日 {weekday} {clock}"
    year = "" if at.year == now.year else f" {at.year}"
    return f"{weekday} {at.day} {MONTHS[at.month - 1]}{year}, {clock}"


def time_left(due: Deadline, local: datetime, language: Language) -> str:
    """How much time is left, in working days: ``in 2 working days``, ``today by 17:30``, ``overdue``."""
    days = due.business_days
    if due.urgency is Urgency.OVERDUE:
        if days == 0:
            return translate(N_("just overdue"), language)
        one = N_("overdue by 1 working day")
        return translate(one if days == 1 else N_("overdue by {days} working days"), language, days=days)
    if due.urgency is Urgency.TODAY:
        return translate(N_("today by {time}"), language, time=f"{local:%H:%M}")
    if days == 0:
        return translate(N_("in less than 1 working day"), language)
    return translate(N_("in 1 working day") if days == 1 else N_("in {days} working days"), language, days=days)

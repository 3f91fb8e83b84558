"""How long something took, as people say it."""

from __future__ import annotations

from config.languages import N_, translate
from config.words import Language

_DAY, _HOUR = 24 * 60, 60
_FEW = 10


def clock_time(minutes: int | None, language: Language) -> str:
    """Time of the clock: ``6.1 days``, ``5 h 20 min``; a dash where there is none."""
    return _told(minutes, _DAY, N_("{number} days"), language)


def working_time(minutes: int | None, day_minutes: int, language: Language) -> str:
    """Working time: ``2.5 working days`` of ``day_minutes`` each, ``3 h 20 min``; a dash where there is none."""
    return _told(minutes, day_minutes or _DAY, N_("{number} working days"), language)


def _told(minutes: int | None, day: int, days: str, language: Language) -> str:
    if minutes is None:
        return "–"
    if minutes < 2 * day:
        return hours(minutes, language)
    number = minutes / day
    return translate(days, language, number=f"{number:.1f}" if number < _FEW else f"{number:,.0f}")


def hours(minutes: int, language: Language) -> str:
    """``45 min``, ``3 h 20 min``, ``12 h``."""
    whole, rest = divmod(minutes, _HOUR)
    if not whole:
        return translate(N_("{minutes} min"), language, minutes=str(rest))
    if not rest or whole >= _FEW:
        return translate(N_("{hours} h"), language, hours=str(whole + (rest >= _HOUR // 2 and whole >= _FEW)))
    return translate(N_("{hours} h {minutes} min"), language, hours=str(whole), minutes=str(rest))

"""What opens a door: a right; for those who are no members of staff something they hold; or what is asked for."""

from __future__ import annotations

from enum import Enum

from config.words import Word
from models.rights import Right


class Open(Word):
    """Doors without a sign-in."""

    ANYBODY = "anybody", "Anybody at all"
    LINK = "link", "Whoever holds an approval link: the holder of that place"
    OUTSIDE_LINK = "outside_link", "Whoever holds a link for people outside, with its code where one is asked"
    CALENDAR = "calendar", "Whoever holds the secret address of a calendar"
    METRICS = "metrics", "Whoever holds the token of the metrics; without one, this very machine"


class Chosen(Enum):
    """Which right it takes depends on what the address names: the process, or the act."""

    CHOSEN = "chosen"


CHOSEN = Chosen.CHOSEN
Key = Right | Open | Chosen

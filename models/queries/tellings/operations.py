"""How it is told what operations did with a case."""

from config.languages import N_
from models.queries.telling import Teller, plain, saying

TELLERS: dict[str, Teller] = {
    "case.woken": plain(N_("had the case looked at again")),
    "case.cancelled": saying(N_("cancelled the case: {reason}"), "reason"),
}

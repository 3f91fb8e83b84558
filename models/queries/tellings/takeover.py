"""How it is told that a case came over from earlier records."""

from config.languages import N_
from models.queries.telling import Teller, plain

TELLERS: dict[str, Teller] = {"case.taken-over": plain(N_("Taken over, ended, from the records kept before"))}

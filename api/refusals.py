"""Refusals that only exist on the web, beside those of ``models.errors``."""

from __future__ import annotations

from config.languages import N_
from models.errors import Refused


class NotSignedIn(Refused):
    """Nobody is signed in, or the token is not known."""

    status = 401
    code = "not-signed-in"

    def __init__(self, message: str = N_("Please sign in first."), **values: object) -> None:
        super().__init__(message, **values)


class FormStale(Refused):
    """The form did not come from a page of ours in this browser, or the browser has lost its cookie."""

    status = 403
    code = "form-stale"

    def __init__(self) -> None:
        super().__init__(
            N_("For your safety, please send this form once more. What you typed is still there; nothing was recorded.")
        )


class TooLarge(Refused):
    """More was sent than is ever needed."""

    status = 413
    code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(N_("What was sent is too large; at most {limit} bytes are accepted."), limit=limit)


class Busy(Refused):
    """The database did not answer in time."""

    status = 503
    code = "busy"

    def __init__(self) -> None:
        super().__init__(N_("The system is busy just now. Nothing was lost; please try again in a moment."))


class Broken(Refused):
    """A fault of ours."""

    status = 500
    code = "internal-error"

    def __init__(self) -> None:
        super().__init__(N_("Something went wrong on our side. It was noted; please try again."))


class Unroutable(Refused):
    """A path, method or media type that is not served. ``status`` is given."""

    code = "http-error"
    _TEXTS = {
        400: ("bad-request", N_("The request could not be read.")),
        404: ("not-found", N_("There is no such page.")),
        405: ("method-not-allowed", N_("This address does not serve that method.")),
        406: ("not-acceptable", N_("This address does not serve that format.")),
        415: ("unsupported-media-type", N_("This address does not accept that format.")),
    }

    def __init__(self, status: int) -> None:
        code, message = self._TEXTS.get(status, (self.code, N_("The request cannot be served.")))
        super().__init__(message)
        self.status, self.code = status, code

"""The form of the register of consents."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from config.languages import N_
from config.words import ConsentPurpose, SharedData
from models.forms.base import StepForm, complaint


class ConsentForm(StepForm):
    """One consent: to whom, what for, what of, by which paper, from when until when."""

    purpose: ConsentPurpose = Field(title=N_("Purpose"))
    recipient: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(title=N_("Shared with"))
    shares: list[SharedData] = Field(title=N_("What is shared"), min_length=1, max_length=len(SharedData))
    given_by: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(title=N_("Consented by"))
    document: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(
        title=N_("Document"), description=N_("The number under which the signed consent is filed.")
    )
    since: date = Field(title=N_("Valid from"))
    until: date | None = Field(
        None, title=N_("Valid until"), description=N_("The last day. Leave it empty if it holds until it is withdrawn.")
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> ConsentForm:
        if self.until is not None and self.until < self.since:
            raise complaint(N_("It would end before it begins."))
        return self

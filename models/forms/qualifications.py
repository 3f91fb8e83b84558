"""The form of the register of confidentiality agreements and trainings (R, B, X)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from config.languages import N_
from config.words import QualificationKind
from models.forms.base import StepForm, complaint
from models.forms.common import PERSON, PersonId


class QualificationForm(StepForm):
    """One entry: who holds what, by which paper, from when until when."""

    person: PersonId = Field(title=N_("Person"), json_schema_extra=PERSON)
    kind: QualificationKind = Field(title=N_("Qualification"))
    reference: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        title=N_("Reference"), description=N_("The number under which the agreement or the certificate is filed.")
    )
    valid_from: date = Field(title=N_("Valid from"))
    valid_until: date | None = Field(
        None, title=N_("Valid until"), description=N_("The last day. Leave it empty if it does not expire.")
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> QualificationForm:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise complaint(N_("It would end before it begins."))
        return self

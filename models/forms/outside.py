"""What somebody outside fills in behind a link."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from config.languages import N_
from config.words import Word
from models.forms.base import LONG_TEXT, StepForm, complaint
from models.forms.common import LONG


class PaperAnswer(Word):
    """What somebody says to a paper they are asked to sign."""

    SIGN = "sign", "I sign it"
    DECLINE = "decline", "I do not sign it"


Optional80 = Annotated[str, StringConstraints(max_length=80)]


class SignPaper(StepForm):
    """Sign a paper under its very words, or say why not."""

    answer: PaperAnswer = Field(title=N_("Your decision"))
    name: Optional80 = Field("", title=N_("Your full name"))
    capacity: Optional80 = Field("", title=N_("In what capacity you sign"))
    agreed: bool = Field(False, title=N_("I have read the text above and agree with it"))
    reason: Annotated[str, StringConstraints(max_length=LONG_TEXT)] = Field(
        "", title=N_("Why you do not sign"), json_schema_extra=LONG
    )

    @model_validator(mode="after")
    def _whole(self) -> SignPaper:
        if self.answer is PaperAnswer.DECLINE:
            if not self.reason:
                raise complaint(N_("Please say why you do not sign."))
        elif not self.name or not self.agreed:
            raise complaint(N_("To sign, enter your full name and tick that you agree with the text."))
        return self

"""The form that begins the reception of a risk client by hand (R)."""

from __future__ import annotations

from pydantic import Field

from config.languages import N_
from config.words import ReceptionTrigger
from models.forms.base import StepForm
from models.forms.common import LONG, CustomerText, Told


class ReceptionRequest(StepForm):
    """Which client is to be received, and why."""

    customer: CustomerText = Field(title=N_("Customer"), json_schema_extra={"widget": "customer"})
    trigger: ReceptionTrigger = Field(title=N_("Occasion"))
    reason: Told = Field(title=N_("Reason"), json_schema_extra=LONG)

"""What an application must contain, by customer type (C, X)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from config.policy.base import Fault, Name, PolicyModel, Text, absent, refuse
from config.words import CustomerType, Department, RiskLevel


class Requirement(PolicyModel):
    """What one customer type must hand in. Names come from the lists of fields and documents."""

    identifier: Literal["uscc", "resident_id"]
    """Which number identifies such a customer: unified social credit code or resident ID."""
    fields: tuple[Name, ...]
    documents: tuple[Name, ...]


class OnboardingPolicy(PolicyModel):
    """Required fields and documents, and who is warned of a new high risk."""

    fields: dict[Name, Text]
    documents: dict[Name, Text]
    required: dict[CustomerType, Requirement]
    credit_fields: tuple[Name, ...]
    """Further fields required of everyone who does not pay before delivery."""
    warn_at: tuple[RiskLevel, ...]
    warn_departments: tuple[Department, ...]

    @model_validator(mode="after")
    def _every_type_and_only_known_names(self) -> Self:
        faults: list[Fault] = absent(self.required, CustomerType, ("required",), "customer types")
        for customer_type, requirement in self.required.items():
            for kind, known in (("fields", self.fields), ("documents", self.documents)):
                faults += [
                    (("required", customer_type.value, kind, i), f"{name!r} is not in the list of {kind}")
                    for i, name in enumerate(getattr(requirement, kind))
                    if name not in known
                ]
        faults += [
            (("credit_fields", i), f"{name!r} is not in the list of fields")
            for i, name in enumerate(self.credit_fields)
            if name not in self.fields
        ]
        refuse(faults)
        return self

    def required_fields(self, customer_type: CustomerType, *, prepays: bool) -> tuple[str, ...]:
        """Names of the fields such an applicant must fill in."""
        fields = self.required[customer_type].fields
        return fields if prepays else fields + tuple(name for name in self.credit_fields if name not in fields)

    def required_documents(self, customer_type: CustomerType) -> tuple[str, ...]:
        """Names of the documents such an applicant must hand in."""
        return self.required[customer_type].documents

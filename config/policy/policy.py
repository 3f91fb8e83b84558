"""The whole policy under one version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import Field, PrivateAttr

from config.policy.approval import ApprovalPolicy
from config.policy.assessment import AssessmentPolicy
from config.policy.base import PolicyModel
from config.policy.care import CarePolicy
from config.policy.collections import CollectionsPolicy
from config.policy.credit import CreditPolicy
from config.policy.evaluation import EvaluationPolicy
from config.policy.frequencies import FrequenciesPolicy
from config.policy.indicators import IndicatorsPolicy
from config.policy.listing import ListingPolicy
from config.policy.meeting import MeetingPolicy
from config.policy.onboarding import OnboardingPolicy
from config.policy.privacy import PrivacyPolicy
from config.policy.reception import ReceptionPolicy
from config.policy.service import ServicePolicy
from config.policy.steps import StepsPolicy

VERSION_LENGTH = 12


class Policy(PolicyModel):
    """Every number and table of the policies. One field per file, and the version of the whole.

    A stored policy is read back as it was, long after the files have changed; a key added to a model later
    therefore needs a default.
    """

    version: str
    indicators: IndicatorsPolicy
    credit: CreditPolicy
    approval: ApprovalPolicy
    onboarding: OnboardingPolicy
    listing: ListingPolicy
    collections: CollectionsPolicy
    frequencies: FrequenciesPolicy
    assessment: AssessmentPolicy
    service: ServicePolicy
    reception: ReceptionPolicy = Field(default_factory=ReceptionPolicy)
    steps: StepsPolicy
    evaluation: EvaluationPolicy = EvaluationPolicy()
    care: CarePolicy = CarePolicy()
    meeting: MeetingPolicy = MeetingPolicy()
    privacy: PrivacyPolicy = PrivacyPolicy()
    _from_package: tuple[str, ...] = PrivateAttr(default=())

    @classmethod
    def of(cls, parts: Mapping[str, PolicyModel], from_package: Iterable[str] = ()) -> Self:
        """The policy made of ``parts`` (one per file), with its version."""
        draft = cls.model_validate({**parts, "version": ""})
        policy = draft.model_copy(update={"version": fingerprint(draft)})
        policy._from_package = tuple(from_package)
        return policy

    @property
    def from_package(self) -> tuple[str, ...]:
        """What the company's own files do not have and is therefore as packaged: ``care.yaml`` for a whole file,
        ``assessment.samples`` for a key. It tells of the files, not of the contents: it is not stored."""
        return self._from_package

    def to_json(self) -> str:
        """The policy as text for the database; ``from_json`` gives back an equal policy."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The policy stored as ``text``; needs no files.

        Raises:
            pydantic.ValidationError: the text is not a stored policy.
        """
        return cls.model_validate_json(text)


PARTS: dict[str, type[PolicyModel]] = {
    name: field.annotation
    for name, field in Policy.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, PolicyModel)
}
"""The model of each policy file, by the file's name without ``.yaml``."""


def fingerprint(policy: Policy) -> str:
    """Twelve hexadecimal digits that are equal exactly when the contents are."""
    content = policy.model_dump(mode="json", exclude={"version"})
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:VERSION_LENGTH]

"""Policy as data: typed, validated YAML files, versioned as a whole (processes §2).

``load_policy()`` reads the packaged files; ``Policy.from_json`` reads a version stored in the database.
"""

from config.policy.approval import ApprovalPolicy
from config.policy.base import Text
from config.policy.credit import CreditPolicy
from config.policy.frequencies import Frequency
from config.policy.indicators import IndicatorsPolicy
from config.policy.loading import load_policy
from config.policy.onboarding import OnboardingPolicy
from config.policy.policy import Policy
from config.policy.problems import PolicyError, Problem
from config.policy.steps import StepTimes

__all__ = [
    "ApprovalPolicy",
    "CreditPolicy",
    "Frequency",
    "IndicatorsPolicy",
    "OnboardingPolicy",
    "Policy",
    "PolicyError",
    "Problem",
    "StepTimes",
    "Text",
    "load_policy",
]

"""The policy for programs: versions, one whole, and what differs between two."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi import Query as QueryParameter
from pydantic import Field

from api.caller import house_of
from api.language import language_of
from api.problems import PROBLEM_RESPONSES
from api.routes.parameters import Reader
from api.routes.shapes import Given
from config.words import Language
from models.queries.policies import Difference, differences, policy_called, versions
from models.queries.rights import must_see_operations
from models.queries.shown import spoken

router = APIRouter(tags=["Policy"], responses=PROBLEM_RESPONSES)
Version = Annotated[str, Path(max_length=64, description="A version, or `running`.", examples=["running"])]


class VersionShown(Given):
    """One version: since when it is used, and how many cases go by it."""

    version: str
    first_used_at: datetime
    cases: int
    open: int
    runs: bool


class PolicyShown(Given):
    """A whole policy: a key for each of its files, with what stands in it."""

    version: str
    policy: dict[str, Any]


class DifferenceShown(Given):
    """One value that differs: where it stands, and what it was and is, in the caller's language."""

    where: list[str]
    before: str | None = Field(description="None where it was not there.")
    after: str | None = Field(description="None where it is not there any more.")


class Differences(Given):
    before: str
    after: str
    differences: list[DifferenceShown]


@router.get("/policies", summary="List the policy's versions")
def listed(request: Request, caller: Reader) -> list[VersionShown]:
    """Every version that cases went by, the latest first. For operations, managers and auditors. Token scope:
    `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    with house.read() as session:
        return [VersionShown(**one.model_dump()) for one in versions(session, house)]


@router.get("/policies/{version}", summary="Read a version of the policy")
def read(request: Request, caller: Reader, version: Version) -> PolicyShown:
    """The whole of it. Token scope: `read`."""
    must_see_operations(caller.person)
    house = house_of(request)
    with house.read() as session:
        policy = policy_called(session, house, version)
    return PolicyShown(version=policy.version, policy=policy.model_dump(mode="json", exclude={"version"}))


@router.get("/policies/{version}/differences", summary="What differs between two versions")
def compare(
    request: Request,
    caller: Reader,
    version: Version,
    to: Annotated[str, QueryParameter(max_length=64, description="The other version.")] = "running",
) -> Differences:
    """What `to` says otherwise than `version`. Token scope: `read`."""
    must_see_operations(caller.person)
    house, language = house_of(request), language_of(request, caller.person)
    with house.read() as session:
        before, after = policy_called(session, house, version), policy_called(session, house, to)
    found = [_shown(one, language) for one in differences(before, after)]
    return Differences(before=before.version, after=after.version, differences=found)


def _shown(one: Difference, language: Language) -> DifferenceShown:
    return DifferenceShown(
        where=[spoken(name, language) for name in one.where],
        before=None if one.added else spoken(one.before, language),
        after=None if one.removed else spoken(one.after, language),
    )

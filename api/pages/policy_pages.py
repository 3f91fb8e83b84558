"""The policy to look at: its versions, each part drawn, what differs between two, and the whole as a file."""

from __future__ import annotations

from typing import Annotated

import yaml
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from config.policy import Policy
from config.policy.policy import PARTS
from models.queries.policies import differences, part_called, part_name, policy_called, taken_from_package, versions
from models.queries.rights import must_see_operations
from models.tables import Person

router = APIRouter(include_in_schema=False)
RUNNING = "running"


@router.api_route("/operations/policy", methods=["GET", "HEAD"])
def listed(request: Request, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_see_operations(person)
    house = house_of(request)
    with house.read() as session:
        known = versions(session, house)
    response: Response = request.app.state.pages.page(
        request,
        "ops_policy.html",
        desk="operations",
        versions=known,
        parts=[(name, part_name(name)) for name in PARTS],
        running=house.policy.version,
        own_files=house.settings.policy_folder is not None,
        from_package=taken_from_package(house.policy),
        stored=any(one.runs for one in known),
    )
    return response


@router.api_route("/operations/policy/compare", methods=["GET", "HEAD"])
def compare(
    request: Request, person: Annotated[Person, Depends(signed_in)], before: str = RUNNING, after: str = RUNNING
) -> Response:
    """What ``after`` says otherwise than ``before``."""
    must_see_operations(person)
    house = house_of(request)
    with house.read() as session:
        old, new = policy_called(session, house, before), policy_called(session, house, after)
        known = versions(session, house)
    response: Response = request.app.state.pages.page(
        request,
        "ops_policy_compare.html",
        desk="operations",
        before=old.version,
        after=new.version,
        versions=known,
        differences=differences(old, new),
        running=house.policy.version,
    )
    return response


@router.get("/operations/policy/{version}.yaml")
def download(request: Request, version: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    must_see_operations(person)
    house = house_of(request)
    with house.read() as session:
        policy = policy_called(session, house, version)
    headers = {"content-disposition": f'attachment; filename="policy-{policy.version}.yaml"'}
    return Response(as_yaml(policy), media_type="application/yaml; charset=utf-8", headers=headers)


def as_yaml(policy: Policy) -> str:
    """The whole policy in one file, its parts as the policy folder has them."""
    values = policy.model_dump(mode="json", exclude={"version"})
    return f"# Policy version {policy.version}\n" + yaml.safe_dump(values, allow_unicode=True, sort_keys=False)


@router.api_route("/operations/policy/{version}", methods=["GET", "HEAD"])
def overview(request: Request, version: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    """A version begins with whose signature needs what."""
    return _part_page(request, person, version, "approval")


@router.api_route("/operations/policy/{version}/{part}", methods=["GET", "HEAD"])
def read(request: Request, version: str, part: str, person: Annotated[Person, Depends(signed_in)]) -> Response:
    return _part_page(request, person, version, part)


def _part_page(request: Request, person: Person, version: str, part: str) -> Response:
    must_see_operations(person)
    house = house_of(request)
    with house.read() as session:
        policy = policy_called(session, house, version)
        known = versions(session, house)
    response: Response = request.app.state.pages.page(
        request,
        "ops_policy_part.html",
        desk="operations",
        version=policy.version,
        part=part,
        section=part_called(policy, part),
        parts=[(name, part_name(name)) for name in PARTS],
        line=next((one for one in known if one.version == policy.version), None),
        running=house.policy.version,
        from_package=taken_from_package(policy, part),
    )
    return response

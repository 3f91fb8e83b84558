"""The policy and the calendar: the files right, the stored versions readable, the years covered."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError
from sqlmodel import col, select

from cli.checks.finding import Finding, fail, ok, warn
from cli.checks.ground import Ground, count
from config.policy import Policy, PolicyError
from config.words import CaseState
from models.tables import Case, PolicyVersion


def look_at_policy(ground: Ground) -> Iterator[Finding]:
    """The files as they would be read now, and the versions that open cases began under."""
    policy = ground.policy
    where = str(ground.settings.policy_folder or "the packaged policy")
    if isinstance(policy, PolicyError):
        more = f" and {count(len(policy.problems) - 1, 'more problem')}" if len(policy.problems) > 1 else ""
        told = f"{where}: {policy.problems[0]}{more}"
        yield fail("policy", f"{told}. The product will not start with it; `clientrisk policy check` lists everything.")
        return
    lacks = f" As packaged, because it does not say: {', '.join(policy.from_package)}." if policy.from_package else ""
    if ground.no_database is not None:
        yield ok("policy", f"{where} is valid, version {policy.version}.{lacks}")
        return
    with ground.house.read() as session:
        known = set(session.exec(select(PolicyVersion.version)))
        open_cases = select(Case.policy_version).where(Case.state != CaseState.CLOSED).distinct()
        in_use = session.exec(select(PolicyVersion).where(col(PolicyVersion.version).in_(open_cases))).all()
    for stored in in_use:
        try:
            Policy.from_json(stored.body)
        except ValidationError:
            told = f"Version {stored.version}, under which cases are open, cannot be read by this version of clientrisk"
            yield fail("policy on record", f"{told}. Go back to the version before, and report it.")
    if policy.version not in known:
        told = f"{where} is valid, but its version {policy.version} is not in use yet"
        yield warn("policy", f"{told}. Restart API and workers to put it into force for new cases.{lacks}")
    else:
        in_force = f"{where} is valid, version {policy.version}; {count(len(in_use), 'version')} with open cases."
        yield ok("policy", f"{in_force}{lacks}")


def look_at_calendar(ground: Ground) -> Iterator[Finding]:
    """Deadlines count business days: this year and the next must be known, not guessed."""
    calendar = ground.house.calendar
    year = calendar.day_of(ground.now).year
    guessed = [one for one in (year, year + 1) if not calendar.covers(one)]
    if not guessed:
        yield ok("calendar", f"Days off of {calendar.country} are known for {year} and {year + 1}.")
        return
    years = " and ".join(map(str, guessed))
    told = f"Days off of {calendar.country} for {years} are not known: every weekday counts as a business day then"
    if calendar.country == "CN":
        told += (
            ". The State Council announces them in November; update the package chinesecalendar as soon as it has them"
        )
    yield warn("calendar", f"{told}.")

"""The house of this installation, as its settings say; one per process."""

from __future__ import annotations

from functools import cache

from sqlmodel import Session, select

from config.policy import load_policy
from config.settings import get_settings
from models.house import SYSTEM, House, open_house
from models.tables import Installation, PolicyVersion


@cache
def installed_house() -> House:
    """Open this installation's house once, and put its running policy on record."""
    settings = get_settings()
    house = open_house(settings, load_policy(settings.policy_folder))
    store_policy(house)
    return house


def store_policy(house: House) -> None:
    """Keep the running policy, whole, so that cases which begin under it can be explained for ever."""
    with house.read() as session:
        known = session.exec(select(PolicyVersion.version).where(PolicyVersion.version == house.policy.version))
        if known.first() is not None:
            return
    with house.work(SYSTEM) as work:
        if work.session.get(PolicyVersion, house.policy.version) is None:
            row = PolicyVersion(version=house.policy.version, body=house.policy.to_json(), first_used_at=work.now)
            work.session.add(row)
            work.record("policy.adopted", version=house.policy.version)


def installation_key(session: Session) -> str:
    """The name under which this installation asks others for something once; another one after each restore."""
    return session.get_one(Installation, 1).key

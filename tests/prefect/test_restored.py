"""A house restored from a backup: its cases go on, beside a Prefect that knows more than it or nothing at all."""

from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from sqlalchemy import text
from sqlmodel import select

from config.settings import get_settings
from config.words import Outcome
from models.audit import verify
from models.backup.restoring import restore
from models.backup.taking import take_backup
from models.house import SYSTEM, House
from models.installation import installed_house
from models.migrate import latest
from models.tables import Run
from tests.prefect.conftest import ElsewhereRunner, serving
from tests.processes.conftest import Office, steel_trader


def office_of(house: House) -> Office:
    return Office(house, None, ElsewhereRunner(house))  # type: ignore[arg-type]


def run_of(office: Office) -> str:
    with office.house.read() as session:
        return session.exec(select(Run.flow_run_id).where(Run.case_ref == office.ref)).one() or ""


def stamp(house: House) -> None:
    """The mark that migrations leave; here the tables were made by the code."""
    with house.writing.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:at)"), {"at": latest()})


@pytest.mark.parametrize("prefect", ["that is new", "that knows what came after the backup"])
def test_open_cases_go_on_and_numbers_given_twice_meet_no_old_run(
    prefect: str,
    house: House,
    client: SyncPrefectClient,
    quick: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(client):
        before = office_of(house)
        first = before.applies()
        before.answers("li.na", "confirm")
        waited = before.waits_for()
        stamp(house)
        take_backup(house, tmp_path / "backup.zip", SYSTEM)
        before.answers("chen.yu", "confirm")
        before.answers("wang.jun", "reject", reason="备份之后的决定")
        old_runs = {run_of(before)}
        second = before.applies(steel_trader(name="淮安金达铜业有限公司", identifier=None))
        before.withdraws()
        old_runs.add(run_of(before))
    if prefect == "that is new":
        ours = FlowRunFilter(name=FlowRunFilterName(any_=[first, second]))
        for run in client.read_flow_runs(flow_run_filter=ours):
            client.delete_flow_run(run.id)

    new = house.settings.model_copy(
        update={"home": tmp_path / "restored", "database_url": f"sqlite:///{tmp_path}/restored/clientrisk.db"}
    )
    restore(new, tmp_path / "backup.zip", SYSTEM)
    installed_house().engine.dispose()
    monkeypatch.setenv("CLIENTRISK_HOME", str(new.home))
    monkeypatch.setenv("CLIENTRISK_DATABASE_URL", new.database_url)
    get_settings.cache_clear()
    installed_house.cache_clear()

    with serving(client):
        anew = office_of(installed_house())
        anew.ref = first
        assert anew.waits_for() == waited
        anew.answers("chen.yu", "confirm")
        assert run_of(anew) not in old_runs
        anew.answers("wang.jun", "approve")
        anew.answers("zhao.min", "approve")
        anew.answers("he.jing", "record", limit="800000", term_days=45, ledger_number="L-77")
        assert anew.outcome is Outcome.ADMITTED
        assert anew.applies(steel_trader(name="淮安金达铜业有限公司", identifier=None)) == second
        assert run_of(anew) not in old_runs
        assert list(anew.waits_for().values()) == [["li.na"]]
    with installed_house().read() as session:
        assert verify(session).broken_at is None

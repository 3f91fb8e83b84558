"""The database is silent for a while, or gone."""

from __future__ import annotations

import time

from tests.faults.disturbances.plan import BUSY, Plan, disturbed
from tests.faults.figures import Row, row_of
from tests.faults.ground import POSTGRESQL, Ground, running_ground


def database_gone(plan: Plan) -> Row:
    """PostgreSQL stands still, connections and all; later it is killed and stays away as long."""
    with running_ground(POSTGRESQL) as ground:
        server = ground.server
        assert server is not None

        def gone(_ground: Ground) -> list[float]:
            server.freeze()
            time.sleep(plan.seconds)
            server.thaw()
            time.sleep(BUSY)
            server.kill()
            time.sleep(plan.seconds)
            server.start_again()
            return [plan.seconds, plan.seconds]

        away, problems = disturbed("database gone", ground, plan, gone)
        return row_of("database silent, then gone", 2, ground.company, away, problems)

"""Every disturbance that is not a kill."""

from collections.abc import Callable, Mapping

from tests.faults.disturbances.clocks import clock_jumps
from tests.faults.disturbances.databases import database_gone
from tests.faults.disturbances.disks import full_disk, read_only_disk
from tests.faults.disturbances.mail import mail_server
from tests.faults.disturbances.network import prefect_unavailable, slow_database, slow_network
from tests.faults.disturbances.plan import Plan
from tests.faults.figures import Row

DISTURBANCES: Mapping[str, Callable[[Plan], Row]] = {
    "mail": mail_server,
    "prefect-503": prefect_unavailable,
    "slow-network": slow_network,
    "clock": clock_jumps,
    "full-disk": full_disk,
    "read-only-disk": read_only_disk,
    "database-gone": database_gone,
    "slow-database": slow_database,
}

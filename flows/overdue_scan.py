"""Overdue scan 逾期扫描 (X): every business morning, who owes overdue money gets a collections case."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.routine_flow import routine_flow
from flows.routine_report import report as write_down
from flows.routine_report import table
from models.installation import installed_house
from models.processes import OVERDUE_SCAN
from tasks.overdue_scan import ScanReport, scan_overdue


@routine_flow(OVERDUE_SCAN)
def overdue_scan(anyway: bool = False) -> dict[str, Any]:
    """Open a collections case for every customer who owes overdue, undisputed money and has none.

    Started by its schedule every morning at 07:30, or by operations at any time. Nobody acts. On a day off (weekends,
    holidays; not make-up working days) it ends at once and says so, unless told to work anyway. It may be run again,
    and beside itself: a customer has one open collections case, never two.
    """
    report = scan_the_ledger(anyway)
    write_down(OVERDUE_SCAN, summary(report), "What the scan found, in numbers")
    return report.model_dump(mode="json")


@task(
    name="Scan the ledger",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=3,
    retry_delay_seconds=[1, 10, 60],
)
def scan_the_ledger(anyway: bool) -> ScanReport:
    """What there is to do on the company's today."""
    return scan_overdue(installed_house(), anyway=anyway)


def summary(report: ScanReport) -> str:
    """The scan for managers in Prefect: counts only, nobody's name."""
    if report.day_off:
        return f"{report.on}: not a business day. Nothing was scanned."
    rows = {
        "Customers with overdue invoices": report.customers,
        "Overdue invoices": report.invoices,
        "Collections cases opened": report.opened,
        "Collections cases under way already": report.under_way,
    }
    return table(f"Overdue scan of {report.on}", rows)

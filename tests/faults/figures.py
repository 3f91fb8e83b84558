"""What came of a fault, in figures, and whether all that is promised was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.table import Table

from tests.faults.company import Company
from tests.faults.endings import Account, Ending, account_of


@dataclass(frozen=True)
class Row:
    """One fault: how often it struck, how soon all went on, and what was found afterwards."""

    fault: str
    times: int
    cases: int
    accepted: int
    away: Sequence[float] = ()
    lost: int = 0
    doubled: int = 0
    unlike: Sequence[str] = ()
    delivered: int = 0
    duplicates: int = 0
    undelivered: Sequence[str] = ()
    chain: bool = True
    problems: Sequence[str] = ()
    skipped: str = ""
    struck: Mapping[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether everything that is promised was kept."""
        if self.skipped:
            return True
        broken = (self.lost, self.doubled, self.unlike, self.duplicates, self.undelivered, self.problems)
        return self.chain and not any(broken)

    def told(self) -> list[str]:
        """What is wrong, in words."""
        said = [f"case {one}" for one in self.unlike]
        said += [f"message {one}" for one in self.undelivered]
        said += [f"answers accepted and not there: {self.lost}"] if self.lost else []
        said += [f"answers there twice: {self.doubled}"] if self.doubled else []
        said += [f"messages delivered twice: {self.duplicates}"] if self.duplicates else []
        said += [] if self.chain else ["the audit chain is broken"]
        return [*said, *self.problems]


def row_of(
    fault: str,
    times: int,
    company: Company,
    undisturbed: Mapping[str, Ending] | None,
    away: Sequence[float] = (),
    problems: Sequence[str] = (),
    struck: Mapping[str, int] | None = None,
) -> Row:
    """The figures of a company that is at rest again. Without an ``undisturbed`` run its scripts' outcomes count."""
    account = account_of(company)
    lost = company.accepted - account.signed
    doubled = sum(number - 1 for number in account.signed.values())
    return Row(
        fault=fault,
        times=times,
        cases=len(company.cases),
        accepted=company.accepted.total(),
        away=away,
        lost=lost.total(),
        doubled=doubled,
        unlike=_unlike(company, account, undisturbed),
        delivered=account.sent,
        duplicates=account.duplicates,
        undelivered=account.undelivered,
        chain=account.chain_broken_at is None,
        problems=problems,
        struck=struck or {},
    )


def _unlike(company: Company, account: Account, undisturbed: Mapping[str, Ending] | None) -> list[str]:
    told = []
    for journey in company.cases.values():
        ending = account.endings[journey.name]
        if ending.outcome != journey.script.outcome:
            told.append(f"{journey.name}: ended {ending.outcome}, not {journey.script.outcome}")
        elif undisturbed is not None and (difference := ending.unlike(undisturbed[journey.name])):
            told.append(f"{journey.name}: {difference}")
    return told


def table_of(rows: Sequence[Row]) -> Table:
    """One line for each fault."""
    table = Table("fault", "times", "cases", "decisions", "away (median, max)", "lost", "doubled", "unlike")
    for name in ("delivered", "duplicates", "chain", "verdict"):
        table.add_column(name)
    for row in rows:
        if row.skipped:
            table.add_row(row.fault, *[""] * 10, f"[yellow]skipped: {row.skipped}[/]")
            continue
        away = f"{median(row.away):.1f} s, {max(row.away):.1f} s" if row.away else ""
        verdict = "[green]kept[/]" if row.kept else "[red]BROKEN[/]"
        counted = (row.times, row.cases, row.accepted, away, row.lost, row.doubled, len(row.unlike))
        after = (row.delivered, row.duplicates, "verifies" if row.chain else "[red]broken[/]", verdict)
        table.add_row(row.fault, *(str(one) for one in (*counted, *after)))
    return table


def strikes(struck: Counter[str]) -> str:
    """Who was struck how often."""
    return ", ".join(f"{name} {number}" for name, number in sorted(struck.items()))

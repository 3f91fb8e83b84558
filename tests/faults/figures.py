"""What came of a fault, in figures, and whether all that is promised was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from rich.table import Table

from tests.faults.company import Company, Journey
from tests.faults.endings import Ending, account_of


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
    played: Mapping[str, Journey] = field(default_factory=dict, repr=False)
    endings: Mapping[str, Ending] = field(default_factory=dict, repr=False)

    @property
    def kept(self) -> bool:
        """Whether everything that is promised was kept."""
        if self.skipped:
            return True
        broken = (self.lost, self.doubled, self.unlike, self.duplicates, self.undelivered, self.problems)
        return self.chain and not any(broken)

    def compared_with(self, undisturbed: Mapping[str, Ending]) -> Row:
        """The same, with every case compared with what it came to where nothing was disturbed."""
        unlike = [
            f"{name}: {difference}"
            for name, ending in self.endings.items()
            if name in undisturbed and (difference := ending.unlike(undisturbed[name]))
        ]
        return replace(self, unlike=[*self.unlike, *unlike])

    @property
    def in_a_line(self) -> str:
        """For whoever waits for the table."""
        counted = f"{self.times} times, {self.cases} cases, {self.accepted} decisions, {self.delivered} messages"
        return f"skipped, {self.skipped}" if self.skipped else "; ".join([counted, *self.told()])

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
    away: Sequence[float] = (),
    problems: Sequence[str] = (),
) -> Row:
    """The figures of a company that is at rest again; its cases must have ended as their scripts say."""
    account = account_of(company)
    played = {journey.name: journey for journey in company.cases.values()}
    otherwise = [
        f"{name}: ended {account.endings[name].outcome}, not {journey.script.outcome}"
        for name, journey in played.items()
        if account.endings[name].outcome != journey.script.outcome
    ]
    return Row(
        fault=fault,
        times=times,
        cases=len(company.cases),
        accepted=company.accepted.total(),
        away=away,
        lost=(company.accepted - account.signed).total(),
        doubled=sum(number - 1 for number in account.signed.values()),
        unlike=otherwise,
        delivered=account.sent,
        duplicates=account.duplicates,
        undelivered=account.undelivered,
        chain=account.chain_broken_at is None,
        problems=problems,
        played=played,
        endings=account.endings,
    )


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

"""The ``clientrisk`` command. Each command is a module with a Typer ``app``, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("cli.up", "Start everything: database, Prefect server, API and worker."),
    "api": ("cli.api", "Serve the pages and the JSON API."),
    "worker": ("cli.worker", "Carry cases and send messages."),
    "prefect": ("cli.prefect", "Serve Prefect alone, as the product wants it."),
    "prepare": ("cli.prepare", "Migrate the database; fill an empty one with the sample company."),
    "demo": ("cli.demo", "Play every process of a sample company through the real links."),
    "doctor": ("cli.doctor", "Examine this installation, and say what to do."),
    "cases": ("cli.cases", "List cases, look at one, let a failed one run again, withdraw one."),
    "trade": ("cli.trade", "May this customer trade now, how much, on what terms, and why."),
    "people": ("cli.people", "The staff register: list, add, import; sign-in links, tokens, addresses."),
    "import": ("cli.import_", "Take over many applications from a CSV file."),
    "ledger": ("cli.ledger", "Invoices and payments from files, one account, the overdue scan."),
    "evaluate": ("cli.evaluate", "Evaluate the portfolio for a quarter that is over."),
    "messages": ("cli.messages", "What the outbox holds; send again what was given up."),
    "policy": ("cli.policy", "Check policy files, show them, explain a case."),
    "audit": ("cli.audit", "Verify that the record is whole."),
    "backup": ("cli.backup", "Write everything this installation is made of into one file."),
    "restore": ("cli.restore", "Restore a backup where there is no database yet."),
    "keys": ("cli.keys", "The keys of personal data: their age, how much lies under each, a new one."),
    "privacy": ("cli.privacy", "Everything kept on one customer; erasing it; consents; what has had its time."),
    "db": ("cli.db", "Bring the database's tables to this version."),
    "deployments": ("cli.deploy", "Register the flows with Prefect."),
}
"""Name → module with ``app``, and the line shown by ``clientrisk --help``. One line a command."""


def run(arguments: list[str] | None = None) -> None:
    """Entry point. Ends with 0, 1 (it failed), or 2 (a sentence says what the caller can put right)."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the one place that may still be read by an older one)
        sys.exit("clientrisk needs Python 3.11 or newer.")
    given = sys.argv[1:] if arguments is None else arguments
    from config.problem import Problem

    try:
        if given == ["--version"]:
            print(f"clientrisk {version('clientrisk')}")
        elif given and given[0] in COMMANDS:
            import_module(COMMANDS[given[0]][0]).app(args=given[1:], prog_name=f"clientrisk {given[0]}")
        else:
            overview(given)
    except Problem as problem:
        sys.stderr.write(f"clientrisk: {problem}\n")
        sys.exit(2)


def overview(arguments: list[str]) -> None:
    """The list of commands; a name that is not one of them is answered with those like it."""
    import typer

    app = typer.Typer(no_args_is_help=True, add_completion=False, help="A company's client-risk policies, running.")
    app.callback()(lambda: None)
    for name, (_, line) in COMMANDS.items():
        app.command(name, help=line)(lambda: None)
    app(args=arguments, prog_name="clientrisk")

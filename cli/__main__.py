"""``python -m cli``: the ``clientrisk`` command by the interpreter that runs it."""

from cli.main import run

run()

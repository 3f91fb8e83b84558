"""What the person at the keyboard can put right."""

from __future__ import annotations


class Problem(Exception):
    """Something the person who started the program can put right.

    Its text is one or more whole sentences that say what is wrong, where, and what to do; the command line
    prints it without a traceback and exits with 2.
    """

"""Pages of lists: every list that goes on says where, in its body (``next_cursor``) and as a link (RFC 8288)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

_NEXT = re.compile(rb'"next_cursor":"([A-Za-z0-9_=.~-]{1,300})"')
"""Quotes within texts are escaped in JSON, so this is only ever the key itself."""


def next_link(path: str, query: str, body: bytes) -> str | None:
    """The ``Link`` to the page after the one in ``body``, with the same filters; none if it is the last."""
    found = _NEXT.search(body)
    if found is None:
        return None
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "cursor"]
    return f'<{path}?{urlencode([*kept, ("cursor", found.group(1).decode())])}>; rel="next"'

"""The JSON API does everything the pages do: a page that posts something has its route, or says why not.

A new page that posts must get a line here. What the page's own GET shows is covered by the routes named with it.
"""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from api import pages, routes

ANOTHER_WAY_IN = "the link is a person's own way in; a program has its token"
FOR_EYES = "a secret shown once to the person who passes it on by word of mouth: not for programs"
BROWSER = "belongs to a browser's session"

DOES: dict[str, str | tuple[str, ...]] = {
    "POST /absence": "POST /absences",
    "POST /absence/{absence_id}/cancel": "POST /absences/{absence_id}/cancel",
    "POST /apply": "POST /cases",
    "POST /import": "POST /cases/import",
    "POST /customers/{number}/unmask": "POST /customers/{number}/unmask",
    "POST /answer-several": "POST /steps/bulk-decision",
    "POST /me/calendar": "POST /calendar-feed",
    "POST /me/calendar/revoke": "DELETE /calendar-feed",
    "POST /views": "POST /views",
    "POST /views/{view_id}": ("PUT /views/{view_id}", "DELETE /views/{view_id}"),
    "POST /cases/{ref}/withdraw": "POST /cases/{ref}/withdraw",
    "POST /cases/{ref}/urge": "POST /cases/{ref}/urge",
    "POST /cases/{ref}/comment": "POST /cases/{ref}/comment",
    "POST /import/customers": "POST /customers/import",
    "POST /cases/{ref}/changes/{number}": (
        "PUT /cases/{ref}/changes/{number}/exception",
        "DELETE /cases/{ref}/changes/{number}/exception",
    ),
    "POST /copies/read": "POST /inbox/copies/read",
    "POST /ledger/import": ("POST /invoices/import", "POST /payments/import"),
    "POST /ledger/enter/{name}": ("POST /invoices", "POST /payments"),
    "POST /me/language": "PUT /preferences",
    "POST /me/sign-out-elsewhere": "POST /session/end-others",
    "POST /me/notifications": "PUT /preferences",
    "POST /me/notifications/test": "POST /preferences/test-message",
    "POST /me/notifications/channels/{channel_id}": "PUT /preferences/channels/{channel_id}",
    "POST /me/tokens": "POST /tokens",
    "POST /me/tokens/{token_id}/revoke": "POST /tokens/{token_id}/revoke",
    "POST /operations/messages/resend-dead": "POST /outbox/resend-dead",
    "POST /operations/messages/{number}/{act}": (
        "POST /outbox/{number}/resend",
        "POST /outbox/{number}/anew",
        "POST /outbox/{number}/skip",
    ),
    "POST /operations/queue/retry": "POST /operations/queue/{ref}/retry",
    "POST /operations/queue/{ref}/{act}": (
        "POST /operations/queue/{ref}/retry",
        "POST /operations/queue/{ref}/wake",
        "POST /operations/queue/{ref}/cancel",
    ),
    "POST /operations/schedules/{routine}/new": "POST /schedules/{routine}",
    "POST /operations/schedules/{routine}/pause": "POST /schedules/{routine}/pause",
    "POST /operations/schedules/{routine}/resume": "POST /schedules/{routine}/resume",
    "POST /operations/schedules/{routine}/run": "POST /schedules/{routine}/run",
    "POST /operations/schedules/{routine}/{schedule_id}": "PUT /schedules/{routine}/{schedule}",
    "POST /operations/schedules/{routine}/{schedule_id}/{what}": (
        "DELETE /schedules/{routine}/{schedule}",
        "POST /schedules/{routine}/{schedule}/skip",
        "POST /schedules/{routine}/{schedule}/restore",
    ),
    "POST /operations/staff/new": "POST /staff",
    "POST /operations/staff/import": "POST /staff/import",
    "POST /operations/staff/{person_id}/change": "PUT /staff/{person}",
    "POST /operations/staff/{person_id}/{act}": (
        "POST /staff/{person}/service",
        "POST /staff/{person}/hand-on",
        "POST /staff/{person}/channels",
        "DELETE /staff/{person}/channels/{channel}",
        "POST /staff/{person}/sign-in-link",
        "POST /staff/{person}/end-access",
    ),
    "POST /operations/webhooks": "POST /webhooks",
    "POST /operations/webhooks/{webhook_id}": "PUT /webhooks/{webhook_id}",
    "POST /operations/webhooks/{webhook_id}/pause": "POST /webhooks/{webhook_id}/pause",
    "POST /operations/webhooks/{webhook_id}/resume": "POST /webhooks/{webhook_id}/resume",
    "POST /operations/webhooks/{webhook_id}/ping": "POST /webhooks/{webhook_id}/ping",
    "POST /operations/webhooks/{webhook_id}/delete": "DELETE /webhooks/{webhook_id}",
    "POST /operations/webhooks/{webhook_id}/resend": "POST /webhook-deliveries/{delivery_id}/resend",
    "POST /outside/{link_id}/{what}": (
        "POST /invitations/{invitation_id}/resend",
        "POST /invitations/{invitation_id}/anew",
    ),
    "POST /qualifications": "POST /qualifications",
    "POST /qualifications/{entry_id}/revoke": "POST /qualifications/{entry_id}/revoke",
    "POST /qualifications/import": "POST /qualifications/import",
    "POST /customers/{number}/privacy/{act}": (
        "POST /customers/{number}/consents",
        "POST /customers/{number}/consents/{row_id}/withdraw",
        "POST /customers/{number}/holds",
        "POST /holds/{row_id}/lift",
        "POST /customers/{number}/erasures",
        "POST /erasures/{row_id}/confirm",
        "POST /erasures/{row_id}/turn-down",
    ),
    "POST /questions/{question_id}": "POST /questions/{question_id}/answer",
    "POST /repair/{name}": ("POST /customers/{number}/repair-link", "POST /customers/{number}/relapse"),
    "POST /start/{process}": "POST /processes/{process}/cases",
    "POST /steps/{signer_id}": "POST /steps/{signer_id}/decision",
    "POST /steps/{signer_id}/moves/{name}": (
        "POST /steps/{signer_id}/transfer",
        "POST /steps/{signer_id}/delegate",
        "POST /steps/{signer_id}/take-back",
        "POST /steps/{signer_id}/add-signer",
        "POST /steps/{signer_id}/remove-signer",
        "POST /steps/{signer_id}/copy",
        "POST /steps/{signer_id}/comment",
        "POST /steps/{signer_id}/question",
        "POST /steps/{signer_id}/attachments",
    ),
}
"""What each page posts, and the routes that do the same."""

READS: dict[str, str | tuple[str, ...]] = {
    "GET /": ("GET /steps", "GET /inbox"),
    "GET /absence": "GET /absences",
    "GET /answer-several": "GET /steps",
    "GET /apply": "GET /processes",
    "GET /cases": "GET /cases",
    "GET /cases.csv": "GET /cases.csv",
    "GET /cases.xlsx": "GET /cases.xlsx",
    "GET /cases/{ref}": "GET /cases/{ref}",
    "GET /cases/{ref}/assessment": "GET /cases/{ref}/assessment",
    "GET /cases/{ref}/changes": "GET /cases/{ref}/changes",
    "GET /cases/{ref}/changes/{number}": "GET /cases/{ref}/changes/{number}",
    "GET /cases/{ref}/events": "GET /cases/{ref}",
    "GET /cases/{ref}/evidence.zip": "GET /cases/{ref}/evidence",
    "GET /cases/{ref}/report": "GET /cases/{ref}/report",
    "GET /cases/{ref}/report.xlsx": "GET /cases/{ref}/report.xlsx",
    "GET /cases/{ref}/steps": "GET /cases/{ref}",
    "GET /cases/{ref}/times": "GET /cases/{ref}/held",
    "GET /customers": "GET /customers",
    "GET /customers/{number}": ("GET /customers/{number}", "GET /customers/{number}/trading"),
    "GET /customers/{number}/looks": "GET /customers/{number}/looks",
    "GET /customers/{number}/privacy": "GET /customers/{number}/privacy",
    "GET /customers/{number}/privacy/report": "GET /customers/{number}/everything",
    "GET /customers/{number}/print": "GET /customers/{number}",
    "GET /files/{attachment_id}": "GET /attachments/{attachment_id}",
    "GET /ledger": ("GET /ageing", "GET /invoices"),
    "GET /ledger/{number}": ("GET /invoices", "GET /payments", "GET /ageing"),
    "GET /management": "GET /statistics",
    "GET /management/load": "GET /statistics/load",
    "GET /management/portfolio": "GET /portfolio",
    "GET /management/processes": "GET /statistics",
    "GET /management/processes/{name}": "GET /statistics/processes/{process}",
    "GET /me": "GET /preferences",
    "GET /me/calendar": "GET /calendar-feed",
    "GET /me/notifications": "GET /preferences",
    "GET /me/notifications/channels/{channel_id}": "GET /preferences",
    "GET /me/notifications/test": "GET /preferences",
    "GET /me/sign-ins": "GET /sign-ins",
    "GET /me/tokens": "GET /tokens",
    "GET /operations/sign-ins": "GET /sign-ins",
    "GET /operations": "GET /operations",
    "GET /operations/messages": "GET /outbox",
    "GET /operations/messages/{number}": "GET /outbox/{number}",
    "GET /operations/policy": "GET /policies",
    "GET /operations/policy/compare": "GET /policies/{version}/differences",
    "GET /operations/policy/{version}": "GET /policies/{version}",
    "GET /operations/policy/{version}.yaml": "GET /policies/{version}",
    "GET /operations/policy/{version}/{part}": "GET /policies/{version}",
    "GET /operations/queue": "GET /operations/queue",
    "GET /operations/queue/{ref}": "GET /operations/queue/{ref}",
    "GET /operations/schedules": "GET /schedules",
    "GET /operations/schedules/{routine}": ("GET /schedules/{routine}", "GET /schedules/{routine}/runs"),
    "GET /operations/schedules/{routine}/new": "POST /schedules/{routine}/preview",
    "GET /operations/schedules/{routine}/{schedule_id}": "GET /schedules/{routine}",
    "GET /operations/staff": "GET /staff",
    "GET /operations/staff.{kind}": "GET /staff",
    "GET /operations/staff/{person_id}": "GET /staff/{person}",
    "GET /operations/webhooks": "GET /webhooks",
    "GET /operations/webhooks/{webhook_id}": ("GET /webhooks/{webhook_id}", "GET /webhooks/{webhook_id}/deliveries"),
    "GET /outside": ("GET /invitations", "GET /cases/{ref}/invitations"),
    "GET /papers/{paper_id}": ("GET /papers/{paper_id}", "GET /cases/{ref}/papers"),
    "GET /papers/{paper_id}.docx": "GET /papers/{paper_id}/file",
    "GET /qualifications": "GET /qualifications",
    "GET /questions/{question_id}": "GET /questions/{question_id}",
    "GET /search": "GET /search",
    "GET /start": "GET /processes",
    "GET /start/{process}": "GET /processes",
    "GET /steps/{signer_id}": "GET /steps/{signer_id}",
}
"""What each page shows, and the routes that give the same."""

EXEMPT: dict[str, str] = {
    r".* /a/\{token\}.*": ANOTHER_WAY_IN,
    r".* /o/\{token\}.*": "for people outside, who have no token",
    r".* /sign-(in|out).*": BROWSER,
    r".* /openid/.*": BROWSER,
    r"POST /me/end-access": BROWSER,
    r"GET /calendar/\{token\}\.ics": "a calendar program reads it as it is",
    r"GET .*/template.*": "an empty file for people to fill in; the columns are described with the import",
    r"GET /(import|ledger)/.*(import|customers|enter).*": "a form to fill in",
    r"GET /import.*": "a form to fill in",
    r"GET /operations/staff/(new|import|\{person_id\}/change)": "a form to fill in",
    r"GET /repair/\{name\}": "a form to fill in",
    r"GET /exports/.*": "a list of a page as a file; programs read the list itself",
    r"GET /cases/\{ref\}/pack.*": "the figures of a process laid out for a meeting; the case has them",
}
"""Pages without a route of the API, and why."""

NO_PAGES_OF_THEIR_OWN = {
    "GET /processes": "bounded by the product",
    "GET /absences": "at most 100: one's own, or those not over yet",
    "GET /webhooks": "at most 50",
    "GET /views": "at most 50 of one's own, and those that are shared",
    "GET /tokens": "at most 10",
    "GET /schedules": "bounded by the product",
    "GET /schedules/{routine}/changes": "the latest; the audit trail has every one",
    "GET /cases/{ref}/papers": "those of one case",
    "GET /invitations": "at most 100",
    "GET /cases/{ref}/invitations": "at most 100",
}
"""Lists that come whole, and why they cannot grow."""


def declared(package) -> set[str]:
    """Method and path of every route of the modules of a package."""
    found = set()
    for entry in iter_modules(package.__path__):
        router = getattr(import_module(f"{package.__name__}.{entry.name}"), "router", None)
        for route in router.routes if router is not None else ():
            found |= {f"{method} {route.path}" for method in route.methods - {"HEAD"}}
    return found


PAGES, ROUTES = sorted(declared(pages)), declared(routes)


def exempt(page: str) -> bool:
    return any(re.fullmatch(pattern, page) for pattern in EXEMPT)


@pytest.mark.parametrize("page", [page for page in PAGES if not exempt(page)])
def test_what_a_page_does_a_program_can_do(page):
    named = {**DOES, **READS}.get(page)
    assert named is not None, f"{page}: name the route of the API that does the same, or why there is none"
    for route in (named,) if isinstance(named, str) else named:
        assert route in ROUTES, f"{page}: there is no {route}"


def test_no_line_is_about_a_page_that_is_not_there():
    assert {*DOES, *READS} - set(PAGES) == set()


def test_no_exemption_is_about_nothing():
    assert [pattern for pattern in EXEMPT if not any(re.fullmatch(pattern, page) for page in PAGES)] == []


def test_every_list_comes_in_pages_or_cannot_grow(office):
    spec = office.browser.get("/api/v1/openapi.json").json()
    without = []
    for path, methods in spec["paths"].items():
        body = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        name = f"GET {path.removeprefix('/api/v1')}"
        if body is None or "$ref" not in body["schema"] or name in NO_PAGES_OF_THEIR_OWN:
            continue
        shape = spec["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        parameters = {one["name"]: one["schema"] for one in methods["get"].get("parameters", ())}
        paged = "next_cursor" in shape["properties"] and {"limit", "cursor"} <= set(parameters)
        if "items" in shape["properties"] and not (paged and parameters["limit"]["maximum"] <= 200):
            without.append(name)
    assert not without, without

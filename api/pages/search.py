"""Search across cases and customers, within what the person may see."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.caller import house_of, signed_in
from api.posted import clean
from models.queries.search import Found, find, find_cases
from models.rules.pinyin import LONGEST_QUERY
from models.tables import Person

router = APIRouter(include_in_schema=False)
ON_A_PAGE = 50


@router.api_route("/search", methods=["GET", "HEAD"])
def search(
    request: Request,
    person: Annotated[Person, Depends(signed_in)],
    q: str = "",
    only: str = "",
    cursor: str = "",
) -> Response:
    """A few of each kind; ``only=cases`` goes through all cases, page by page."""
    house, sought = house_of(request), clean(q).strip()[:LONGEST_QUERY]
    through = only == "cases"
    with house.read() as session:
        if through:
            cases = find_cases(session, house.keys, person, sought, limit=ON_A_PAGE, cursor=cursor or None)
            found = Found(cases=cases)
        else:
            found = find(session, house.keys, person, sought)
    onward = {"q": sought, "only": "cases"} | ({"cursor": found.cases.next_cursor or ""} if through else {})
    response: Response = request.app.state.pages.page(
        request,
        "search.html",
        q=sought,
        found=found,
        through=through,
        first=not cursor,
        more_customers=urlencode({"text": sought}),
        more_cases=urlencode(onward),
        from_start=urlencode({"q": sought, "only": "cases"}),
    )
    return response

"""What pages and programs are handed of a customer's archive, made ready to be drawn."""

from __future__ import annotations

from markupsafe import Markup

from api.archive_charts import Band, Point, score_line
from config.languages import N_, translate
from config.words import Language
from models.house import House
from models.queries.customer import CustomerView
from models.queries.shown import day

_TITLE = N_("Score at each assessment, the latest {score} points, grade {grade}")
_POINT = N_("{day}: {score} points, grade {grade}")


def assessments_chart(view: CustomerView, house: House, language: Language) -> Markup | None:
    """The scores over time; none where nothing was scored, or that part is closed to the reader."""
    scored = [one for one in reversed(view.on_file.assessments) if one.score is not None]
    if not scored:
        return None
    points = []
    for one in scored:
        on = house.calendar.day_of(one.made_at)
        words = {"day": day(on, language), "score": one.score, "grade": one.credit_grade.value}
        told = translate(_POINT, language, **words)
        told = translate(_POINT, language, **words)
        points.append(Point(one.score or 0, on, one.credit_grade.value, told))
    bands = [Band(row.grade.value, row.lowest, row.highest) for row in house.policy.credit.grades]
    title = translate(_TITLE, language, score=scored[-1].score, grade=scored[-1].credit_grade.value)
    return score_line(title, points, bands)

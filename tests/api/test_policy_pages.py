"""The policy to look at: versions and the cases under them, each part drawn, what differs, and the whole as a file."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from config.policy import Policy
from config.policy.labels import KEYS, PARTS, called
from config.policy.policy import PARTS as MODELS
from models.queries.policies import differences
from models.tables import Case, PolicyVersion


def another(policy: Policy) -> Policy:
    """The same policy with a higher limit for sales managers, a shorter term for B, and one strategy less."""
    values = policy.model_dump(mode="json", exclude={"version"})
    values["approval"]["by_limit"][0]["up_to"] = "300000"
    values["approval"]["withdraw_after_signature"] = True
    values["credit"]["grades"][1]["term_days"] = 60
    values["collections"]["strategies"] = [s for s in values["collections"]["strategies"] if s["name"] != "agency"]
    return Policy.of({name: MODELS[name].model_validate(values[name]) for name in MODELS})


@pytest.fixture
def older(office) -> str:
    """A version of last year, under which one case still goes; another case goes by the running one."""
    old = another(office.house.policy)
    first = office.apply()
    office.apply(name="连云港木材有限公司", identifier="91320700MA20RXH07Y")
    with office.house.work() as work:
        work.add(PolicyVersion(version=old.version, body=old.to_json(), first_used_at=work.now - timedelta(days=90)))
        work.session.get_one(Case, first).policy_version = old.version
    return old.version


def get(office, path: str, who: str = "xu.ming"):
    return office.browser.get(f"/api/v1/policies{path}", headers=office.token(who))


def test_versions_with_the_cases_that_go_by_them(office, older):
    running = office.house.policy.version
    found = {one["version"]: (one["cases"], one["open"], one["runs"]) for one in get(office, "").json()}
    assert found == {running: (1, 1, True), older: (1, 1, False)}
    page = office.sign_in("xu.ming").get("/operations/policy").text
    assert f"before={older}&amp;after={running}" in page


def test_what_the_companys_own_files_leave_to_the_package_is_told(office):
    browser = office.sign_in("xu.ming")
    assert "This is the packaged policy" in browser.get("/operations/policy?lang=en").text
    house = office.house
    parts = {name: getattr(house.policy, name) for name in MODELS}
    house.policy = Policy.of(parts, ("meeting.yaml", "assessment.samples"))
    house.settings = house.settings.model_copy(update={"policy_folder": Path("/srv/policy")})
    page = browser.get("/operations/policy?lang=en").text
    assert "Your own files do not say the following" in page
    assert re.search(r"<li>Coordination meeting <span[^>]*>the whole file", page)
    assert "Assessment › " in page
    assert "do not say" in browser.get("/operations/policy/running/meeting?lang=en").text
    assert "do not say" not in browser.get("/operations/policy/running/credit?lang=en").text
    assert "未载明" in browser.get("/operations/policy/running/assessment?lang=zh_CN").text


@pytest.mark.parametrize("part", sorted(MODELS))
def test_every_part_is_drawn_in_both_languages(office, part):
    browser = office.sign_in("xu.ming")
    for language in ("zh_CN", "en"):
        page = browser.get(f"/operations/policy/running/{part}?lang={language}")
        assert page.status_code == 200
        assert len(page.content) < 150_000
    assert PARTS[part].en in page.text


def test_the_approval_matrices_are_tables(office):
    page = office.sign_in("xu.ming").get("/operations/policy/running/approval?lang=en").text
    assert "<td>Sales manager</td>" in page
    assert "200,000.00" in page
    assert "Legal officer, Finance officer" in page
    assert "PolicyModel" not in page
    assert "Role." not in page


def keys_of(value) -> set[str]:
    from config.policy.base import PolicyModel, Text

    if isinstance(value, PolicyModel) and not isinstance(value, Text):
        names = set(type(value).model_fields)
        return names.union(*(keys_of(getattr(value, name)) for name in names))
    if isinstance(value, dict):
        return set().union(*(keys_of(one) for one in value.values()))
    if isinstance(value, tuple | list):
        return set().union(*(keys_of(one) for one in value))
    return set()


def test_every_key_of_the_policy_has_its_name_in_both_languages(policy):
    parts = {name: getattr(policy, name) for name in MODELS}
    keys = set().union(*(keys_of(part) for part in parts.values()))
    assert sorted(key for key in keys if called(key) is None) == []
    assert sorted(set(MODELS) - set(PARTS)) == []
    assert all(name.zh_CN and name.en for name in KEYS.values())


def test_differences_are_told_key_by_key(office, older):
    answer = get(office, f"/{older}/differences").json()
    told = {" › ".join(one["where"]): (one["before"], one["after"]) for one in answer["differences"]}
    assert told["授信标准 › 信用等级 › B › 账期上限（天）"] == ("60", "90")
    assert told["审批权限 › 按授信额度 › 销售经理 › 不超过（元）"] == ("300,000.00", "200,000.00")
    assert told["审批权限 › 上级签署后仍可撤回"] == ("是", "否")


def test_one_item_put_in_does_not_make_all_others_differ(policy):
    found = differences(another(policy), policy)
    strategies = [one for one in found if any(getattr(name, "en", "") == "Strategies" for name in one.where)]
    assert strategies
    assert all(one.added for one in strategies)
    assert {name.label for one in strategies for name in one.where if hasattr(name, "label")} == {"Agency"}


def test_a_version_does_not_differ_from_itself(office, older):
    page = office.sign_in("xu.ming").get("/operations/policy/compare?lang=en").text
    assert "The two say the same." in page


def test_the_page_of_differences_shows_old_and_new(office, older):
    page = office.sign_in("xu.ming").get(f"/operations/policy/compare?before={older}&lang=en").text
    assert '<span class="value-before">60</span>' in page
    assert '<span class="value-after">90</span>' in page
    assert "not there" in page


def test_the_whole_is_a_file_that_can_be_read_back(office, older):
    answer = office.sign_in("xu.ming").get(f"/operations/policy/{older}.yaml")
    assert answer.headers["content-type"].startswith("application/yaml")
    values = yaml.safe_load(answer.text)
    read = Policy.of({name: MODELS[name].model_validate(values[name]) for name in MODELS})
    assert read.version == older


def test_programs_read_the_running_policy_whole(office):
    answer = get(office, "/running").json()
    assert answer["version"] == office.house.policy.version
    assert answer["policy"]["approval"]["by_limit"][0] == {"role": "sales_manager", "up_to": "200000.00"}


def test_what_is_not_on_record_is_told(office):
    browser = office.sign_in("xu.ming")
    assert browser.get("/operations/policy/nonsense").status_code == 404
    assert browser.get("/operations/policy/running/nonsense").status_code == 404
    assert browser.get("/operations/policy/compare?before=nonsense").status_code == 404
    assert get(office, "/nonsense").status_code == 404


def test_everybody_of_operations_managers_and_audit_looks_and_nobody_else(office):
    assert office.sign_in("zhou.hong").get("/operations/policy").status_code == 200
    assert get(office, "", "zhou.hong").status_code == 200
    browser = office.sign_in("li.na")
    for path in ("", "/running", "/running/credit", "/compare", "/running.yaml"):
        assert browser.get(f"/operations/policy{path}").status_code == 403
    assert get(office, "", "li.na").status_code == 403

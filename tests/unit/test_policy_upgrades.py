"""A company's policy folder made for an earlier version goes on being read: what it lacks is as packaged, and told."""

import shutil
from pathlib import Path

import pytest
import yaml

from config.policy import Policy, PolicyError, load_policy
from config.policy.base import PolicyModel
from config.policy.policy import PARTS

FOLDER = Path(__file__).parents[2] / "config" / "policy"
PACKAGED = load_policy()
ARRIVED_LATER = {
    *("care.yaml", "evaluation.yaml", "meeting.yaml", "reception.yaml"),
    *("approval.handler_is_barred", "approval.transfer_keeps_authority"),
    *("approval.withdraw_after_signature", "approval.urge_every_hours"),
    *("listing.after_black", "listing.repair.probation_monitoring"),
    *("listing.repair.supply_within_days", "listing.repair.appeal_within_days"),
    *("collections.counted_as_refusal", "collections.instalment_grace_days", "collections.rungs_begin_at"),
    *("collections.agency_reports_every_days", "collections.lawsuit_reports_every_days"),
    *("collections.other_currencies", "frequencies.qualification_reminder_days", "assessment.samples"),
}
"""Files and keys that there were not in 0.1.0. Whoever adds one gives it a default, and names it here."""


@pytest.fixture
def of_0_1_0(tmp_path: Path) -> Path:
    """The very files of 0.1.0, with the company's own limit for sales managers."""
    shutil.copytree(Path(__file__).parent / "policies" / "0.1.0", tmp_path, dirs_exist_ok=True)
    approval = tmp_path / "approval.yaml"
    told = approval.read_text(encoding="utf-8").replace("up_to: 200000}", "up_to: 150000}")
    approval.write_text(told, encoding="utf-8")
    return tmp_path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A folder that says everything."""
    for name in PARTS:
        shutil.copy(FOLDER / f"{name}.yaml", tmp_path)
    return tmp_path


def test_a_folder_of_0_1_0_is_read_with_what_came_since_as_packaged(of_0_1_0: Path) -> None:
    policy = load_policy(of_0_1_0)
    assert policy.approval.by_limit[0].up_to == 150_000
    assert policy.care == PACKAGED.care
    assert policy.care.greetings.festivals, "the packaged file, not the model's bare defaults"
    assert policy.meeting == PACKAGED.meeting
    assert policy.assessment.samples == PACKAGED.assessment.samples
    assert policy.collections.rungs_begin_at == PACKAGED.collections.rungs_begin_at


def test_what_comes_from_the_package_is_told_by_file_and_by_key(of_0_1_0: Path) -> None:
    assert set(load_policy(of_0_1_0).from_package) == ARRIVED_LATER


def test_a_key_deep_inside_is_told_with_its_way(whole: Path) -> None:
    evaluation = yaml.safe_load((whole / "evaluation.yaml").read_text(encoding="utf-8"))
    del evaluation["nomination"]["refusals"]
    (whole / "evaluation.yaml").write_text(yaml.safe_dump(evaluation), encoding="utf-8")
    assert load_policy(whole).from_package == ("evaluation.nomination.refusals",)


def test_a_folder_that_says_everything_takes_nothing_and_neither_does_the_package(whole: Path) -> None:
    assert load_policy(whole).from_package == ()
    assert PACKAGED.from_package == ()


def test_taking_from_the_package_is_the_same_version_as_writing_it_out(of_0_1_0: Path) -> None:
    lacking = load_policy(of_0_1_0)
    for name in PARTS:
        values = lacking.model_dump(mode="json")[name]
        (of_0_1_0 / f"{name}.yaml").write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    whole = load_policy(of_0_1_0)
    assert whole.from_package == ()
    assert whole.version == lacking.version


def test_where_a_policy_came_from_is_no_part_of_what_is_stored(of_0_1_0: Path) -> None:
    stored = load_policy(of_0_1_0).to_json()
    assert "from_package" not in stored
    assert Policy.from_json(stored).from_package == ()


def test_an_unknown_key_is_refused_whatever_else_is_missing(of_0_1_0: Path) -> None:
    file = of_0_1_0 / "assessment.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "sampels: {minutes: 3}\n", encoding="utf-8")
    line = len(file.read_text(encoding="utf-8").splitlines())
    with pytest.raises(PolicyError) as refusal:
        load_policy(of_0_1_0)
    assert [str(problem) for problem in refusal.value.problems] == [
        f"assessment.yaml line {line}: unknown key 'sampels' (did you mean samples? known: indicators, samples)"
    ]


def test_a_key_of_0_1_0_is_still_required(of_0_1_0: Path) -> None:
    file = of_0_1_0 / "service.yaml"
    file.write_text("acknowledge_query_days: 1\nacknowledge_complaint_days: 1\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"service\.yaml line 1: missing key 'resolve_complaint_days'"):
        load_policy(of_0_1_0)


MEANS_NONE = {"approval.also_sign_above", "steps.by_step", "care.greetings.festivals"}
"""Keys that say something by being left out: no further signatures, no step of its own times, no greetings."""
KEPT = {
    f"privacy.{name}" for name in ("refused_applications", "closed_cases", "documents", "messages", "looks", "sign_ins")
}
"""What erases is never as packaged unless the company says so: left out, its data is kept, or kept for longer."""


def defaults(model: type[PolicyModel], packaged: PolicyModel, path: str) -> dict[str, bool]:
    """Every key that may be left out, and whether leaving it out means the packaged value."""
    found: dict[str, bool] = {}
    for name, field in model.model_fields.items():
        here, value = f"{path}.{name}", getattr(packaged, name)
        if not field.is_required():
            found[here] = field.get_default(call_default_factory=True) == value
        if isinstance(value, PolicyModel):
            found |= defaults(type(value), value, here)
    return found


def test_a_key_left_out_means_the_packaged_value_unless_that_means_none() -> None:
    found: dict[str, bool] = {}
    for name, model in PARTS.items():
        found |= defaults(model, getattr(PACKAGED, name), name)
    otherwise = {key for key, same in found.items() if not same}
    assert otherwise <= {*MEANS_NONE, *KEPT, "care.greetings"}  # the latter for its festivals
    assert otherwise >= MEANS_NONE


def test_without_a_word_of_the_company_no_case_is_erased(of_0_1_0: Path) -> None:
    privacy = load_policy(of_0_1_0).privacy
    assert (privacy.refused_applications, privacy.closed_cases, privacy.documents) == (None, None, None)
    assert PACKAGED.privacy.closed_cases == 120

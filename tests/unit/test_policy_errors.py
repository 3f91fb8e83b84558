"""Whatever is wrong with a policy file is told with its file, its line and what to do; and all of it at once."""

import shutil
from pathlib import Path

import pytest

from config.policy import PolicyError, load_policy

FOLDER = Path(__file__).parents[2] / "config" / "policy"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for file in FOLDER.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def write(files: Path, name: str, old: str, new: str) -> int:
    """Replace the first ``old`` by ``new``; the line on which ``new`` begins."""
    file = files / name
    text = file.read_text(encoding="utf-8")
    at = text.index(old)
    file.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    return text.count("\n", 0, at) + 1


def told(files: Path) -> list[str]:
    with pytest.raises(PolicyError) as refusal:
        load_policy(files)
    assert str(refusal.value) == "\n".join(map(str, refusal.value.problems))
    return [str(problem) for problem in refusal.value.problems]


def test_overlapping_grades_name_both_grades_and_the_point(files: Path) -> None:
    line = write(files, "credit.yaml", "grade: A, lowest: 90", "grade: A, lowest: 80")
    assert told(files) == [
        f"credit.yaml line {line}: grades overlap at 80 (B ends at 89, A starts at 80)",
    ]
    assert (files / "credit.yaml").read_text(encoding="utf-8").splitlines()[line - 1].startswith("  - {grade: A")


def test_a_gap_between_grades_is_told_from_where_to_where(files: Path) -> None:
    line = write(files, "credit.yaml", "grade: B, lowest: 80", "grade: B, lowest: 83")
    assert told(files) == [
        f"credit.yaml line {line}: grades leave a gap from 80 to 82 (C ends at 79, B starts at 83)",
    ]


def test_grades_reach_from_zero_to_a_hundred(files: Path) -> None:
    top = write(files, "credit.yaml", "lowest: 90, highest: 100", "lowest: 90, highest: 99")
    low = write(files, "credit.yaml", "grade: D, lowest: 0", "grade: D, lowest: 1")
    assert told(files) == [
        f"credit.yaml line {top}: grades end at 99, not at 100",
        f"credit.yaml line {low}: grades start at 1, not at 0",
    ]


def test_a_worse_grade_never_gets_more_credit(files: Path) -> None:
    line = write(files, "credit.yaml", "highest: 79, limit: 1000000", "highest: 79, limit: 9000000")
    assert told(files) == [f"credit.yaml line {line}: grade C may owe more than grade B"]


def test_number_bands_neither_overlap_nor_leave_gaps(files: Path) -> None:
    overlap = write(
        files, "indicators.yaml", "{at_least: 8, below: 31, points: 60}", "{at_least: 7, below: 31, points: 60}"
    )
    gap = write(
        files, "indicators.yaml", "{at_least: 70, below: 85, points: 35}", "{at_least: 72, below: 85, points: 35}"
    )
    assert told(files) == [
        f"indicators.yaml line {overlap}: bands overlap at 7 (the band before ends below 8)",
        f"indicators.yaml line {gap}: bands leave a gap from 70 to 72",
    ]


def test_points_run_the_way_that_is_called_better(files: Path) -> None:
    line = write(files, "indicators.yaml", "{at_least: 91, points: 0}", "{at_least: 91, points: 99}")
    assert told(files) == [f"indicators.yaml line {line}: points run the wrong way where lower is better"]


def test_weights_of_the_indicators_sum_to_a_hundred(files: Path) -> None:
    write(files, "indicators.yaml", "weight: 30\n", "weight: 31\n")
    line = next(
        i for i, text in enumerate((files / "indicators.yaml").read_text().splitlines(), 1) if text == "indicators:"
    )
    assert told(files) == [f"indicators.yaml line {line}: weights of the indicators sum to 101, not 100"]


def test_weights_within_an_indicator_sum_to_a_hundred_for_each_customer_type(files: Path) -> None:
    write(
        files,
        "indicators.yaml",
        "weight: 35\n        only_for: [individual]",
        "weight: 30\n        only_for: [individual]",
    )
    assert told(files) == [
        "indicators.yaml line 11: weights of credit_standing sum to 95, not 100 (for individual)",
    ]


def test_weights_of_the_assessment_sum_to_a_hundred(files: Path) -> None:
    write(files, "assessment.yaml", "weight: 20", "weight: 15")
    assert told(files) == ["assessment.yaml line 6: weights of the indicators sum to 95, not 100"]


def test_an_unknown_key_is_told_with_the_keys_that_are_close(files: Path) -> None:
    line = write(files, "approval.yaml", "step_up_above:", "step_up_abov:")
    problems = told(files)
    assert "approval.yaml line 3: missing key 'step_up_above'" in problems
    unknown = next(problem for problem in problems if "unknown" in problem)
    assert unknown.startswith(
        f"approval.yaml line {line}: unknown key 'step_up_abov' (did you mean step_up_above? known: "
    )


def test_an_unknown_key_deep_inside_is_told_with_the_keys_known_there(files: Path) -> None:
    line = write(files, "indicators.yaml", "better: lower", "beter: lower")
    problem = f"indicators.yaml line {line}: unknown key 'beter' (did you mean better? known: bands, better, kind, "
    assert any(one.startswith(problem) for one in told(files))


def test_an_unknown_role_is_told_with_all_that_are_known(files: Path) -> None:
    line = write(files, "approval.yaml", "{role: deputy_head, up_to:", "{role: deputy_chief, up_to:")
    (problem,) = told(files)
    assert problem.startswith(
        f"approval.yaml line {line}: unknown role 'deputy_chief' (did you mean deputy_head? known: handler, "
    )
    assert "vice_president" in problem


def test_an_unknown_word_names_its_vocabulary(files: Path) -> None:
    level = write(files, "credit.yaml", "listed_level: high", "listed_level: extreme")
    often = write(files, "frequencies.yaml", "overdue_scan: every_business_day", "overdue_scan: dayly")
    assert told(files) == [
        f"credit.yaml line {level}: unknown risk level 'extreme' (known: low, medium, high)",
        f"frequencies.yaml line {often}: unknown frequency 'dayly' "
        "(known: every_business_day, weekly, monthly, quarterly, half_yearly, yearly)",
    ]


def test_a_wrong_type_says_what_it_must_be_and_what_is_there(files: Path) -> None:
    days = write(files, "service.yaml", "resolve_complaint_days: 5", "resolve_complaint_days: five")
    roles = write(
        files, "approval.yaml", "of_the_department: [sales_manager, deputy_head, head]", "of_the_department: head"
    )
    switch = write(files, "listing.yaml", "arrears_paid: true", "arrears_paid: maybe")
    amount = write(files, "approval.yaml", "step_up_above: 3000000", "step_up_above: three million")
    quiet = write(files, "steps.yaml", 'start: "20:00"', "start: late")
    assert sorted(told(files)) == sorted(
        [
            f"service.yaml line {days}: resolve_complaint_days must be a whole number, not 'five'",
            f"approval.yaml line {roles}: of_the_department must be a list, not 'head'",
            f"listing.yaml line {switch}: arrears_paid must be true or false, not 'maybe'",
            f"approval.yaml line {amount}: step_up_above must be a number, not 'three million'",
            f"steps.yaml line {quiet}: start must be a time such as 20:00, not 'late'",
        ]
    )


def test_a_number_out_of_range_says_the_range(files: Path) -> None:
    line = write(files, "credit.yaml", "highest: 100, limit: 5000000", "highest: 100, limit: -1")
    assert told(files) == [
        f"credit.yaml line {line}: limit: input should be greater than or equal to 0, found '-1'",
    ]


def test_true_is_no_number(files: Path) -> None:
    line = write(files, "service.yaml", "acknowledge_query_days: 1", "acknowledge_query_days: true")
    assert told(files) == [f"service.yaml line {line}: acknowledge_query_days must be a whole number, not 'True'"]


def test_a_missing_key_is_told_where_it_should_stand(files: Path) -> None:
    line = write(files, "credit.yaml", "limit: 3000000, term_days: 90", "limit: 3000000")
    assert told(files) == [f"credit.yaml line {line}: missing key 'term_days'"]


def test_a_part_must_say_what_kind_it_is(files: Path) -> None:
    write(files, "indicators.yaml", "        kind: choice\n        weight: 30", "        weight: 30")
    kind = write(files, "indicators.yaml", "kind: number", "kind: numbers")
    part = next(
        i
        for i, text in enumerate((files / "indicators.yaml").read_text(encoding="utf-8").splitlines(), 1)
        if "name: credit_report" in text
    )
    problems = told(files)
    assert f"indicators.yaml line {part}: missing key 'kind' (one of: number, choice)" in problems
    assert any("unknown kind 'numbers' (did you mean number?" in problem for problem in problems)
    assert kind < part


def test_a_duplicate_key_names_the_line_of_the_first(files: Path) -> None:
    line = write(files, "service.yaml", "resolve_complaint_days: 5", "acknowledge_query_days: 5")
    problems = told(files)
    assert f"service.yaml line {line}: duplicate key 'acknowledge_query_days' (already on line 3)" in problems
    assert "service.yaml line 3: missing key 'resolve_complaint_days'" in problems


def test_broken_yaml_is_told_with_its_line(files: Path) -> None:
    line = write(files, "service.yaml", "resolve_complaint_days: 5", "resolve_complaint_days: [5")
    (problem,) = told(files)
    assert problem.startswith("service.yaml line ")
    assert "not valid YAML" in problem
    assert int(problem.split("line ")[1].split(":")[0]) in (line, line + 1)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "service.yaml line 1: the file is empty"),
        ("# 时限\nacknowledge_query_days: 1 # 咨询".encode("gbk"), "service.yaml line 1: the file is not UTF-8"),
        (b"a: &a [*a]\n", "service.yaml line 1: an anchor contains itself"),
        (b"? [a, b]\n: 1\n", "service.yaml line 1: a key must be a plain word"),
        (b"just words\n", "service.yaml line 1: the file must be keys with values, not 'just words'"),
    ],
)
def test_a_file_that_is_no_policy_at_all_is_told(files: Path, content: bytes, problem: str) -> None:
    (files / "service.yaml").write_bytes(content)
    assert problem in told(files)


def test_a_misspelt_file_is_told_and_never_passes_for_one_that_is_left_to_the_package(files: Path) -> None:
    (files / "service.yaml").rename(files / "services.yaml")
    assert told(files) == ["services.yaml: unknown policy file (did you mean service.yaml?)"]


def test_the_wrong_folder_does_not_pass_for_the_packaged_policy(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no policy", encoding="utf-8")
    for wrong in (tmp_path / "nowhere", tmp_path, tmp_path / "notes.txt"):
        (problem,) = told(wrong)
        assert problem.startswith("no policy file is in this folder (known files: indicators.yaml, ")


def test_matrices_ascend(files: Path) -> None:
    amount = write(files, "approval.yaml", "up_to: 1000000}", "up_to: 100000}")
    days = write(
        files, "approval.yaml", "{role: vice_president}\n\n# They", "{role: vice_president, up_to_days: 400}\n\n# They"
    )
    assert told(files) == [
        f"approval.yaml line {amount}: by_limit does not ascend: 100000.00 comes after 200000.00",
        f"approval.yaml line {days}: the last rung of by_term must leave out up_to_days",
    ]


def test_a_matrix_follows_the_order_of_authority(files: Path) -> None:
    line = write(files, "approval.yaml", "{role: deputy_head, up_to_days", "{role: vice_president, up_to_days")
    stranger = write(files, "approval.yaml", "{role: head, up_to: ", "{role: auditor, up_to: ")
    problems = told(files)
    assert f"approval.yaml line {line + 1}: by_term does not ascend: head is not above vice_president" in problems
    assert any(
        p.startswith(f"approval.yaml line {stranger}: auditor is not in the order of authority") for p in problems
    )


def test_the_last_class_rule_catches_every_customer(files: Path) -> None:
    line = write(files, "credit.yaml", "{customer_class: C}", "{customer_class: C, grades: [C]}")
    assert told(files) == [
        f"credit.yaml line {line}: the last class rule must have no condition, so that every customer has a class",
    ]


def test_every_customer_class_has_its_strategy(files: Path) -> None:
    line = write(files, "frequencies.yaml", "visits: {A: monthly, ", "visits: {")
    assert told(files) == [f"frequencies.yaml line {line}: customer classes missing: A"]


def test_a_required_document_must_be_one_that_exists(files: Path) -> None:
    line = write(files, "onboarding.yaml", "[institution_certificate, representative_id]", "[certificate]")
    assert told(files) == [f"onboarding.yaml line {line}: 'certificate' is not in the list of documents"]


def test_rungs_of_the_collections_ladder_ascend(files: Path) -> None:
    line = write(files, "collections.yaml", "from_day: 30", "from_day: 14")
    assert told(files) == [
        f"collections.yaml line {line}: ladder does not ascend: visit on day 14 comes after day 15",
    ]


def test_all_problems_of_all_files_are_told_at_once(files: Path) -> None:
    write(files, "credit.yaml", "grade: A, lowest: 90", "grade: A, lowest: 80")
    write(files, "approval.yaml", "{role: deputy_head, up_to:", "{role: boss, up_to:")
    write(files, "steps.yaml", "deadline_days: 3", "deadline: 3")
    assert {problem.split(".yaml")[0] for problem in told(files)} == {"credit", "approval", "steps"}
    assert len(told(files)) == 4


def test_a_folder_older_than_the_privacy_policy_erases_nothing_by_itself(files: Path) -> None:
    (files / "privacy.yaml").unlink()
    loaded = load_policy(files).privacy
    assert (loaded.refused_applications, loaded.closed_cases, loaded.documents) == (None, None, None)

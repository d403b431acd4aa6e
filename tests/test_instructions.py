"""The budget of the kernel's instructions: what it refuses."""

from importlib import import_module

import pytest
from loadtests.bench import instructions as budgeted
from loadtests.kernel import instructed


@pytest.fixture
def instructions(monkeypatch):
    monkeypatch.setattr(budgeted, "GROWTH", [("pay, classes", "pay", 2.0)])
    return budgeted


def test_a_count_above_its_budget_by_more_than_the_tolerance_is_refused(instructions):
    budget = {"pay": 1_000_000}
    assert instructions.over_budget({"pay": 1_031_999}, budget) == []
    assert instructions.over_budget({"pay": 1_032_001}, budget) != []


def test_a_function_without_a_budget_and_a_budget_without_its_function_are_refused(instructions):
    assert len(instructions.over_budget({"pay": 10}, {"let": 10})) == 2


def test_twice_the_size_may_take_2_1_times_the_instructions(instructions):
    assert instructions.superlinear({"pay": 100, "pay, classes": 210}) == []
    assert instructions.superlinear({"pay": 100, "pay, classes": 211}) != []


@pytest.mark.parametrize(("gcc", "status"), [("12.2.0", 1), ("13.1.0", 0)])
def test_counts_of_another_compiler_are_reported_and_not_refused(
    instructions, monkeypatch, capsys, gcc, status, tmp_path
):
    made = {"gcc": "12.2.0"}
    budget = tmp_path / "budget.toml"
    budget.write_text('[tools]\ngcc = "12.2.0"\n[instructions]\npay = 100\n"pay, classes" = 200\n')
    monkeypatch.setattr(instructions, "BUDGET", budget)
    monkeypatch.setattr(instructions, "calls", dict)
    monkeypatch.setattr(instructions, "count", lambda _: {"pay": 10_000, "pay, classes": 10_000})
    monkeypatch.setattr(instructions, "tools", lambda: made | {"gcc": gcc})
    assert instructions.check() == status
    assert ("not failed" in capsys.readouterr().out) == (status == 0)


def test_a_profile_counts_a_function_without_what_it_calls(instructions):
    dump = "fn=(1) outer\n0 5\ncfn=(2) inner\ncalls=1 0\n0 70\n+3 4\nfn=(2)\n0 70\ntotals: 79\n"
    assert instructions.by_function(dump) == {"inner": 70, "outer": 9}
    assert instructions.total(dump) == 79


def test_paths_that_are_counted_are_asked_for_as_the_kernel_takes_them() -> None:
    call = instructed.simulation(pairs=2)
    getattr(import_module(f"rackrate.kernel._{call.module}"), call.function)(*call.arguments)
    tally = next(group for group in call.arguments if hasattr(group, "breach"))
    assert tally.breach[0] < 0

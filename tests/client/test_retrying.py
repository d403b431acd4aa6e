"""Retries: what is tried again, after how long, under which key, and when it is enough."""

import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.faulty_service import Fault, FaultyService
from tests.test_in_process import FACTOR

import rackrate
from rackrate.analyses.problems import BUSY, Problem, written
from rackrate.client import BrokenAnswerError, Client, Retries, UnreachableError
from rackrate.client.retrying import RetryBudget, retry_after

BODY = written(Problem(BUSY, "full"), "/v1/underwritings")


def busy(wait_s: str, status: int = 503) -> Fault:
    return Fault(status, (("Retry-After", wait_s), ("Content-Type", "application/problem+json")), BODY)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_and_the_key_of_the_call_with_it(
    status: int, unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    deal = examples / "powered-shell-leasehold.json"
    faulty.faults += [busy("1", status), busy("0", status)]
    assert unlucky().underwrite(deal) == rackrate.underwrite(deal)
    first, second, third = faulty.asked
    assert 1.0 <= second.at - first.at < 1.25 + 0.5
    assert third.at - second.at < 0.5
    keys = {asked.headers["idempotency-key"] for asked in faulty.asked}
    assert len(keys) == 1
    unlucky().underwrite(deal)
    assert faulty.asked[-1].headers["idempotency-key"] not in keys


def test_a_connection_that_ends_before_or_within_an_answer_is_tried_again(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    deal = examples / "powered-shell-leasehold.json"
    faulty.faults += [Fault(), Fault(cut=1000), Fault(502)]
    assert unlucky().underwrite(deal) == rackrate.underwrite(deal)
    assert len(faulty.asked) == 4


def test_a_simulation_that_is_cut_is_begun_again(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    deal, asked = examples / "gpu-compute-loan.json", {"paths": 40_000, "seed": 5, "factor": FACTOR}
    told: list[int] = []
    faulty.faults += [busy("0"), Fault(cut=60)]
    answer = unlucky().simulate(deal, progress=lambda done, of: told.append(done), **asked)
    assert answer == rackrate.simulate(deal, **asked)
    assert len(faulty.asked) == 3
    assert told[-1] == 40_000


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_what_would_fail_again_is_not_tried_again(
    status: int, unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    faulty.faults += [Fault(status)] * 2
    with pytest.raises(Problem, match=f"answered {status} without problem details") as failed:
        unlucky().underwrite(examples / "powered-shell-leasehold.json")
    assert (failed.value.kind.name, failed.value.kind.status) == ("unknown", status)
    assert len(faulty.asked) == 1


def test_a_wait_beyond_what_a_call_may_take_is_not_begun(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    faulty.faults += [busy("30")]
    with pytest.raises(Problem) as failed:
        unlucky(retries=Retries(within_s=2.0)).underwrite(examples / "powered-shell-leasehold.json")
    assert (failed.value.kind.name, len(faulty.asked)) == ("busy", 1)


def test_calls_of_a_client_share_a_budget_of_retries_that_answers_earn(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    """Three may be spared: a call of four faults fails at the fourth request, the next at its first."""
    client = unlucky(retries=Retries(within_s=20.0, spare=3.0, earned=1.0))
    deal = examples / "powered-shell-leasehold.json"
    faulty.faults += [busy("0")] * 5
    for requests in (4, 5):
        with pytest.raises(Problem):
            client.underwrite(deal)
        assert len(faulty.asked) == requests
    client.underwrite(deal)
    faulty.faults += [busy("0")]
    client.underwrite(deal)
    assert len(faulty.asked) == 8


def test_an_answer_of_another_kind_is_told_as_such(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    faulty.faults += [Fault(200, body=b"\x81\xa2id\xa1a")]
    with pytest.raises(BrokenAnswerError, match="no Underwriting"):
        unlucky().underwrite(examples / "powered-shell-leasehold.json")


def test_waits_that_nobody_names_grow_and_differ(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The k-th is between half of 0.1 x 2^(k-1) and all of it."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    faulty.faults += [Fault()] * 9
    random.seed(1)
    with pytest.raises(UnreachableError):
        unlucky(retries=Retries(within_s=1000.0, spare=8)).underwrite(examples / "gpu-compute-loan.json")
    longest = [min(10.0, 0.1 * 2**k) for k in range(8)]
    assert len(slept) == 8
    assert all(most / 2 <= wait <= most for wait, most in zip(slept, longest, strict=True))
    assert len(set(slept)) == 8
    assert faulty.asked[0].body == faulty.asked[-1].body
    assert all(a.at <= b.at for a, b in pairwise(faulty.asked))


@given(st.text(max_size=20))
def test_whatever_retry_after_says_a_wait_is_a_number_that_is_not_negative_or_none(text: str) -> None:
    try:
        text.encode("ascii")
    except UnicodeEncodeError:
        return
    wait = retry_after({"retry-after": text})
    assert wait is None or wait >= 0.0


@given(st.lists(st.booleans(), max_size=60))
def test_retries_never_exceed_what_was_spared_and_earned(spends: list[bool]) -> None:
    budget, spent, answers = RetryBudget(Retries(spare=3.0, earned=0.5)), 0, 0
    for spend in spends:
        if spend:
            spent += budget.spend()
        else:
            answers += 1
            budget.earn()
        assert spent <= 3 + answers / 2


def test_a_portfolio_that_is_cut_is_taken_up_at_the_first_deal_without_an_answer(
    unlucky: Callable[..., Client], faulty: FaultyService, examples: Path
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    deals = [deal | {"name": f"deal {i}"} for i in range(5)]
    line = len(json.dumps(rackrate.underwrite(deal).id)) + 200_000
    faulty.faults += [busy("0"), Fault(cut=line)]
    answers = list(unlucky().portfolio(deals))
    assert [answer.line for answer in answers] == [1, 2, 3, 4, 5]
    assert [answer.underwriting for answer in answers] == [rackrate.underwrite(each) for each in deals]
    sent = [len(asked.body.splitlines()) for asked in faulty.asked]
    assert sent[:2] == [5, 5]
    assert 1 <= sent[2] < 5
    keys = [asked.headers["idempotency-key"] for asked in faulty.asked]
    assert keys[0] == keys[1] != keys[2]

"""A run that is ended in the middle, however that is, goes on where it was, to the same bytes."""

import os
import signal

import pytest
from tests.books.running import files, once, parts, run, started
from tests.conftest import until


def nobody(group):
    """Whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("enough", "number", "all_of_them", "status"),
    [(14, signal.SIGKILL, False, -signal.SIGKILL), (3, signal.SIGTERM, True, 143)],
)
def test_a_run_that_is_ended_goes_on_where_it_was(
    whole, book, asked, tmp_path, capsys, enough, number, all_of_them, status
):
    out = tmp_path / "out"
    running = started(book, out, asked)
    once(out, enough, lambda: (os.killpg if all_of_them else os.kill)(running.pid, number))
    _, told = running.communicate(timeout=60)
    assert running.returncode == status, told
    until(lambda: nobody(running.pid), "its processes to end")
    assert not (out / "manifest.json").exists()
    known = parts(out)
    assert len(known) >= enough
    assert run(book, out, asked, "--chunk", "1", "--workers", "1", "--keep-work", "--progress", "lines") == 1
    done = sum(name.startswith("underwrite") for name in known)
    assert f"resumes: {done} of 9 chunks of underwrite are done" in capsys.readouterr().err
    assert {name: parts(out)[name] for name in known} == known
    assert run(book, out, asked) == 1  # nothing is left to do, and nothing of the work is kept
    assert files(out) == files(whole)


def test_an_interrupt_of_the_terminal_ends_a_run_and_keeps_what_is_done(whole, book, asked, tmp_path):
    out = tmp_path / "out"
    once(out, 1, lambda: os.kill(os.getpid(), signal.SIGINT))
    assert run(book, out, asked, "--chunk", "1", "--workers", "1") == 130
    assert 1 <= len(parts(out)) < 9
    assert not list(out.rglob("*.tmp-*"))
    assert run(book, out, asked, "--chunk", "1", "--workers", "1") == 1
    assert files(out) == files(whole)

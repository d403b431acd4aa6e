"""A disk that is full ends a run between two files: what is there is whole, and the run goes on with room."""

import contextlib
import resource

from tests.books.running import files, parts, run


@contextlib.contextmanager
def files_of_at_most(size):
    """Let no file of this process be larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_without_room_a_run_ends_with_whole_parts_and_with_room_it_goes_on(
    whole, book, asked, tmp_path, capsys
):
    out = tmp_path / "out"
    with files_of_at_most(20_000):
        assert run(book, out, asked, "--chunk", "3", "--workers", "1") == 4
    assert "bytes more are needed" in capsys.readouterr().err
    assert not list(out.rglob("*.tmp-*"))
    assert not (out / "manifest.json").exists()
    known = parts(out)
    assert run(book, out, asked, "--chunk", "3", "--workers", "1", "--keep-work") == 1
    assert {name: parts(out)[name] for name in known} == known
    assert run(book, out, asked) == 1
    assert files(out) == files(whole)

"""The command line."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from tests.conftest import PATIENCE_S, busy_s, free_port, running, until

from rackrate import __version__
from rackrate.__main__ import main
from rackrate.api.auth.guard import Clients


def test_underwriting_a_file_prints_the_bytes_the_service_would_send(
    examples: Path,
    start_service: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deal = str(examples / "colocation-multi-tenant.json")
    assert main(["underwrite", deal, "--json"]) == 0
    here = capsys.readouterr().out
    service = start_service()
    monkeypatch.setenv("RACKRATE_PORT", service.url.rsplit(":", 1)[1])
    assert main(["underwrite", deal, "--json", "--over-http"]) == 0
    assert capsys.readouterr().out == here
    assert json.loads(here)["summary"]["principal"] > 0


def test_a_refused_deal_is_told_field_by_field(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "pool-of-three.json").read_text())
    deal["currency"], deal["debt"]["rate"] = "euro", "nan"
    (tmp_path / "deal.json").write_text(json.dumps(deal))
    assert main(["underwrite", str(tmp_path / "deal.json")]) == 1
    told = capsys.readouterr().err
    assert "/currency" in told
    assert "/debt/rate" in told


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["underwrite", "/nowhere/deal.json"]) == 2
    assert "/nowhere/deal.json" in capsys.readouterr().err


def test_a_bad_setting_stops_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACKRATE_PORTS", "1")
    assert main(["serve"]) == 2
    assert "did you mean RACKRATE_PORT?" in capsys.readouterr().err


def test_a_key_that_was_made_is_let_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import datetime as dt

    assert main(["key", "alpha"]) == 0
    printed = capsys.readouterr().out
    key = printed.splitlines()[0].rsplit(" ", 1)[1]
    (tmp_path / "keys.toml").write_text(printed)
    assert tomllib.loads(printed)["key"][0]["client"] == "alpha"
    assert key not in printed.split("\n", 1)[1]
    client = Clients(str(tmp_path / "keys.toml")).client(f"Bearer {key}", dt.datetime.now(dt.UTC))
    assert (client.name, client.scopes) == ("alpha", {"price", "read"})


def test_a_portfolio_prints_the_bytes_the_service_would_send_and_counts_what_is_refused(
    examples: Path,
    start_service: Callable[..., Any],
    capfdbinary: pytest.CaptureFixture[bytes],
    tmp_path: Path,
) -> None:
    """Seventy lines are enough for processes of their own; two of them are refused."""
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    lines = [json.dumps(deal | {"name": f"deal {i}"}) for i in range(68)]
    body = "\n".join([*lines[:5], '{"key": "row 6", "deal": {"name": "x"}}', "", *lines[5:], "nothing"])
    (tmp_path / "deals.ndjson").write_text(body)
    assert main(["portfolio", str(tmp_path / "deals.ndjson"), "--json"]) == 1
    told = capfdbinary.readouterr()
    assert told.err.decode() == "2 of 70 deals refused\n"
    service = start_service()
    headers = {"Content-Type": "application/x-ndjson"}
    assert told.out == service.http.post("/v1/portfolios", content=body, headers=headers).content
    (tmp_path / "deals.ndjson").write_text("\n".join(lines[:2]))
    assert main(["portfolio", str(tmp_path / "deals.ndjson"), "--json"]) == 0
    assert [json.loads(line)["line"] for line in capfdbinary.readouterr().out.splitlines()] == [1, 2]


def test_a_portfolio_is_read_from_standard_input_and_a_reader_that_has_enough_ends_it(
    examples: Path, tmp_path: Path
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    lines = tmp_path / "deals.ndjson"
    lines.write_text("".join(json.dumps(deal | {"name": f"deal {i}"}) + "\n" for i in range(60)))
    command = [sys.executable, "-m", "rackrate", "portfolio", "-", "--json"]
    with lines.open() as asked, running(command, stdin=asked, stdout=PIPE, stderr=PIPE) as child:
        told, faults = (pipe for pipe in (child.stdout, child.stderr) if pipe)
        assert json.loads(told.readline())["status"] == 200
        told.close()
        assert (child.wait(PATIENCE_S), faults.read()) == (0, b"")


def test_a_portfolio_is_a_table_by_default_a_row_each_with_what_refuses_it(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = json.loads((examples / "powered-shell-leasehold.json").read_text())
    lines = [json.dumps(deal), json.dumps({"key": "row 2", "deal": deal | {"currency": "euro"}}), "", "["]
    (tmp_path / "deals.ndjson").write_text("\n".join(lines))
    assert main(["portfolio", str(tmp_path / "deals.ndjson")]) == 1
    told = capsys.readouterr()
    head, first, second, third = told.out.splitlines()
    assert head.split() == ["line", "deal", "principal", "bound", "by", "DSCR", "least", "LTV"]
    figures = ["119.2m", "max_ltv", "1.90x", "1.62x", "65.00%"]
    assert first.split() == ["1", "Phoenix", "powered", "shell", "on", "a", "…", *figures]
    assert second.startswith("     2  row 2                         refused: /currency: 'euro'")
    assert third.startswith("     4                                refused: ")
    assert max(map(len, told.out.splitlines())) <= 100
    assert told.err == "2 of 3 deals refused\n"


def test_a_bar_is_shown_where_somebody_looks_and_only_there(examples: Path) -> None:
    """A terminal is the slave of a pseudoterminal; what is piped has nothing beside its figures."""
    deal = examples / "gpu-compute-loan.json"
    command = [sys.executable, "-m", "rackrate", "simulate", str(deal), "--paths", "600000"]
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    with running(command, stdout=PIPE, stderr=slave) as child:
        out, _ = child.communicate(timeout=PATIENCE_S)
    told = os.read(master, 100_000).decode()
    for end in (master, slave):
        os.close(end)
    assert re.search(r"\d+%.*600000", told), told
    piped = subprocess.run(command, capture_output=True, check=True)
    assert (piped.stdout, piped.stderr) == (out, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_options_and_files(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("explain", "portfolio", "like", "gpu-compute-loan", "rent-volatility"):
        assert word in script, word
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes_what_is_begun(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "rackrate.bash").write_text(capsys.readouterr().out)
    (tmp_path / "deal.json").touch()
    ask = """
source rackrate.bash
for words in "exp" "new --like gpu" "explain dea"; do
  COMP_WORDS=(rackrate $words); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); COMPREPLY=()
  $(complete -p rackrate | sed -E 's/.*-F ([^ ]+).*/\\1/') 2>/dev/null
  echo "${COMPREPLY[*]}"
done
"""
    done = subprocess.run(["bash", "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.strip() for line in done.stdout.splitlines()] == ["explain", "gpu-compute-loan", "deal.json"]


def test_an_interrupt_ends_a_command_quietly(examples: Path) -> None:
    deal = str(examples / "gpu-compute-loan.json")
    command = [sys.executable, "-m", "rackrate", "simulate", deal, "--paths", "5000000"]
    with running(command, stdout=PIPE, stderr=PIPE) as child:
        until(lambda: busy_s(child.pid) > 3, "the paths to be under way")
        child.send_signal(signal.SIGINT)
        out, told = child.communicate(timeout=PATIENCE_S)
    assert (child.returncode, out, told) == (130, b"", b"")


def test_a_portfolio_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portfolio", "/nowhere/deals.ndjson"]) == 2
    assert capsys.readouterr().err == "/nowhere/deals.ndjson: No such file or directory\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"rackrate {__version__}\n")


@pytest.mark.parametrize("client", ["", "token:x", "x" * 101])
def test_a_client_that_the_keys_file_would_refuse_gets_no_key(
    client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", client]) == 2
    told = capsys.readouterr()
    assert (told.out, "cannot be a client" in told.err) == ("", True)


def test_a_service_that_is_not_there_is_named_at_once(
    examples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("RACKRATE_PORT", str(port))
    began = time.monotonic()
    assert main(["underwrite", str(examples / "pool-of-three.json"), "--over-http"]) == 2
    assert time.monotonic() - began < 20  # to try again takes thirty
    assert f"no service at http://127.0.0.1:{port}: " in capsys.readouterr().err


def test_a_deal_is_read_from_standard_input(examples: Path) -> None:
    deal = examples / "powered-shell-leasehold.json"
    command = [sys.executable, "-m", "rackrate", "underwrite"]
    named = subprocess.run([*command, deal], stdout=PIPE, check=True)
    piped = subprocess.run([*command, "-"], input=deal.read_bytes(), stdout=PIPE, check=True)
    assert piped.stdout == named.stdout


@pytest.mark.parametrize("verb", ["underwrite", "compare", "contract"])
def test_a_reader_that_has_enough_ends_any_command_quietly(verb: str, examples: Path) -> None:
    deal = [] if verb == "contract" else [examples / "powered-shell-leasehold.json"]
    command = [sys.executable, "-m", "rackrate", verb, *deal]
    with running(command, stdout=PIPE, stderr=PIPE) as child:
        told, faults = (pipe for pipe in (child.stdout, child.stderr) if pipe)
        told.close()
        assert (child.wait(PATIENCE_S), faults.read()) == (0, b"")


def test_the_service_says_once_what_runs_where_and_shows_a_deal(
    start_service: Callable[..., Any], examples: Path
) -> None:
    service = start_service(shown=examples / "hyperscale-single-tenant.json", workers="2")
    until(lambda: "until Ctrl-C" in service.log.read_text(), "the answer to be shown")
    log = service.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    started = [line for line in lines if line["message"] == "started"]
    assert [(line["version"], line["address"], line["workers"], line["cache"]) for line in started] == [
        (__version__, service.url, 2, "in the process")
    ]
    assert not [line for line in lines if line["logger"].startswith("uvicorn")]
    assert "bound by min_debt_yield" in log
    assert f"curl --json @{examples}" in log
    following = log.partition("Next:\n")[2].splitlines()[:7]
    from_root = [re.sub(r"\S*/bin/", ".venv/bin/", line) for line in following]
    from_root = [line.replace(str(examples), "service/rackrate/deal/examples") for line in from_root]
    assert [line for line in from_root if len(line) > 100] == []


def test_a_deal_to_be_shown_that_is_not_there_stops_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--show", "/nowhere/deal.json"]) == 2
    assert capsys.readouterr().err == "/nowhere/deal.json: no such file\n"


def test_an_address_that_is_none_stops_the_start_and_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["key", "alpha"]) == 0
    (tmp_path / "keys.toml").write_text(capsys.readouterr().out)
    monkeypatch.setenv("RACKRATE_API_KEYS_FILE", str(tmp_path / "keys.toml"))
    for host in ("256.1.1.1", "192.0.2.1", "a..b"):  # no name, nobody's here (RFC 5737), no name's form
        monkeypatch.setenv("RACKRATE_HOST", host)
        assert main(["serve"]) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"cannot listen on {host}:8000: ")
        assert told.endswith("; choose another address with RACKRATE_HOST\n")
        assert "Unknown error" not in told


@pytest.mark.parametrize("content", [None, "no TOML [", '[[key]]\nclient = ""\nid = "6c8ea202"\n', "{}"])
@pytest.mark.parametrize("variable", ["RACKRATE_API_KEYS_FILE", "RACKRATE_JWKS_FILE"])
def test_a_file_of_keys_that_is_not_there_or_not_understood_is_named_by_its_variable(
    variable: str,
    content: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path = tmp_path / "keys"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    if variable == "RACKRATE_JWKS_FILE":
        monkeypatch.setenv("RACKRATE_JWT_ISSUER", "https://login.example")
        monkeypatch.setenv("RACKRATE_JWT_AUDIENCE", "rackrate")
    assert main(["serve"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{variable}: {path}: ")
    assert told.count(str(path)) == 1


def test_a_port_that_is_taken_stops_the_start_and_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("RACKRATE_PORT", str(port))
        assert main(["serve"]) == 2
    assert capsys.readouterr().err.endswith(
        f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another port with RACKRATE_PORT\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="a process of its own number 1 is root's to make")
def test_sigterm_ends_the_first_process_of_a_container_though_it_has_not_started_to_serve(
    tmp_path: Path,
) -> None:
    command = ["unshare", "--fork", "--pid", "--kill-child", sys.executable, "-m", "rackrate", "serve"]
    log = tmp_path / "log"
    with (
        log.open("wb") as out,
        running(
            command, stdout=out, stderr=out, env=os.environ | {"RACKRATE_PORT": str(free_port())}
        ) as outer,
    ):
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
        until(lambda: bool(children.read_text()), "the first process")
        first = int(children.read_text())
        until(lambda: _handles(first, signal.SIGTERM), "it to handle SIGTERM")
        os.kill(first, signal.SIGTERM)
        assert outer.wait(PATIENCE_S) == 128 + signal.SIGTERM
    assert "started" not in log.read_text()


def _handles(process: int, number: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (number - 1) & 1)

"""What `api/server` uses of uvicorn beyond its documented interface: why its minor version is pinned.

When a newer minor version is tried, this says what of it is gone; that what is left means the same is for the
other tests of this folder to say.
"""

import ast
import inspect
import textwrap
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httptools
import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from rackrate.api.server.protocol import PatientProtocol
from rackrate.api.server.strict_http import StrictProtocol
from rackrate.api.server.worker import Server

ROOT = Path(__file__).parents[3]
PROTOCOL = {
    *("app", "client", "connections", "cycle", "flow", "headers", "loop", "parser", "pipeline", "scope"),
    *("server_state", "timeout_keep_alive", "timeout_keep_alive_task", "transport", "url"),
    *("_unset_keepalive_if_required", "timeout_keep_alive_handler"),
    *("connection_made", "data_received", "eof_received", "connection_lost"),
    *("pause_writing", "resume_writing", "on_response_complete", "on_message_begin", "on_url", "on_header"),
    *("on_headers_complete", "on_body", "on_message_complete"),
}
CYCLE = {"disconnected", "keep_alive", "message_event", "response_complete", "response_started", "scope"}
SERVER = {"config", "handle_exit", "on_tick", "server_state", "should_exit", "startup"}


def names_of(cls: type, *, stored_alone: bool) -> set[str]:
    """What a class's own source says of `self` and `super()`: what it stores there, or all that it names."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    of_it = [node for node in named if ast.unparse(node.value) in ("self", "super()")]
    return {node.attr for node in of_it if isinstance(node.ctx, ast.Store) or not stored_alone}


def offered(cls: type) -> set[str]:
    """What instances of a class of uvicorn's have."""
    return names_of(cls, stored_alone=True) | set(vars(cls))


def relied_on(ours: Iterable[type], theirs: type) -> set[str]:
    """What of uvicorn's class our subclasses name or override, but for what every object has."""
    said = set[str]().union(*(names_of(cls, stored_alone=False) | set(vars(cls)) for cls in ours))
    return {name for name in said & offered(theirs) if not name.startswith("__")}


def test_every_name_that_is_used_of_uvicorn_is_there_and_is_listed_here() -> None:
    assert relied_on([StrictProtocol, PatientProtocol], HttpToolsProtocol) == PROTOCOL
    assert relied_on([Server], uvicorn.Server) == SERVER


def test_what_the_protocol_and_the_server_are_made_of_has_what_is_used_of_it() -> None:
    assert offered(RequestResponseCycle) >= CYCLE
    assert offered(FlowControl) >= {"write_paused", "pause_reading", "resume_reading"}
    assert offered(uvicorn.Config) >= {"encoded_headers"}
    assert offered(uvicorn.Server) >= {"started"}
    assert offered(ServerState) >= {"default_headers"}


@pytest.mark.parametrize("leniency", ["lenient_version", "lenient_keep_alive"])
def test_the_parser_can_be_told_to_pass_what_is_refused_here(leniency: str) -> None:
    class Nothing:
        """Hears nothing of what is parsed."""

    lenient: Any = {leniency: True}
    httptools.HttpRequestParser(Nothing()).set_dangerous_leniencies(**lenient)


def test_its_minor_version_is_pinned() -> None:
    major, minor = map(int, uvicorn.__version__.split(".")[:2])
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["server"]
    assert f"uvicorn>={major}.{minor},<{major}.{minor + 1}" in needs

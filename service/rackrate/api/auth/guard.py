"""Authenticate clients by API key or token and check scopes; with neither configured, all are allowed."""

import datetime as dt
import logging
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from rackrate.analyses.problems import FORBIDDEN, UNAUTHENTICATED, Problem
from rackrate.api.auth.api_keys import PREFIX, read_keyring
from rackrate.api.auth.client import ANONYMOUS, SCOPES, AuthenticatedClient, Scope
from rackrate.api.auth.reloading import ReloadingFile
from rackrate.api.auth.tokens import CredentialsError, Tokens

MISSING = "missing"
REALM = 'Bearer realm="rackrate"'
TOKEN_CLIENT = "token:"  # before a subject, so that no token is a client of the keys file


logger = logging.getLogger("rackrate.clients")


class Clients:
    """Authenticates clients by API key or token; anonymous where neither is configured."""

    def __init__(
        self,
        keys_file: str = "",
        tokens: Tokens | None = None,
        understood: dict[str, bytes] | None = None,
    ) -> None:
        """Load the key files; where one cannot be parsed, its last good contents in `understood` are used."""
        self._keys = ReloadingFile(keys_file, read_keyring, understood) if keys_file else None
        self._tokens = tokens

    def are_current(self) -> bool:
        """Whether the files as they are now are understood; reads those that changed."""
        files = self._keys, self._tokens.keys if self._tokens else None
        outdated = [fresh for fresh in files if fresh is not None and not fresh.is_current()]
        return not outdated

    def client(self, authorization: str, now: dt.datetime) -> AuthenticatedClient:
        """Return the client that an `Authorization` header names.

        Raises
        ------
        CredentialsError
            For anything but a key or a token that holds.
        """
        if self._keys is None and self._tokens is None:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise CredentialsError(MISSING)
        return self._bearer(token, now)

    def _bearer(self, token: str, now: dt.datetime) -> AuthenticatedClient:
        if token.startswith(PREFIX) or self._tokens is None:
            if self._keys is None:
                raise CredentialsError("an API key, and no keys file is configured")
            return self._keys.value.client(token, now)
        grant = self._tokens.grant(token)
        scopes = frozenset(scope for scope in SCOPES if scope in grant.scopes)
        return AuthenticatedClient(TOKEN_CLIENT + grant.subject, scopes, grant.named)

    async def admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Guard a route: authenticate its client, and check the scope that the route's options ask for.

        A coroutine, because the framework runs anything else in a thread.
        """
        scope: Scope | None = handler.opt.get("scope")
        if scope is None:
            return
        try:
            client = self.client(connection.headers.get("authorization", ""), dt.datetime.now(dt.UTC))
        except CredentialsError as error:
            raise _unauthenticated(error) from None
        if scope not in client.scopes:
            raise _forbidden(client, scope)
        connection.scope["user"] = client


def _unauthenticated(error: CredentialsError) -> Problem:
    """Return a 401 with the reason in WWW-Authenticate (RFC 6750, 3.1); log whose credentials they were."""
    if error.reason == MISSING:
        detail, challenge = "Send Authorization: Bearer and a key or token.", REALM
    else:
        logger.warning("refused: %s is %s", error.named or "what was sent", error.reason)
        detail = f"The key or token is {error.reason}."
        challenge = f'{REALM}, error="invalid_token", error_description="{detail}"'
    return Problem(UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})


def _forbidden(client: AuthenticatedClient, scope: Scope) -> Problem:
    """Answer 403, naming the scope to the client (RFC 6750, 3.1) and whose credentials lack it to the log."""
    logger.warning("refused: %s lacks the scope %s", client.credential, scope)
    return Problem(
        FORBIDDEN,
        f"These credentials lack the scope {scope}.",
        headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
    )

"""The guard against private addresses where connections cannot be made by us: in the reactor's name resolution.

reactor.nameResolver ──▶ GuardedNames ──▶ the resolver that was there       public addresses only, or those of CONNECT_PRIVATE
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer  # type: ignore[import-untyped]  # published without types

from crawlers.download.connect import PermittedAddresses

if TYPE_CHECKING:
    from crawlers.download.connect import Connector


@implementer(IHostnameResolver)
class GuardedNames:
    """Resolves names to permitted addresses; of a name that has others alone, ``refused`` knows them.

    Args:
        resolver: the one that is asked.
        connector: says what is permitted.
        unguarded: names that may be anywhere: the operator's proxies.
    """

    def __init__(self, resolver: Any, connector: Connector, unguarded: frozenset[str]) -> None:
        self._resolver, self.connector, self._unguarded = resolver, connector, unguarded
        self.refused: dict[str, list[str]] = {}

    def resolveHostName(self, receiver: Any, name: str, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  Twisted's interface
        """Resolve as the reactor does."""
        if name in self._unguarded:
            return self._resolver.resolveHostName(receiver, name, *args, **kwargs)
        refused = self.refused[name] = []
        return self._resolver.resolveHostName(
            PermittedAddresses(receiver, self.connector, refused), name, *args, **kwargs
        )


def guard_names(reactor: Any, connector: Connector) -> GuardedNames:
    """Put the guard in front of a reactor's name resolution, once for one connector."""
    standing = reactor.nameResolver
    if isinstance(standing, GuardedNames) and standing.connector == connector:
        return standing
    proxies = frozenset(urlsplit(url).hostname or "" for url in getproxies().values())
    guard = GuardedNames(standing, connector, proxies)
    reactor.installNameResolver(guard)
    return guard

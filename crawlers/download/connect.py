"""Connections of a crawl: where they lead, and which networks are refused however a name resolves."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.exceptions import IgnoreRequest
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from zope.interface import implementer  # type: ignore[import-untyped]  # published without types

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy.settings import BaseSettings
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IProtocolFactory
    from twisted.python.failure import Failure

# ---------------------------------------------------------------------------------------------------------------------
# Where a connection really goes: CONNECT_TO sends chosen hosts elsewhere, everything else may only go to the public
# net.
#     host:port ──route in CONNECT_TO──▶ the address it names, unasked
#               └─else────────────────▶ name resolution ──▶ public addresses only, or the networks of CONNECT_PRIVATE
#
# A page decides what a crawler asks for next; without the second rule a link to ``http://127.0.0.1/`` or to a name that
# resolves to a machine behind the firewall would be fetched, and published.

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class PrivateAddress(IgnoreRequest):
    """The host's addresses are all private, loopback or otherwise not of the public net."""

    @classmethod
    def of(cls, host: str, addresses: Sequence[str]) -> Self:
        """Name the host and its addresses."""
        return cls(f"{host} is {', '.join(addresses)}: not an address of the public net")


@dataclass(frozen=True, slots=True)
class Route:
    """One entry of CONNECT_TO, as curl's ``--connect-to``; an empty host or port 0 stands for any."""

    host: str
    port: int
    connect_host: str
    connect_port: int

    @classmethod
    def parse(cls, text: str) -> Route:
        """Read ``HOST:PORT:CONNECT-HOST:CONNECT-PORT``. Raises ``ValueError`` with a sentence."""
        parts = text.strip().split(":")
        if len(parts) != 4 or not parts[2] or not parts[3].isdigit() or not (parts[1] or "0").isdigit():  # noqa: PLR2004
            raise ValueError(f"CONNECT_TO needs HOST:PORT:CONNECT-HOST:CONNECT-PORT, not {text!r}")
        return cls(parts[0].lower(), int(parts[1] or 0), parts[2], int(parts[3]))

    def covers(self, host: str, port: int) -> bool:
        """Say whether a connection to this host and port goes this way."""
        return self.host in {"", host.lower()} and self.port in {0, port}


@dataclass(frozen=True, slots=True)
class Connector:
    """Makes the endpoint of each connection.

    Args:
        routes: of CONNECT_TO; the first that covers a host and port wins.
        allowed: networks that may be contacted although they are not public.
    """

    routes: tuple[Route, ...] = ()
    allowed: tuple[Network, ...] = ()

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Connector:
        """Read CONNECT_TO and CONNECT_PRIVATE, lists or comma-separated."""
        return cls(
            tuple(Route.parse(text) for text in settings.getlist("CONNECT_TO") if text.strip()),
            tuple(ipaddress.ip_network(text) for text in settings.getlist("CONNECT_PRIVATE")),
        )

    def endpoint(self, reactor: Any, host: str, port: int, **options: Any) -> Any:
        """Return the endpoint for a host and port; ``options`` are those of Twisted's `HostnameEndpoint`."""
        for route in self.routes:
            if route.covers(host, port):
                return HostnameEndpoint(reactor, route.connect_host, route.connect_port, **options)
        return _PublicEndpoint(reactor, host, port, self, options)

    def permits(self, address: str) -> bool:
        """Say whether an address that a name resolved to may be contacted."""
        ip = ipaddress.ip_address(address.partition("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return (ip.is_global and not ip.is_multicast) or any(ip in network for network in self.allowed)


@implementer(IStreamClientEndpoint)
class _PublicEndpoint:
    """A `HostnameEndpoint` that is shown only the permitted addresses of its host."""

    def __init__(self, reactor: Any, host: str, port: int, connector: Connector, options: dict[str, Any]) -> None:
        self._reactor, self._host, self._port = reactor, host, port
        self._connector, self._options = connector, options

    def connect(self, factory: IProtocolFactory) -> Deferred[Any]:
        """Resolve the host, and connect to the first permitted address that answers."""
        resolver = _PublicResolver(self._reactor.nameResolver, self._connector)
        reactor = _ReactorWith(self._reactor, resolver)
        connecting: Deferred[Any] = HostnameEndpoint(reactor, self._host, self._port, **self._options).connect(factory)
        return connecting.addErrback(self._explain, resolver)

    def _explain(self, failure: Failure, resolver: _PublicResolver) -> Failure:
        if resolver.refused and failure.check(DNSLookupError):  # type: ignore[no-untyped-call]
            raise PrivateAddress.of(self._host, resolver.refused)
        return failure


@implementer(IHostnameResolver)
class _PublicResolver:
    """Passes on the permitted addresses of a name and remembers the others."""

    def __init__(self, resolver: Any, connector: Connector) -> None:
        self._resolver, self._connector = resolver, connector
        self.refused: list[str] = []

    def resolveHostName(self, receiver: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  Twisted's interface
        """Resolve as the reactor does."""
        permitted = PermittedAddresses(receiver, self._connector, self.refused)
        return self._resolver.resolveHostName(permitted, *args, **kwargs)


@implementer(IResolutionReceiver)
class PermittedAddresses:
    """Takes a resolver's answers and passes on those that may be contacted; the others go into ``refused``."""

    def __init__(self, receiver: Any, connector: Connector, refused: list[str]) -> None:
        self._connector, self._refused = connector, refused
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete
        self._pass_on = receiver.addressResolved

    def addressResolved(self, address: Any) -> None:  # noqa: N802  Twisted's interface
        """Take one."""
        if self._connector.permits(address.host):
            self._pass_on(address)
        else:
            self._refused.append(address.host)


@implementer(IReactorPluggableNameResolver)
class _ReactorWith:
    """The reactor, with another name resolver."""

    def __init__(self, reactor: Any, resolver: _PublicResolver) -> None:
        self._reactor = reactor
        self.nameResolver = resolver

    def installNameResolver(self, resolver: Any) -> Any:  # noqa: N802  Twisted's interface
        return self._reactor.installNameResolver(resolver)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


# --- The guard against private addresses where connections cannot be made by us: in the reactor's name resolution ----
# reactor.nameResolver ──▶ GuardedNames ──▶ the resolver that was there       public addresses only, or those of CONNECT_PRIVATE


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

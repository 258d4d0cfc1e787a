"""The replica: the five outlets on loopback, over real TLS, under their own names; see docs/replica.md.

with Replica(seed=1) as replica:
    environment = replica.env      # CONNECT_TO, SSL_CERT_FILE
    expected = replica.truth       # what a perfect crawl finds, and what it must not find
"""

from tests.replica.replica import Replica

__all__ = ["Replica"]

"""Times on a page: the one door to `crawlers.extraction.times`."""

from crawlers.extraction.times import Moment, read_time, read_update

__all__ = ["Moment", "read_time", "read_update"]

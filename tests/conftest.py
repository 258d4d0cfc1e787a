"""The order of the tests: what waits longest begins first, so that the run's end has no long tail on one worker."""

FIRST = ("test_backfill", "test_interrupted", "test_first_light", "test_month", "test_full_disk", "test_store_outage")
NEXT = ("test_looking", "test_conditional", "test_reservations", "test_copies", "test_second_crawl", "test_politeness")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: 0 if item.path.stem in FIRST else 1 if item.path.stem in NEXT else 2)

"""HOW: the crawl: settings, the base spider, sources, extraction, politeness, capture, commands."""

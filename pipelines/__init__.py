"""WHAT: judging an article: cleaning, wire credit, validation, syndication, versions."""

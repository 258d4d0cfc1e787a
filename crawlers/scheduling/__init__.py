"""Crawls at their times."""

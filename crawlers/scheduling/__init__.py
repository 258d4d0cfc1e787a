"""Crawls at their times: `scrapy schedule`, one long-running process, each crawl a process of its own.

    config.py      SCHEDULE ──▶ an entry for each outlet
    scheduler.py   when an entry is due, what ran, how long to wait; fires, watches, retries, stops
    service.py     the command at work: the table of what runs, figures for Prometheus, the webhook

A slot is a time at which an outlet is to be crawled. No slot is missed in silence: slots that pass while a crawl runs, or while
nobody ran the schedule, are made up for by one crawl, and the others are counted.
"""

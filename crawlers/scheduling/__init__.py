"""Crawls at their times: `scrapy schedule`, one long-running process, each crawl a process of its own.

    table.py      SCHEDULE ──▶ an entry for each outlet           slots.py     when an entry is due, and what was missed
    memory.py     what ran, kept over restarts                    interval.py  how long to wait, learnt from the reports
    desk.py       the process: fires, watches, retries, stops     overview.py  what runs, ran and comes next
    figures.py    the same for Prometheus

A slot is a time at which an outlet is to be crawled. No slot is missed in silence: slots that pass while a crawl runs, or while
nobody ran the schedule, are made up for by one crawl, and the others are counted.
"""

"""Watching crawls: progress, reports, drift, figures for machines, the state of each outlet.

while it runs   outcomes.py   each page in one outcome         stats.py       traffic, channels, robots, quality, symptoms
                progress.py   how it goes on
afterwards      report.py     what it tells                    postcrawl.py   earlier reports, saved cases, alarms
                drift.py      against earlier crawls           status.py      how the outlets stand
                metrics.py    Prometheus, webhook
by hand         probe.py      a few live pages, a whole site   draft.py       the spider of a new outlet
"""

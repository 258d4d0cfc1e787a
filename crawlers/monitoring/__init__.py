"""Watching crawls: progress, reports, drift, figures for machines, the state of each outlet.

while it runs   outcomes.py   each page in one outcome         stats.py       traffic, channels, robots, quality, symptoms
                progress.py   how it goes on
afterwards      report.py     what it tells                    postcrawl.py   drift, saved cases, alarms
                drift.py      against earlier crawls           history.py     their reports
                metrics.py    Prometheus, webhook              status.py      how the outlets stand
by hand         probe.py      a few live pages, a whole site   draft.py       the spider of a new outlet
"""

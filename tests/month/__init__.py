"""A month of an outlet in minutes: the clock is moved, not waited for; see docs/operations.md.

plan.py    what happens: editions of every piece by the hour, faults
town.py    the replica as it stands at a moment
run.py     crawls by the hour, on two hosts that share a bucket
judge.py   what must hold at the end, read from the replica's own log and from the bucket

python -m tests.month --days 30 --every 6 aljazeera
"""

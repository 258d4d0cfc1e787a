"""A month of the outlets in minutes: the clock is moved, not waited for; see docs/operations.md.

plan.py    what happens: pieces, their edits and removals, faults
town.py    the replica as it stands at a moment
run.py     crawls by the hour, on two hosts that share a bucket
judge.py   what must hold at the end, read from the replica's own log and from the bucket
alarms.py  what the crawls told of the faults, and what they had to

python -m tests.month --days 30 --every 8
"""

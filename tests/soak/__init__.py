"""A soak: two hosts crawl one outlet through kills, stops, takeovers and wrong clocks, and a judge that shares no code with them looks at it.

host.py     one crawl in a process whose clock is wrong, or jumps
rounds.py   the rounds: what is done to which host, in a folder and in a bucket
judge.py    reads the bucket with warcio, FastWARC and json alone, and the replica's log
"""

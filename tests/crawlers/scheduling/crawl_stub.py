"""In the place of `scrapy crawl`: notes that it ran, and ends as the next line of a plan says.

python crawl_stub.py FOLDER crawl OUTLET …      FOLDER/plan: one line a run, an exit code or "hang"; the last one for ever
"""

import json
import signal
import sys
import time
from pathlib import Path

signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))  # before it is known to run
folder, _, outlet, *words = sys.argv[1:]
runs = Path(folder) / "runs"
with runs.open("a", encoding="utf-8") as stream:
    stream.write(json.dumps({"outlet": outlet, "words": words, "at": time.time()}) + "\n")
plan = (Path(folder) / "plan").read_text(encoding="utf-8").split()
said = plan[min(runs.read_text(encoding="utf-8").count("\n"), len(plan)) - 1]
print(f"{outlet}: the stub says {said}", flush=True)  # noqa: T201  its last words
if said == "hang":
    time.sleep(60)
elif said.startswith("wait"):
    time.sleep(float(said.removeprefix("wait")))
    said = "0"
sys.exit(int(said))

"""How long something takes, where the point is that it does not take for ever."""

import re
import time

TRIES = 3
_TEXT = "كلمة في خبر من الأخبار " * 20_000
_WORD = re.compile(r"[^\W_]+")
_USUAL = 0.035  # seconds that `_measure` takes on the machine for which tests say theirs
_SLOWEST = 2


def takes_under(seconds, act):
    """Say whether ``act`` takes less processor time in one of three tries, on a machine of the usual speed.

    A busy machine slows one try down and a slow one all, by as much as it does work that is known; a quadratic step far more.
    """
    for _ in range(TRIES):
        start = time.process_time()
        act()
        taken = time.process_time() - start
        if taken < seconds or taken < seconds * min(max(1, _measure() / _USUAL), _SLOWEST):
            return True
    return False


def _measure():
    """Return the processor time of work as a page's is: a text lowered, cut into words, counted, joined."""
    start, counts = time.process_time(), {}
    for word in _WORD.findall(_TEXT.lower()):
        counts[word] = counts.get(word, 0) + len(word)
    assert len(" ".join(_TEXT.split())) == len(_TEXT) - 1
    return time.process_time() - start

"""How long something takes, where the point is that it does not take for ever."""

import time

TRIES = 3


def takes_under(seconds, act):
    """Say whether ``act`` takes less processor time in one of three tries: a busy machine slows one down, a quadratic step all."""
    for _ in range(TRIES):
        start = time.process_time()
        act()
        if time.process_time() - start < seconds:
            return True
    return False

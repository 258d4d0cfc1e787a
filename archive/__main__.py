# PYTHON_ARGCOMPLETE_OK
"""``python -m archive``: the archive's own command line, for reading, proving and mending."""

import sys

from archive.cli import main

if __name__ == "__main__":
    sys.exit(main())

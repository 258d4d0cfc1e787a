# PYTHON_ARGCOMPLETE_OK
"""``python -m archive``, installed as ``warraq``: the archive's own command line, for reading, proving and mending."""

import sys

from archive.cli import main


def command() -> None:
    """Run the command line, and end with its exit code."""
    sys.exit(main())


if __name__ == "__main__":
    command()

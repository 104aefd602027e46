"""`python -m elite_sizer` is the command line."""

from __future__ import annotations

import sys

from elite_sizer.cli.__main__ import main

if __name__ == "__main__":
    sys.exit(main())

"""The program's version, as every decision states it."""

from typing import Final

VERSION: Final = "0.1.0"

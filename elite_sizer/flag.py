"""The first version's address of the flag; import `FlagValue` and `write_flag` from `elite_sizer`."""

import warnings

from elite_sizer.configuration.flag import FlagReader, FlagReading, write_flag
from elite_sizer.configuration.stop_file import clear_stop, stopped, write_stop

__all__ = ["FlagReader", "FlagReading", "clear_stop", "stopped", "write_flag", "write_stop"]

warnings.warn("elite_sizer.flag has moved; import its names from elite_sizer.", DeprecationWarning, stacklevel=2)

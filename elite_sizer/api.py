"""The first version's address of the sizer; import `Sizer` from `elite_sizer`."""

import warnings

from elite_sizer.service.sizer import Sizer

__all__ = ["Sizer"]

warnings.warn("elite_sizer.api has moved; import its names from elite_sizer.", DeprecationWarning, stacklevel=2)

"""The first version's address of the decision; import `Decision` from `elite_sizer`."""

import warnings

from elite_sizer.model.breakdown import Envelope, Valid
from elite_sizer.sizing.decision import Decision
from elite_sizer.sizing.order_plan import OrderPlan

__all__ = ["Decision", "Envelope", "OrderPlan", "Valid"]

warnings.warn("elite_sizer.decision has moved; import its names from elite_sizer.", DeprecationWarning, stacklevel=2)

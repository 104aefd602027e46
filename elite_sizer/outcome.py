"""The first version's address of what plug-ins return; import `Limit`, `Proposal` and `Scaling` from `elite_sizer`."""

import warnings

from elite_sizer.model.context import Cap, Factor
from elite_sizer.model.context import Proposer as Sizer
from elite_sizer.model.outcome import AppliedCap as Check
from elite_sizer.model.outcome import Flag, FlagValue, Outcome
from elite_sizer.model.outcome import SizerResult as Answer
from elite_sizer.model.plugin import FREE, Limit, Named, Per, PerLot, Proposal, Scaling, Step

__all__ = [
    "FREE",
    "Answer",
    "Cap",
    "Check",
    "Factor",
    "Flag",
    "FlagValue",
    "Limit",
    "Named",
    "Outcome",
    "Per",
    "PerLot",
    "Proposal",
    "Scaling",
    "Sizer",
    "Step",
]

warnings.warn("elite_sizer.outcome has moved; import its names from elite_sizer.", DeprecationWarning, stacklevel=2)

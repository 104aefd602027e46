"""Give a trade idea without a stop or a target the ones that the configuration describes."""

from __future__ import annotations

from dataclasses import replace

from elite_sizer.config_tables import LevelsTable
from elite_sizer.context import Request


def filled(request: Request, table: LevelsTable) -> Request:
    """Return the request with what it leaves out; what a caller gives, in whatever form, stands.

    The target is the farther of the ATR multiple and the reward to risk, where both are set (source 004).
    """
    bare = request.stop is None and request.stop_points is None and request.atr_stop is None
    if bare and table.atr_stop is not None:
        request = replace(request, atr_stop=table.atr_stop)
    aimless = request.target is None and request.rr is None and request.atr_target is None
    if aimless and (table.atr_target is not None or table.rr is not None):
        request = replace(request, atr_target=table.atr_target, rr=table.rr)
    return request

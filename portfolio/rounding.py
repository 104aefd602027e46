"""Whole steps of lots and prices, counted exactly and never one too many; rounding of room and losses."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Subnormal,
    getcontext,
    setcontext,
)

EXACT = Context(
    prec=120, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact, Subnormal, Clamped, FloatOperation]
)
"""Arithmetic that raises rather than rounds; 120 digits hold any product of three of our numbers."""

DOWN = Context(prec=50, rounding=ROUND_FLOOR, traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation])
"""Arithmetic for room and lots: what must be rounded goes towards minus infinity."""

UP = Context(prec=50, rounding=ROUND_CEILING, traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation])
"""Arithmetic for losses and costs: what must be rounded goes towards plus infinity."""

RESOLUTION = Decimal("1E-8")
"""Finest figure kept of money per lot and of room; two orders below a cent on a thousandth of a lot."""

CENT = Decimal("0.01")


class Under:
    """Put the operators under one of these contexts for a while, whatever the calling program has set.

    `under(EXACT)` is `localcontext(EXACT)` without its copy, so nothing inside may change the context.
    """

    __slots__ = ("ambient", "context")

    def __init__(self, context: Context) -> None:
        self.context = context

    def __enter__(self) -> None:
        self.ambient = getcontext()
        setcontext(self.context)

    def __exit__(self, *_: object) -> None:
        setcontext(self.ambient)


under = Under


def whole_steps(amount: Decimal, step: Decimal) -> int:
    """Return the number of whole `step`s in `amount`; 0 where `amount` is not positive.

    Exact: 0.3 holds three steps of 0.1, 2.9999999995 steps are two. `step` must be positive.
    """
    if amount <= 0:
        return 0
    return int(EXACT.divide_int(amount, step))


def lots_down(amount: Decimal, step: Decimal) -> Decimal:
    """Return the largest multiple of `step` that is not above `amount`; it has the exponent of `step`."""
    return EXACT.multiply(step, Decimal(whole_steps(amount, step)))


def smallest_lots(minimum: Decimal, step: Decimal) -> Decimal:
    """Return the smallest tradable volume: the first multiple of `step` that reaches `minimum`.

    A grid whose minimum is no multiple of its step is anchored at zero, as brokers check it.
    """
    steps = whole_steps(minimum, step)
    if EXACT.multiply(step, Decimal(steps)) < minimum:
        steps += 1
    return EXACT.multiply(step, Decimal(max(steps, 1)))


def room_down(value: Decimal) -> Decimal:
    """Round room (money, lots) down to 1e-8; what is no finer stays as it is written."""
    result = DOWN.quantize(value, RESOLUTION)
    return value if result == value else result


def loss_up(value: Decimal) -> Decimal:
    """Round a loss, cost or charge up to 1e-8; what is no finer stays as it is written."""
    result = UP.quantize(value, RESOLUTION)
    return value if result == value else result


def price_down(price: Decimal, tick: Decimal) -> Decimal:
    """Round a positive price down to the tick (a long's stop, any target of a long)."""
    return EXACT.multiply(EXACT.divide_int(price, tick), tick)


def price_up(price: Decimal, tick: Decimal) -> Decimal:
    """Round a positive price up to the tick (a short's stop, any target of a short)."""
    down = price_down(price, tick)
    return down if down == price else EXACT.add(down, tick)

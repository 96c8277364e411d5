"""Which models can price a month or a year, and how their price is spread over the period's days."""

from billing_center.rating.models.limited import ChargeModel, Limited
from billing_center.rating.models.parameters import BadParameter
from billing_center.rating.models.prorated import Prorated
from billing_center.rating.models.standard import Standard
from billing_center.rating.price_version import PriceFunction


def spread(function: PriceFunction, whole_days: int, *, by: int | None = None) -> ChargeModel:
    """The price of one whole month or year as a function of active days: F(d) = price x d / whole_days.

    With `by` (30 for a month, 360 for a year): price x min(d, by) / by, and the whole price for all days.

    Takes the standard and the prorated model, with or without limits; `included` then counts days.
    Raises: BadParameter for a model whose price is not one price of the whole period; OutOfRange for no days.
    Design: billing rules, month / year subscription; `whole_days` is never that of a stub.
    """
    match function:
        case Prorated():
            return function.over(whole_days, by)
        case Standard():
            return Prorated(function.unit_price).over(whole_days, by)
        case Limited():
            inner = spread(function.inner, whole_days, by=by)
            return Limited(inner, function.included, function.minimum, function.cap)
        case _:
            raise BadParameter("a month or year plan takes the prorated or the standard model", field="model")

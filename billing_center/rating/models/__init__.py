"""The charge models: one file each, and the one table of their names.

A new model is a file with a frozen parameter class and a row here. Every model may also have the fields
`included`, `minimum` and `cap` (see `limited`), and what it asks of each use (see `per_event`).
Design: billing rules, "Shapes of F".
"""

from collections.abc import Mapping

from billing_center.rating.models.graduated import Graduated
from billing_center.rating.models.graduated_percentage import GraduatedPercentage
from billing_center.rating.models.limited import LIMIT_FIELDS, ChargeModel, Limited, TableModel, limited
from billing_center.rating.models.package import Package
from billing_center.rating.models.parameters import BadParameter
from billing_center.rating.models.per_event import EVENT_FIELDS, PerEvent, per_event
from billing_center.rating.models.percentage import Percentage
from billing_center.rating.models.prorated import Prorated
from billing_center.rating.models.stairstep import Stairstep
from billing_center.rating.models.standard import Standard
from billing_center.rating.models.subscription import spread
from billing_center.rating.models.volume import Volume

__all__ = [
    "MODELS",
    "BadParameter",
    "ChargeModel",
    "Limited",
    "PerEvent",
    "Prorated",
    "Standard",
    "read_model",
    "spread",
]

MODELS: dict[str, type[TableModel]] = {
    "standard": Standard,
    "graduated": Graduated,
    "volume": Volume,
    "package": Package,
    "stairstep": Stairstep,
    "prorated": Prorated,
    "percentage": Percentage,
    "graduated_percentage": GraduatedPercentage,
}


def read_model(params: Mapping[str, object]) -> ChargeModel:
    """The price function that a plain mapping describes. Without `model`, a `price` alone means standard.

    Raises: BadParameter for an unknown model or field, or a value that breaks the model's rules.
    """
    if not isinstance(params, Mapping):
        raise BadParameter("params must be a mapping", field="params")
    name = params.get("model", "standard" if "price" in params else None)
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        raise BadParameter(f"model must be one of {', '.join(MODELS)}, not {name!r}", field="model")
    own = {f: value for f, value in params.items() if f not in LIMIT_FIELDS and f not in EVENT_FIELDS}
    limits = {f: value for f, value in params.items() if f in LIMIT_FIELDS}
    each = {f: value for f, value in params.items() if f in EVENT_FIELDS}
    return per_event(limited(model.from_params(own), limits), each)

"""Objects that we send, under the class names that the receiver's classpath has (settings `class_names`).

Where it stands in the walk: `operations` answer with them, `account_system` sends them.
"""

from collections.abc import Mapping
from decimal import Decimal

from billing_center.settings import Settings
from rpc.hessian import HObject, Value
from rpc.hessian.writer import BIG_DECIMAL, decimal_text


def sent(settings: Settings, short_name: str, fields: Mapping[str, Value]) -> HObject:
    """An object of the class that the settings map a short name to."""
    return HObject(settings.class_names.get(short_name, short_name), dict(fields))


def big_decimal(settings: Settings, number: Decimal) -> Value:
    """A BigDecimal: an object on the wire, never a double, since Java casts what it declared Serializable."""
    name = settings.class_names.get("BigDecimal", BIG_DECIMAL)
    return number if name == BIG_DECIMAL else HObject(name, {"value": decimal_text(number)})

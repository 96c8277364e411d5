"""getTotalPrice(productKey, featureList, measureUnits, count, currency) -> EsbResultModel: a quotation.

It writes nothing, and answers a wrong parameter with a code in the model instead of a fault.
Design: contract, "getTotalPrice"; wire, section 5, for the nine fields of the model.
"""

from decimal import Decimal

from billing_center.catalog.quote_price import QuotePrice, quote_price
from billing_center.errors import Refused, ResultCode, Unauthorised
from billing_center.settings import Settings
from rpc.fields import read_decimal, read_features, read_text
from rpc.hessian import CodecError, HObject, Value
from rpc.operation import Asked, Operation, Reading
from rpc.outcome import Kind, WrongArgumentCount, row_of
from rpc.sent_objects import big_decimal, sent

SYSTEM_ERROR = Decimal(-1)
NOT_ON_SALE = Decimal(-2)
NO_SUCH_PRODUCT = Decimal(-3)
WRONG_PARAMETER = Decimal(-4)

_CODES = {ResultCode.PRODUCT_NOT_ON_SALE: NOT_ON_SALE, ResultCode.UNKNOWN_PRODUCT: NO_SUCH_PRODUCT}
_FAULTS = (CodecError, WrongArgumentCount, Unauthorised)
"""What stays a fault: a call that was not understood, decimals without digits included, or not allowed."""


def prepare(asked: Asked) -> Reading:
    """The question; blank `measureUnits` means pieces."""
    product_key, features, measure, count, currency = asked.arguments
    question = QuotePrice(
        product_id=read_text(product_key, "productKey"),
        features=read_features(features, "featureList"),
        measure=read_text(measure, "measureUnits"),
        count=read_decimal(count, "count"),
        currency=read_text(currency, "currency"),
    )
    settings = asked.settings
    return Reading(lambda work: result_model(settings, quote_price(work, question)))


def answer_to(settings: Settings, error: BaseException) -> Value:
    """The model that says what is wrong with a parameter, or that we failed; None where a fault must be."""
    if isinstance(error, _FAULTS):
        return None
    if not isinstance(error, Refused) or row_of(error).kind is not Kind.REFUSAL:
        return result_model(settings, SYSTEM_ERROR, "the price could not be computed now")
    code = _CODES.get(error.code, WRONG_PARAMETER)
    description = f"{error.field}: {error.message}" if error.field else error.message
    return result_model(settings, code, f"{description} ({error.code.value})")


def result_model(settings: Settings, value: Decimal, description: str | None = None) -> HObject:
    """The model with its nine fields in the order in which Java writes them."""
    return sent(
        settings,
        "EsbResultModel",
        {
            "isSuccessed": description is None,
            "exceptionDesc": description,
            "returnClassName": settings.class_names.get("BigDecimal", "java.math.BigDecimal"),
            "methodType": "NOT_TCC_STATUS",
            "fromCharcode": None,
            "toCharcode": None,
            "charsetConverted": None,
            "msgId": None,
            "returnValue": big_decimal(settings, value),
        },
    )


GET_TOTAL_PRICE = Operation(
    name="getTotalPrice",
    parameters=("productKey", "featureList", "measureUnits", "count", "currency"),
    prepare=prepare,
    answer_to=answer_to,
    summary="a quotation; writes nothing",
)

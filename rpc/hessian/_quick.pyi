from typing import Any

from rpc.hessian.limits import Limits

def read_call(body: bytes, limits: Limits, /) -> Any: ...
def prepare(
    call: type, hobject: type, hlist: type, long: type, remote: str, framings: tuple[Any, ...], /
) -> None: ...

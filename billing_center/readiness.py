"""Whether the center can do its work now: the database answers and its schema is this program's.

Where it stands in the walk: beside it; a balancer asks over REST before it sends calls here.
"""

from billing_center.center import Center
from billing_center.errors import BillingError
from schema.migrate import current_revision, newest_revision


def not_ready(center: Center) -> str:
    """Why the center is not ready, in one sentence without details of the database; "" when it is."""
    try:
        with center.reading():
            at = current_revision(center.database.engine)
    except BillingError as error:
        return error.message
    if at != newest_revision():
        return "the schema of the database is not this program's: run `billing-center db upgrade`"
    return ""

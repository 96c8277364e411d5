"""Whether the center can do its work now: the database answers and its schema is this program's.

Where it stands in the walk: beside it; a balancer asks over REST before it sends calls here. A schema that is
newer than this program is no trouble: migrations suit the version before them too (docs/operations.md), and in a
rolling upgrade the schema goes first.
"""

from billing_center.center import Center
from billing_center.errors import BillingError
from schema.migrate import current_revision, known_revisions, newest_revision


def not_ready(center: Center) -> str:
    """Why the center is not ready, in one sentence without details of the database; "" when it is."""
    try:
        with center.reading():
            at = current_revision(center.database.engine)
    except BillingError as error:
        return error.message
    if at is None or (at != newest_revision() and at in known_revisions()):
        return "the schema of the database is older than this program: run `billing-center db upgrade`"
    return ""

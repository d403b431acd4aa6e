"""Faults of the program: logged by where they happened, and answered as an internal error."""

import logging
import traceback

from rackrate.analyses.problems import INTERNAL, Problem

logger = logging.getLogger("rackrate.problems")


def internal_error(error: Exception, asked: str) -> Problem:
    """Log where a fault happened, but no message, which could quote the deal; return its problem, a 500."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in %s\n%s", type(error).__name__, asked, where)
    return Problem(INTERNAL, "The fault is in the service and was logged; nothing was kept.")

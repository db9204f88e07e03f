"""From an exception to a class and a sentence. The exception's own words go into the vault."""

from __future__ import annotations

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from odoo.exceptions import AccessError, UserError

from odoo.addons.interop_base.lib.failures import (
    BusinessError,
    InternalError,
    InteropError,
    TransientError,
)
from odoo.addons.interop_document.lib.lookup import UnmappedCodes

from ..lib.retry import Strategy
from ..lib.work import Claimed, Verdict
from .settle import failed


def refused(message: Claimed, failure: Exception, retry: Strategy, **known: object) -> Verdict:
    """The verdict for `failure`; `known` sets further fields of it (the version, say)."""
    error = classify(failure)
    verdict = failed(message, error, retry)
    if error is not failure:
        verdict.diagnosis = f"{type(failure).__name__}: {failure}"
    if isinstance(error, UnmappedCodes):
        verdict.missing = error.missing
    for name, value in known.items():
        setattr(verdict, name, value)
    return verdict


def classify(failure: Exception) -> InteropError:
    """A failure's class and a sentence that quotes no value."""
    match failure:
        case InteropError():
            return failure
        case AccessError():
            return BusinessError(
                "The flow's service user lacks the rights for this. Give the user the rights that "
                "the flow needs, then redrive the message."
            )
        case UserError():
            return BusinessError(
                "Odoo refused this. Its own words are sealed with the message, for those who may "
                "read content."
            )
        case TransactionRollbackError():
            return TransientError("Too many others changed the same records at the same time.")
        case psycopg2.OperationalError() | psycopg2.InterfaceError():
            return TransientError("The connection to Odoo's database was lost for a moment.")
        case _:
            return InternalError(
                f"Unexpected fault ({type(failure).__name__}). Nothing is lost; the details are "
                "sealed with the message."
            )

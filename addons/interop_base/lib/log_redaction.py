"""Redacts log records as they are made, so that no handler ever holds a value.

A filter on a logger or on today's handlers would miss handlers added later and records of other
loggers, and setting another record factory makes Odoo set up its logging twice. So the hook sits
where every record begins.
"""

import functools
import logging
import traceback
from collections.abc import Mapping
from typing import Any

import psycopg2

from .redaction import (
    WITHHELD,
    chain,
    database_errors,
    describe,
    redact_errors_in,
    redact_sql,
    redact_text,
)

SQL_LOGGER = "odoo.sql_db"
_MARK = "_interop_redacts"


def install() -> None:
    """Redact every record from now on. Calling it again does nothing."""
    original = logging.LogRecord.__init__
    if getattr(original, _MARK, False):
        return

    @functools.wraps(original)
    def __init__(self: logging.LogRecord, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        redact_record(self)

    setattr(__init__, _MARK, True)
    logging.LogRecord.__init__ = __init__  # type: ignore[method-assign]


def redact_record(record: logging.LogRecord) -> None:
    """Take values out of the record's message, arguments and exception. Never raises."""
    try:
        _redact_message(record)
    except Exception:
        record.msg, record.args = f"message {WITHHELD}: it could not be redacted", None
    try:
        _redact_exception(record)
    except Exception:
        record.exc_info, record.exc_text = None, f"traceback {WITHHELD}: it could not be redacted"


def _redact_message(record: logging.LogRecord) -> None:
    is_statement = record.name == SQL_LOGGER and "query" in str(record.msg)
    if not record.args:
        record.msg = _safe_message(record.msg)
        if is_statement:
            record.msg = _safe_statement(record.msg)
    elif isinstance(record.args, Mapping):
        record.args = {key: _safe_arg(arg, is_statement) for key, arg in record.args.items()}
    else:
        record.args = tuple(_safe_arg(arg, is_statement) for arg in record.args)


def _safe_message(msg: Any) -> Any:
    if isinstance(msg, BaseException):
        return _safe_arg(msg, False)
    return redact_text(msg) if isinstance(msg, str) else msg


def _safe_statement(msg: Any) -> Any:
    """A message of the SQL logger that somebody formatted before: all after its head is SQL."""
    text = str(msg)
    head, found, statement = text.partition("query: ")
    return head + found + redact_sql(statement) if found else text


def _safe_arg(arg: Any, is_statement: bool) -> Any:
    if arg is None or isinstance(arg, (bool, int, float)):
        return arg
    if isinstance(arg, psycopg2.Error):
        return describe(arg)
    if isinstance(arg, BaseException):
        errors = database_errors(arg)
        text = str(arg)
        safe = redact_errors_in(text, errors)
        return arg if safe == text and not errors else safe
    if isinstance(arg, (str, bytes, bytearray, memoryview)):
        if is_statement:
            return redact_sql(arg if isinstance(arg, str) else bytes(arg))
        return redact_text(arg) if isinstance(arg, str) else arg
    if is_statement:
        return WITHHELD
    return _safe_collection(arg)


def _safe_collection(arg: Any) -> Any:
    """One level deep: a list of errors is logged now and then, a tree of them is not."""
    if isinstance(arg, (list, tuple, set, frozenset)):
        members = list(arg)
    elif isinstance(arg, dict):
        members = list(arg.values())
    else:
        return arg
    errors = [e for m in members if isinstance(m, BaseException) for e in database_errors(m)]
    return redact_errors_in(repr(arg), errors) if errors else arg


def _redact_exception(record: logging.LogRecord) -> None:
    if not record.exc_info or not isinstance(record.exc_info, tuple):
        return
    error = record.exc_info[1]
    errors = database_errors(error)
    if not errors and not any(_quotes_values(link) for link in chain(error)):
        return
    text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
    record.exc_text = redact_errors_in(text, errors)
    # Handlers that would look into the frames' variables get the text only.
    record.exc_info = None


def _quotes_values(error: BaseException) -> bool:
    text = str(error)
    return redact_text(text) != text

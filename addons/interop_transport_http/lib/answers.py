"""What a partner's HTTP status means for a message."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from odoo.addons.interop_connector.lib.transport import Reply, TransportError

# A partner that asks for more is not believed: its messages would lie for ever.
MAX_RETRY_AFTER = 24 * 3600.0

_SECONDS = re.compile(r"[0-9]{1,12}")


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait by RFC 9110 section 10.2.3 (a number or a date), None if not told.

    A date is compared with the answer's own `Date` if there is one, so that clocks may differ.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    if _SECONDS.fullmatch(text):
        return min(float(text), MAX_RETRY_AFTER)
    then = _timestamp(text)
    if then is None:
        return None
    base = _timestamp(headers.get("Date", ""))
    if base is None:
        base = time.time() if now is None else now
    return min(max(then - base, 0.0), MAX_RETRY_AFTER)


def _timestamp(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def judge(reply: Reply) -> TransportError | None:
    """None for an accepted exchange, else the failure to raise."""
    status = reply.status
    if 200 <= status < 300:
        return None
    wait = retry_after(reply.headers)
    kind, sentence = _verdict(status, wait)
    return TransportError(
        sentence, kind=kind, retry_after=wait, status=status, sent=True, reply=reply
    )


def _verdict(status: int, wait: float | None) -> tuple[str, str]:
    if status == 429 or (status == 503 and wait is not None):
        return "throttled", f"The partner asked to slow down ({status})."
    if status in (408, 425) or 500 <= status < 600:
        return "transient", f"The partner has a problem of its own ({status})."
    if 300 <= status < 400:
        return "partner", (
            f"The partner answered with a redirect ({status}). Redirects are not followed: "
            "ask for the new address and enter it at the endpoint."
        )
    if status == 410:
        return "partner", (
            "The partner says that this address is gone for good (410). Ask for the new address."
        )
    if status in (401, 403):
        return "partner", (
            f"The partner did not accept our credentials ({status}). Check the connector's secret."
        )
    if status == 404:
        return "partner", "The partner does not know this address (404). Check the endpoint."
    return "partner", f"The partner refused the message ({status})."

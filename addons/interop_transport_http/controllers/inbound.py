import json
import logging
import re
import secrets
import time

from odoo import SUPERUSER_ID, http
from odoo.http import Response, request

from odoo.addons.interop_base.lib.failures import FenceClosed, InteropError
from odoo.addons.interop_connector.lib.intake import (
    InboundRoute,
    IntakeClosed,
    IntakeConflict,
    IntakeThrottled,
)
from odoo.addons.interop_connector.lib.networks import allows
from odoo.addons.interop_connector.lib.quota import AddressBound

from ..lib.webhook import SignatureRefused, StandardWebhook
from .problems import problem

_logger = logging.getLogger(__name__)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_CLOSED_RETRY = 300.0

# An address that does not exist is treated like one whose key nobody knows: as much is read and
# computed, so an answer's time does not tell which it was.
_NOWHERE = InboundRoute(
    connector_id=0,
    flow_id=0,
    connector_code="",
    flow_code="",
    company_id=None,
    secrets=(secrets.token_bytes(32),),
    is_open=False,
)


# Who comes without a valid signature, by address: in this process's memory.
_unsigned = AddressBound()
_ADMITTED = "interop.admitted"


class Refused(Exception):
    """Ends the reception with an answer. `reason`: what it is counted as, if it is."""

    def __init__(self, response: Response, reason: str = "") -> None:
        super().__init__()
        self.response = response
        self.reason = reason


class InboundController(http.Controller):
    """The address partners send to.

    The order of the checks is the point: what is cheap first, nothing parsed before the sender is
    known, and who cannot sign learns nothing but that.
    """

    @http.route(
        "/interop/v1/in/<string:connector>/<string:flow>",
        type="interop",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def receive(self, connector: str, flow: str) -> Response:
        """Take in one signed delivery and answer with its message.

        The answer leaves after the commit: Odoo commits between this method's return and the
        first byte of the response, and runs it again after a serialization failure.
        """
        env = request.env(user=SUPERUSER_ID, su=True)
        fence = env["interop.fence"]
        state = fence._state()
        if not state.is_open:
            return _closed(_CLOSED_RETRY)
        try:
            route = _route(env, connector, flow)
            _check_sender(route)
            limit = min(route.max_bytes, env["interop.intake"]._max_bytes())
            _check_headers(route, limit)
            raw = _read(limit)
            sender_ref = _authenticate(route, raw)
            fence._require_open(route.environment, state)
            _admit(env, route, len(raw))
            return _accept(env, route, raw, sender_ref)
        except Refused as refused:
            env.cr.rollback()  # a refused delivery leaves nothing behind
            if refused.reason:
                env["interop.intake"]._note_refusal(route, refused.reason, _address())
            return refused.response
        except IntakeThrottled as throttled:
            env.cr.rollback()
            env["interop.intake"]._note_refusal(route, throttled.reason, _address())
            return _throttled(throttled.retry_after)
        except IntakeClosed as closed:
            env.cr.rollback()
            return _closed(closed.retry_after)
        except InteropError as failure:
            # A closed fence, a missing keyring: the sender cannot mend it, so it may come again.
            env.cr.rollback()
            if not isinstance(failure, FenceClosed):
                _logger.error("Inbound deliveries are not taken in: %s", failure.sentence)
            return _closed(_CLOSED_RETRY)


def _route(env, connector: str, flow: str) -> InboundRoute:
    if not (_CODE.fullmatch(connector) and _CODE.fullmatch(flow)):
        return _NOWHERE
    return env["interop.intake"]._route(connector, flow) or _NOWHERE


def _refuse(
    route: InboundRoute, code: str, status: int, title: str, detail: str, *, reason="", **more
):
    """Refuse a sender who is not known yet. A paused address then looks like none at all."""
    if route.is_open:
        _logger.info("Delivery to %s/%s refused: %s", route.connector_code, route.flow_code, code)
        raise Refused(problem(code, status, title, detail, **more), reason)
    raise Refused(problem("not-found", 404, "Not found", "There is nothing at this address."))


def _address() -> str:
    """Where the request comes from: behind a proxy the sender, if Odoo's proxy_mode is on."""
    return request.httprequest.remote_addr or ""


def _check_sender(route: InboundRoute) -> None:
    """What is known of the sender before anything is read: the address."""
    limits, address = route.limits, _address()
    if limits.networks and not allows(limits.networks, address):
        _refuse(
            route,
            "network",
            403,
            "Not allowed from there",
            "Deliveries are not taken in from your address.",
            reason="network",
            headers=[("Connection", "close")],
        )
    wait = _unsigned.wait(route.connector_id, address, limits.unsigned_rate, time.monotonic())
    if wait is not None:
        _refuse(
            route,
            "unsigned",
            429,
            "Too many tries",
            "Too many deliveries from your address were not signed as agreed.",
            reason="unsigned",
            retry_after=wait,
            headers=[("Connection", "close")],
        )


def _admit(env, route: InboundRoute, size: int) -> None:
    """Count a delivery once, though a serialization failure runs the request a second time."""
    environ = request.httprequest.environ
    if not environ.get(_ADMITTED):
        env["interop.intake"]._admit(route, size)
        environ[_ADMITTED] = True


def _check_headers(route: InboundRoute, limit: int) -> None:
    incoming = request.httprequest
    length = incoming.headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in incoming.headers:
        _refuse(
            route,
            "length-required",
            411,
            "Length required",
            "Send the body in one piece, with Content-Length.",
        )
    if len(length) > 12 or int(length) > limit:
        _refuse(
            route,
            "too-large",
            413,
            "Too large",
            f"At most {limit} bytes are taken in at once.",
            reason="size",
            headers=[("Connection", "close")],
        )
    _check_media_type(route)
    try:
        StandardWebhook.parts(incoming.headers)
    except SignatureRefused:
        _note_unsigned(route)
        _refuse_signature(route)


def _check_media_type(route: InboundRoute) -> None:
    incoming = request.httprequest
    charset = incoming.mimetype_params.get("charset", "utf-8")
    if incoming.mimetype not in route.content_types:
        _refuse(
            route,
            "media-type",
            415,
            "Unsupported media type",
            f"Send one of: {', '.join(route.content_types)}.",
        )
    if charset.lower() not in ("utf-8", "utf8"):
        _refuse(route, "media-type", 415, "Unsupported charset", "Send the text as UTF-8.")
    if incoming.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        _refuse(route, "media-type", 415, "Unsupported encoding", "Send the body uncompressed.")


def _read(limit: int) -> bytes:
    incoming = request.httprequest
    incoming.max_content_length = limit
    # Cached, because a serialization failure runs all this a second time.
    return incoming.get_data(cache=True)


def _authenticate(route: InboundRoute, raw: bytes) -> str:
    webhook = StandardWebhook(route.secrets or _NOWHERE.secrets)
    try:
        sender_ref = webhook.verify(request.httprequest.headers, raw, time.time())
        if route is _NOWHERE:
            raise SignatureRefused("mismatch")
        _unsigned.trust(route.connector_id, _address(), time.monotonic())
        return sender_ref
    except SignatureRefused as refused:
        _note_unsigned(route)
        if refused.reason in ("stale", "future"):
            _refuse(
                route,
                "timestamp",
                401,
                "Not authenticated",
                "The timestamp is outside tolerance. Check the sender's clock, and sign anew "
                "for each try.",
                reason="signature",
                headers=_CHALLENGE,
            )
        _refuse_signature(route)
        raise


_CHALLENGE = [("WWW-Authenticate", 'StandardWebhooks realm="interop"')]


def _note_unsigned(route: InboundRoute) -> None:
    rate = route.limits.unsigned_rate
    _unsigned.note(route.connector_id, _address(), rate, time.monotonic())


def _refuse_signature(route: InboundRoute) -> None:
    _refuse(
        route,
        "signature",
        401,
        "Not authenticated",
        "The delivery is not signed as agreed (Standard Webhooks, v1).",
        reason="signature",
        headers=_CHALLENGE,
    )


def _accept(env, route: InboundRoute, raw: bytes, sender_ref: str) -> Response:
    if not raw:
        return problem("empty", 422, "Nothing to process", "The body is empty.")
    incoming = request.httprequest
    try:
        accepted = env["interop.intake"]._accept(
            route, raw, sender_ref, incoming.mimetype, incoming.remote_addr or ""
        )
    except IntakeConflict:
        raise Refused(
            problem(
                "conflict",
                409,
                "Conflict",
                "This webhook-id was used before, with another body. Give a new delivery a new id.",
            )
        ) from None
    body = json.dumps({"message": accepted.message_uuid, "status": "accepted"})
    return Response(
        body,
        status=202,
        content_type="application/json",
        headers=[("Cache-Control", "no-store")],
    )


def _throttled(retry_after: float) -> Response:
    """RFC 6585, section 4; Retry-After in seconds (RFC 9110, section 10.2.3)."""
    return problem(
        "too-many",
        429,
        "Too many deliveries",
        "More comes in than was agreed, or than is taken up just now. Please send it again later.",
        retry_after=retry_after,
    )


def _closed(retry_after: float) -> Response:
    return problem(
        "closed",
        503,
        "Nothing is taken in just now",
        "Please send it again later.",
        retry_after=retry_after,
    )

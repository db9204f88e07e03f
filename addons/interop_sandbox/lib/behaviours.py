"""What a simulated partner does with an order: one small class per behaviour, found by its code.

A behaviour is pure: it gets what was received and returns what to answer now and which
acknowledgements to send later. The server (``partner.py``) and the courier (``courier.py``) do it.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Protocol

from odoo.addons.interop_base.lib.registry import Registry, UnknownCode

from .answers import LineAnswer, accept, acknowledgement, backorder, late, mixed, reject, reprice
from .dialects import DIALECTS

JSON = "application/json; charset=utf-8"
GARBAGE = b"\x00\xff\xfe{[<<not a document at all>>\x80\x81"


@dataclass(frozen=True, slots=True)
class Script:
    """Which behaviour to play and how: set at start, by `PUT /behaviour`, by an order's address."""

    behaviour: str = "mixed"
    delay: float = 2.0  # seconds from the order to its acknowledgement
    think: float = 0.0  # seconds from the order to the answer of its request
    times: int = 2  # how often error_500 and throttle_429 refuse each key; 0: for ever
    retry_after: int = 2  # what throttle_429 asks for, in seconds
    then: str = "accept"  # what follows when the refusals are over
    dialect: str = "plain"  # how orders and their answers are written (`dialects.py`)


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the partner received it. `tries` counts this key's requests, this one too."""

    key: str
    body: Mapping[str, Any]
    tries: int
    script: Script
    account: str = ""  # the buyer's account: which callback gets the acknowledgement
    wire: Any = None  # the order as it was written, before the dialect was read


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One callback to make: the same `webhook_id` twice is the same delivery made twice."""

    key: str
    webhook_id: str
    payload: bytes
    delay: float
    account: str = ""
    content_type: str = JSON


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to give now, and the manner in which it goes out (`manners.py`)."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    acknowledgements: tuple[Acknowledgement, ...] = ()
    manner: str = "whole"

    @property
    def accepted(self) -> bool:
        """The order is in the partner's book, whether or not its answer gets through."""
        return 200 <= self.status < 300


class Behaviour(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str: ...

    def take(self, order: Order) -> Outcome: ...


BEHAVIOURS: Registry[Behaviour] = Registry("behaviour of the sandbox partner")


def problem(status: int, title: str, detail: str, **headers: str) -> Outcome:
    """An error answer in the form of RFC 9457."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Outcome(
        status,
        json.dumps(document).encode(),
        {"Content-Type": "application/problem+json"} | headers,
    )


def taken(order: Order, *acknowledgements: Acknowledgement) -> Outcome:
    """The usual answer: 202, the order is in the partner's book."""
    receipt = {"status": "received", "order": order.body.get("number"), "key": order.key}
    return Outcome(202, json.dumps(receipt).encode(), {"Content-Type": JSON}, acknowledgements)


def _callback(order: Order, payload: bytes, delay: float) -> Acknowledgement:
    return Acknowledgement(order.key, f"ack-{order.key}", payload, delay, order.account)


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes the order and acknowledges it line by line, `copies` times, after `patience` delays."""

    code: str
    label: str
    line_answer: LineAnswer
    copies: int = 1
    patience: float = 1.0

    def take(self, order: Order) -> Outcome:
        answer = acknowledgement(order.body, self.line_answer)
        dialect = DIALECTS.get(order.script.dialect)
        payload = json.dumps(dialect.answer_with(answer, order.wire)).encode()
        callback = _callback(order, payload, order.script.delay * self.patience)
        return taken(order, *[callback] * self.copies)


@dataclass(frozen=True, slots=True)
class Telling:
    """Says at once, in the answer itself, what it could deliver: nothing is acknowledged later."""

    code: str
    label: str
    line_answer: LineAnswer

    def take(self, order: Order) -> Outcome:
        dialect = DIALECTS.get(order.script.dialect)
        told = dialect.answer_with(acknowledgement(order.body, self.line_answer), order.wire)
        return Outcome(200, json.dumps(told).encode(), {"Content-Type": JSON})


@dataclass(frozen=True, slots=True)
class Refusing:
    """Refuses each key's first `times` requests, then plays the behaviour `then`."""

    code: str
    label: str
    status: int
    tells_when: str = ""  # "seconds" or "date": the two forms of Retry-After (RFC 9110, 10.2.3)

    def take(self, order: Order) -> Outcome:
        script = order.script
        if script.times and order.tries > script.times:
            return BEHAVIOURS.get(script.then).take(order)
        if self.tells_when:
            seconds = str(script.retry_after)
            date = formatdate(time.time() + script.retry_after, usegmt=True)
            wait = {"Retry-After": date if self.tells_when == "date" else seconds}
            return problem(self.status, "Too many requests", "Come back later.", **wait)
        return problem(self.status, "Internal server error", "The order system is down.")


@dataclass(frozen=True, slots=True)
class Silence:
    """Reads the order and never answers, neither the request nor the order."""

    code: str = "silence"
    label: str = "Silence: never answers"

    def take(self, order: Order) -> Outcome:
        return Outcome(0, manner="hold")


@dataclass(frozen=True, slots=True)
class Mangled:
    """Takes the order, but its first answer goes wrong on the way. Asked again with the same key
    it answers as it should, and has still one order."""

    code: str
    label: str
    manner: str
    status: int = 202

    def take(self, order: Order) -> Outcome:
        return dataclasses.replace(taken(order), status=self.status, manner=self.manner)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Answers 200 with bytes that are no document, and acknowledges with the same."""

    code: str = "garbage"
    label: str = "Garbage in both answers"

    def take(self, order: Order) -> Outcome:
        callback = _callback(order, GARBAGE, order.script.delay)
        return Outcome(200, GARBAGE, {"Content-Type": JSON}, (callback,))


@dataclass(frozen=True, slots=True)
class Redirect:
    """Points elsewhere; a caller that follows would show up at /orders/accept."""

    code: str = "redirect"
    label: str = "Redirects to another address"

    def take(self, order: Order) -> Outcome:
        return Outcome(307, headers={"Location": "/orders/accept"})


@dataclass(frozen=True, slots=True)
class Denying:
    """Says no for good: the kind of refusal that no retry helps."""

    code: str
    label: str
    status: int
    title: str

    def take(self, order: Order) -> Outcome:
        return problem(self.status, self.title, "This buyer is not known here.")


def scripted(script: Script, changes: Mapping[str, Any]) -> Script:
    """The script with `changes` made; raises ValueError that says what is wrong with them."""
    kinds: dict[str, type] = {
        "behaviour": str, "then": str, "delay": float, "think": float, "times": int,
        "retry_after": int, "dialect": str,
    }  # fmt: skip
    unknown = set(changes) - set(kinds)
    if unknown:
        raise ValueError(f"unknown option: {', '.join(sorted(unknown))}")
    try:
        script = dataclasses.replace(script, **{n: kinds[n](v) for n, v in changes.items()})
        BEHAVIOURS.get(script.behaviour)
        BEHAVIOURS.get(script.then)
        DIALECTS.get(script.dialect)
    except (TypeError, ValueError, UnknownCode) as error:
        raise ValueError(str(error)) from error
    return script


for _behaviour in (
    Answering("accept", "Accepts every line", accept),
    Answering("partial", "Accepts half of each line, back-orders the rest", backorder),
    Answering("price_change", "Changes every price", reprice),
    Answering("mixed", "Line 1 accepted, 2 back-ordered, 3 with a new price", mixed),
    Answering("late", "Answers late and promises two weeks late", late, patience=3.0),
    Answering("duplicate", "Sends its acknowledgement twice", accept, copies=2),
    Answering("reject", "Rejects every line", reject),
    Telling("tell", "Tells in its answer what it could deliver", mixed),
    Refusing("error_500", "Fails, then works", 500),
    Refusing("throttle_429", "Asks to come back later, then works", 429, tells_when="seconds"),
    Refusing("throttle_date", "Names the hour to come back, then works", 429, tells_when="date"),
    Denying("error_400", "Refuses the order (400)", 400, "Bad request"),
    Denying("gone_410", "Says that its address is gone for good", 410, "Gone"),
    Silence(),
    Mangled("late_answer", "Takes the order and never says so", "hold"),
    Mangled("cut_answer", "Takes the order, hangs up in the middle of the answer", "cut"),
    Mangled("reset", "Takes the order, resets the connection", "reset"),
    Mangled("trickle", "Takes the order, answers one byte a second", "trickle"),
    Mangled("noise", "Takes the order, answers with what is no HTTP", "noise"),
    Mangled("huge_answer", "Takes the order, answers with 1 GB", "huge", 200),
    Mangled("gzip_bomb", "Takes the order, answers with a small file that unpacks to 1 GB", "bomb"),
    Garbage(),
    Redirect(),
):
    BEHAVIOURS.register(_behaviour.code, _behaviour)

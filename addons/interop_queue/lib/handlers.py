"""Which handler stands between a document type and Odoo's records."""

from __future__ import annotations

from dataclasses import dataclass

from odoo.addons.interop_base.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class HandlerSpec:
    """``model`` is the abstract model with `_compose` or `_apply`, see `interop.handler`."""

    code: str
    label: str
    model: str
    document_type: str
    direction: str


HANDLERS: Registry[HandlerSpec] = Registry("handler")
EVENTS: dict[str, str] = {}
"""Business milestones a flow can listen to: ``purchase.order.approved`` → a label for people."""


def register_event(code: str, label: str) -> None:
    EVENTS[code] = label

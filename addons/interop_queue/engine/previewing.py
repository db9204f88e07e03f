"""Trying a policy on a document, without queueing or sending anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from odoo import models

from odoo.addons.interop_base.lib.failures import DataError, InteropError, PolicyError
from odoo.addons.interop_document.lib.canonical import canonical_json, digest, read_json
from odoo.addons.interop_document.lib.fields import walk_fields
from odoo.addons.interop_policy.lib.policy import CompiledPolicy, Screened

from ..lib.plan import compile_plan
from ..lib.view import Difference, Entry, decisions_of, differences_of, entries_of
from .viewing import policy_of, seen_through


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a policy makes of one document, ready to be shown or exported."""

    snapshot: Mapping[str, Any] = field(repr=False)
    """Policy, document type and connector as they were tried, in the form that flows publish."""
    compiled: CompiledPolicy = field(repr=False)
    screened: Screened = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    document_digest: str
    held: bool
    """The last look does not let it leave."""
    unnamed: tuple[str, ...]
    """Fields of the document type that no rule names, whether this document has them or not."""
    differences: tuple[Difference, ...] = ()
    other: str = ""

    @property
    def digests(self) -> dict[str, str]:
        """Which policy and document type exactly were tried."""
        parts = ("policy", "document_type", "connector")
        return {part: digest(canonical_json(self.snapshot[part])) for part in parts}


def preview(chosen: models.BaseModel, *, tell_values: bool) -> Previewed:
    """Try what an `interop.preview` has chosen. Raises an `InteropError` that says why not."""
    snapshot = _snapshot(chosen, chosen.policy_id)
    body = _body(chosen, snapshot)
    company = chosen._company().id or chosen.env.company.id
    seen = seen_through(chosen.env, snapshot, body, company)
    compiled, screened = seen.compiled, seen.screened
    if compiled.tests and not tell_values:
        # Whoever writes a condition could ask for values one by one.
        raise PolicyError(
            "The policy decides by values of the document, so its decisions tell of them. Preview "
            "it with the values, or on the made-up example."
        )
    entries = entries_of(
        walk_fields(snapshot["document_type"]["schema"]),
        body,
        screened,
        decisions_of(compiled, screened),
        tell_clear=tell_values,
        tell_shown=tell_values,
    )
    differences: tuple[Difference, ...] = ()
    if chosen.other_policy_id:
        other = policy_of(_snapshot(chosen, chosen.other_policy_id), company)
        differences = differences_of(compiled, other)
    return Previewed(
        snapshot,
        compiled,
        screened,
        entries,
        digest(canonical_json(body)),
        seen.held and tell_values,
        tuple(path for path, decision in compiled.decided.items() if not decision.rule),
        differences,
        chosen.other_policy_id.sudo().name or "",
    )


def _snapshot(chosen: models.BaseModel, policy: models.BaseModel) -> dict[str, Any]:
    """The flow as it is now, with the policy and the connector that are to be tried."""
    policy, connector = policy.sudo(), chosen.connector_id.sudo()
    kind = policy.document_type_id
    flow = chosen.flow_id
    snapshot: dict[str, Any] = flow._snapshot() if flow else _without_flow(chosen, policy)
    wanted = snapshot.get("document_type", {}).get("code", kind.code)
    if wanted != kind.code or policy.document_type_id != chosen.policy_id.sudo().document_type_id:
        raise PolicyError(
            f"{policy.name} is a policy for {kind.display_name}, which is not this document."
        )
    return snapshot | {
        "document_type": {
            "code": kind.code,
            "version": kind.version,
            "schema": json.loads(kind.schema_text),
        },
        "policy": policy._snapshot(),
        "connector": connector._technical_snapshot()
        if connector
        else {
            "code": "",
            "clearance": policy.expected_clearance,
            "region": policy.expected_region_id.code or None,
        },
    }


def _without_flow(chosen: models.BaseModel, policy: models.BaseModel) -> dict[str, Any]:
    """What the policy itself expects of the way the documents will go."""
    company = policy.company_id or chosen.env.company.sudo()
    return {
        "flow": {
            "direction": "out",
            "company": company.id,
            "purpose": policy.expected_purpose or "",
        },
        "residency": {str(company.id): company._interop_regions()},
    }


def _body(chosen: models.BaseModel, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    match chosen.source:
        case "message":
            return _of_message(chosen, snapshot)
        case "record":
            return _composed(chosen, chosen.record)
    examples = snapshot["document_type"]["schema"].get("examples", ())
    for example in examples:
        return dict(example)
    raise DataError("The document type has no example. Choose a message or a record.")


def _of_message(chosen: models.BaseModel, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What was sealed of it; what was not composed yet is composed now."""
    message = chosen.message_id.sudo()
    kind = snapshot["document_type"]
    if message.document_type != f"{kind['code']} {kind['version']}":
        raise PolicyError(
            f"The message is a {message.document_type}, and the policy is for {kind['code']} "
            f"{kind['version']}."
        )
    place = (message.uuid, "document")
    data = chosen.env["interop.vault"].sudo()._open_many([place]).get(place)
    if data is not None:
        return dict(read_json(data))
    if message.direction == "out" and message.res_model in chosen.env and message.res_id:
        record = chosen.env[message.res_model].browse(message.res_id)
        return _composed(chosen, record)
    raise DataError("No document is kept for this message.")


def _composed(chosen: models.BaseModel, record: models.BaseModel) -> dict[str, Any]:
    """Composed as the flow does it, with the rights of its service user, in the record's company.

    What goes wrong is told without values: it may be about content that must not be seen.
    """
    if not record.exists():
        raise DataError("The record no longer exists in Odoo.")
    plan = compile_plan("", json.dumps(chosen.flow_id._snapshot()))
    if plan.flow["direction"] != "out":
        raise DataError("This flow receives documents. Choose one that sends them.")
    owner = record.sudo()
    company = owner.company_id.id if "company_id" in owner._fields else chosen.env.company.id
    acting = chosen.env["interop.flow"].sudo()._acting_env(plan, company or chosen.env.company.id)
    handler = acting[plan.handler.model]
    if handler._composes and handler._composes != record._name:
        raise DataError("The flow composes other records than this one. Choose its flow.")
    try:
        [document] = handler._compose(acting[record._name].browse(record.id))
    except InteropError:
        raise
    except Exception as failure:
        raise DataError(
            f"The flow cannot compose this record ({type(failure).__name__}). Look at its failures."
        ) from None
    return dict(document.body)

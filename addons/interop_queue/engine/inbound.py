"""Handling inbound messages: decode, map, validate, screen, apply, settle.

Many messages share a transaction, each in a savepoint of its own: a poison message fails alone. An
effect and its outcome are one act: a document has its business effect exactly when its message
says so, and if a lease was lost meanwhile, neither is kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from odoo import SUPERUSER_ID, api
from odoo.models import BaseModel
from odoo.modules.registry import Registry

from odoo.addons.interop_base.lib.failures import InternalError, TransientError
from odoo.addons.interop_base.lib.keyring import KeyringError
from odoo.addons.interop_document.lib.canonical import quick_json
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_vault.lib.refs import Sealing

from ..lib.outcome import Outcome
from ..lib.plan import Plan
from ..lib.retry import Exponential, Strategy
from ..lib.shape import Shape
from ..lib.work import Claimed, Verdict
from .conclusion import conclude_after, conclude_single
from .failure import refused
from .giving_back import give_back
from .isolation import alone, is_usable
from .keys import note_met
from .minutes import note_after
from .missing import catch_up_failed
from .outcome_evidence import write_evidence
from .reading import Reading
from .settle import outcome_of, release_after, settle, tell, write_states
from .shapes import keep_shapes
from .tracking import Tracked, clash, learn, track
from .transaction import CONFLICTS, retrying

_logger = logging.getLogger(__name__)

# A transaction keeps the records it wrote locked, and others' newer writes are conflicts for it:
# after so many seconds it takes up no further message.
TOGETHER_SECONDS = 1.0


class LeaseLost(Exception):
    """A message was given to somebody else meanwhile: that one's effect counts."""


@dataclass(slots=True)
class _Known:
    """What has been found out about a message so far, for the verdict if it fails later."""

    retry: Strategy = field(default_factory=Exponential)
    facts: dict[str, object] = field(default_factory=dict)


def handle(registry: Registry, message: Claimed, lane: str) -> list[Outcome]:
    """Run one inbound message to its outcome. Never raises for the message's own faults.

    Raises KeyringError if the keyring cannot be used, which says nothing about the message.
    """
    try:
        return retrying(lambda: _Together(registry, lane).run([message]))
    except LeaseLost:
        return []
    except KeyringError:
        raise
    except Exception as failure:
        verdict = refused(message, failure, Exponential(), attempted=1)
        return settle(registry, [verdict], lane)


def handle_many(
    registry: Registry,
    messages: Sequence[Claimed],
    lane: str,
    going_on: Callable[[], bool] = lambda: True,
) -> list[Outcome]:
    """Run inbound messages to their outcomes, as many together as one short transaction holds.

    `going_on` is asked between transactions: once it says no, what has not begun is given back.
    Never raises for a message's own faults. If the keyring cannot be used, what is not done is
    given back and KeyringError raised: no message pays for that with an attempt.
    """
    outcomes: list[Outcome] = []
    left = list(messages)
    try:
        while left:
            if not going_on():
                give_back(registry, left)
                break
            together = _Together(registry, lane)
            try:
                outcomes += together.run(left)
                left = left[len(together.begun) :]
            except KeyringError:
                raise
            except Exception as failure:
                # A conflict, a lost connection or a lost lease undid all of them: each on its own.
                _logger.info(
                    "interop: %s inbound message(s) are done again one by one after %s",
                    len(together.begun),
                    type(failure).__name__,
                )
                for message in together.begun:
                    outcomes += handle(registry, message, lane)
                    left = left[1:]
    except KeyringError:
        give_back(registry, left)
        raise
    return outcomes


class _Together:
    """One transaction for as many of the messages as fit into its time."""

    def __init__(self, registry: Registry, lane: str) -> None:
        self.registry = registry
        self.tracked = Tracked()
        self.lane = lane
        self.begun: list[Claimed] = []
        self.written: list[Verdict] = []
        self.failed: list[Verdict] = []
        self.sealings: list[Sealing] = []
        self.shapes: list[Shape] = []
        self.answered: dict[int, int] = {}
        """The connector of each message that one of these answers."""
        self.shared: list[int] = []
        """Payloads of which other documents may be in other lanes' hands."""
        self.plans: dict[int, tuple[int, Plan]] = {}
        self.acting: dict[tuple[int, int | None], api.Environment] = {}

    def run(self, messages: list[Claimed]) -> list[Outcome]:
        """Raises if the whole transaction was undone; `begun` says what was in it."""
        try:
            self.tracked = track(self.registry, messages)
            with self.registry.cursor() as cr:
                outcomes = self._run(cr, messages)
        except BaseException:
            self.registry.reset_changes()
            # Taken up at least: whoever does them again one by one must come to an end.
            self.begun = self.begun or messages[:1]
            raise
        self.registry.signal_changes()
        self._release()
        return outcomes

    def _run(self, cr, messages: list[Claimed]) -> list[Outcome]:
        end = time.monotonic() + TOGETHER_SECONDS
        env = api.Environment(cr, SUPERUSER_ID, {})
        self.reading = Reading(env, messages)
        self.ids = [message.id for message in messages]
        for message in messages:
            if self.begun and time.monotonic() >= end:
                break
            self.begun.append(message)
            self._handle(env, message)
        held = list(self.written)
        if self.failed:
            held += write_states(cr, self.failed)
        if len(held) < len(self.begun):
            raise LeaseLost()
        if self.sealings:
            env["interop.vault"]._seal_many(self.sealings, fresh=True)
        note_met(env, self.reading.met)
        keep_shapes(env, self.shapes)
        self.shared = conclude_single(env, self.begun)
        write_evidence(env, held, self.lane)
        outcomes = [outcome_of(verdict) for verdict in held]
        tell(env, outcomes)
        env.flush_all()
        return outcomes

    def _handle(self, env: api.Environment, message: Claimed) -> None:
        known = _Known()
        try:
            version_id, plan = self._plan(env, message)
            known.retry = plan.retry
            known.facts["version_id"] = version_id
            if self._repeats(env, plan, message):
                verdict = Verdict(message, "done", attempted=1, version_id=version_id)
                if not write_states(env.cr, [verdict]):
                    raise LeaseLost()
                self.written.append(verdict)
                return
            document, sealed = self.reading.document(plan, message)
            self.shapes.append(plan.shapes.came(document.body))
            message.shape = self.shapes[-1].digest
            with alone(self.registry, env.cr):
                verdict = self._apply(env, plan, message, document, known)
                # At once and not with the others: the next one's handler looks for what has been
                # done before, and must find this one.
                if not write_states(env.cr, [verdict]):
                    raise LeaseLost()
        except (LeaseLost, KeyringError, *CONFLICTS):
            raise
        except Exception as failure:
            if not is_usable(env.cr):
                raise
            self.failed.append(refused(message, failure, known.retry, attempted=1, **known.facts))
            return
        self.written.append(verdict)
        if not sealed:
            self._keep(env, message, document)

    def _repeats(self, env: api.Environment, plan: Plan, message: Claimed) -> bool:
        """Whether the payload was here before, by its control number: then nothing is applied.

        Raises PartnerError if the number was, with other content.
        """
        if not plan.rules or message.position or not message.interchange_id:
            return False
        if message.id not in self.tracked.looked_at:
            learn(env, message.flow_id, plan)
            raise TransientError("The format of this flow has just changed; looked at once more.")
        found = self.tracked.repeats.get(message.id)
        if found == "clash":
            raise clash(
                env["interop.interchange"].browse(message.interchange_id).control_number or ""
            )
        return found == "duplicate"

    def _apply(
        self,
        env: api.Environment,
        plan: Plan,
        message: Claimed,
        document: Document,
        known: _Known,
    ) -> Verdict:
        acting = self._acting(env, plan, message)
        handler = acting[plan.handler.model]
        key = handler._business_key(document)
        known.facts["business_key"] = key
        record = acting["interop.message"].sudo().browse(message.id).with_prefetch(self.ids)
        result = handler._apply(
            Document(document.type, document.version, document.body, key), record
        )
        if not isinstance(result, BaseModel):
            raise InternalError("The handler did not say which record it applied the document to.")
        env.flush_all()
        verdict = Verdict(
            message,
            "done",
            attempted=1,
            res_model=result._name if result else None,
            res_id=result[:1].id or None,
            partner_id=_partner(result),
            business_key=key,
            version_id=known.facts["version_id"],
        )
        for original in record.answers_id:
            self.answered[original.id] = original.connector_id.id
        return verdict

    def _plan(self, env: api.Environment, message: Claimed) -> tuple[int, Plan]:
        found = self.plans.get(message.flow_id)
        if found is None:
            found = self.plans[message.flow_id] = env["interop.flow.version"]._plan_of(
                message.flow_id
            )
        message.under(found[1])
        message.digest = self.reading.digest(message)
        return found

    def _acting(self, env: api.Environment, plan: Plan, message: Claimed) -> api.Environment:
        key = (message.flow_id, message.company_id)
        found = self.acting.get(key)
        if found is None:
            found = self.acting[key] = env["interop.flow"]._acting_env(plan, message.company_id)
        return found

    def _keep(self, env: api.Environment, message: Claimed, document: Document) -> None:
        data = quick_json(document.body)
        sealing = Sealing(message.uuid, "document", data, message.retention_class)
        if self.reading.is_small(message):
            self.sealings.append(sealing)
        else:
            env["interop.vault"]._seal_many([sealing], fresh=True)

    def _release(self) -> None:
        chained = [verdict.message for verdict in self.written if verdict.message.chain]
        if chained or self.answered:
            connectors = {message.connector_id for message in chained} | {*self.answered.values()}
            ids = [*(message.id for message in chained), *self.answered]
            release_after(self.registry, sorted(connectors), ids)
        conclude_after(self.registry, self.shared)
        catch_up_failed(self.registry, self.failed)
        note_after(self.registry, [*self.written, *self.failed])


def _partner(result: BaseModel) -> int | None:
    if not result or "partner_id" not in result._fields:
        return None
    partner = result[:1].sudo().partner_id
    return partner._name == "res.partner" and partner.id or None

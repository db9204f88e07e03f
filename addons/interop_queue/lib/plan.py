"""A published version, compiled: the one object the pipeline reads instead of ten models.

Everything here comes from the snapshot's text. Live configuration does not exist for the pipeline,
so nobody can change what runs without publishing, and what ran can be shown years later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from odoo.addons.interop_base.lib.failures import InternalError, InteropError
from odoo.addons.interop_base.lib.registry import UnknownCode
from odoo.addons.interop_connector.lib.codec import CODECS, Codec, Envelope
from odoo.addons.interop_connector.lib.control_numbers import NumberRule
from odoo.addons.interop_connector.lib.control_numbers import rules_of as number_rules_of
from odoo.addons.interop_connector.lib.transport import TRANSPORTS, Transport
from odoo.addons.interop_document.lib.business_keys import BusinessKeys, Key
from odoo.addons.interop_document.lib.crosswalk import Rules, rules_of
from odoo.addons.interop_document.lib.crosswalk_privacy import careful
from odoo.addons.interop_document.lib.document import Document
from odoo.addons.interop_document.lib.lookup import NO_LOOKUP, Lookup
from odoo.addons.interop_document.lib.mapping.registry import MAPPERS, Mapper, identity
from odoo.addons.interop_document.lib.people import People
from odoo.addons.interop_document.lib.schema import Validator, compile_schema
from odoo.addons.interop_document.lib.sensitivity import sensitivities
from odoo.addons.interop_policy.lib.context import Mac
from odoo.addons.interop_policy.lib.policy import Screened

from .guarding import Guarding
from .handlers import HANDLERS, HandlerSpec
from .resolving import candidates, resolved
from .retention import STANDARD
from .retry import Strategy, make_strategy
from .screening import Screening, Trial
from .shape import Shapes
from .totals import ControlTotals

FORMAT = 1

# The values of those of some candidates that are tokens of the flow's partner and purpose.
Resolve = Callable[[set[str]], Mapping[str, Any]]


@dataclass(slots=True)
class Met:
    """What one message is found by, met while the engine has its document in its hands."""

    message_id: int
    persons: set[str] = field(default_factory=set, repr=False)
    """What points to a person: kept as keyed digests only."""
    keys: dict[Key, None] = field(default_factory=dict, repr=False)
    """Numbers by kind, none of them a person's: kept as they are."""


@dataclass(frozen=True, slots=True)
class Plan:
    digest: str
    flow: Mapping[str, Any]
    connector: Mapping[str, Any] = field(repr=False)
    document_type: str
    document_version: str
    validator: Validator = field(repr=False)
    policy: Screening | None = field(repr=False)
    guard: Guarding | None = field(repr=False)
    """The last look at what leaves; None for what comes in."""
    mapper: Mapper
    codec: Codec
    transport: Transport
    handler: HandlerSpec
    retry: Strategy
    people: People = field(repr=False)
    keys: BusinessKeys = field(repr=False)
    """What messages are found by. Of versions from before there were such fields: by nothing."""
    shapes: Shapes = field(repr=False)
    """Which fields its documents have, by name."""
    crosswalks: Mapping[str, Rules] = field(default_factory=dict, repr=False)
    """Their rules as published; versions from before that: empty, and the present ones count."""
    rules: Mapping[str, NumberRule] = field(default_factory=dict, repr=False)
    """By kind, the control numbers that the codec writes; for most there is none."""
    totals: ControlTotals = field(default_factory=lambda: ControlTotals((), {}), repr=False)
    batch_size: int = 1
    """Documents in one payload, at most."""
    retention_class: str = STANDARD
    """What its content is sealed under; versions from before there were classes: standard."""

    def shown(
        self,
        document: Document,
        company: int | None = None,
        mac: Mac | None = None,
        masking: bool = False,
        lookup: Lookup = NO_LOOKUP,
    ) -> Screened:
        """Validate, screen, look a last time, and map. The mapping sees only what these left.

        `company` is the document's, `mac` the key for tokens and digests. The answer's body is
        mapped; its tokens are those that were put into it. An outbound document without a policy
        shows nothing: deny by default. `masking`: a person let this document out for once with
        masked what the last look would hold. `lookup` translates codes for the mapping.
        """
        self.validator.check(document.body, plain=document.plain)
        if self.policy is None or self.guard is None:
            raise InternalError("The published version has no policy; publish the flow anew.")
        screened = self.policy.screen(document.body, company, mac)
        guard = self.guard.of(company)
        names = guard.people(document.body)
        looked = guard.look(screened.body, names, masking=masking)
        body, findings = looked.body, looked.findings
        if self.mapper is not identity:
            # What a mapping puts together may say more than its parts did.
            again = guard.look_mapped(self.mapper(body, lookup), names, body, masking=masking)
            body, findings = again.body, findings + again.findings
        return replace(screened, body=body, findings=findings)

    def taken_in(
        self,
        body: dict[str, Any],
        company: int | None = None,
        mac: Mac | None = None,
        resolve: Resolve | None = None,
        met: Met | None = None,
        lookup: Lookup = NO_LOOKUP,
    ) -> Document:
        """Map, turn tokens back, validate, and drop what a policy says we must not receive, or
        refuse it all. `resolve` gives the values of tokens; only an entitled flow asks for them.
        `met` takes what the document is found by, also what is dropped or refused then: the
        payload, which is kept, holds it."""
        mapped = self.mapper(body, lookup)
        if resolve is not None and self.resolves_tokens:
            mapped = resolved(mapped, resolve(candidates(mapped)))
        if met is not None:
            self.meet(mapped, met)
        self.validator.check(mapped)
        if self.policy is not None:
            mapped = self.policy.screen(mapped, company, mac).body
        return Document(self.document_type, self.document_version, mapped)

    def meet(self, body: Mapping[str, Any], met: Met) -> None:
        """Note in `met` what a document is found by."""
        people = self.people.values(body)
        met.persons |= people
        met.keys.update(self.keys.values(body, people))

    @property
    def resolves_tokens(self) -> bool:
        """Whether this flow may turn tokens back that we once gave to its partner."""
        return bool(self.flow.get("resolves_tokens")) and self.policy is not None

    def encode(
        self,
        bodies: list[dict[str, Any]],
        facts: Mapping[str, str],
        numbers: Mapping[str, int] | None = None,
    ) -> bytes:
        """The payload. `numbers`: one for each kind in `rules`, the same on each try."""
        # What was validated, screened and not mapped is as plain as it was before.
        plain = self.mapper is identity
        documents = [
            Document(self.document_type, self.document_version, body, plain=plain)
            for body in bodies
        ]
        return self.codec.encode(documents, Envelope(facts, numbers or {}, self.rules))


def compile_plan(digest: str, text: str, trial: Trial | None = None) -> Plan:
    """Compile the snapshot `text`; raises an `InteropError` that says which part is unusable.

    `trial` makes a plan that is tried and never sends anything.
    """
    snapshot = json.loads(text)
    if snapshot.get("format") != FORMAT:
        raise InternalError("This version was published by another release; publish the flow anew.")
    flow, connector = snapshot["flow"], snapshot["connector"]
    document_type, policy = snapshot["document_type"], snapshot["policy"]
    try:
        codec = CODECS.get(connector["codec"])
        schema = document_type["schema"]
        validator = compile_schema(schema)
        screening = guarding = None
        if policy is not None:
            screening = Screening(snapshot, sensitivities(schema), trial)
            if flow["direction"] == "out":
                guarding = Guarding(snapshot, screening, validator.fields)
        return Plan(
            digest=digest,
            flow=flow,
            connector=connector,
            document_type=document_type["code"],
            document_version=document_type["version"],
            validator=validator,
            policy=screening,
            guard=guarding,
            mapper=_mapper(snapshot["mapping"], validator),
            codec=codec,
            rules=number_rules_of(codec),
            transport=TRANSPORTS.get(connector["transport"]),
            handler=HANDLERS.get(flow["handler"]),
            retry=make_strategy(flow),
            people=People(schema),
            keys=BusinessKeys(schema),
            shapes=Shapes(f"{document_type['code']} {document_type['version']}", schema),
            crosswalks=_crosswalks(snapshot["mapping"]),
            totals=ControlTotals(flow.get("batch_totals") or (), schema),
            batch_size=max(flow.get("batch_size") or 1, 1),
            retention_class=flow.get("retention_class") or STANDARD,
        )
    except UnknownCode as unknown:
        raise InternalError(
            f"The published version of flow {flow['code']} needs what is not installed: {unknown}"
        ) from None
    except InteropError:
        raise
    except (KeyError, TypeError, ValueError) as problem:
        raise InternalError(
            f"The published version of flow {flow['code']} cannot be read "
            f"({type(problem).__name__}); publish the flow anew."
        ) from None


def _mapper(published: Mapping[str, Any], validator: Validator) -> Mapper:
    mapper = MAPPERS.get(published["code"])(published)
    return mapper if mapper is identity else careful(mapper, published, validator.fields)


def _crosswalks(published: Mapping[str, Any]) -> dict[str, Rules]:
    rules = (published.get("crosswalks") or {}).items()
    return {code: rules_of(snapshot) for code, snapshot in rules}

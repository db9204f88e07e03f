"""What travels between the steps of the pipeline inside one lane. None of it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from odoo.addons.interop_base.lib.failures import InteropError
from odoo.addons.interop_connector.lib.codec import Codec
from odoo.addons.interop_connector.lib.transport import Endpoint, Outgoing, Reply, Transport
from odoo.addons.interop_document.lib.lookup import Unmapped

from .retention import STANDARD
from .retry import Strategy

if TYPE_CHECKING:
    from .plan import Plan


@dataclass(slots=True)
class Claimed:
    """One row of the claim. ``token`` is the lease: who settles must show it."""

    id: int
    uuid: str
    flow_id: int
    connector_id: int
    company_id: int | None
    area_id: int | None
    direction: str
    event: str | None
    chain: str | None
    res_model: str | None
    res_id: int | None
    interchange_id: int | None
    position: int
    claims: int
    losses: int
    attempts: int
    business_key: str | None
    partner_id: int | None
    size: int
    priority: int
    age: float
    token: str
    batch_id: int | None = None
    """The batch it travels in, if its flow gathers them."""
    as_of_event: bool = False
    """Its document was composed and sealed when it was emitted."""
    retention_class: str = STANDARD
    """Of its flow's version in force, from the moment that the version is looked up."""
    masked: tuple[tuple[str, str], ...] = ()
    """(path, kind) of what the last look masked in its document."""
    connector: str = ""
    """Code of the connector in the version in force."""
    version_digest: str = ""
    """Of the version in force; of a payload that was made before, the version that made it."""
    digest: str = ""
    """Keyed digest of the payload that it travels in."""
    shape: str = ""
    """Digest of its document's shape (see `shape.py`): which fields leave, or came in."""
    acknowledged: str = ""
    """Keyed digest of the acknowledgement of a payload that holds nothing else."""
    resolved: int = 0
    """Tokens in it that were turned back."""
    probe: int = 0
    """The endpoint that it is to try, whose circuit breaker lets only this message through."""
    paid: bool = False
    """It took a token of its connector's rate limit."""

    def under(self, plan: Plan) -> None:
        """Note what is known from the version in force."""
        self.retention_class = plan.retention_class
        self.version_digest = plan.digest
        self.connector = plan.connector["code"]


@dataclass(slots=True)
class Prepared:
    """A payload that is ready to leave, with all that the exchange needs and nothing of Odoo's.

    `messages` are those whose documents it carries, in their order in the payload.
    """

    messages: list[Claimed]
    transport: Transport
    endpoint: Endpoint
    outgoing: Outgoing = field(repr=False)
    retry: Strategy
    codec: Codec | None = field(default=None, repr=False)
    expects_answer: bool = False
    answer_seconds: float = 0.0
    interchange_id: int | None = None
    interchange_uuid: str = ""
    version_id: int | None = None
    endpoint_id: int | None = None
    """The endpoint as configured, if it has a circuit breaker."""


@dataclass(slots=True)
class Exchanged:
    """The end of one exchange: a reply, or the reason why there is none."""

    prepared: Prepared
    reply: Reply | None
    error: InteropError | None
    duration_ms: float


@dataclass(slots=True)
class Verdict:
    """What a message is to become. The settle writes it if the lease still holds."""

    message: Claimed
    state: str
    failure_class: str | None = None
    failure: str | None = None
    attempted: int = 0
    delay: float = 0.0
    answer_in: float = 0.0
    status: int | None = None
    duration_ms: float = 0.0
    reply: bytes = field(default=b"", repr=False)
    diagnosis: str = field(default="", repr=False)
    """What Odoo or a library said, word for word: may quote values, so it is kept sealed only."""
    exchanged: bool = False
    """A request was tried, successfully or not."""
    interchange_id: int | None = None
    interchange_uuid: str = ""
    size: int = 0
    res_model: str | None = None
    res_id: int | None = None
    partner_id: int | None = None
    business_key: str | None = None
    version_id: int | None = None
    endpoint_id: int | None = None
    """The endpoint that was tried, if it has a circuit breaker."""
    retry_after: float | None = None
    """So many seconds the partner wants to be left in peace."""
    gone: bool = False
    """The partner says that this address is no more; the message is not at fault."""
    missing: tuple[Unmapped, ...] = field(default=(), repr=False)
    """Codes that have to be mapped before it can run."""

"""What became of a message, told to whoever extends the hook: exceptions, processes, metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    message_id: int
    uuid: str
    direction: str
    state: str
    failure_class: str | None
    failure: str | None
    flow_id: int
    company_id: int | None
    area_id: int | None
    res_model: str | None
    res_id: int | None

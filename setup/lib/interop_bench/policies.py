"""What privacy costs the whole pipeline: a full policy and the last look, against neither."""

from __future__ import annotations

from .figures import Goal, ratio, rounds
from .measures import Bench, Figures, measure
from .screening import RULES

# The whole order passes, nothing is looked at: what a flow without any of this would do.
_THROUGH = {"rules": [["**", "send"]], "clearance": "health", "guard": "off"}
_FULL = {
    "rules": [list(rule) for rule in RULES],
    "clearance": "confidential",
    "guard": "hold",
}


@measure("policy_share", "Drain, full policy against none", "", Goal(0.85, 0.95))
def policy_share(bench: Bench) -> Figures:
    """The same orders, whole as they were composed, in turn round by round."""
    ours, size = bench.ours, bench.sizes.fast
    rates: dict[str, list[float]] = {"through": [], "full": []}
    body = ours.agent.call("whole_body")

    def emit(count: int) -> None:
        ours.documents(count, body=body)

    try:
        for _round in range(bench.sizes.rounds):
            for name, settings in (("through", _THROUGH), ("full", _FULL)):
                ours.agent.call("use_policy", **settings)
                with ours.working(1):
                    rates[name].append(ours.drain(emit, size).rate)
    finally:
        ours.agent.call("use_policy")
    raw = {
        "through_per_second": rounds(rates["through"]),
        "full_per_second": rounds(rates["full"]),
        "messages": size,
        "processes": "one dedicated worker",
        "full": _FULL,
    }
    return {"policy_share": (ratio(rates["full"], rates["through"]), raw)}

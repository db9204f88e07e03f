"""What a rehearsal takes: messages that were sent, through today's version of their flow."""

from __future__ import annotations

from interop_setup.console import StepFailed

from .figures import Goal, median, rounds
from .measures import Bench, Figures, measure

_COUNT = 1000
_WORKERS = 2


@measure("rehearse_1000_s", "Rehearsing 1,000 purchase orders", "s", Goal(10, 5, lower=True))
def rehearsing(bench: Bench) -> Figures:
    """Orders are sent; then each is composed, screened, mapped and encoded once more, what was sent
    is opened, and the two are compared field by field. Warm, in one process."""
    ours = bench.ours
    with ours.working(_WORKERS):
        ours.drain(ours.orders, _COUNT)
    ours.agent.call("rehearse_sent", count=50)  # warm
    found = [ours.agent.call("rehearse_sent", count=_COUNT) for _round in range(bench.sizes.rounds)]
    for each in found:
        if sum(each["outcomes"].values()) != _COUNT or "impossible" in each["outcomes"]:
            raise StepFailed(f"not all orders were rehearsed: {each['outcomes']}")
    seconds = [each["seconds"] for each in found]
    raw = {"seconds": rounds(seconds), "outcomes": found[-1]["outcomes"], "messages": _COUNT}
    return {"rehearse_1000_s": (median(seconds), raw)}

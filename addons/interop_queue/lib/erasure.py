"""What becomes of a message when the person it is about asks for erasure."""

#: Outcomes, as people read them. Only the first two destroy anything.
OUTCOMES = {
    "erased": "Erased",
    "shared": "Erased, except for a payload that is kept for other messages",
    "purged": "Nothing left: purged before",
    "hold": "Kept: legal hold",
    "decision": "Kept: a decision about it is open",
    "open": "Kept: still under way",
    "dead": "Kept: a dead letter, to be run again or cancelled",
    "duty": "Kept: the law asks for it until its time is over",
    "busy": "Kept: somebody works on it just now, try again",
}
ERASED = ("erased", "shared")
KEPT = ("hold", "decision", "open", "dead", "duty", "busy")

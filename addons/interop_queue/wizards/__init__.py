# What others inherit comes first.
from . import interop_content_gate

# isort: split
from . import (
    interop_batch_decision,
    interop_content_reading,
    interop_direct_trial,
    interop_message_decision,
    interop_message_letting_go,
    interop_message_priority,
    interop_message_redrive,
    interop_message_resend,
    interop_missing_code_ignore,
    interop_preview,
    interop_publication_decision,
    interop_publication_proposal,
    interop_purge_preview,
    interop_readiness,
    interop_routing_trial,
    interop_sample_acceptance,
    interop_version_compare,
    interop_version_words,
)

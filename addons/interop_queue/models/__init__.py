# What lanes, flows and messages are made of comes first.
from . import (
    interop_flow_batch,
    interop_flow_guard,
    interop_flow_privacy,
    interop_flow_retention,
    interop_flow_retry,
    interop_lane_number,
    interop_lane_status,
    interop_message_acts,
    interop_message_resending,
    interop_message_retention,
)

# isort: split
from . import (
    interop_attempt,
    interop_connector,
    interop_connector_runtime,
    interop_flow,
    interop_flow_publishing,
    interop_flow_version,
    interop_handler,
    interop_intake,
    interop_interchange,
    interop_lane,
    interop_lane_loss,
    interop_legal_hold,
    interop_message,
    interop_message_timeline,
    interop_outcome,
    interop_purge_report,
    interop_purge_report_line,
    interop_queue,
    interop_queue_health,
    interop_retention,
    res_company,
    res_config_settings,
)

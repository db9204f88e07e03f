# What a connector is made of comes first.
from . import (
    interop_connector_facts,
    interop_connector_failover,
    interop_connector_gates,
    interop_connector_health,
    interop_connector_inbound,
    interop_connector_lifecycle,
    interop_connector_secrets,
    interop_control_number_wait,
    interop_endpoint_breaker,
)

# isort: split
from . import (
    interop_breaker_change,
    interop_connector,
    interop_connector_runtime,
    interop_control_number,
    interop_control_number_gap,
    interop_control_number_series,
    interop_endpoint,
    interop_endpoint_runtime,
    interop_inbound_quota,
    interop_intake,
    interop_maintenance_occurrence,
    interop_maintenance_window,
    interop_mapping_editor,
    interop_refusal,
    interop_system,
)

# What a connector is made of comes first.
from . import (
    interop_connector_facts,
    interop_connector_health,
    interop_connector_lifecycle,
    interop_connector_secrets,
    interop_control_number_wait,
)

# isort: split
from . import (
    interop_connector,
    interop_connector_runtime,
    interop_control_number,
    interop_control_number_gap,
    interop_control_number_series,
    interop_endpoint,
    interop_intake,
    interop_mapping_editor,
    interop_system,
)

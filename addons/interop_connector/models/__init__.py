from . import interop_system
from . import interop_connector_runtime
from . import interop_endpoint
from . import interop_connector
from . import interop_connector_facts
from . import interop_connector_lifecycle
from . import interop_intake

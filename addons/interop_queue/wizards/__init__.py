from . import interop_content_reading, interop_message_decision

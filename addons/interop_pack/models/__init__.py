from . import (
    interop_connector,
    interop_pack,
    interop_pack_builder,
    interop_pack_clone,
    interop_pack_clone_part,
    interop_pack_condition,
    interop_pack_publisher,
    interop_pack_reader,
)

from . import (
    interop_pack_adding,
    interop_pack_adding_answer,
    interop_pack_export,
    interop_pack_import,
    interop_pack_updating,
    interop_pack_updating_line,
)

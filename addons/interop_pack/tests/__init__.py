from . import (
    common,
    test_guide,
    test_interop_pack,
    test_interop_pack_files,
    test_interop_pack_traffic,
    test_interop_pack_updating,
    test_merge,
    test_pack,
    test_parts,
    test_places,
    test_signature,
    test_traffic,
)

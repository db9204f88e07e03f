from . import common, test_guide, test_interop_pack, test_merge, test_pack, test_parts, test_places

from . import interop_pack_adding, interop_pack_adding_answer

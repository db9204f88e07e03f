from . import interop_arm

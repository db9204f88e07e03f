from . import enqueue
from . import claims

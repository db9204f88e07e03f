from . import models, wizards
from .lib import acts
from . import controllers, models, wizards

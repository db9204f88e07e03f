from . import models, wizards
from .lib import acts

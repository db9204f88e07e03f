"""What a row may do with a value, by name. Adding a function is the only way to add power.

Each is a plain function of a value and of named, fixed arguments. It raises `ConvertError`, whose
text never repeats the value, for what it cannot convert. `inverse` names the function that turns
its results back, with the arguments that it needs.
"""

from .converters import CONVERTERS, Converter, ConvertError, Parameter, kind_of

# Each of these registers its functions.
from . import dates, identifiers, numbers, proportions, texts  # isort: skip

__all__ = [
    "CONVERTERS",
    "ConvertError",
    "Converter",
    "Parameter",
    "dates",
    "identifiers",
    "kind_of",
    "numbers",
    "proportions",
    "texts",
]

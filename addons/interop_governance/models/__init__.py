# What the review is made of comes first.
from . import interop_access_review_taking

# isort: split
from . import interop_access_review, interop_access_review_line

"""The whole list of `keeping.fields`."""

from keeping.fields_of_families import OF_FAMILIES
from keeping.fields_of_others import OF_OTHERS

LINES = {**OF_FAMILIES, **OF_OTHERS}

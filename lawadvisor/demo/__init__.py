"""A county that never was: real villages, invented people, fourteen months of records.

The data come from one seed and one day: the same two give the same county.
"""

from lawadvisor.demo.county import build_county
from lawadvisor.demo.spec import Counts, CountySpec

__all__ = ["Counts", "CountySpec", "build_county"]

"""A service is put together from parts that do not hide one another."""

from itertools import combinations

import pytest

from chassis.serve import service_class
from tests.rules.test_imports import SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_no_part_of_a_service_hides_what_another_does(name):
    for composed in (service_class(name), service_class(name).db.store_class):
        parts = [part for part in composed.__mro__ if part.__module__.startswith("services.")]
        hidden = [
            (name, one.__name__, other.__name__)
            for one, other in combinations(parts, 2)
            for name in set(vars(one)) & set(vars(other))
            if not name.startswith("__") and not issubclass(one, other)
        ]
        assert hidden == []

"""Each scenario sees that its mechanism is missing: without it, the very same test fails."""


import pytest

from tests.faults import test_event_faults as events
from tests.faults import test_process_faults as processes
from tests.faults.size import FULL
from tests.faults.test_event_faults import clock  # noqa: F401  (a fixture)

# Mechanism, the services that lack it, the scenario, and what the scenario must find.
CHEAP = [
    ("the_inbox", "middle", events.test_the_same_event_a_thousand_times_at_once_has_one_effect, "'doubled in middle': [1-9]"),
    ("reading_newer_events", "middle", events.test_versions_of_an_event_are_mixed, "'lost in middle': [1-9]"),
    ("reading_what_is_there", "source", events.test_long_transactions_commit_late_and_out_of_order, "not within"),
    ("waiting_for_confirms", "source", events.test_the_broker_stalls_and_is_killed, "'lost in middle': [1-9]"),
    ("mandatory", "source", events.test_a_binding_is_deleted_while_events_come, "'lost in middle': [1-9]"),
    ("waiting_behind", "middle", events.test_one_in_ten_tries_fails, "'disordered in middle': [1-9]"),
]
DEAR = [
    ("sending_before_removing", "source", events.test_the_broker_stalls_and_is_killed, "'lost in middle': [1-9]"),
    ("taking_singly", "middle", events.test_one_in_ten_tries_fails, "not those were set aside that failed"),
    ("parking", "middle", events.test_unreadable_events_are_parked_with_their_reason, "not within"),
    ("acking_after_the_commit", "middle", lambda *given: processes.test_a_process_dies_at_each_step(*given, "received"),
     "'lost in middle': [1-9]"),
    ("counting_deaths", "middle", lambda *given: events.test_an_event_that_kills_the_process_is_parked_alone(*given, "at once"),
     "kills the process for ever"),
]  # fmt: skip


@pytest.fixture
def crippled(chain, numbers):
    """Let services lack a mechanism until the test is over; forget the damage."""
    chain.clear()

    def cripple(mechanism, service):
        chain.restart(service, **chain.changes, JINLIN_TEST_WITHOUT=mechanism)

    yield cripple
    chain.restart(*chain.services)
    chain.clear()


@pytest.mark.parametrize(
    "mechanism, service, scenario, found", [*CHEAP, *(DEAR if FULL else [])], ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_scenario_fails_without_its_mechanism(chain, numbers, crippled, mechanism, service, scenario, found):
    crippled(mechanism, service)
    if found == "not within":
        numbers.patience = 15

    with pytest.raises(AssertionError, match=found):
        scenario(chain, numbers)


@pytest.mark.skipif(not FULL, reason="takes long: ./test faults")
def test_the_clock_scenario_fails_without_its_mechanism(chain, numbers, crippled, clock):  # noqa: F811
    crippled("knowing_that_the_clock_went_back", "middle")
    numbers.patience = 15

    with pytest.raises(AssertionError, match="not within"):
        events.test_the_clock_is_set_an_hour_forth_and_back(chain, numbers, clock)

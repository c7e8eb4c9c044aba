"""The best plan: exact, within what there is, and steady."""

import numpy
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.plans.domain import STAYS, Edges, best, changes, possible_before, value, why


def edges(pairs, lacks, has, before=None):
    """Return edges from (need, supply, score) triples."""
    need, supply, score = (numpy.array(column, numpy.int64) for column in zip(*pairs, strict=True))
    before = numpy.array(before or [0] * len(pairs), numpy.int64)
    return Edges(need, supply, score, before, numpy.array(lacks, numpy.int64), numpy.array(has, numpy.int64))


@st.composite
def boards(draw):
    needs, supplies = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    every = [(n, s) for n in range(needs) for s in range(supplies)]
    chosen = draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    units = st.integers(0, 6)
    return edges(
        [(n, s, draw(st.integers(1, 100))) for n, s in chosen],
        [draw(units) for _ in range(needs)],
        [draw(units) for _ in range(supplies)],
        [draw(units) for _ in chosen],
    )


def by_linear_programming(board) -> float:
    """Return the greatest value, found another way."""
    rows = [(board.need == n).astype(float) for n in range(len(board.lacks))]
    rows += [(board.supply == s).astype(float) for s in range(len(board.has))]
    limits = [*board.lacks, *board.has]
    return -scipy.optimize.linprog(-board.score, A_ub=numpy.array(rows), b_ub=limits).fun


def fits(board, units) -> bool:
    given = numpy.bincount(board.need, units, len(board.lacks)), numpy.bincount(board.supply, units, len(board.has))
    return bool((given[0] <= board.lacks).all() and (given[1] <= board.has).all() and (units >= 0).all())


@settings(max_examples=150, deadline=None)
@given(boards())
def test_a_plan_is_worth_what_linear_programming_finds_and_fits(board):
    units = best(board)

    assert fits(board, units)
    assert value(board, units) == round(by_linear_programming(board))


@settings(max_examples=150, deadline=None)
@given(boards())
def test_what_was_recommended_stays_unless_it_is_worth_more_than_the_trouble(board):
    before = possible_before(board)
    units = best(board, STAYS)

    assert fits(board, units) and fits(board, before)
    kept = numpy.minimum(units, board.before).sum()
    assert value(board, units) + STAYS * kept >= value(board, before) + STAYS * before.sum()


def test_one_offer_serves_several_needs_and_one_need_takes_several_offers():
    board = edges([(0, 0, 90), (0, 1, 60), (1, 0, 80)], lacks=[5, 2], has=[4, 3])

    assert list(best(board)) == [2, 3, 2]


def test_nearly_as_good_is_no_reason_to_change():
    board = edges([(0, 0, 80), (0, 1, 81)], lacks=[1], has=[1, 1], before=[1, 0])

    assert list(best(board)) == [0, 1]
    assert list(best(board, STAYS)) == [1, 0]


def test_a_change_says_why():
    board = edges([(0, 0, 70), (0, 1, 60), (1, 0, 95)], lacks=[1, 1], has=[1, 1], before=[1, 0, 0])

    units = best(board, STAYS)

    offers, needs, scores = ["甲轮椅", "乙轮椅", "甲轮椅"], ["张家", "张家", "李家"], [70, 60, 95]
    assert [why(change, offers, needs, scores, "部") for change in changes(board, units)] == [
        "「甲轮椅」改荐给更合适的需求「李家」（95分）。",
        "改荐「乙轮椅」（60分）代替「甲轮椅」（70分）：全盘安排后总体更合适。",
        "全盘安排后，由「甲轮椅」提供1部最合适（95分）。",
    ]


def test_an_empty_board_has_an_empty_plan():
    board = edges([(0, 0, 1)], [0], [0])

    assert (
        list(
            best(
                Edges(
                    *(getattr(board, name)[:0] for name in ("need", "supply", "score", "before")),
                    board.lacks,
                    board.has,
                )
            )
        )
        == []
    )

"""How much each part of a score counts. No I/O."""

from dataclasses import dataclass, replace

from contracts.errors import Conflict, Invalid

TOGETHER = 100  # what the parts that speak for a pair may add up to
LEAST_SCORE = "least_score"


@dataclass(frozen=True)
class Weight:
    """The points of one part, and the bounds that they stay within."""

    part: str
    version: int
    points: int
    least: int
    most: int


def change(weights: list[Weight], part: str, points: int, version: int) -> Weight:
    """Return a weight with other points.

    Raises Conflict where somebody else changed it meanwhile, Invalid where it leaves its bounds, or where
    what speaks for a pair would add up to more than a whole score.
    """
    (weight,) = [each for each in weights if each.part == part]
    if weight.version != version:
        raise Conflict("stale_version", "version")
    if not weight.least <= points <= weight.most:
        raise Invalid("weight_out_of_bounds", "points", {"points": ["range"]})
    if weight.most > 0 and part != LEAST_SCORE:
        others = sum(w.points for w in weights if w.points > 0 and w.part not in (part, LEAST_SCORE))
        if others + points > TOGETHER:
            raise Invalid("weights_over_hundred", "points", {"points": ["range"]})
    return replace(weight, points=points, version=version + 1)

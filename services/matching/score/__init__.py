"""How well an offer suits a need, in named parts."""

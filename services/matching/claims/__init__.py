"""The claim board: needs of special groups that partners may claim, and what became of the claims."""

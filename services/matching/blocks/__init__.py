"""Who must not be brought together: a provider and somebody who is helped."""

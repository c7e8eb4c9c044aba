"""Three small services in a row, for faults and benches: source makes numbers, middle passes them on, sink keeps them."""

"""What can go wrong at a terminal, for tests: planned faults on calls and orders."""

"""What `doctor` checks at a terminal; reads only."""

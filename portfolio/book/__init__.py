"""What open and pending trades can cost, and how much of an exposure budget they use; pure."""

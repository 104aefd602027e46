"""Cost of open and pending trades at their stops, and the exposure budget they have used; pure."""

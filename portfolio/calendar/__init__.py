"""The firm's day, exchange sessions and entry blackouts; pure, the clock is always passed in."""

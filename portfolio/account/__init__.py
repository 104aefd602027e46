"""The account's recorded state and `advance(state, snapshot)`: days, peaks, floors' references; pure."""

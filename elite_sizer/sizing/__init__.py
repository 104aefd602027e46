"""PROPOSE, CLAMP and rollout to a `Decision` with its order; pure, and `clamp` knows only the model."""

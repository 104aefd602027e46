"""Size nothing, reserve nothing, send nothing: status, audit, doctor, comparison, headroom calculator."""

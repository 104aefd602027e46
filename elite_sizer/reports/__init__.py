"""Questions that size nothing: status, audit, doctor, comparison, headroom calculator."""

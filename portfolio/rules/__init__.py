"""Firm rules, floors, headroom and rooms; pure arithmetic over `rule_set`."""

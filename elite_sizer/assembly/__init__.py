"""Terminal snapshot and request to one frozen `SizingContext`; pure: no file, no clock, no terminal is touched here."""

"""Paper prices: contracts, bars, clock, rates and the documented money formulas in floats."""

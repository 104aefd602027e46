"""Risk of an account: valuation, exposure, statistics, the firms' rules, and the record in the database."""

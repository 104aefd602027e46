"""What an account may lose: valuation, exposure, statistics, the firms' rules, and the record of it all."""

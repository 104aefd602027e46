"""TOML, environment and options to checked settings and a sizing plan; opens no terminal and no database."""

"""The command line: data on standard output, messages on standard error, an exit code that says how it went."""

"""One module a command: each a thin shell over the calls that do the work."""

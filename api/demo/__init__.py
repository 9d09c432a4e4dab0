"""The demonstration: made-up people, institutions and lives, put into a fresh ledger over HTTP. Start at `run`."""

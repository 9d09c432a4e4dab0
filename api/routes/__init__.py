"""The JSON API, one file per area: each defines a `router`, or raw ASGI endpoints on the hot paths."""

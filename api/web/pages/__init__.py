"""One file per page; each defines `PAGE`, and is found by its place in this folder."""

"""The client of the skill ledger: submit and read over HTTP, verify without trusting the server.

Imports no server library (a test holds that).
"""

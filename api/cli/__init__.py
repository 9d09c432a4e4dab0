"""The command line, one file for each group of commands.

Server-side imports stay inside the commands that need them, so that the others work with the client's libraries alone.
"""

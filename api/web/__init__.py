"""Pages for people, rendered on the server in Chinese and English, without any script."""

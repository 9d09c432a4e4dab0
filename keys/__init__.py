"""Keys, signatures, sealing and pseudonyms: everything that touches `cryptography`."""

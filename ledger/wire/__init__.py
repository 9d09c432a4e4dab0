"""What a record looks like as bytes: canonical JSON, base64url and SD-JWT envelopes. Pure: bytes in, values out."""

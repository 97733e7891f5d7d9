"""Photos that patients send: read from untrusted bytes, drawn anew, sealed and kept outside the web root."""

"""The wire: requests, responses, encodings, cuts and hangs, byte by byte."""

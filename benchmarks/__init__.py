"""Compares imgscan with other readers of text on one album, in turn: `make bench-peers`, docs/peers.md. Not shipped."""

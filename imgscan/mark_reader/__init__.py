"""Reads and finds the marks that OCR cannot: two small networks of our own, beside the engine."""

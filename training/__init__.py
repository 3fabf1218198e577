"""Trains the reader and the spotter of marks (imgscan.mark_reader) on rendered specimens; `make train-mark-reader`."""

"""Tests of the comparison with peers; none needs the peers."""

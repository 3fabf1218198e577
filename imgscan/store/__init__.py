"""What is kept: the only user of `models`. Takes and returns records, never table rows."""

"""Which scan went into an album last, and which came to its end: also where it met no file any more.

Revision: 0003, after 0002, made 2026-11-22.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """To this revision."""
    for name in ("begun", "completed"):
        op.execute(f"ALTER TABLE album ADD COLUMN {name} INTEGER CONSTRAINT fk_album_{name} REFERENCES scan (id)")
    op.execute("UPDATE album SET begun = (SELECT max(scan_id) FROM file WHERE file.album_id = album.id)")
    op.execute(
        "UPDATE album SET completed = (SELECT max(scan_id) FROM file JOIN scan ON scan.id = file.scan_id"
        " WHERE file.album_id = album.id AND scan.state = 'complete')"
    )


def downgrade() -> None:
    """Back from this revision."""
    for name in ("completed", "begun"):
        op.execute(f"ALTER TABLE album DROP COLUMN {name}")

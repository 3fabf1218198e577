"""Looks: who had which picture before them.

Revision: 0002, after 0001, made 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('seen', 'revealed')", name=op.f("ck_look_kind_known")),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_look_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_look_sha256_reviewer_kind"), "look", ["sha256", "reviewer", "kind"], unique=False)


def downgrade() -> None:
    """Back from this revision."""
    op.drop_table("look")

"""First tables.

Revision: 0001, after None, made 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """To this revision."""
    op.create_table(
        "album",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_album")),
        sa.UniqueConstraint("root", "campaign", name=op.f("uq_album_root_campaign")),
        sqlite_strict=True,
    )
    op.create_table(
        "picture",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("likeness", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_picture_sha256_length")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
        sqlite_strict=True,
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("chained", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        sqlite_strict=True,
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'complete', 'interrupted', 'failed')", name=op.f("ck_scan_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sqlite_strict=True,
    )
    op.create_table(
        "file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("album_id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ctime_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inode", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('clean', 'hit', 'partial', 'unreadable', 'unsupported', 'too_large', 'timeout', 'crashed', 'oom', 'special_file', 'symlink', 'permission_denied', 'io_error', 'vanished', 'encrypted')",
            name=op.f("ck_file_status_known"),
        ),
        sa.ForeignKeyConstraint(["album_id"], ["album.id"], name=op.f("fk_file_album_id")),
        sa.ForeignKeyConstraint(["scan_id"], ["scan.id"], name=op.f("fk_file_scan_id")),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_file_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("album_id", "path", name=op.f("uq_file_album_id_path")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_file_album_id_scan_id_status"), "file", ["album_id", "scan_id", "status"], unique=False)
    op.create_index(op.f("ix_file_scan_id_status"), "file", ["scan_id", "status"], unique=False)
    op.create_index(op.f("ix_file_sha256"), "file", ["sha256"], unique=False)
    op.create_table(
        "hit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double().with_variant(sa.REAL(), "sqlite"), nullable=False),
        sa.Column("cls", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column(
            "level_rank",
            sa.Integer(),
            sa.Computed(
                "CASE level WHEN '绝密' THEN 3 WHEN '机密' THEN 2 WHEN '秘密' THEN 1 ELSE 0 END", persisted=True
            ),
            nullable=False,
        ),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("found_at", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cls IN ('national_secret', 'work_secret', 'internal', 'file_number', 'telegram', 'commercial', 'foreign', 'suspect_covered', 'device_label', 'watchlist')",
            name=op.f("ck_hit_cls_known"),
        ),
        sa.CheckConstraint("level IN ('绝密', '机密', '秘密')", name=op.f("ck_hit_level_known")),
        sa.CheckConstraint("state IN ('new', 'confirmed', 'dismissed', 'unsure')", name=op.f("ck_hit_state_known")),
        sa.CheckConstraint("severity BETWEEN 0 AND 4", name=op.f("ck_hit_severity_range")),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_hit_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hit")),
        sa.UniqueConstraint("sha256", name=op.f("uq_hit_sha256")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_hit_group_id"), "hit", ["group_id"], unique=False)
    op.create_index(
        op.f("ix_hit_severity_level_rank_confidence_id"),
        "hit",
        ["severity", "level_rank", "confidence", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_hit_state_severity_level_rank_confidence_id"),
        "hit",
        ["state", "severity", "level_rank", "confidence", "id"],
        unique=False,
    )
    op.create_table(
        "reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.Text(), nullable=False),
        sa.CheckConstraint("kept IN ('none', 'matched', 'all')", name=op.f("ck_reading_kept_known")),
        sa.CheckConstraint(
            "status IN ('clean', 'hit', 'partial', 'unreadable', 'unsupported', 'too_large', 'timeout', 'crashed', 'oom', 'special_file', 'symlink', 'permission_denied', 'io_error', 'vanished', 'encrypted')",
            name=op.f("ck_reading_status_known"),
        ),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_reading_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("sha256", "engine", name=op.f("uq_reading_sha256_engine")),
        sqlite_strict=True,
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Text(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("mark_key", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('confirm', 'dismiss', 'unsure', 'reopen')", name=op.f("ck_verdict_decision_known")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_verdict_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_verdict_act"), "verdict", ["act"], unique=False)
    op.create_index(op.f("ix_verdict_reviewer"), "verdict", ["reviewer"], unique=False)
    op.create_index(op.f("ix_verdict_sha256_mark_key"), "verdict", ["sha256", "mark_key"], unique=False)
    op.create_index(op.f("ix_verdict_undoes"), "verdict", ["undoes"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("top", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("full_width", sa.Integer(), nullable=False),
        sa.Column("full_height", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["picture.sha256"], name=op.f("fk_evidence_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("sha256", "number", name=op.f("uq_evidence_sha256_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("cls", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double().with_variant(sa.REAL(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("mark_key", sa.Text(), nullable=False),
        sa.Column("polygons", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cls IN ('national_secret', 'work_secret', 'internal', 'file_number', 'telegram', 'commercial', 'foreign', 'suspect_covered', 'device_label', 'watchlist')",
            name=op.f("ck_finding_cls_known"),
        ),
        sa.CheckConstraint("level IN ('绝密', '机密', '秘密')", name=op.f("ck_finding_level_known")),
        sa.CheckConstraint("confidence BETWEEN 0 AND 1", name=op.f("ck_finding_confidence_range")),
        sa.CheckConstraint("severity BETWEEN 0 AND 4", name=op.f("ck_finding_severity_range")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_finding_reading_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_finding_mark_key"), "finding", ["mark_key"], unique=False)
    op.create_index(op.f("ix_finding_reading_id"), "finding", ["reading_id"], unique=False)


def downgrade() -> None:
    """Back from this revision."""
    for table in ("finding", "evidence", "verdict", "reading", "hit", "file", "scan", "audit", "picture", "album"):
        op.drop_table(table)

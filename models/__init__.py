"""SQLAlchemy tables, engine and migrations: what the store keeps; no logic. Used by `imgscan.store` alone."""

from models.audit import AuditRow
from models.engine import make_engine
from models.evidence import EvidenceRow
from models.looking import LookRow
from models.migrate import upgrade
from models.tables import (
    Album,
    Base,
    FileRow,
    FindingRow,
    HitRow,
    Picture,
    Reading,
    ScanRow,
    VerdictRow,
)

__all__ = [
    "Album",
    "AuditRow",
    "Base",
    "EvidenceRow",
    "FileRow",
    "FindingRow",
    "HitRow",
    "LookRow",
    "Picture",
    "Reading",
    "ScanRow",
    "VerdictRow",
    "make_engine",
    "upgrade",
]

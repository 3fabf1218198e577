"""The table of evidence: what a mark looked like, kept for when the picture itself is gone."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables import STRICT, Base


class EvidenceRow(Base):
    """One crop of a hit: a mark and little more, as a sealed JPEG that belongs to this row alone.

    The rectangle is in pixels of the picture as a viewer shows it, `full_width` x `full_height` large.
    """

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("sha256", "number"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(ForeignKey("picture.sha256"))
    number: Mapped[int] = mapped_column(Integer)
    page: Mapped[int] = mapped_column(Integer)
    left: Mapped[int] = mapped_column(Integer)
    top: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    full_width: Mapped[int] = mapped_column(Integer)
    full_height: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # imgscan.store.evidence

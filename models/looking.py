"""The table of looks: who had which picture of the queue before them, and who had it shown without its blur."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import UtcTime
from models.tables import STRICT, Base, one_of

LOOKS = ("seen", "revealed")


class LookRow(Base):
    """One look of one person at one picture: `seen` once, `revealed` each time it takes the blur off."""

    __tablename__ = "look"
    __table_args__ = (one_of("kind", LOOKS), Index(None, "sha256", "reviewer", "kind"), STRICT)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[bytes] = mapped_column(ForeignKey("picture.sha256"))
    reviewer: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)

"""The table of the audit trail: what was stored and decided, each row chained to the one before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.columns import Json, UtcTime
from models.tables import STRICT, Base


class AuditRow(Base):
    """One act, written in the transaction of the act itself. `number` counts without gaps from 1."""

    __tablename__ = "audit"
    __table_args__ = (STRICT,)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    about: Mapped[Any] = mapped_column(Json)  # ids, hashes, statuses and counts; never text of a picture, never a path
    chained: Mapped[bytes] = mapped_column(LargeBinary)  # imgscan.store.audit

"""Keeps the crops of hits sealed in their rows (**store** -> review): shown when the picture itself is gone.

A sealed crop is one byte that names the cipher, then what that cipher needs. It opens in its own row only: content,
number and place are bound to it, so that no crop can be put in the place of another.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from imgscan.errors import StoreError
from imgscan.i18n import _
from imgscan.store.keys import NONCE_BYTES, Keys
from imgscan.types import Crop
from models import EvidenceRow

OPEN, AES_256_GCM = 0, 1
"""The first byte: 0 in a plain store. Other numbers are free for other suites, as SM4-GCM."""


def put(session: Session, sha256: bytes, crops: Iterable[Crop], keys: Keys | None) -> None:
    """Keep the crops of a picture in the place of those it had."""
    drop(session, sha256)
    for number, crop in enumerate(crops):
        left, top, width, height = crop.rect
        row = EvidenceRow(sha256=sha256, number=number, page=crop.page, left=left, top=top, width=width, height=height)
        row.full_width, row.full_height = crop.full
        row.sealed = seal(crop.jpeg, _bound(row), keys)
        session.add(row)


def drop(session: Session, sha256: bytes) -> None:
    """Forget the crops of a picture."""
    session.execute(delete(EvidenceRow).where(EvidenceRow.sha256 == sha256))


def seal_anew(session: Session, keys: Keys) -> None:
    """Seal what a plain store kept open."""
    for row in session.scalars(select(EvidenceRow)).yield_per(100):
        row.sealed = seal(unseal(row.sealed, _bound(row), None), _bound(row), keys)


def get(session: Session, sha256: bytes, page: int, keys: Keys | None) -> Crop | None:
    """The crop of the worst mark on that page, where one is kept. Raises StoreError where it was tampered with."""
    query = select(EvidenceRow).where(EvidenceRow.sha256 == sha256, EvidenceRow.page == page)
    row = session.scalar(query.order_by(EvidenceRow.number).limit(1))
    if row is None:
        return None
    jpeg = unseal(row.sealed, _bound(row), keys)
    return Crop(page, (row.left, row.top, row.width, row.height), (row.full_width, row.full_height), jpeg)


def seal(content: bytes, bound: bytes, keys: Keys | None) -> bytes:
    """`content` as it is stored, bound to `bound`."""
    if keys is None:
        return bytes([OPEN]) + content
    nonce = secrets.token_bytes(NONCE_BYTES)
    return bytes([AES_256_GCM]) + nonce + AESGCM(keys.evidence).encrypt(nonce, content, bound)


def unseal(sealed: bytes, bound: bytes, keys: Keys | None) -> bytes:
    """What `seal` was given. Raises StoreError where a bit of either differs."""
    cipher, rest = sealed[:1], sealed[1:]
    if cipher == bytes([OPEN]) and keys is None:
        return rest
    try:
        if cipher == bytes([AES_256_GCM]) and keys is not None:
            return AESGCM(keys.evidence).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as error:
        raise _tampered() from error
    if cipher == bytes([OPEN]) and keys is not None:
        raise _tampered()  # else an open crop could be put in the place of a sealed one
    raise StoreError(
        _("An evidence picture is sealed in a way that this version does not know."), _("Use a newer imgscan.")
    )


def _tampered() -> StoreError:
    return StoreError(
        _("An evidence picture in the store was changed or moved."), _("Put the store back from a backup.")
    )


def _bound(row: EvidenceRow) -> bytes:
    place = (row.number, row.page, row.left, row.top, row.width, row.height, row.full_width, row.full_height)
    return b"evidence|" + row.sha256 + repr(place).encode()

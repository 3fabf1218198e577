"""The keys of an encrypted store (**store**): one random master key, locked by a key file, a passphrase or the keyring.

Beside the database lies `imgscan.keys.json`, the locked master key: worth nothing by itself, but without it the store
cannot be opened. A new lock means a new such file, put in place by one rename; the data stay as they are.
"""

from __future__ import annotations

import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from imgscan.errors import UsageError, WrongKeyError
from imgscan.i18n import _
from imgscan.store.durable import put_whole
from imgscan.store.volumes import WITHOUT_OWNERS, file_system

KEY_BYTES = 32
KEY = re.compile(r"[0-9a-f]{64}")  # as it stands in a key file
NONCE_BYTES = 12  # AES-GCM, NIST SP 800-38D
SHORTEST_PASSPHRASE = 12
MOST_MEMORY_KIB = 2**21  # a damaged number must not take all memory there is
KEYRING_SERVICE = "imgscan"


STRICT = ConfigDict(extra="forbid")


class LockedBy(StrEnum):
    """What opens the lock."""

    FILE = "file"
    PASSPHRASE = "passphrase"  # noqa: S105 (a name)
    KEYRING = "keyring"


def _decoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 (pydantic turns ValueError into its own)
    return b64decode(value, validate=True)


Encoded = Annotated[bytes, PlainValidator(_decoded), PlainSerializer(lambda value: b64encode(value).decode())]


@dataclass(frozen=True, slots=True)
class Argon2:
    """Parameters of argon2id: the second recommended set of RFC 9106, section 4; under a second on a small PC."""

    salt: Annotated[Encoded, Field(min_length=8)]
    time: Annotated[int, Field(ge=1, le=100)] = 3
    memory_kib: Annotated[int, Field(ge=8, le=MOST_MEMORY_KIB)] = 65536
    lanes: Annotated[int, Field(ge=1, le=64)] = 4

    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class Locksmith:
    """Where the keys to the lock come from: the key file, and who is asked for a passphrase."""

    key_file: Path
    passphrase: Callable[[bool], str]
    """Asks; True where a new one is chosen and must be typed twice."""

    def keeps_beside(self, lock: Path) -> bool:
        """True where the key file is the store's own; elsewhere it is its owner's."""
        return self.key_file.parent == lock.parent


@dataclass(frozen=True, slots=True)
class Keys:
    """What an open lock gives: the keys of the database file, of the evidence in it, and of the audit trail."""

    database: bytes
    evidence: bytes
    audit: bytes

    @classmethod
    def of(cls, master: bytes) -> Keys:
        """The keys of a master key."""

        def derived(purpose: bytes) -> bytes:
            return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"imgscan " + purpose).derive(master)

        return cls(derived(b"database"), derived(b"evidence"), derived(b"audit"))


@dataclass(frozen=True, slots=True)
class Lock:
    """The file `imgscan.keys.json`. `name` is random: the keyring knows the store by it."""

    locked_by: LockedBy
    name: str
    nonce: Annotated[Encoded, Field(min_length=NONCE_BYTES, max_length=NONCE_BYTES)]
    locked: Encoded
    argon2: Argon2 | None = None
    version: Literal[1] = 1

    __pydantic_config__ = STRICT

    @classmethod
    def read(cls, path: Path) -> Lock | None:
        """The lock in that file; None where there is no file. Raises WrongKeyError."""
        try:
            return TypeAdapter(cls).validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise WrongKeyError(
                _("{path} is damaged, or of a newer imgscan.").format(path=path),
                _("Put back the one from a backup: without it the store cannot be opened."),
            ) from error

    @classmethod
    def made(cls, locked_by: LockedBy, master: bytes, smith: Locksmith) -> Lock:
        """A new lock on `master`; its key is made, asked for or put into the keyring. Raises ImgscanError."""
        lock = cls._blank(locked_by)
        return lock._locking(master, lock._new_key(smith))

    @classmethod
    def changed(cls, locked_by: LockedBy, master: bytes, smith: Locksmith, path: Path) -> None:
        """Put a lock with a new key in place at `path`. Killed at any moment, the old key opens or the new one does."""
        lock = cls._blank(locked_by)
        if locked_by is LockedBy.FILE and smith.key_file.exists():
            key = secrets.token_bytes(KEY_BYTES)
            _write_key_file(smith.key_file, *_read_key_file(smith.key_file), key)  # all, until the lock has changed
            lock._locking(master, key).write(path)
            if smith.keeps_beside(path):  # elsewhere it may open other stores
                _write_key_file(smith.key_file, key)
        else:
            before = cls.read(path)
            lock._locking(master, lock._new_key(smith)).write(path)
            if before is not None:
                before._forget_key(path, smith)

    @classmethod
    def _blank(cls, locked_by: LockedBy) -> Lock:
        argon2 = Argon2(secrets.token_bytes(16)) if locked_by is LockedBy.PASSPHRASE else None
        return cls(locked_by, secrets.token_hex(8), secrets.token_bytes(NONCE_BYTES), b"", argon2)

    def _locking(self, master: bytes, key: bytes) -> Lock:
        return replace(self, locked=AESGCM(key).encrypt(self.nonce, master, self._bound()))

    def master(self, smith: Locksmith) -> bytes:
        """The master key. Raises WrongKeyError."""
        for key in self._keys(smith):
            with suppress(InvalidTag):
                return AESGCM(key).decrypt(self.nonce, self.locked, self._bound())
        raise _wrong(self.locked_by, smith)

    def write(self, path: Path, *, first: bool = False) -> None:
        """Put the lock in place whole; the `first` only where there is none. Raises FileExistsError, StoreError."""
        put_whole(path, TypeAdapter(Lock).dump_json(self, indent=1) + b"\n", first=first)

    def _bound(self) -> bytes:
        # All that stands in the file is bound to what is locked: a weaker argon2 put in its place opens nothing.
        values = TypeAdapter(Lock).dump_python(self, mode="json")
        return json.dumps([values[name] for name in ("version", "locked_by", "name", "argon2")]).encode()

    def _keys(self, smith: Locksmith) -> list[bytes]:
        """The keys that may fit: of a key file two, where a change of keys was interrupted."""
        if self.locked_by is LockedBy.FILE:
            return _read_key_file(smith.key_file)
        if self.locked_by is LockedBy.KEYRING:
            return _from_keyring(self.name)
        return [self._stretched(smith.passphrase(False))]

    def _new_key(self, smith: Locksmith) -> bytes:
        if self.locked_by is LockedBy.FILE:
            return _make_key_file(smith.key_file)
        if self.locked_by is LockedBy.KEYRING:
            return _into_keyring(self.name)
        passphrase = smith.passphrase(True)
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise UsageError(
                _("The passphrase is too short."),
                _("Choose one of {count} characters or more; several words are easy to keep in mind.").format(
                    count=SHORTEST_PASSPHRASE
                ),
            )
        return self._stretched(passphrase)

    def _forget_key(self, path: Path, smith: Locksmith) -> None:
        if self.locked_by is LockedBy.FILE and smith.keeps_beside(path):
            smith.key_file.unlink(missing_ok=True)
        if self.locked_by is LockedBy.KEYRING:
            import keyring  # noqa: PLC0415

            with suppress(keyring.errors.KeyringError):  # gone already
                keyring.delete_password(KEYRING_SERVICE, self.name)

    def _stretched(self, passphrase: str) -> bytes:
        given = self.argon2
        if given is None:  # altered: no key fits
            return bytes(KEY_BYTES)
        try:
            return hash_secret_raw(
                passphrase.encode(), given.salt, given.time, given.memory_kib, given.lanes, KEY_BYTES, Type.ID
            )
        except HashingError:  # parameters that do not go together, or more memory than there is
            return bytes(KEY_BYTES)


def new_master() -> bytes:
    """A random master key."""
    return secrets.token_bytes(KEY_BYTES)


def _wrong(locked_by: LockedBy, smith: Locksmith) -> WrongKeyError:
    if locked_by is LockedBy.FILE:
        return WrongKeyError(
            _("The key file {path} is not the one of this store.").format(path=smith.key_file),
            _("Name the right one with IMGSCAN_KEY_FILE. Nothing was changed."),
        )
    if locked_by is LockedBy.KEYRING:
        return WrongKeyError(
            _("The key in the system keyring is not the one of this store."),
            _("Log in as the user who made the store. Nothing was changed."),
        )
    return WrongKeyError(_("The passphrase is wrong."), _("Try again. Nothing was changed."))


def _read_key_file(path: Path) -> list[bytes]:
    """The keys in that file, one a line. Raises WrongKeyError."""
    try:
        readable_by_others = path.stat().st_mode & 0o077
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongKeyError(
            _("The key file {path} cannot be read.").format(path=path),
            _("Connect the medium it lies on, or name it with IMGSCAN_KEY_FILE. Nothing was changed."),
        ) from error
    if readable_by_others and file_system(path.parent) not in WITHOUT_OWNERS:
        raise WrongKeyError(
            _("The key file {path} can be read by other users of this computer.").format(path=path),
            _("Run: chmod 600 {path}").format(path=path),
        )
    lines = text.split()
    if not lines or not all(KEY.fullmatch(line) for line in lines):
        raise WrongKeyError(
            _("{path} holds no key of imgscan.").format(path=path), _("Name another file with IMGSCAN_KEY_FILE.")
        )
    return [bytes.fromhex(line) for line in lines]


def _write_key_file(path: Path, *keys: bytes, first: bool = False) -> None:
    put_whole(path, "".join(f"{key.hex()}\n" for key in keys).encode(), first=first)


def _make_key_file(path: Path) -> bytes:
    """The key in that file, which is made (0600) where there is none."""
    if not path.exists():
        with suppress(FileExistsError):  # another process was quicker: its key counts
            _write_key_file(path, secrets.token_bytes(KEY_BYTES), first=True)
    return _read_key_file(path)[-1]


def _into_keyring(name: str) -> bytes:
    import keyring  # noqa: PLC0415 (heavy, and asks the desktop; only where chosen)

    key = secrets.token_bytes(KEY_BYTES)
    try:
        keyring.set_password(KEYRING_SERVICE, name, key.hex())
    except keyring.errors.KeyringError as error:
        raise _no_keyring(error) from error
    return key


def _from_keyring(name: str) -> list[bytes]:
    """The key that the keyring holds under that name; none where it holds none."""
    import keyring  # noqa: PLC0415

    try:
        text = keyring.get_password(KEYRING_SERVICE, name) or ""
    except keyring.errors.KeyringError as error:
        raise _no_keyring(error) from error
    return [bytes.fromhex(text)] if KEY.fullmatch(text) else []


def forget(path: Path, smith: Locksmith) -> None:
    """Destroy the lock at `path` and the key to it. A key file elsewhere is its owner's, and may open other stores."""
    with suppress(WrongKeyError):  # a damaged lock does not say whose key it had; without a lock no key opens anything
        lock = Lock.read(path)
        if lock is not None:
            lock._forget_key(path, smith)
    if smith.keeps_beside(path):
        smith.key_file.unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _no_keyring(error: Exception) -> WrongKeyError:
    return WrongKeyError(
        _("The system keyring gives no key: {why}").format(why=error),
        _("Log in to the desktop whose keyring it is, or use a key file or a passphrase: imgscan rekey --help"),
    )

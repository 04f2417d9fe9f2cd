"""Keys, and the ring in which a message finds the ones that may open it.

A C12.22 message names its key by a number of one octet, the key id. Which key that is depends on whom one talks to:
every meter may have its own key 0. So a ring holds keys by id alone, for all meters, and by the ApTitle of one party
and the id. More than one key may lie in one place (old and new while keys are changed, or a guess): the MAC decides.
"""

from threading import Lock
from typing import TYPE_CHECKING, NoReturn

from c1222.errors import TargetError

if TYPE_CHECKING:
    from c1222.security.eax import EaxPrime

__all__ = ["Key", "KeyRing"]

KEY_SIZE = 16


class Key:
    """One AES-128 key. Neither repr nor str nor an error shows its octets, and it cannot be pickled.

    octets: 16 of them. Raises TargetError for any other number.
    Two keys of the same octets are equal. Keys never change, so a copy is the key itself.
    """

    __slots__ = ("_cipher", "_octets")

    def __init__(self, octets: bytes | bytearray | memoryview) -> None:
        secret = memoryview(octets).tobytes()
        if len(secret) != KEY_SIZE:
            raise TargetError(f"a key has {KEY_SIZE} octets, this one has {len(secret)}")
        self._octets = secret
        self._cipher: EaxPrime | None = None

    @property
    def cipher(self) -> "EaxPrime":
        """EAX' under this key; the same object every time, fit for any number of threads."""
        if self._cipher is None:
            # Imported when first needed, so that whoever reads clear text does not wait for the cryptography library.
            # Two threads may both come here: either object is right, the last one stays.
            from c1222.security.eax import EaxPrime

            self._cipher = EaxPrime(self._octets)
        return self._cipher

    def reveal(self) -> bytes:
        """Its octets: for what keeps keys, and for nothing else."""
        return self._octets

    @property
    def fingerprint(self) -> str:
        """32 hex digits by which what is remembered of a key is found again, for files and messages.

        SHA-256, cut, of the key behind a fixed text. It tells nothing of the key: who has it must still try 2^128 keys,
        since a key is drawn at random from that many; no salt or slow hash makes that harder. Only a key that is public
        already, as that of a published example, is known again by it.
        """
        from hashlib import sha256

        return sha256(b"c1222 key fingerprint 1\0" + self._octets).hexdigest()[:32]

    # No constant-time comparison: both sides are our own keys, nobody can offer one and watch the clock.
    def __eq__(self, other: object) -> bool:
        return self._octets == other._octets if isinstance(other, Key) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._octets)

    def __repr__(self) -> str:
        return "Key(not shown)"

    def __copy__(self) -> "Key":
        return self

    def __deepcopy__(self, memo: object) -> "Key":
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Key cannot be pickled: pass on the reference that it was read from")


class KeyRing:
    """Keys by key id, and by ApTitle and key id. One thread may add while others look up.

    True when it holds a key; its length is the number of entries.
    """

    def __init__(self) -> None:
        # Readers take no lock: each of these is replaced or set in one step, and none is walked through while it grows.
        self._entries: dict[tuple[bytes | None, int], tuple[Key, ...]] = {}
        self._ids: tuple[int, ...] = ()
        self._count = 0
        self._adding = Lock()

    def add(self, key_id: int, key: Key, title: bytes | None = None) -> None:
        """Register `key`, after those that already lie in its place; a second time the same key changes nothing.

        key_id: 0 to 255, or TargetError. Raises TypeError for a key that is no Key, an id that is no integer.
        title: the octets of an absolute object identifier, either party's; None for every meter.
        """
        if not isinstance(key, Key):
            raise TypeError(f"a ring holds Keys, not {type(key).__name__}: Key(octets) makes one")
        if not isinstance(key_id, int):
            raise TypeError(f"a key id is an integer, not {type(key_id).__name__}")
        if not 0 <= key_id <= 255:
            raise TargetError(f"key id {key_id}: a key id is a number from 0 to 255")
        if not isinstance(title, bytes | None):
            raise TypeError(f"a title is given as octets (bytes), not {type(title).__name__}")
        with self._adding:
            place = (title, key_id)
            here = self._entries.get(place, ())
            if key not in here:
                self._entries[place] = (*here, key)
                self._count += 1
                if key_id not in self._ids:
                    self._ids = tuple(sorted((*self._ids, key_id)))

    def candidates(self, key_id: int, *titles: bytes) -> tuple[Key, ...]:
        """The keys that may belong to a message, the likeliest first, each once; () when there is none.

        titles: the ApTitles of the message's parties, in the order in which they are to be asked.
        Keys of a title and the id come before keys of the id alone.
        """
        find = self._entries.get
        found = [key for title in (*titles, None) for key in find((title, key_id), ())]
        return tuple(dict.fromkeys(found))

    def ids(self) -> tuple[int, ...]:
        """All key ids of the ring, each once, rising: for "no key for key id 2 (have 0, 5)"."""
        return self._ids

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return f"KeyRing({len(self)} keys, ids {', '.join(map(str, self.ids())) or 'none'})"

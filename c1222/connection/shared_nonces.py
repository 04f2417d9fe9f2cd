"""Ids and ivs of real networks: all conversations of this process under one key share theirs, and no other process has
the same.
"""

import os
from functools import partial
from pathlib import Path
from threading import Lock

from c1222.connection.opening import Wall
from c1222.security.keys import Key
from c1222.session.channels.nonces import Nonces
from c1222.session.settings import IV_AHEAD, NetworkOptions
from c1222.settings.nonce_store import NonceStore, state_folder

_shared: dict[tuple[int, Path, str, int, float], Nonces] = {}
"""By process (a fork must not go on with its parent's), folder, fingerprint of the key, octets of an id, allowance."""
_adding = Lock()


def shared_nonces(options: NetworkOptions, wall: Wall) -> Nonces | None:
    """What secures the messages of these options; None where nothing is kept: in the clear, or without a key.

    wall: UTC seconds since 1970.
    """
    key = options.own_key()
    return None if key is None else nonces_of(key, wall, id_octets=options.id_octets, iv_ahead=options.iv_ahead)


def nonces_of(key: Key, wall: Wall, *, id_octets: int = 4, iv_ahead: float = IV_AHEAD) -> Nonces:
    """What secures messages under a key. id_octets: of an invocation id. iv_ahead: as in NetworkOptions."""
    folder, fingerprint = state_folder(), key.fingerprint
    name = (os.getpid(), folder, fingerprint, id_octets, iv_ahead)
    with _adding:
        if name not in _shared:
            store = NonceStore(folder, ahead=iv_ahead)
            _shared[name] = Nonces(id_octets, wall, ivs=partial(store.next_iv, fingerprint))
        return _shared[name]

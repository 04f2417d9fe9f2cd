"""What a session remembers."""

from concurrent.futures import ThreadPoolExecutor

from c1222.security.memory import Remembered, SessionMemory

ONE = Remembered(b"\1", b"\0\0\0\1")
TWO = Remembered(b"\2", b"\0\0\0\2")


def test_each_direction_has_its_own():
    memory = SessionMemory()
    memory.remember(("client", "meter"), ONE)
    assert memory.recall(("client", "meter")) == ONE
    assert memory.recall(("meter", "client")) is None
    memory.remember(("meter", "client"), TWO)
    assert (memory.recall(("client", "meter")), memory.recall(("meter", "client"))) == (ONE, TWO)
    assert len(memory) == 2


def test_the_last_one_counts():
    memory = SessionMemory()
    memory.remember("way", ONE)
    memory.remember("way", TWO)
    assert memory.recall("way") == TWO
    assert len(memory) == 1


def test_a_key_id_that_was_left_out_is_key_0():
    assert Remembered(b"", bytes(4)).key_number == 0
    assert Remembered(b"\xfe", bytes(4)).key_number == 254


def test_the_direction_unused_for_longest_is_forgotten():
    memory = SessionMemory(limit=2)
    memory.remember("a", ONE)
    memory.remember("b", ONE)
    memory.remember("a", TWO)  # a is used again, so b is the one unused for longest
    memory.remember("c", ONE)
    assert [memory.recall(way) for way in "abc"] == [TWO, None, ONE]


def test_recalling_is_using():
    memory = SessionMemory(limit=2)
    memory.remember("a", ONE)
    memory.remember("b", ONE)
    assert memory.recall("a") == ONE
    memory.remember("c", ONE)
    assert [memory.recall(way) for way in "abc"] == [ONE, None, ONE]


def test_asking_for_a_stranger_makes_no_room_for_it():
    memory = SessionMemory(limit=1)
    memory.remember("a", ONE)
    assert memory.recall("b") is None
    assert memory.recall("a") == ONE
    assert len(memory) == 1


def test_many_threads():
    memory = SessionMemory(limit=50)

    def work(thread):
        for index in range(200):
            memory.remember((thread, index % 10), Remembered(bytes([thread]), index.to_bytes(4, "big")))
            found = memory.recall((thread, index % 10))
            assert found is None or found.key_id == bytes([thread])
        return thread

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == list(range(8))
    assert len(memory) <= 50

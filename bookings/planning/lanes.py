"""Many small numbers in one big integer, added and compared all at once.

A lane is 16 bits wide and holds 0 … 32767; the top bit is kept clear so that no borrow leaves its lane. Python's big
integers then do in one call what a loop would do lane by lane.
"""

from array import array
from sys import byteorder

WIDTH, TOP = 16, 0x7FFF


class Lanes:
    """So many lanes. Lane 0 is the lowest."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.ones = int.from_bytes(b"\1\0" * count, "little")
        self._high = self.ones << (WIDTH - 1)

    def same(self, number: int) -> int:
        """The number in every lane."""
        return self.ones * number

    def smaller(self, a: int, b: int) -> int:
        """In every lane the smaller of the two."""
        reaches = ((a | self._high) - b) & self._high  # set where a >= b
        return a ^ ((a ^ b) & (reaches - (reaches >> (WIDTH - 1))))

    def spread(self, bits: int) -> int:
        """1 in the lanes whose bit is set."""
        return int.from_bytes(format(bits, f"0{self.count}b").encode("utf-16-be"), "big") & self.ones

    def repeated(self, numbers: int, times: int) -> int:
        """These lanes so many times, one after the other."""
        return int.from_bytes(numbers.to_bytes(2 * self.count, "little") * times, "little")

    def listed(self, numbers: int) -> array:
        found = array("H", numbers.to_bytes(2 * self.count, "little"))
        if byteorder == "big":
            found.byteswap()
        return found


def lane(numbers: int, index: int) -> int:
    return numbers >> (WIDTH * index) & TOP

"""Writes bit-packed streams for tests, independently of what reads them."""


class BitWriter:
    """Bits fill bytes from their low end; a number's pieces go in high end first."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def number(self, value: int, width: int) -> "BitWriter":
        left = width
        while left:
            taken = min(left, 8 - len(self._bits) % 8)
            piece = value >> (left - taken) & (1 << taken) - 1
            self._bits += [piece >> bit & 1 for bit in range(taken)]
            left -= taken
        return self

    def aligned(self) -> "BitWriter":
        self._bits += [0] * (-len(self._bits) % 8)
        return self

    def event(self, delta: int, user_id: int, event_id: int) -> "BitWriter":
        """The header of a game event that comes up to 63 game loops after the last."""
        return self.aligned().number(0, 2).number(delta, 6).number(user_id, 5).number(event_id, 7)

    @property
    def content(self) -> bytes:
        self.aligned()
        return bytes(
            sum(bit << place for place, bit in enumerate(self._bits[at : at + 8]))
            for at in range(0, len(self._bits), 8)
        )

"""py-amqp over a buffered socket.

py-amqp reads each frame in three system calls and writes each message in one of its own, which costs
more than all else that a listener does. Here both go through buffers. What is read, written and
answered stays py-amqp's affair.
"""

from contextlib import contextmanager
from struct import unpack_from

import amqp
from amqp import spec
from amqp.transport import TCPTransport

CHUNK = 65536


class Transport(TCPTransport):
    """A TCP transport that reads in large pieces, and writes in one when corked."""

    def _setup_transport(self):
        super()._setup_transport()
        self._chunk, self._at, self._corked = b"", 0, None
        self._quick_recv, self._write = self._receive, self._send

    def has_frame(self) -> bool:
        """Tell whether a whole frame has been read already, so that nothing need be waited for."""
        rest = len(self._chunk) - self._at
        return not self._read_buffer and rest >= 8 and rest >= 8 + unpack_from(">I", self._chunk, self._at + 3)[0]

    @contextmanager
    def corked(self):
        """Hold back what is written inside the block, and send it in one piece at its end."""
        self._corked = []
        try:
            yield
        finally:
            held, self._corked = self._corked, None
            self.write(b"".join(held))

    def _receive(self, size: int) -> bytes:
        if self._at == len(self._chunk):
            self._chunk, self._at = self.sock.recv(CHUNK), 0
        piece = self._chunk[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def _send(self, data) -> None:
        if self._corked is None:
            self.sock.sendall(data)
        else:
            self._corked.append(bytes(data))


class Connection(amqp.Connection):
    """A connection on such a transport.

    Nothing is waited for without an end, as py-amqp waits for the answer to a declare. `blocked` says why the broker
    takes no messages from us, where it does not.
    """

    patience: float = 20
    blocked: str | None = None
    # py-amqp leaves the broker's reason out.
    _METHODS = {**amqp.Connection._METHODS, spec.Connection.Blocked: spec.method(spec.Connection.Blocked, "s")}

    def connect(self, callback=None):
        super().connect(callback)
        # The broker knows by now that it may say "blocked". Otherwise py-amqp would read before each publishing whether it
        # did; and where one greenlet waits for what comes while another publishes, both would read, and what one had
        # buffered would be lost to the other.
        self.client_properties["capabilities"] = {}

    def drain_events(self, timeout=None):
        return super().drain_events(self.patience if timeout is None else timeout)

    def Transport(self, host, connect_timeout, *_, **__):
        return Transport(host, connect_timeout=connect_timeout)

    def close(self, *arguments, **options):
        """Part in good order, where the broker still reads what it is sent."""
        return self.collect() if self.blocked else super().close(*arguments, **options)

    def _on_blocked(self, reason):
        self.blocked = f"blocked by the broker: {reason}"
        if self.on_blocked:
            self.on_blocked(self.blocked)

    def _on_unblocked(self):
        self.blocked = None


def drain(connection: Connection, seconds: float) -> bool:
    """Deal with what the broker sent, waiting so long for the first of it; return whether there was something."""
    try:
        connection.drain_events(timeout=seconds)
    except TimeoutError:
        return False
    while connection.transport and connection.transport.has_frame():
        connection.on_inbound_frame(connection.transport.read_frame())  # as blocking_read, with nothing to wait for
    return True

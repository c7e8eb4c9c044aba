"""A small TCP proxy on 127.0.0.1 that makes a network bad: silent, slow, narrow, or cut."""

import asyncio
import contextlib
import socket
import threading

CHUNK = 4096


class Proxy:
    """Passes on what comes to `port`, as its attributes say, which may be changed at any time.

    `silent`: accepts and keeps everything, and passes nothing on, not even that an end has closed.
    `delay`: seconds by which every byte is late, each way. `rate`: bytes a second, each way; 0 is unlimited.
    """

    def __init__(self, target: int):
        self.target = target
        self.silent, self.delay, self.rate = False, 0.0, 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0))
        # Small, so that a sender soon notices that nothing is taken from it.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def cut(self) -> None:
        """End every connection with a reset."""
        for writer in list(self._writers):
            self._loop.call_soon_threadsafe(writer.transport.abort)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._accept, sock=self._socket, limit=CHUNK))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _accept(self, reader, writer):
        with contextlib.suppress(asyncio.CancelledError):  # at the end of the proxy
            await self._join(reader, writer)

    async def _join(self, reader, writer):
        await self._voice()
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, onward_writer}
        self._writers |= ends
        try:
            await asyncio.gather(self._pass(reader, onward_writer), self._pass(onward_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pass(self, reader, writer):
        """Read and write side by side, so that what is late does not hold up what follows."""
        on_the_way = asyncio.Queue(256)
        writing = asyncio.create_task(self._write(on_the_way, writer))
        try:
            while data := await reader.read(min(CHUNK, max(1, self.rate // 4)) if self.rate else CHUNK):
                await on_the_way.put((self._loop.time() + self.delay, data))
                if self.rate:
                    await asyncio.sleep(len(data) / self.rate)
        except OSError:
            pass  # reset by one end: the other is told in the same way, by the end of _accept
        await on_the_way.put((self._loop.time() + self.delay, b""))
        await writing

    async def _write(self, on_the_way, writer):
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            await self._voice()
            if not data:
                writer.close()
                return
            writer.write(data)
            try:
                await writer.drain()
            except OSError:
                writer.close()
                return

    async def _voice(self):
        """Return when the proxy is not silent."""
        while self.silent:
            await asyncio.sleep(0.05)

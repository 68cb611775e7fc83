"""A line between phones and the server that breaks as one in the mountains does.

Each request comes over a connection of its own and meets one fate.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

_PATIENCE = 60.0  # seconds
_END_OF_HEAD = b"\r\n\r\n"


class Fate(StrEnum):
    WHOLE = "brought whole"
    BEFORE = "cut before the server heard of it"
    MID_BODY = "cut in the middle of the body"
    LOST = "cut after the server had written"
    MID_ANSWER = "cut in the middle of the answer"
    TWICE = "brought twice at once"
    LATE = "cut, and brought after later ones"
    SLOW = "held up, overtaken by others"


#: Of a hundred requests.
MOUNTAINS: Mapping[Fate, int] = {
    Fate.WHOLE: 40,
    Fate.BEFORE: 10,
    Fate.MID_BODY: 10,
    Fate.LOST: 10,
    Fate.MID_ANSWER: 5,
    Fate.TWICE: 10,
    Fate.LATE: 10,
    Fate.SLOW: 5,
}


class _Sent(NamedTuple):
    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body


@dataclass(slots=True)
class Line:
    """Listens at ``bind``; ``met`` counts the fates. ``slowest`` is seconds of delay."""

    server: str
    fates: Mapping[Fate, int]
    chance: random.Random
    slowest: float = 1.0
    bind: str = ""
    met: Counter[Fate] = field(default_factory=Counter)
    _late: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, up: threading.Event, down: asyncio.Event) -> None:
        """Until ``down``; what is still to be brought late is brought before it ends."""
        listening = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.bind = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        up.set()
        async with listening:
            await down.wait()
        while self._late:
            await asyncio.gather(*self._late)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            sent = await _read(reader)
            (fate,) = self.chance.choices(list(self.fates), list(self.fates.values()))
            self.met[fate] += 1
            answer = await self._meets(fate, sent)
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def _meets(self, fate: Fate, sent: _Sent) -> bytes:
        """What the phone gets; nothing where it is cut off."""
        answer = b""
        if fate is Fate.MID_BODY:
            await self._bring(sent.head + sent.body[: len(sent.body) // 2], cut=True)
        elif fate is Fate.LATE:
            task = asyncio.create_task(self._bring_late(sent))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        elif fate is Fate.TWICE:
            both = await asyncio.gather(self._bring(sent.whole), self._bring(sent.whole))
            answer = self.chance.choice(both)
        elif fate is not Fate.BEFORE:
            if fate is Fate.SLOW:
                await self._wait()
            answer = await self._bring(sent.whole)
            if fate is Fate.LOST:
                return b""
            if fate is Fate.MID_ANSWER:
                answer = answer[: len(answer) // 2]
        return answer

    async def _bring_late(self, sent: _Sent) -> None:
        await self._wait()
        await self._bring(sent.whole)

    async def _wait(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.02, self.slowest))

    async def _bring(self, request: bytes, *, cut: bool = False) -> bytes:
        """The server's answer; nothing where it is down, dies over it, or the line is ``cut``."""
        host, port = self.server.split(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(request)
                await writer.drain()
                return b"" if cut else await asyncio.wait_for(reader.read(-1), _PATIENCE)
            finally:
                writer.close()
        except OSError:
            return b""


async def _read(reader: asyncio.StreamReader) -> _Sent:
    head = await reader.readuntil(_END_OF_HEAD)
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
    return _Sent(head, await reader.readexactly(int(fields.get(b"content-length", 0))))


@contextmanager
def line_to(
    server: str, fates: Mapping[Fate, int], chance: random.Random, *, slowest: float = 1.0
) -> Iterator[Line]:
    """A line that is up. At the end nothing is under way on it any more."""
    line, up = Line(server, fates, chance, slowest), threading.Event()
    loop = asyncio.new_event_loop()
    down = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(line.serve(up, down),))
    thread.start()
    try:
        up.wait()
        yield line
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
        loop.close()

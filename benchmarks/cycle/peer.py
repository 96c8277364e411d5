"""An account system that takes 20 ms to answer "1", for any number of connections; a process of its own."""

import asyncio
import sys

ANSWER = b"r\x01\x00S\x00\x011z"
REPLY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: x-application/hessian\r\nContent-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER
)


async def serve(delay_s: float) -> None:
    """Listen on a free port, print it, answer for ever."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                await reader.readexactly(length)
                await asyncio.sleep(delay_s)
                writer.write(REPLY)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]) / 1000))

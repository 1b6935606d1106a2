#!/usr/bin/env python3
"""A client of EchoServer that shares nothing with it but the bytes on the wire.

usage: framing_peer.py PORT length4|tlv
"""

import socket
import struct
import sys


def length4(payload):
    return struct.pack(">I", len(payload)) + payload


def tlv(payload):
    return struct.pack(">BH", 0x72, len(payload)) + payload


def read_exactly(connection, count):
    received = bytearray()
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise EOFError("closed after %d of %d bytes" % (len(received), count))
        received += piece
    return bytes(received)


def read_length4(connection):
    (count,) = struct.unpack(">I", read_exactly(connection, 4))
    return read_exactly(connection, count)


def read_tlv(connection):
    tag, count = struct.unpack(">BH", read_exactly(connection, 3))
    if tag != 0x72:
        raise ValueError("answer begins with 0x%02x" % tag)
    return read_exactly(connection, count)


# writer, reader, the length of a large frame
FRAMINGS = {
    "length4": (length4, read_length4, 4 << 20),
    "tlv": (tlv, read_tlv, 0xFFFF),
}


def pattern(count, seed):
    unit = bytes((seed + 31 * i) & 0xFF for i in range(251))
    return (unit * (count // len(unit) + 1))[:count]


def check(name, expected, read, connection):
    for number, payload in enumerate(expected):
        answer = read(connection)
        if answer != payload:
            raise ValueError("%s: answer %d differs" % (name, number))
    print("%s: %d of %d answers are right" % (name, len(expected), len(expected)))


def main(port, framing):
    write, read, large = FRAMINGS[framing]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        payloads = [b"", b"x", b"hello", pattern(300, 1)]
        for byte in b"".join(map(write, payloads)):
            connection.sendall(bytes([byte]))
        check("byte by byte", payloads, read, connection)

        payloads = [pattern(i % 100, i) for i in range(300)]
        connection.sendall(b"".join(map(write, payloads)))
        check("glued", payloads, read, connection)

        payloads = [b"before", pattern(large, 7), b"after"]
        wire = b"".join(map(write, payloads))
        middle = len(wire) // 2
        connection.sendall(wire[:middle])
        connection.sendall(wire[middle:])
        check("large", payloads, read, connection)

        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1):
            raise ValueError("bytes after the last answer")


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit() or sys.argv[2] not in FRAMINGS:
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2])

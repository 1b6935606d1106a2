package reactor.framing.format;

import static reactor.framing.format.HeaderLength.needs;

import java.nio.ByteBuffer;
import java.util.Objects;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;

/**
 * The handshake of SOCKS 5: which methods the client knows and which one the server chooses, name and password if it is
 * that one, and where to connect to.
 *
 * <pre>
 * client  05 methods          [01 name password]          05 command address
 * server              05 method                 [01 status]                  05 reply address
 * </pre>
 */
final class Socks5 {

    private static final int VERSION = 5;
    private static final int PASSWORD_VERSION = 1;

    private Socks5() {}

    /** What the client sends, and then what follows. */
    static Framing requests(Framing next) {
        Objects.requireNonNull(next, "next");
        Framing methods = HeaderLength.ofSize(2, header -> {
            checkVersion(header);
            if (header.get(1) == 0) {
                throw new CorruptFrameException("a SOCKS client that knows no method");
            }
            return 2 + (header.get(1) & 0xFF);
        });
        Framing password = HeaderLength.ofSize(2, header -> {
            int passwordAt = 2 + (header.get(1) & 0xFF);
            return header.limit() == 2 ? needs(passwordAt + 1) : passwordAt + 1 + (header.get(passwordAt) & 0xFF);
        });
        Framing request = withAddress("command", 1, 3);
        Framing behindMethods =
                FirstBytes.of(first -> first == VERSION ? request : first == PASSWORD_VERSION ? password : null);
        return Switching.of(
                        methods,
                        (inUse, frame) -> inUse == behindMethods && frame.get(0) == VERSION ? next : behindMethods)
                .endsIn(next);
    }

    /** What the server sends, and then what follows. */
    static Framing replies(Framing next) {
        Objects.requireNonNull(next, "next");
        Framing method = HeaderLength.ofSize(2, header -> {
            checkVersion(header);
            return 2;
        });
        Framing status = HeaderLength.ofSize(2, header -> {
            if (header.get(0) != PASSWORD_VERSION) {
                throw new CorruptFrameException("the status of a SOCKS password begins with 01");
            }
            return 2;
        });
        Framing reply = withAddress("reply", 0, 8);
        return Switching.of(
                        method,
                        (inUse, frame) -> inUse == reply ? next : inUse == method && frame.get(1) == 2 ? status : reply)
                .endsIn(next);
    }

    /** A request or a reply: version, code, 00, address. */
    private static Framing withAddress(String what, int least, int most) {
        return HeaderLength.ofSize(5, header -> {
            checkVersion(header);
            int code = header.get(1) & 0xFF;
            if (code < least || code > most || header.get(2) != 0) {
                throw new CorruptFrameException(
                        "the " + what + " of SOCKS is " + least + " to " + most + " and 00 behind it");
            }
            int address = switch (header.get(3)) {
                case 1 -> 4;
                case 3 -> 1 + (header.get(4) & 0xFF);
                case 4 -> 16;
                default -> throw new CorruptFrameException("the type of a SOCKS address is 1, 3 or 4");
            };
            return 4 + address + 2;
        });
    }

    private static void checkVersion(ByteBuffer header) {
        if (header.get(0) != VERSION) {
            throw new CorruptFrameException("the version of SOCKS is 5, not " + header.get(0));
        }
    }
}

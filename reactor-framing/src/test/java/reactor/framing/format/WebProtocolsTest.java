package reactor.framing.format;

import static reactor.framing.format.Preset.ascii;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class WebProtocolsTest extends PresetsContract {

    @Override
    List<Preset> presets() {
        return List.of(webSocket());
    }

    private static Preset webSocket() {
        return Preset.of(Protocols.webSocket())
                .vector(
                        "RFC 6455, 5.7: a text, unmasked and masked, in two fragments; ping and pong",
                        "81 05 48656c6c6f  81 85 37fa213d 7f9f4d5158  01 03 48656c  80 02 6c6f"
                                + "89 05 48656c6c6f  8a 85 37fa213d 7f9f4d5158",
                        "81 05 48656c6c6f",
                        "81 85 37fa213d 7f9f4d5158",
                        "01 03 48656c",
                        "80 02 6c6f",
                        "89 05 48656c6c6f",
                        "8a 85 37fa213d 7f9f4d5158")
                .vector(
                        "RFC 6455, 5.7: 256 bytes of binary data",
                        "82 7e 0100" + "a5".repeat(256),
                        "82 7e 0100" + "a5".repeat(256))
                .yields("a length of 64 KiB", "82 7f 0000000000010000 00", "error Truncated #0 @0 11/65546")
                .yields(
                        "a length beyond the limit",
                        "82 7f 4000000000000000",
                        "error TooLong #0 @0 4611686018427387914>8388608")
                .corrupt("a length of more than 63 bits", "82 7f 8000000000000000 00")
                .corrupt("opcode 3", "83 00 00")
                .corrupt("opcode 11", "8b 00 00")
                .corrupt("a ping that is a fragment", "09 00 00")
                .corrupt("a ping of 126 bytes", "89 7e 007e")
                .corrupt("125 in two bytes", "82 7e 007d")
                .corrupt("65,535 in eight bytes", "82 7f 000000000000ffff")
                .yields("an HTTP request", ascii("GET /chat HTTP/1.1\r\n"), "error Corrupt #0 @0")
                .refuses("another length", "81 05 48656c6c")
                .leastLength(2, WebProtocolsTest::unmasked)
                .verified(verifier -> verifier.frames(WebProtocolsTest::masked));
    }

    /** An unmasked frame of 2 to 70,000 bytes. */
    private static byte[] unmasked(int length) {
        int payload = length < 2 + 126 ? length - 2 : length < 4 + 0x10000 ? length - 4 : length - 10;
        return Arrays.copyOf(frame(payload, new byte[0]), Math.max(0, length));
    }

    private static byte[] masked(Random random, int length) {
        byte[] key = new byte[4];
        random.nextBytes(key);
        return frame(Math.max(0, length - 14), key);
    }

    private static byte[] frame(int payload, byte[] key) {
        int mask = key.length == 0 ? 0 : 0x80;
        ByteBuffer frame = ByteBuffer.allocate(14 + Math.max(0, payload)).put((byte) 0x82);
        if (payload < 126) {
            frame.put((byte) (mask | payload));
        } else if (payload < 0x10000) {
            frame.put((byte) (mask | 126)).putShort((short) payload);
        } else {
            frame.put((byte) (mask | 127)).putLong(payload);
        }
        frame.put(key);
        return Arrays.copyOf(frame.array(), frame.position() + Math.max(0, payload));
    }
}

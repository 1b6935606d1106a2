package reactor.framing;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes of buffers and of hexadecimal digits. */
public final class TestBytes {

    private TestBytes() {}

    /** The buffer's bytes between its position and its limit; the buffer is left as it is. */
    public static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /** White space is ignored. */
    public static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s+", ""));
    }
}

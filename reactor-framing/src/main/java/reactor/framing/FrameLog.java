package reactor.framing;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.Logger;
import reactor.util.Loggers;

/**
 * Logs each frame that is read or written, at level debug: its number, its length, and its first bytes in hexadecimal
 * and as text.
 *
 * <pre>{@code
 * FrameCodec codec = FrameCodec.of(Protocols.iso8583Binary())
 *         .log(FrameLog.to("payments.frames").show(128).mask(CardNumbers::overwrite));
 * }</pre>
 *
 * <pre>
 * [a1b2c3d4] received frame 17, 21 bytes
 * 00000000  02 00 42 00 04 00 00 00  10 2a 2a 2a 2a 2a 2a 2a  |..B......*******|
 * 00000010  2a 2a 2a 2a 2a                                    |*****|
 * </pre>
 *
 * <p>The level is looked at once for each chunk. While it is off, the log costs nothing; while it is on, frames are
 * read one by one. A frame is logged as it is delivered: without what the framing strips. Parts of frames are logged
 * each.
 */
public final class FrameLog {

    private static final int SHOWN_UNLESS_SAID = 64;
    private static final int LINE = 16;

    private final Logger logger;
    private final int shown;
    private final @Nullable Consumer<? super ByteBuffer> mask;

    private FrameLog(Logger logger, int shown, @Nullable Consumer<? super ByteBuffer> mask) {
        this.logger = logger;
        this.shown = shown;
        this.mask = mask;
    }

    /**
     * Logs to a category, the first 64 bytes of each frame.
     *
     * @param category the name of the logger
     * @return a log
     */
    public static FrameLog to(String category) {
        return new FrameLog(Loggers.getLogger(Objects.requireNonNull(category, "category")), SHOWN_UNLESS_SAID, null);
    }

    /**
     * Sets how much of a frame is shown.
     *
     * @param bytes how many of its first bytes; 0 for none
     * @return a new log
     */
    public FrameLog show(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes must not be negative, was " + bytes);
        }
        return new FrameLog(logger, bytes, mask);
    }

    /**
     * Has a function overwrite what is not to be seen, such as card numbers and passwords. If the function throws, the
     * bytes are not shown.
     *
     * @param mask is given a copy of the bytes that would be shown, between its position and its limit, in big-endian
     *     order
     * @return a new log
     */
    public FrameLog mask(Consumer<? super ByteBuffer> mask) {
        return new FrameLog(logger, shown, Objects.requireNonNull(mask, "mask"));
    }

    boolean isEnabled() {
        return logger.isDebugEnabled();
    }

    /**
     * Logs a frame, or a part of one.
     *
     * @param stream the name of the stream, or an empty text
     * @param what what has happened to what, such as "received frame"
     * @param frame its bytes, left as they are
     */
    void log(String stream, String what, long index, ByteBuffer frame) {
        log(stream, what, index, frame, frame.remaining());
    }

    /** Logs a frame of this length, of which only the start is known. */
    void log(String stream, String what, long index, ByteBuffer start, long length) {
        StringBuilder text = new StringBuilder();
        if (!stream.isEmpty()) {
            text.append('[').append(stream).append("] ");
        }
        text.append(what).append(' ').append(index).append(", ").append(length).append(" bytes");
        int n = Math.min(start.remaining(), shown);
        byte[] bytes = new byte[n];
        start.get(start.position(), bytes);
        String masked = mask(bytes);
        if (masked.isEmpty()) {
            appendDump(text, bytes);
            if (n < length && n != 0) {
                text.append("\n...");
            }
        } else {
            text.append(masked);
        }
        logger.debug("{}", text);
    }

    /** Has the function overwrite bytes; returns what to show instead if it cannot. */
    private String mask(byte[] bytes) {
        if (mask != null) {
            try {
                mask.accept(ByteBuffer.wrap(bytes));
            } catch (RuntimeException e) {
                return " (the mask failed: " + e + ")";
            }
        }
        return "";
    }

    private static void appendDump(StringBuilder text, byte[] bytes) {
        for (int line = 0; line < bytes.length; line += LINE) {
            text.append(String.format("%n%08x ", line));
            for (int i = line; i < line + LINE; i++) {
                text.append(i % (LINE / 2) == 0 && i != line ? "  " : " ");
                text.append(i < bytes.length ? String.format("%02x", bytes[i]) : "  ");
            }
            text.append("  |");
            for (int i = line; i < Math.min(line + LINE, bytes.length); i++) {
                text.append(bytes[i] >= ' ' && bytes[i] < 127 ? (char) bytes[i] : '.');
            }
            text.append('|');
        }
    }
}

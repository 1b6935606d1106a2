package reactor.framing.format;

import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;

/**
 * Frames that end in the byte {@code C0} and may hold any byte: SLIP, as in <a
 * href="https://www.rfc-editor.org/rfc/rfc1055">RFC 1055</a>, "Protocol". On the wire a frame is
 *
 * <pre>
 * +---------+----------+
 * | payload | END (C0) |
 * +---------+----------+
 * </pre>
 *
 * where {@code DB DC} stands for a {@code C0} of the payload and {@code DB DD} for a {@code DB}. What is delivered is
 * the payload, unless {@link #keepMarks()} says otherwise.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Slip.rfc1055()}: ordinary bytes.
 *
 * <pre>
 * wire   68 69 c0
 * frame  68 69       "hi"
 * </pre>
 *
 * <p>A payload with an {@code END} and an {@code ESC}.
 *
 * <pre>
 * wire   01 db dc 02 db dd 03 c0
 * frame  01    c0 02    db 03
 * </pre>
 *
 * <p>A sender that puts an {@code END} in front of its frames, too, and chunks that are cut anywhere.
 *
 * <pre>
 * wire   c0 61 | 62 c0 c0 | 63 db | dc c0
 * frames "ab", 63 c0
 * </pre>
 *
 * <p>{@code Slip.rfc1055().keepMarks()}
 *
 * <pre>
 * wire   c0 68 69 c0
 * frame     68 69 c0
 * </pre>
 *
 * <h2>Empty frames</h2>
 *
 * <p>There are none: an {@code END} right behind another one, or at the start of the stream, is passed over. It belongs
 * to no frame, so it does not count in the next frame's offset.
 *
 * <h2>Faults</h2>
 *
 * <p>A {@code DB} followed by neither {@code DC} nor {@code DD} is a {@link CorruptFrameException}. Under
 * {@code skipInvalid}, a corrupt frame and one over the limit are passed over up to and including the next {@code C0}.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder writes an {@code END} behind every frame and none in front; an empty frame is a
 * {@link CorruptFrameException}.
 */
public final class Slip implements Framing {

    private static final OctetStuffing STUFFING =
            new OctetStuffing("SLIP", (byte) 0xC0, (byte) 0xDB, (byte) 0xDC, (byte) 0xDD, false, false, false);

    private final OctetStuffing stuffing;

    private Slip(OctetStuffing stuffing) {
        this.stuffing = stuffing;
    }

    /**
     * Creates the format of RFC 1055.
     *
     * @return a new format
     */
    public static Slip rfc1055() {
        return new Slip(STUFFING);
    }

    /**
     * Delivers frames with the {@code END} behind them, which then counts as part of their length.
     *
     * @return a new format
     */
    public Slip keepMarks() {
        return new Slip(stuffing.keepingMarks());
    }

    @Override
    public FrameDecoder newDecoder() {
        return stuffing.newDecoder();
    }

    @Override
    public FrameEncoder newEncoder() {
        return stuffing.newEncoder();
    }

    @Override
    public String toString() {
        return "Slip.rfc1055()" + (stuffing.keepsMarks() ? ".keepMarks()" : "");
    }
}

package reactor.framing.format;

import reactor.framing.CorruptFrameException;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;

/**
 * Frames between flags, the byte {@code 7E}, that may hold any byte: the octet-stuffed, HDLC-like framing of <a
 * href="https://www.rfc-editor.org/rfc/rfc1662">RFC 1662</a>, sections 3.1 and 4. On the wire a frame is
 *
 * <pre>
 * +-----------+---------+-----------+
 * | flag (7E) | payload | flag (7E) |
 * +-----------+---------+-----------+
 * </pre>
 *
 * where {@code 7D} and another byte stand for that byte with bit {@code 20} inverted. One flag between two frames is
 * enough. What is delivered is all that was between the flags, unless {@link #keepMarks()} says otherwise: address,
 * control and the frame check sequence are part of it. The latter is checked by {@code Checked.of(Hdlc.create(),
 * Check.crc16X25()).littleEndian()}: see {@link Checked}.
 *
 * <h2>Worked examples</h2>
 *
 * <p>{@code Hdlc.create()}: ordinary bytes.
 *
 * <pre>
 * wire   7e 68 69 7e
 * frame     68 69       "hi"
 * </pre>
 *
 * <p>A payload with a flag and an escape.
 *
 * <pre>
 * wire   7e 01 7d 5e 02 7d 5d 03 7e
 * frame     01    7e 02    7d 03
 * </pre>
 *
 * <p>A sender that also escapes control characters, which PPP has the peers agree on; one flag between the two frames;
 * and chunks that are cut anywhere.
 *
 * <pre>
 * wire   7e 7d 31 7d | 33 7e 68 | 69 7e
 * frames 11 13, "hi"
 * </pre>
 *
 * <p>{@code Hdlc.create().keepMarks()}: both flags, also where two frames share one.
 *
 * <pre>
 * wire   7e 68 69 7e 21 7e
 * frames 7e 68 69 7e, 7e 21 7e
 * </pre>
 *
 * <h2>Empty frames</h2>
 *
 * <p>There are none: flags in a row are passed over. The last of them is where the next frame begins; a frame that
 * shares the flag with the one before begins behind it. Bytes before the first flag of the stream are taken for a
 * frame.
 *
 * <h2>Faults</h2>
 *
 * <p>{@code 7D 7E}, by which a sender aborts a frame, is a {@link CorruptFrameException}. Under {@code skipInvalid}, an
 * aborted frame and one over the limit are passed over up to and including the flag.
 *
 * <h2>Encoding</h2>
 *
 * <p>The encoder escapes {@code 7D} and {@code 7E} only and writes a flag on both sides of every frame; an empty frame
 * is a {@link CorruptFrameException}.
 */
public final class Hdlc implements Framing {

    private static final OctetStuffing STUFFING =
            new OctetStuffing("HDLC", (byte) 0x7E, (byte) 0x7D, (byte) 0x5E, (byte) 0x5D, true, true, false);

    private final OctetStuffing stuffing;

    private Hdlc(OctetStuffing stuffing) {
        this.stuffing = stuffing;
    }

    /**
     * Creates the format.
     *
     * @return a new format
     */
    public static Hdlc create() {
        return new Hdlc(STUFFING);
    }

    /**
     * Delivers frames between two flags, also where two frames share one. The flags then count as part of the length.
     *
     * @return a new format
     */
    public Hdlc keepMarks() {
        return new Hdlc(stuffing.keepingMarks());
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
        return "Hdlc.create()" + (stuffing.keepsMarks() ? ".keepMarks()" : "");
    }
}

package reactor.framing.test;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/** Writes frames, and sees that an encoder keeps the rules of {@link FrameEncoder}. */
final class EncoderProof {

    private static final byte GUARD = (byte) 0xEE;
    private static final int IN_FRONT = 3;
    private static final int BEHIND = 5;

    /** How much more than it said an encoder may write before it is stopped. */
    private static final int MORE = 1 << 16;

    /**
     * Up to this length every start of a frame that comes in pieces is shown to an envelope, then twice as much each
     * time.
     */
    private static final int EVERY_START_UP_TO = 64;

    private final Framing framing;
    private ByteBuffer directMemory = ByteBuffer.allocateDirect(0);
    private ByteBuffer envelopeMemory = ByteBuffer.allocate(0);
    private final Progress progress;

    EncoderProof(Framing framing, Progress progress) {
        this.framing = framing;
        this.progress = progress;
    }

    /**
     * Creates an encoder.
     *
     * @throws UnsupportedOperationException if there is none
     */
    FrameEncoder newEncoder() {
        FrameEncoder encoder = framing.newEncoder();
        if (encoder == null) {
            throw new Failure.Report("newEncoder() returned null")
                    .line("framing", framing)
                    .failure();
        }
        return encoder;
    }

    /**
     * Writes a frame.
     *
     * @throws FramingException if the encoder refuses it
     */
    byte[] write(FrameEncoder encoder, byte[] frame) {
        return write(encoder, frame, BufferKind.HEAP, false);
    }

    /**
     * Writes a frame that is held in each kind of buffer.
     *
     * @throws FramingException if the encoder refuses it
     */
    void proveRules(byte[] frame) {
        byte[] wire = write(newEncoder(), frame);
        for (BufferKind kind : BufferKind.values()) {
            for (boolean directTarget : new boolean[] {false, true}) {
                byte[] same;
                try {
                    same = write(newEncoder(), frame, kind, directTarget);
                } catch (FramingException refused) {
                    throw report(
                                    "a frame is refused when its buffer is " + kind.text + ", and not when it is heap",
                                    frame,
                                    kind)
                            .line("came", refused)
                            .cause(refused)
                            .failure();
                }
                if (!Arrays.equals(wire, same)) {
                    throw report(
                                    "encode() writes something else when the buffer of the "
                                            + (directTarget ? "target is direct" : "frame is " + kind.text),
                                    frame,
                                    kind)
                            .line("expected", Bytes.shortHex(wire))
                            .line("came", Bytes.shortHex(same))
                            .failure();
                }
            }
        }
        proveEnvelope(frame, wire);
    }

    /** What is written around a frame makes the same as encode(), also if only its first bytes are shown. */
    private void proveEnvelope(byte[] frame, byte[] wire) {
        FrameEncoder checked = newEncoder();
        try {
            checked.encodedLength(ByteBuffer.wrap(frame));
            proveEnvelope(checked, false, frame, frame.length, wire);
            for (int shown = 0; shown < frame.length; shown = nextStart(shown, frame.length)) {
                proveEnvelope(newEncoder(), true, frame, shown, wire);
            }
            proveEnvelope(newEncoder(), true, frame, frame.length, wire);
        } catch (FramingException e) {
            throw report("before() refuses a frame that encodedLength() took", frame, BufferKind.HEAP)
                    .line("came", e)
                    .cause(e)
                    .failure();
        }
    }

    private static int nextStart(int shown, int length) {
        return shown < EVERY_START_UP_TO ? shown + 1 : Math.min(2 * shown, length);
    }

    private void proveEnvelope(FrameEncoder encoder, boolean inPieces, byte[] frame, int shown, byte[] wire) {
        EnvelopeEncoder envelope = envelope(encoder, frame, shown);
        if (envelope == null || inPieces && !envelope.takesPieces()) {
            return;
        }
        byte[] same = envelop(envelope, frame, shown);
        if (same != null && !Arrays.equals(same, wire)) {
            throw report(
                            "before() and behind() do not write what encode() writes"
                                    + (shown < frame.length ? ", for the first " + shown + " bytes of a frame" : ""),
                            frame,
                            BufferKind.HEAP)
                    .line("expected", Bytes.shortHex(wire))
                    .line("came", Bytes.shortHex(same))
                    .failure();
        }
    }

    /**
     * Asks for what writes the bytes around a frame of which the first bytes are shown.
     *
     * @throws FramingException if the encoder refuses the frame
     */
    private @Nullable EnvelopeEncoder envelope(FrameEncoder encoder, byte[] frame, int shown) {
        progress.begin(() -> "be asked for an envelope of this frame, of which " + shown
                + " bytes are shown:\n\n  framing   " + framing + "\n  frame     " + Bytes.shortHex(frame));
        ByteBuffer start = start(frame, shown);
        EnvelopeEncoder envelope = encoder.envelope(start);
        checkStart("envelope()", start, frame, shown);
        if (envelope == null && encoder instanceof EnvelopeEncoder) {
            throw report("envelope() returns null, and the encoder is an EnvelopeEncoder", frame, BufferKind.HEAP)
                    .failure();
        }
        return envelope;
    }

    private static ByteBuffer start(byte[] frame, int shown) {
        return ByteBuffer.wrap(frame, 0, shown).slice().asReadOnlyBuffer();
    }

    private void checkStart(String method, ByteBuffer start, byte[] frame, int shown) {
        if (start.position() != 0 || start.limit() != shown) {
            throw report(method + " moves the position of the frame", frame, BufferKind.HEAP)
                    .failure();
        }
    }

    /**
     * Writes what stands around a frame of which the first bytes are shown, and the frame between.
     *
     * @return the bytes; null if more of the frame has to be shown
     * @throws FramingException if the envelope refuses the frame
     */
    private byte @Nullable [] envelop(EnvelopeEncoder envelope, byte[] frame, int shown) {
        progress.begin(() -> "write what stands around this frame, of which " + shown
                + " bytes are shown:\n\n  framing   " + framing + "\n  frame     " + Bytes.shortHex(frame));
        ByteBuffer start = start(frame, shown);
        int overhead = envelope.overhead();
        ByteBuffer target = envelopeTarget(frame.length + 2 * Math.max(0, overhead) + MORE);
        int covered;
        try {
            covered = envelope.before(frame.length, start, target);
        } catch (FramingException e) {
            checkNothingWritten("before() refuses a frame", target, frame);
            throw e;
        }
        checkStart("before()", start, frame, shown);
        if (covered == EnvelopeEncoder.MORE) {
            checkNothingWritten("before() asks for more of a frame", target, frame);
            if (shown == frame.length) {
                throw report("before() asks for more than the whole frame", frame, BufferKind.HEAP)
                        .failure();
            }
            return null;
        }
        if (covered < 0 || covered > shown) {
            throw report(
                            "before() says that it has written " + covered + " of the " + shown
                                    + " bytes that it was shown",
                            frame,
                            BufferKind.HEAP)
                    .failure();
        }
        checkOverhead("before()", overhead, target.position(), frame);
        target.put(frame, covered, frame.length - covered);
        int end = target.position();
        envelope.behind(target);
        checkOverhead("behind()", overhead, target.position() - end, frame);
        return Arrays.copyOf(target.array(), target.position());
    }

    private ByteBuffer envelopeTarget(int length) {
        if (envelopeMemory.capacity() < length) {
            envelopeMemory = ByteBuffer.allocate(length);
        }
        return envelopeMemory.clear();
    }

    private void checkNothingWritten(String when, ByteBuffer target, byte[] frame) {
        if (target.position() != 0) {
            throw report(when + " when " + target.position() + " bytes of it have been written", frame, BufferKind.HEAP)
                    .failure();
        }
    }

    private void checkOverhead(String method, int overhead, int written, byte[] frame) {
        if (written > overhead) {
            throw report(
                            "overhead() is too small, it says " + overhead + " bytes at most and " + method + " writes "
                                    + written,
                            frame,
                            BufferKind.HEAP)
                    .failure();
        }
    }

    /** A frame that is refused is refused in pieces, too, where encodedLength() is not called. */
    void proveRefusedInPieces(byte[] frame) {
        for (int shown = 0; ; shown = nextStart(shown, frame.length)) {
            try {
                EnvelopeEncoder envelope = envelope(newEncoder(), frame, shown);
                if (envelope != null && envelope.takesPieces() && envelop(envelope, frame, shown) != null) {
                    throw report("before() takes a frame that encodedLength() refuses", frame, BufferKind.HEAP)
                            .line("shown", shown + " bytes")
                            .failure();
                }
            } catch (FramingException refused) {
                // as it has to be
            }
            if (shown == frame.length) {
                return;
            }
        }
    }

    /**
     * Writes frames by one encoder, in turn by encode(), around the frame as a whole, and around a frame in pieces.
     *
     * @return the bytes; null if there are encoders that leave no frame as it is
     */
    byte @Nullable [] writeAround(List<byte[]> frames) {
        FrameEncoder encoder = newEncoder();
        boolean leavesAny = encoder instanceof EnvelopeEncoder;
        List<byte[]> wires = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            EnvelopeEncoder envelope = i % 3 == 0 ? null : envelope(encoder, frame, frame.length);
            if (envelope == null) {
                wires.add(write(encoder, frame));
            } else {
                leavesAny = true;
                if (i % 3 == 2 || !envelope.takesPieces()) {
                    encoder.encodedLength(ByteBuffer.wrap(frame));
                }
                wires.add(Objects.requireNonNull(envelop(envelope, frame, frame.length)));
            }
        }
        return leavesAny ? Bytes.join(wires) : null;
    }

    private byte[] write(FrameEncoder encoder, byte[] content, BufferKind kind, boolean directTarget) {
        progress.begin(() -> "encode this frame:\n\n  framing   " + framing + "\n  frame     " + Bytes.shortHex(content)
                + ", " + kind.text);
        ByteBuffer frame = kind.of(content);
        ByteBuffer before = frame.duplicate().order(frame.order());
        int bound = call("encodedLength()", content, kind, () -> encoder.encodedLength(frame));
        checkUnchanged("encodedLength()", frame, before, content, kind);
        if (bound < 0) {
            throw report("encodedLength() is negative, " + bound, content, kind).failure();
        }
        ByteBuffer memory =
                directTarget ? direct(IN_FRONT + bound + BEHIND) : ByteBuffer.allocate(IN_FRONT + bound + BEHIND);
        for (int i = 0; i < IN_FRONT; i++) {
            memory.put(i, GUARD);
            memory.put(memory.capacity() - 1 - i, GUARD);
        }
        ByteBuffer target = memory.duplicate().position(IN_FRONT).limit(IN_FRONT + bound);
        try {
            call("encode()", content, kind, () -> {
                encoder.encode(frame, target);
                return true;
            });
        } catch (FramingException e) {
            if (target.position() == IN_FRONT) {
                throw e; // nothing has been written
            }
            throw report(
                            "encode() refuses a frame when " + (target.position() - IN_FRONT)
                                    + " bytes of it have been written",
                            content,
                            kind)
                    .line("came", e)
                    .cause(e)
                    .failure();
        } catch (BufferOverflowException | IndexOutOfBoundsException e) {
            throw tooLong(content, kind, bound, e);
        }
        checkUnchanged("encode()", frame, before, content, kind);
        if (target.position() < IN_FRONT
                || target.position() > IN_FRONT + bound
                || target.limit() < target.position()) {
            throw report(
                            "encodedLength() says " + bound + " bytes at most, encode() moved the target by "
                                    + (target.position() - IN_FRONT),
                            content,
                            kind)
                    .failure();
        }
        for (int i = 0; i < IN_FRONT; i++) {
            if (memory.get(i) != GUARD) {
                throw report("encode() writes in front of the target's position", content, kind)
                        .failure();
            }
            if (memory.get(memory.capacity() - 1 - i) != GUARD) {
                throw report("encode() writes behind the target's limit", content, kind)
                        .failure();
            }
        }
        byte[] wire = new byte[target.position() - IN_FRONT];
        memory.get(IN_FRONT, wire);
        return wire;
    }

    private ByteBuffer direct(int length) {
        if (directMemory.capacity() < length) {
            directMemory = ByteBuffer.allocateDirect(2 * length);
        }
        return directMemory.slice(0, length);
    }

    private <T> T call(String method, byte[] frame, BufferKind kind, Supplier<T> encoder) {
        try {
            return encoder.get();
        } catch (FramingException e) {
            throw e;
        } catch (BufferOverflowException | IndexOutOfBoundsException e) {
            if (method.equals("encode()")) {
                throw e;
            }
            throw thrown(method, frame, kind, e);
        } catch (RuntimeException | Error e) {
            if (e instanceof Failure || e instanceof Progress.Abandoned) {
                throw e;
            }
            throw thrown(method, frame, kind, e);
        }
    }

    private Failure thrown(String method, byte[] frame, BufferKind kind, Throwable e) {
        String place = Failure.place(e);
        return report(
                        method + " throws " + e.getClass().getName() + (place == null ? "" : " at " + place)
                                + (kind == BufferKind.HEAP ? "" : ", when the frame's buffer is " + kind.text),
                        frame,
                        kind)
                .line("came", e)
                .cause(e)
                .failure();
    }

    /** Has the frame written once more, where there is room enough to see how long it is. */
    private Failure tooLong(byte[] content, BufferKind kind, int bound, RuntimeException thrown) {
        try {
            FrameEncoder encoder = newEncoder();
            ByteBuffer frame = kind.of(content);
            encoder.encodedLength(frame);
            ByteBuffer target = ByteBuffer.allocate(bound + MORE);
            encoder.encode(frame, target);
            if (target.position() > bound) {
                return report(
                                "encodedLength() is too small, it says " + bound + " bytes at most and encode() writes "
                                        + target.position(),
                                content,
                                kind)
                        .line("came", Bytes.shortHex(Arrays.copyOf(target.array(), target.position())))
                        .cause(thrown)
                        .failure();
            }
        } catch (RuntimeException e) {
            return thrown("encode()", content, kind, thrown);
        }
        return thrown("encode()", content, kind, thrown);
    }

    private void checkUnchanged(String method, ByteBuffer frame, ByteBuffer before, byte[] content, BufferKind kind) {
        String what = null;
        if (frame.position() != before.position()) {
            what = "moves the position of the frame from " + before.position() + " to " + frame.position();
        } else if (frame.limit() != before.limit()) {
            what = "changes the limit of the frame from " + before.limit() + " to " + frame.limit();
        } else if (frame.order() != before.order()) {
            what = "changes the byte order of the frame";
        } else if (!Arrays.equals(Bytes.of(frame), content)) {
            what = "changes the bytes of the frame to " + Bytes.shortHex(Bytes.of(frame));
        }
        if (what != null) {
            throw report(method + " " + what, content, kind).failure();
        }
    }

    private Failure.Report report(String headline, byte[] frame, BufferKind kind) {
        return new Failure.Report(headline)
                .line("framing", framing)
                .line("frame", Bytes.shortHex(frame) + (kind == BufferKind.HEAP ? "" : ", " + kind.text));
    }

    /** Sees that a frame is refused, and that nothing else comes of it. */
    @Nullable
    FramingException refusal(byte[] content) {
        try {
            write(newEncoder(), content);
            return null;
        } catch (FramingException refused) {
            proveRefusedInPieces(content);
            return refused;
        }
    }
}

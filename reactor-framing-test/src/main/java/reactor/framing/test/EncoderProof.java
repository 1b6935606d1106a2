package reactor.framing.test;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /** How much of a frame that comes in pieces an envelope is shown at least. */
    private static final int START_OF_A_LONG_FRAME = 64;

    private final Framing framing;
    private ByteBuffer directMemory = ByteBuffer.allocateDirect(0);
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
        if (newEncoder() instanceof EnvelopeEncoder) {
            proveEnvelope(frame, wire, frame.length);
            proveEnvelope(frame, wire, Math.min(frame.length, START_OF_A_LONG_FRAME));
        }
    }

    /** What is written around a frame, of which the envelope is shown the first bytes, makes the same as encode. */
    private void proveEnvelope(byte[] content, byte[] wire, int shown) {
        EnvelopeEncoder envelope = (EnvelopeEncoder) newEncoder();
        if (shown < content.length && !envelope.takesPieces()) {
            return;
        }
        progress.begin(() -> "write what stands around this frame:\n\n  framing   " + framing + "\n  frame     "
                + Bytes.shortHex(content));
        ByteBuffer start = ByteBuffer.wrap(content, 0, shown).slice().asReadOnlyBuffer();
        int overhead = envelope.overhead();
        int taken;
        ByteBuffer target = ByteBuffer.allocate(content.length + Math.max(0, overhead) + MORE);
        try {
            envelope.encodedLength(BufferKind.HEAP.of(content));
            taken = envelope.before(content.length, start, target);
            if (start.position() != 0) {
                throw report("before() moves the position of the frame", content, BufferKind.HEAP)
                        .failure();
            }
            if (taken < 0 || taken > shown) {
                throw report(
                                "before() says that it has written " + taken + " of the " + shown
                                        + " bytes that it was shown",
                                content,
                                BufferKind.HEAP)
                        .failure();
            }
            target.put(content, taken, content.length - taken);
            envelope.behind(target);
        } catch (FramingException e) {
            throw report("before() refuses a frame that encodedLength() took", content, BufferKind.HEAP)
                    .line("came", e)
                    .cause(e)
                    .failure();
        }
        byte[] same = Arrays.copyOf(target.array(), target.position());
        if (!Arrays.equals(same, wire)) {
            throw report(
                            "before() and behind() do not write what encode() writes"
                                    + (shown < content.length ? ", for the first bytes of a frame" : ""),
                            content,
                            BufferKind.HEAP)
                    .line("expected", Bytes.shortHex(wire))
                    .line("came", Bytes.shortHex(same))
                    .failure();
        }
        if (same.length - content.length > overhead) {
            throw report(
                            "overhead() is too small, it says " + overhead + " bytes at most and "
                                    + (same.length - content.length) + " are written",
                            content,
                            BufferKind.HEAP)
                    .line("came", Bytes.shortHex(same))
                    .failure();
        }
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
            return refused;
        }
    }
}

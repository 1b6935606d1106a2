package reactor.framing.test;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.FramingException;

/**
 * Frames and a format from a fuzzer: a frame is refused, or written within the length that the encoder said and read
 * as it was, whatever stands beside it; packed or not, whole or in pieces, the bytes are the same.
 */
public final class EncodeTarget {

    /** Formats that do not show all the formats that they are made of. */
    private static final List<String> ANY = List.of("FirstBytes", "Switching");

    /** What tells that the encoder fills a length or a check in. */
    private static final List<String> FILLED_IN = List.of("keepHeader", "strip(", "keepCheck", "Protocols.");

    private static final int LONGEST_FIELD = 8;

    /** The most bytes by which a format is chosen. */
    private static final int CHOOSING = 3;

    private static final byte GARBAGE = (byte) 0xEE;

    private EncodeTarget() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        Data data = new Data(input);
        Framing framing;
        FrameEncoder encoder;
        try {
            framing = Formats.choose(data);
            encoder = framing.newEncoder();
        } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException notTogether) {
            return;
        }
        String text = framing.toString();
        boolean decodedFirst = data.flag();
        int coalesce = 1 + data.next();
        Manner manner = DecodeTarget.manner(data);
        int[] distances = data.distances();
        Runner runner = new Runner(framing, codec -> codec, false, new Progress());
        List<byte[]> frames = new ArrayList<>();
        if (decodedFirst) {
            for (Event event : runner.run(data.rest(), new int[0], Manner.PLAIN)) {
                if (event.isFrame()) {
                    frames.add(event.bytes());
                }
            }
        } else {
            for (int n = data.below(5); n > 0; n--) {
                frames.add(data.bytes(data.below(40)));
            }
            frames.add(data.rest());
        }

        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        List<byte[]> written = new ArrayList<>();
        boolean isJson = false;
        FrameEncoder other = framing.newEncoder();
        for (byte[] frame : frames) {
            byte[] bytes = encode(encoder, frame, framing);
            boolean isWhole = (written.size() + coalesce) % 2 == 0;
            byte[] around = around(other, frame, isWhole, framing);
            if (!Arrays.equals(bytes, around)) {
                throw new AssertionError("by " + framing + " " + Bytes.hex(frame) + " is " + hex(bytes) + ", but "
                        + hex(around) + (isWhole ? "" : " in pieces"));
            }
            if (bytes != null) {
                wire.writeBytes(bytes);
                written.add(frame);
                isJson |= isObjectAndLineFeed(bytes);
            }
        }
        byte[] stream = wire.toByteArray();
        byte[] packed = packed(framing, written, coalesce);
        if (!Arrays.equals(packed, stream)) {
            throw new AssertionError("coalesce(" + coalesce + ") wrote " + Bytes.hex(packed) + " and not "
                    + Bytes.hex(stream) + " by " + framing);
        }
        if (isJson && ANY.stream().anyMatch(text::contains)) {
            return; // the line feed behind an object belongs to no frame: Json says so
        }
        List<Event> expected = new ArrayList<>();
        for (int i = 0; i < written.size(); i++) {
            expected.add(Event.frame(delivered(framing, written.subList(0, i), written.get(i))));
        }
        expected.add(Event.COMPLETE);
        int[] cuts = Data.cuts(distances, stream.length);
        List<Event> came = runner.run(stream, cuts, manner);
        if (DecodeTarget.isRefusedFormat(came)) {
            expected.set(expected.size() - 1, came.get(came.size() - 1)); // behind all that was written
        }
        DecodeTarget.require(
                came.equals(expected),
                "what was written is read differently",
                runner,
                stream,
                cuts,
                manner,
                expected,
                came);
    }

    /**
     * Filling stays, and a header or a check that the frame brings is filled in, in presets as well; nothing else
     * changes a frame. The frames before it may have chosen its format.
     */
    private static byte[] delivered(Framing framing, List<byte[]> before, byte[] frame) {
        byte[] wire = wire(framing, before, frame);
        List<Event> events =
                new Runner(framing, codec -> codec, false, new Progress()).run(wire, new int[0], Manner.PLAIN);
        Event event = events.get(Math.min(before.size(), events.size() - 1));
        byte[] read = event.isFrame() ? event.bytes() : frame;
        String text = framing.toString();
        boolean isAny = ANY.stream().anyMatch(text::contains);
        boolean filled = (isAny || text.contains("padding")) && Arrays.equals(Arrays.copyOf(read, frame.length), frame)
                || read.length == frame.length
                        && (isAny || FILLED_IN.stream().anyMatch(text::contains))
                        && isFieldOrCheck(read, frame)
                        && (isAny && !isSameChoice(read, frame) || Arrays.equals(wire(framing, before, read), wire));
        return filled ? read : frame;
    }

    private static boolean isObjectAndLineFeed(byte[] bytes) {
        int n = bytes.length;
        return n > 2 && bytes[0] == '{' && bytes[n - 2] == '}' && bytes[n - 1] == '\n';
    }

    /** Whether the bytes are the same by which a format is chosen, in compositions. */
    private static boolean isSameChoice(byte[] read, byte[] frame) {
        return Arrays.equals(Arrays.copyOf(read, CHOOSING), Arrays.copyOf(frame, CHOOSING));
    }

    /** Whether all bytes that differ are in a length field or in a check at the end; neither is longer than 8. */
    private static boolean isFieldOrCheck(byte[] read, byte[] frame) {
        int first = Arrays.mismatch(read, frame);
        int from = first + LONGEST_FIELD;
        int to = frame.length - LONGEST_FIELD;
        return first < 0 || from >= to || Arrays.mismatch(read, from, to, frame, from, to) < 0;
    }

    private static byte[] wire(Framing framing, List<byte[]> before, byte[] frame) {
        FrameEncoder encoder = framing.newEncoder();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i <= before.size(); i++) {
            byte[] bytes = encode(encoder, i < before.size() ? before.get(i) : frame, framing);
            if (bytes != null) {
                wire.writeBytes(bytes);
            }
        }
        return wire.toByteArray();
    }

    /** The bytes on the wire; null if the frame was refused, with nothing written. */
    private static byte[] encode(FrameEncoder encoder, byte[] frame, Framing framing) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        int length;
        try {
            length = encoder.encodedLength(buffer);
        } catch (RuntimeException e) {
            if (isRefusal(e)) {
                return null;
            }
            throw e;
        }
        byte[] memory = new byte[length + 1];
        memory[length] = GARBAGE;
        ByteBuffer target = ByteBuffer.wrap(memory, 0, length);
        try {
            encoder.encode(buffer, target);
        } catch (FramingException refused) {
            if (target.position() != 0) {
                throw new AssertionError("a refused frame was written in part by " + framing, refused);
            }
            return null;
        }
        if (buffer.position() != 0 || buffer.limit() != frame.length || memory[length] != GARBAGE) {
            throw new AssertionError("the encoder of " + framing + " changed what is not its own");
        }
        return Arrays.copyOf(memory, target.position());
    }

    /** The same by what is written around the frame, where the format leaves it as it is. */
    private static byte[] around(FrameEncoder encoder, byte[] frame, boolean isWhole, Framing framing) {
        try {
            if (isWhole) {
                encoder.encodedLength(ByteBuffer.wrap(frame));
            }
            for (int shown = isWhole ? frame.length : 0; ; shown++) {
                ByteBuffer start = ByteBuffer.wrap(frame, 0, shown);
                EnvelopeEncoder envelope = encoder.envelope(start);
                if (envelope == null || !isWhole && !envelope.takesPieces()) {
                    return encode(encoder, frame, framing);
                }
                ByteBuffer target = ByteBuffer.allocate(2 * envelope.overhead() + frame.length);
                int covered = envelope.before(frame.length, start, target);
                if (covered != EnvelopeEncoder.MORE) {
                    envelope.behind(target.put(frame, covered, frame.length - covered));
                    return Bytes.of(target.flip());
                }
            }
        } catch (RuntimeException e) {
            if (isRefusal(e)) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isRefusal(RuntimeException e) {
        return e instanceof FramingException
                || e instanceof UnsupportedOperationException
                || DecodeTarget.isRefusedFormat(e);
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "refused" : Bytes.hex(bytes);
    }

    private static byte[] packed(Framing framing, List<byte[]> frames, int coalesce) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        FrameCodec.of(framing)
                .coalesce(coalesce)
                .encode(Flux.fromIterable(frames).map(ByteBuffer::wrap))
                .toIterable()
                .forEach(chunk -> wire.writeBytes(Bytes.of(chunk)));
        return wire.toByteArray();
    }
}

package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;

/**
 * A preset of {@link Protocols} and what is to be seen of it, for {@link PresetsContract}. All bytes are in
 * hexadecimal.
 */
final class Preset {

    /** A stream and what comes of it; {@code writes} if the encoder makes the same stream of the frames. */
    record Case(Framing framing, String what, String stream, List<String> frames, List<String> events, Manner manner) {

        @Override
        public String toString() {
            return framing + ": " + what;
        }
    }

    /** How a stream is treated. */
    enum Manner {
        READ_AND_WRITTEN,
        READ,
        SKIPPING_FAULTS
    }

    /** A frame that the encoder refuses. */
    record Refused(Framing framing, String what, String frame) {

        @Override
        public String toString() {
            return framing + ": " + what;
        }
    }

    /** The lengths that a frame may have. */
    record Bounds(Framing framing, int min, int max, boolean open, IntFunction<byte[]> frame) {

        @Override
        public String toString() {
            return framing + " " + min + ".." + (open ? "" : max);
        }
    }

    final Framing framing;
    final List<Case> cases = new ArrayList<>();
    final List<Refused> refused = new ArrayList<>();
    final List<Bounds> bounds = new ArrayList<>();

    @Nullable
    FramingVerifier verifier;

    private Preset(Framing framing) {
        this.framing = framing;
    }

    static Preset of(Framing framing) {
        return new Preset(framing);
    }

    /** A stream that is not ours, and its frames: it is read, and written the same. */
    Preset vector(String source, String stream, String... frames) {
        return add(source, stream, Manner.READ_AND_WRITTEN, frames);
    }

    /** A stream that is not ours, and its frames, where the encoder does not write the same, or cannot write. */
    Preset readVector(String source, String stream, String... frames) {
        return add(source, stream, Manner.READ, frames);
    }

    private Preset add(String source, String stream, Manner manner, String... frames) {
        List<String> events = new ArrayList<>();
        for (String frame : frames) {
            events.add(FramingEvents.frame(TestBytes.hex(frame)));
        }
        events.add("complete");
        cases.add(new Case(framing, source, stream, List.of(frames), events, manner));
        return this;
    }

    /** A stream and the events that come of it, as {@link FramingEvents} writes them. */
    Preset yields(String what, String stream, String... events) {
        cases.add(new Case(framing, what, stream, List.of(), List.of(events), Manner.READ));
        return this;
    }

    /** The same, where faults are skipped. */
    Preset skipping(String what, String stream, String... events) {
        cases.add(new Case(framing, what, stream, List.of(), List.of(events), Manner.SKIPPING_FAULTS));
        return this;
    }

    /** A stream that is corrupt from its first frame on. */
    Preset corrupt(String what, String stream) {
        return yields(what, stream, "error Corrupt #0 @0");
    }

    /** A frame that the encoder refuses. */
    Preset refuses(String what, String frame) {
        refused.add(new Refused(framing, what, frame));
        return this;
    }

    /** The lengths that frames can have; the function makes a frame of a length, also of one that is not allowed. */
    Preset bounds(int min, int max, IntFunction<byte[]> frame) {
        bounds.add(new Bounds(framing, min, max, false, frame));
        return this;
    }

    /** The least length that frames can have, where the longest is too long to be tried. */
    Preset leastLength(int min, IntFunction<byte[]> frame) {
        bounds.add(new Bounds(framing, min, 70_000, true, frame));
        return this;
    }

    /** How {@link FramingVerifier} is to be told about the frames. */
    Preset verified(UnaryOperator<FramingVerifier> settings) {
        verifier = settings.apply(FramingVerifier.of(framing));
        return this;
    }

    /**
     * The same for frames that come in one order only, so that the verifier cannot write them in any: it is told of
     * streams, and reads.
     */
    Preset verifiedReading(UnaryOperator<FramingVerifier> examples) {
        verifier = examples.apply(FramingVerifier.of(readOnly(framing)));
        return this;
    }

    /** A format that cannot be written. */
    static Framing readOnly(Framing framing) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return framing.newDecoder();
            }

            @Override
            public FrameEncoder newEncoder() {
                throw new UnsupportedOperationException("only read here");
            }

            @Override
            public String toString() {
                return framing.toString();
            }
        };
    }

    /** The name in {@link Protocols}. */
    String name() {
        String shown = framing.toString();
        if (!shown.matches("Protocols\\.[a-zA-Z0-9]+\\(\\)")) {
            throw new AssertionError(shown + " is not the name of a preset");
        }
        return shown.substring("Protocols.".length(), shown.length() - 2);
    }

    @Override
    public String toString() {
        return framing.toString();
    }

    // ---- to write bytes with

    static String ascii(String text) {
        return HexFormat.of().formatHex(text.getBytes(US_ASCII));
    }

    /** The bytes, each as two digits, without white space. */
    static String plain(String hex) {
        return HexFormat.of().formatHex(TestBytes.hex(hex));
    }

    /** These bytes, cut or filled up to the length. */
    static byte[] filled(int length, byte... start) {
        byte[] bytes = Arrays.copyOf(start, length);
        Arrays.fill(bytes, Math.min(start.length, length), length, (byte) 0x5A);
        return bytes;
    }
}

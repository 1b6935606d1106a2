package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameEncoder;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.FramingMatrix;

/**
 * What holds for every wire format that can be written: frames of every length come back, alone and in one stream that is
 * cut anywhere; the limit is exact on both sides; a stream that ends early ends as the format says; and of any bytes
 * whatsoever come frames and a {@link FramingException}, the same for every split. Use:
 *
 * <pre>{@code
 * FormatContract.of(LengthField.ofSize(1)).lengths(0, 255).verify();
 * }</pre>
 */
final class FormatContract {

    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
    private static final int LONGEST_TRIED = 300;
    private static final int NOISE_STREAMS = 12;
    private static final int LONGEST_NOISE = 25;

    /** Makes a frame that the format can carry. */
    interface Frames {
        byte[] make(Random random, int length);
    }

    private final Framing framing;
    private int minLength;
    private int maxLength = Integer.MAX_VALUE;
    private Frames frames = (random, length) -> {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    };
    private UnaryOperator<byte[]> delivered = frame -> frame;
    private Function<byte[], String> atEnd = rest -> rest.length == 0 ? "complete" : "truncated";
    private byte[] alphabet = {0, 1, 2, 3, '\r', '\n', (byte) 0xFF};
    private final List<byte[]> refused = new ArrayList<>();

    private FormatContract(Framing framing) {
        this.framing = framing;
    }

    static FormatContract of(Framing framing) {
        return new FormatContract(framing);
    }

    /** The lengths that frames can have; all, unless set. The encoder has to find a frame of one more too long. */
    FormatContract lengths(int min, int max) {
        minLength = min;
        maxLength = max;
        return this;
    }

    /** How to make frames, for a format that cannot carry any bytes. */
    FormatContract frames(Frames frames) {
        this.frames = frames;
        return this;
    }

    /** What the decoder makes of a frame that was written; the same bytes, unless set. */
    FormatContract delivers(UnaryOperator<byte[]> delivered) {
        this.delivered = delivered;
        return this;
    }

    /**
     * How a stream ends after these bytes of an unfinished frame: {@code complete}, {@code truncated}, or {@code frame 61 62}
     * as {@link FramingMatrix#frame} gives it, for a last frame and then completion. Unless set, there must be none.
     */
    FormatContract atEnd(Function<byte[], String> atEnd) {
        this.atEnd = atEnd;
        return this;
    }

    /** The bytes that mean something to this format: half of the noise is made of them. */
    FormatContract alphabet(int... bytes) {
        alphabet = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            alphabet[i] = (byte) bytes[i];
        }
        return this;
    }

    /** Frames, in hex, that the encoder has to refuse. */
    FormatContract refuses(String... hexFrames) {
        for (String hex : hexFrames) {
            refused.add(FramingMatrix.hex(hex));
        }
        return this;
    }

    void verify() {
        everyLength_comesBack();
        severalFrames_comeBackForEverySplit();
        limit_isExact();
        endAtEveryByte_completesOrIsTruncated();
        anyBytes_giveFramesAndAFramingException(false);
        anyBytes_giveFramesAndAFramingException(true);
        badFrames_areRefused();
    }

    private void everyLength_comesBack() {
        Random random = new Random(1);
        FrameEncoder encoder = framing.newEncoder();
        for (int length = minLength; length <= Math.min(maxLength, LONGEST_TRIED); length++) {
            byte[] frame = frames.make(random, length);
            byte[] wire = encode(frame);
            for (int chunk : new int[] {1, Math.max(1, wire.length / 2), Math.max(1, wire.length)}) {
                assertThat(decode(FrameCodec.of(framing), wire, chunk))
                        .as("%s, frame of %s bytes, chunks of %s, wire %s", framing, length, chunk, hex(wire))
                        .containsExactly(hex(delivered.apply(frame)));
            }
            for (ByteBuffer view : views(frame)) {
                checkEncoder(encoder, view, wire);
            }
        }
    }

    /** The same bytes in buffers of all kinds. */
    private static List<ByteBuffer> views(byte[] frame) {
        ByteBuffer offset = ByteBuffer.allocate(frame.length + 7).position(2).slice();
        offset.put(3, frame).position(3).limit(3 + frame.length);
        ByteBuffer direct = ByteBuffer.allocateDirect(frame.length).put(0, frame);
        return List.of(
                ByteBuffer.wrap(frame).asReadOnlyBuffer(),
                direct,
                offset,
                ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN));
    }

    private void checkEncoder(FrameEncoder encoder, ByteBuffer frame, byte[] wire) {
        ByteBuffer before = frame.duplicate();
        byte[] content = FramingMatrix.bytes(frame);
        ByteOrder order = frame.order();
        int bound = encoder.encodedLength(frame);
        ByteBuffer memory = ByteBuffer.allocate(bound + 5);
        Arrays.fill(memory.array(), (byte) 0xEE);
        ByteBuffer target = memory.position(3);
        target.limit(3 + bound);
        encoder.encode(frame, target);
        assertThat(HEX.formatHex(memory.array(), 3, target.position()))
                .as("%s, a frame in %s", framing, before)
                .isEqualTo(hex(wire));
        assertThat(new byte[] {memory.array()[0], memory.array()[1], memory.array()[2]})
                .as("what is in front of the target")
                .containsOnly(0xEE);
        assertThat(frame.position() == before.position() && frame.limit() == before.limit() && frame.order() == order)
                .as("the frame's position, limit and order are as they were")
                .isTrue();
        assertThat(FramingMatrix.bytes(frame)).isEqualTo(content);
    }

    private void severalFrames_comeBackForEverySplit() {
        for (int seed = 0; seed < 2; seed++) {
            Random random = new Random(seed);
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            List<String> events = new ArrayList<>();
            for (byte[] frame : someFrames(random)) {
                wire.writeBytes(encode(frame));
                events.add(FramingMatrix.frame(delivered.apply(frame)));
            }
            events.add("complete");
            FramingMatrix.of(framing).stream(wire.toByteArray()).yields(events);
            FramingMatrix.of(framing).skipInvalid().stream(wire.toByteArray()).yields(events);
        }
    }

    /** The shortest one twice, and others. */
    private List<byte[]> someFrames(Random random) {
        List<byte[]> some = new ArrayList<>();
        some.add(frames.make(random, minLength));
        some.add(frames.make(random, minLength));
        for (int i = 0; i < 4; i++) {
            some.add(frames.make(random, minLength + random.nextInt(Math.min(20, maxLength - minLength) + 1)));
        }
        some.add(frames.make(random, minLength));
        return some;
    }

    private void limit_isExact() {
        Random random = new Random(2);
        for (int length : new int[] {2, 3, 17, 255, 256, LONGEST_TRIED, minLength, maxLength}) {
            if (length < Math.max(2, minLength) || length > Math.min(maxLength, 1 << 16)) {
                continue;
            }
            byte[] frame = frames.make(random, length);
            if (delivered.apply(frame).length != length) {
                continue;
            }
            byte[] wire = encode(frame);
            FrameCodec exact = FrameCodec.of(framing).maxFrameLength(length);
            assertThat(hex(encode(exact, frame))).isEqualTo(hex(wire));
            assertThat(decode(exact, wire, wire.length)).containsExactly(hex(delivered.apply(frame)));
            FrameCodec less = FrameCodec.of(framing).maxFrameLength(length - 1);
            assertTooLong(() -> encode(less, frame), length, length - 1);
            FramingMatrix atLimit = FramingMatrix.of(framing).with(codec -> codec.maxFrameLength(length));
            FramingMatrix overLimit = FramingMatrix.of(framing).with(codec -> codec.maxFrameLength(length - 1));
            if (length <= 17) {
                atLimit.stream(wire).yields(FramingMatrix.frame(delivered.apply(frame)), "complete");
                overLimit.stream(wire).yields("error TooLong #0 @0 " + length + ">" + (length - 1));
            } else {
                for (int chunk : new int[] {1, 7, wire.length}) {
                    assertTooLong(() -> decode(less, wire, chunk), length, length - 1);
                }
            }
        }
        if (maxLength < 1 << 16) {
            assertThatThrownBy(() -> encode(new byte[maxLength + 1]))
                    .as("%s, encoding one byte more than can be", framing)
                    .isInstanceOf(FrameTooLongException.class);
        }
    }

    private void assertTooLong(Runnable codec, long length, long limit) {
        assertThatThrownBy(codec::run)
                .as("%s, limit %s", framing, limit)
                .isInstanceOfSatisfying(FrameTooLongException.class, e -> {
                    assertThat(e.length()).isEqualTo(length);
                    assertThat(e.limit()).isEqualTo(limit);
                });
    }

    private void endAtEveryByte_completesOrIsTruncated() {
        Random random = new Random(3);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            byte[] frame = frames.make(random, Math.min(maxLength, minLength + new int[] {3, 0, 7, 1}[i]));
            byte[] wire = encode(frame);
            for (int n = 0; n < wire.length; n++) {
                byte[] prefix = Arrays.copyOf(stream.toByteArray(), stream.size() + n);
                System.arraycopy(wire, 0, prefix, stream.size(), n);
                checkEnd(events, prefix, Arrays.copyOf(wire, n), wire.length);
            }
            stream.writeBytes(wire);
            events.add(FramingMatrix.frame(delivered.apply(frame)));
        }
    }

    private void checkEnd(List<String> frames, byte[] stream, byte[] rest, int wireLength) {
        List<String> expected = new ArrayList<>(frames);
        String end = atEnd.apply(rest);
        List<String> actual = FramingMatrix.of(framing).stream(stream).events();
        String last = actual.get(actual.size() - 1);
        if (!end.equals("truncated")) {
            if (end.startsWith("frame")) {
                expected.add(end);
            }
            expected.add("complete");
        } else {
            assertThat(last)
                    .as("%s, stream of %s bytes ending in %s", framing, stream.length, hex(rest))
                    .matches("error Truncated #" + frames.size() + " @\\d+ \\d+/(-1|\\d+)");
            String[] figures = last.substring(last.lastIndexOf(' ') + 1).split("/");
            assertThat(Integer.parseInt(figures[0])).isBetween(1, rest.length);
            assertThat(Integer.parseInt(figures[1])).isIn(-1, wireLength);
            expected.add(last);
        }
        assertThat(actual)
                .as("%s, stream of %s bytes ending in %s", framing, stream.length, hex(rest))
                .isEqualTo(expected);
        FramingMatrix.of(framing).allCutsUpTo(5).stream(stream).yields(expected);
    }

    private void anyBytes_giveFramesAndAFramingException(boolean skipInvalid) {
        for (int seed = 0; seed < NOISE_STREAMS; seed++) {
            byte[] stream = noise(new Random(seed));
            FramingMatrix matrix =
                    FramingMatrix.of(framing).allCutsUpTo(8).with(codec -> codec.maxFrameLength(6)).stream(stream);
            if (skipInvalid) {
                matrix.skipInvalid();
            }
            List<String> events = matrix.events();
            assertThat(events)
                    .as("%s, stream %s", framing, hex(stream))
                    .allMatch(event -> event.matches("(frame|skipped (TooLong|Corrupt) #).*"
                            + "|complete|error (TooLong|Corrupt|Truncated) #.*"));
            matrix.yields(events);
            events.stream().filter(event -> event.startsWith("frame")).forEach(this::checkRoundTrip);
        }
    }

    private byte[] noise(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(LONGEST_NOISE)];
        random.nextBytes(bytes);
        boolean few = random.nextBoolean();
        for (int i = 0; i < bytes.length; i++) {
            if (few || random.nextBoolean()) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
        }
        return bytes;
    }

    /** What was decoded and can be written is decoded to the same again. */
    private void checkRoundTrip(String event) {
        byte[] frame = FramingMatrix.hex(event.substring("frame".length()));
        byte[] wire;
        try {
            wire = encode(frame);
        } catch (FramingException refused) {
            return;
        }
        assertThat(FramingMatrix.of(framing).stream(wire).events())
                .as("%s, frame %s written as %s", framing, hex(frame), hex(wire))
                .containsExactly(FramingMatrix.frame(frame), "complete");
    }

    private void badFrames_areRefused() {
        for (byte[] frame : refused) {
            assertThatThrownBy(() -> encode(frame))
                    .as("%s, encoding %s", framing, hex(frame))
                    .isInstanceOf(FramingException.class);
        }
    }

    private byte[] encode(byte[] frame) {
        return encode(FrameCodec.of(framing), frame);
    }

    private static byte[] encode(FrameCodec codec, byte[] frame) {
        ByteBuffer wire = codec.encode(Flux.just(ByteBuffer.wrap(frame))).blockLast();
        assertThat(wire).isNotNull();
        return FramingMatrix.bytes(wire);
    }

    private static List<String> decode(FrameCodec codec, byte[] wire, int chunkLength) {
        return codec.decode(Flux.range(0, (wire.length + chunkLength - 1) / chunkLength)
                        .map(i -> ByteBuffer.wrap(
                                wire, i * chunkLength, Math.min(chunkLength, wire.length - i * chunkLength))))
                .map(frame -> hex(FramingMatrix.bytes(frame)))
                .collectList()
                .block();
    }

    private static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }
}

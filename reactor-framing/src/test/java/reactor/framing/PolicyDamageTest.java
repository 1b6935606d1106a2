package reactor.framing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.framing.format.Cobs;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Hdlc;
import reactor.framing.format.LengthField;
import reactor.framing.format.Slip;
import reactor.framing.format.StartEnd;
import reactor.framing.test.FramingEvents;

/**
 * Streams of 10,000 frames with 200 bytes changed, removed or inserted somewhere, under {@code skipInvalid}. What
 * arrives has to be, frame by frame and for every split, what a plain search through the whole stream finds, and how
 * many undamaged frames may be lost is bounded for each format. Every frame has a number and a checksum by which it is
 * known again.
 */
class PolicyDamageTest {

    private static final int FRAMES = 10_000;
    private static final int DAMAGES = 200;
    private static final int LIMIT = 64;

    /** A number that is no byte. */
    private static final int NO_ESCAPE = 256;

    private enum Damage {
        CHANGED,
        REMOVED,
        INSERTED
    }

    /**
     * A format, how frames are made of what is to be sent and back, and which frames a stream has.
     *
     * @param lost how many undamaged frames may be lost for each damage; none but the one behind a damaged frame if 0
     */
    private record Format(
            String name,
            Framing framing,
            UnaryOperator<byte[]> toFrame,
            UnaryOperator<byte[]> fromFrame,
            Function<byte[], List<byte[]>> frames,
            double lost) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final byte[] MARKER = {(byte) 0xAA, (byte) 0xAB};
    private static final LengthField MARKED = LengthField.ofSize(2).marker(MARKER);

    /** Bytes that mean something to one of the formats: every fourth byte of a payload is one of them. */
    private static final byte[] SPECIAL = TestBytes.hex("AA AB 02 03 10 C0 DB DC DD 7E 7D 00 FF 0D 0A");

    static Stream<Format> formats() {
        UnaryOperator<byte[]> same = UnaryOperator.identity();
        UnaryOperator<byte[]> text = Base64.getEncoder()::encode;
        UnaryOperator<byte[]> fromText = bytes -> Base64.getDecoder().decode(bytes);
        return Stream.of(
                new Format(
                        "`LengthField` (2 bytes), no marker",
                        LengthField.ofSize(2),
                        same,
                        same,
                        wire -> lengthField(wire, 0, 2, (header, at) -> true),
                        FRAMES),
                new Format(
                        "`LengthField` (2 bytes), marker AA AB",
                        MARKED,
                        same,
                        same,
                        wire -> lengthField(wire, 2, 4, (header, at) -> true),
                        100),
                new Format(
                        "the same, `checkHeader`: length at most 64",
                        MARKED.checkHeader(header -> header.getShort(2) >= 0 && header.getShort(2) <= LIMIT),
                        same,
                        same,
                        wire -> lengthField(
                                wire, 2, 4, (b, at) -> b[at + 2] == 0 && b[at + 3] >= 0 && b[at + 3] <= LIMIT),
                        1),
                new Format(
                        "the same, `checkHeader`: 8-bit checksum of the length",
                        MARKED.after(1)
                                .keepHeader()
                                .checkHeader(header -> header.get(4) == sum(header.get(2), header.get(3))),
                        payload -> {
                            ByteBuffer frame = ByteBuffer.allocate(5 + payload.length);
                            frame.put(MARKER).putShort((short) payload.length);
                            frame.put(sum(frame.get(2), frame.get(3))).put(payload);
                            return frame.array();
                        },
                        frame -> Arrays.copyOfRange(frame, 5, frame.length),
                        wire -> lengthField(wire, 2, 5, (b, at) -> b[at + 4] == sum(b[at + 2], b[at + 3])),
                        1),
                new Format(
                        "`FixedLength` (64 bytes), marker AA AB",
                        FixedLength.of(64).marker(MARKER).padding((byte) 0),
                        payload -> {
                            byte[] frame = Arrays.copyOf(MARKER, 64);
                            System.arraycopy(payload, 0, frame, 3, payload.length);
                            frame[2] = (byte) payload.length;
                            return frame;
                        },
                        frame -> Arrays.copyOfRange(frame, 3, 3 + (frame[2] & 0x3F)),
                        PolicyDamageTest::fixedLength,
                        1),
                new Format(
                        "`Delimiter.lines()`",
                        Delimiter.lines(),
                        text,
                        fromText,
                        wire -> delimited(wire, "\n", true),
                        0),
                new Format(
                        "`Delimiter.of(\"\\r\\n\")`",
                        Delimiter.of("\r\n"),
                        text,
                        fromText,
                        wire -> delimited(wire, "\r\n", false),
                        0),
                new Format(
                        "`StartEnd` (02, 03)",
                        StartEnd.of((byte) 2, (byte) 3),
                        text,
                        fromText,
                        wire -> startEnd(wire, new byte[] {3}, NO_ESCAPE),
                        0),
                new Format(
                        "`StartEnd` (02, 1C 0D)",
                        StartEnd.of(new byte[] {2}, new byte[] {0x1C, 0x0D}).skipBetween(),
                        text,
                        fromText,
                        wire -> startEnd(wire, new byte[] {0x1C, 0x0D}, NO_ESCAPE),
                        0),
                new Format(
                        "`StartEnd` (02, 03), escape 10",
                        StartEnd.of((byte) 2, (byte) 3).escape((byte) 0x10),
                        same,
                        same,
                        wire -> startEnd(wire, new byte[] {3}, 0x10),
                        0),
                new Format(
                        "`Slip`", Slip.rfc1055(), same, same, wire -> stuffed(wire, 0xC0, PolicyDamageTest::slip), 0),
                new Format("`Hdlc`", Hdlc.create(), same, same, wire -> stuffed(wire, 0x7E, PolicyDamageTest::hdlc), 0),
                new Format("`Cobs`", Cobs.create(), same, same, wire -> stuffed(wire, 0, PolicyDamageTest::cobs), 0));
    }

    private static byte sum(byte high, byte low) {
        return (byte) ~(31 * high + low);
    }

    // ---- which frames a whole stream has, found as plainly as can be

    private interface HeaderCheck {
        boolean test(byte[] wire, int at);
    }

    private static List<byte[]> lengthField(byte[] wire, int lengthAt, int headerLength, HeaderCheck check) {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (at + headerLength <= wire.length) {
            boolean good = Arrays.equals(MARKER, 0, lengthAt, wire, at, at + lengthAt) && check.test(wire, at);
            if (!good) {
                at++;
                continue;
            }
            int length = (wire[at + lengthAt] & 0xFF) << 8 | wire[at + lengthAt + 1] & 0xFF;
            // of those used here, the one with bytes behind the length delivers the header, too
            int from = headerLength > lengthAt + 2 ? at : at + headerLength;
            int to = at + headerLength + length;
            if (to <= wire.length && to - from <= LIMIT) {
                frames.add(Arrays.copyOfRange(wire, from, to));
            }
            at = to;
        }
        return frames;
    }

    private static List<byte[]> fixedLength(byte[] wire) {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (at + 64 <= wire.length) {
            if (wire[at] == MARKER[0] && wire[at + 1] == MARKER[1]) {
                frames.add(Arrays.copyOfRange(wire, at, at + 64));
                at += 64;
            } else {
                at++;
            }
        }
        return frames;
    }

    private static List<byte[]> delimited(byte[] wire, String delimiter, boolean lines) {
        String all = new String(wire, StandardCharsets.ISO_8859_1);
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        for (int end = all.indexOf(delimiter); end >= 0; end = all.indexOf(delimiter, at)) {
            String frame = all.substring(at, end);
            frames.add(latin1(lines && frame.endsWith("\r") ? frame.substring(0, frame.length() - 1) : frame));
            at = end + delimiter.length();
        }
        if (lines && at < all.length()) {
            frames.add(latin1(all.substring(at)));
        }
        frames.removeIf(frame -> frame.length > LIMIT);
        return frames;
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static List<byte[]> startEnd(byte[] wire, byte[] end, int escape) {
        List<byte[]> frames = new ArrayList<>();
        int at = 0;
        while (at < wire.length) {
            if (wire[at++] != 2) {
                continue;
            }
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            while (at < wire.length && !startsWith(wire, at, end)) {
                if (wire[at] == escape && ++at == wire.length) {
                    break;
                }
                frame.write(wire[at++]);
            }
            if (at < wire.length && frame.size() <= LIMIT) {
                frames.add(frame.toByteArray());
            }
            at += end.length;
        }
        return frames;
    }

    private static boolean startsWith(byte[] wire, int at, byte[] bytes) {
        return at + bytes.length <= wire.length && Arrays.equals(wire, at, at + bytes.length, bytes, 0, bytes.length);
    }

    private static List<byte[]> stuffed(byte[] wire, int delimiter, Function<byte[], byte[]> unstuff) {
        List<byte[]> frames = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < wire.length; i++) {
            if (wire[i] == (byte) delimiter) {
                byte[] frame = i == from ? null : unstuff.apply(Arrays.copyOfRange(wire, from, i));
                if (frame != null && frame.length <= LIMIT) {
                    frames.add(frame);
                }
                from = i + 1;
            }
        }
        return frames;
    }

    private static byte[] slip(byte[] stuffed) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (int i = 0; i < stuffed.length; i++) {
            if (stuffed[i] != (byte) 0xDB) {
                frame.write(stuffed[i]);
            } else if (++i == stuffed.length || stuffed[i] != (byte) 0xDC && stuffed[i] != (byte) 0xDD) {
                return null;
            } else {
                frame.write(stuffed[i] == (byte) 0xDC ? 0xC0 : 0xDB);
            }
        }
        return frame.toByteArray();
    }

    private static byte[] hdlc(byte[] stuffed) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (int i = 0; i < stuffed.length; i++) {
            if (stuffed[i] != 0x7D) {
                frame.write(stuffed[i]);
            } else if (++i == stuffed.length) {
                return null;
            } else {
                frame.write(stuffed[i] ^ 0x20);
            }
        }
        return frame.toByteArray();
    }

    private static byte[] cobs(byte[] stuffed) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (int i = 0; i < stuffed.length; ) {
            int code = stuffed[i] & 0xFF;
            if (i + code > stuffed.length) {
                return null;
            }
            frame.write(stuffed, i + 1, code - 1);
            i += code;
            if (i < stuffed.length && code < 255) {
                frame.write(0);
            }
        }
        return frame.toByteArray();
    }

    // ---- the stream and what is done to it

    /** A number, 8 to 20 bytes, and a checksum of both. */
    private static byte[] payload(int number, Random random) {
        byte[] bytes = new byte[8 + random.nextInt(13)];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (random.nextInt(4) == 0) {
                bytes[i] = SPECIAL[random.nextInt(SPECIAL.length)];
            }
        }
        return ByteBuffer.allocate(bytes.length + 8)
                .putInt(number)
                .put(bytes)
                .putInt(crc(number, bytes))
                .array();
    }

    private static int crc(int number, byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(ByteBuffer.allocate(4).putInt(number).flip());
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** The frame's number, or -1 if it is not as it was sent. */
    private static int number(Format format, byte[] frame) {
        ByteBuffer payload;
        try {
            payload = ByteBuffer.wrap(format.fromFrame.apply(frame));
        } catch (IllegalArgumentException notEvenBase64) {
            return -1;
        }
        if (payload.remaining() < 8) {
            return -1;
        }
        int number = payload.getInt();
        byte[] bytes = new byte[payload.remaining() - 4];
        payload.get(bytes);
        return payload.getInt() == crc(number, bytes) ? number : -1;
    }

    /** What became of one stream. */
    private record Outcome(int touched, int lost, int corrupt, int reports) {

        Outcome plus(Outcome other) {
            return new Outcome(
                    touched + other.touched, lost + other.lost, corrupt + other.corrupt, reports + other.reports);
        }
    }

    private static Outcome damage(Format format, Damage damage, long seed) {
        Random random = new Random(seed);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        int[] ends = new int[FRAMES];
        Flux<ByteBuffer> payloads =
                Flux.range(0, FRAMES).map(number -> ByteBuffer.wrap(format.toFrame.apply(payload(number, random))));
        FrameCodec.of(format.framing).encode(payloads).index().subscribe(wire -> {
            sent.writeBytes(TestBytes.bytes(wire.getT2()));
            ends[wire.getT1().intValue()] = sent.size();
        });
        TreeSet<Integer> places = new TreeSet<>();
        while (places.size() < DAMAGES) {
            places.add(random.nextInt(sent.size()));
        }
        BitSet touched = new BitSet();
        byte[] wire = damage(sent.toByteArray(), damage, places, random);
        for (int place : places) {
            int frame = Arrays.binarySearch(ends, place);
            touched.set(frame >= 0 ? frame + 1 : -frame - 1);
        }

        List<byte[]> expected = format.frames.apply(wire);
        List<String> reports = null;
        for (int longest : new int[] {wire.length, 1, 100}) {
            Received received = receive(format, wire, longest, new Random(seed));
            String run = format + ", " + damage + ", seed " + seed + ", chunks of up to " + longest;
            int same = commonStart(received.frames, expected);
            assertThat(same)
                    .as("%s: good frames", run)
                    .isEqualTo(expected.size())
                    .isEqualTo(received.frames.size());
            if (reports != null) {
                assertThat(received.reports).as(run).isEqualTo(reports);
            }
            reports = received.reports;
        }
        return judge(format, damage, touched, expected, reports.size());
    }

    private static byte[] damage(byte[] wire, Damage damage, TreeSet<Integer> places, Random random) {
        ByteArrayOutputStream damaged = new ByteArrayOutputStream();
        for (int i = 0; i < wire.length; i++) {
            if (!places.contains(i)) {
                damaged.write(wire[i]);
                continue;
            }
            switch (damage) {
                case CHANGED -> damaged.write(wire[i] ^ 1 + random.nextInt(255));
                case REMOVED -> {}
                case INSERTED -> {
                    damaged.write(random.nextInt(256));
                    damaged.write(wire[i]);
                }
            }
        }
        return damaged.toByteArray();
    }

    private static int commonStart(List<byte[]> a, List<byte[]> b) {
        int i = 0;
        while (i < Math.min(a.size(), b.size()) && Arrays.equals(a.get(i), b.get(i))) {
            i++;
        }
        return i;
    }

    private static Outcome judge(Format format, Damage damage, BitSet touched, List<byte[]> frames, int reports) {
        BitSet arrived = new BitSet();
        int corrupt = 0;
        for (byte[] frame : frames) {
            int number = number(format, frame);
            if (number < 0) {
                corrupt++;
            } else {
                assertThat(number).as("in order, and none twice").isGreaterThanOrEqualTo(arrived.length());
                arrived.set(number);
            }
        }
        BitSet lost = new BitSet();
        lost.set(0, FRAMES);
        lost.andNot(touched);
        lost.andNot(arrived);
        if (format.lost == 0) {
            assertThat(lost.stream().filter(frame -> frame == 0 || !touched.get(frame - 1)))
                    .as("%s, %s: lost although neither they nor the ones before were touched", format, damage)
                    .isEmpty();
        }
        return new Outcome(touched.cardinality(), lost.cardinality(), corrupt, reports);
    }

    private record Received(List<byte[]> frames, List<String> reports) {}

    /** Receives the stream in chunks that are overwritten once they have been read. */
    private static Received receive(Format format, byte[] wire, int longestChunk, Random random) {
        Received received = new Received(new ArrayList<>(), new ArrayList<>());
        List<ByteBuffer> frames = new ArrayList<>();
        Flux<ByteBuffer> chunks = Flux.generate(() -> 0, (at, sink) -> {
            if (at == wire.length) {
                sink.complete();
                return at;
            }
            int n = longestChunk == wire.length
                    ? longestChunk
                    : Math.min(1 + random.nextInt(longestChunk), wire.length - at);
            byte[] memory = Arrays.copyOfRange(wire, at, at + n);
            sink.next(ByteBuffer.wrap(memory));
            Arrays.fill(memory, (byte) 0xEE);
            return at + n;
        });
        FrameCodec.of(format.framing)
                .maxFrameLength(LIMIT)
                .skipInvalid(fault -> received.reports.add(FramingEvents.describe(fault)))
                .decode(chunks)
                .subscribe(new BaseSubscriber<>() {
                    @Override
                    protected void hookOnSubscribe(Subscription subscription) {
                        request(1);
                    }

                    @Override
                    protected void hookOnNext(ByteBuffer frame) {
                        frames.add(frame);
                        request(1);
                    }

                    @Override
                    protected void hookOnComplete() {
                        received.reports.add("complete");
                    }

                    @Override
                    protected void hookOnError(Throwable e) {
                        assertThat(e).isInstanceOf(TruncatedFrameException.class);
                        received.reports.add(FramingEvents.describe(e));
                    }
                });
        frames.forEach(frame -> received.frames.add(TestBytes.bytes(frame)));
        return received;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void damagedStream_whatTheFormatCanSaveArrives(Format format) {
        for (Damage damage : Damage.values()) {
            Outcome outcome = damage(format, damage, 1);
            assertThat(outcome.touched).isBetween(DAMAGES * 9 / 10, DAMAGES);
            assertThat(outcome.lost).isLessThanOrEqualTo((int) (format.lost == 0 ? DAMAGES : format.lost * DAMAGES));
        }
    }

    @Tag("campaign")
    @Test
    void damagedStreams_campaign() {
        int streams = Integer.getInteger("streams", 20);
        System.out.println("| format | damage | damages | frames touched | undamaged frames lost | lost for each damage"
                + " | damaged frames delivered |");
        System.out.println("|---|---|---|---|---|---|---|");
        formats().forEach(format -> {
            for (Damage damage : Damage.values()) {
                Outcome sum = new Outcome(0, 0, 0, 0);
                for (int seed = 0; seed < streams; seed++) {
                    sum = sum.plus(damage(format, damage, seed));
                }
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %,d | %,d | %,d | %.3f | %,d |%n",
                        format,
                        damage.name().toLowerCase(Locale.ROOT),
                        streams * DAMAGES,
                        sum.touched,
                        sum.lost,
                        (double) sum.lost / (streams * DAMAGES),
                        sum.corrupt);
            }
        });
    }
}

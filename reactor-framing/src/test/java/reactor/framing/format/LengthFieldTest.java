package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.describe;
import static reactor.framing.test.FramingEvents.frame;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;
import reactor.test.StepVerifier;

class LengthFieldTest {

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    private static byte[] encode(Framing framing, String frame) {
        return encode(FrameCodec.of(framing), ByteBuffer.wrap(hex(frame)));
    }

    private static byte[] encode(FrameCodec codec, ByteBuffer frame) {
        return bytes(codec.encode(Flux.just(frame)).blockLast());
    }

    private static <E extends FramingException> E encodeFault(Class<E> type, Framing framing, ByteBuffer frame) {
        return assertThatExceptionOfType(type)
                .isThrownBy(() -> encode(FrameCodec.of(framing), frame))
                .actual();
    }

    // ---- the worked examples, both ways

    @Test
    void workedExample_fourBytesBigEndian() {
        LengthField format = LengthField.ofSize(4);

        matrix(format).stream("00 00 00 05 68 65 6c 6c 6f").yields("frame 68 65 6c 6c 6f", "complete");
        assertThat(encode(format, "68 65 6c 6c 6f")).isEqualTo(hex("00 00 00 05 68 65 6c 6c 6f"));
    }

    @Test
    void workedExample_tagLengthValue() {
        LengthField format = LengthField.ofSize(2).marker((byte) 0x72);

        matrix(format).stream("72 00 02 68 69").yields("frame 68 69", "complete");
        assertThat(encode(format, "68 69")).isEqualTo(hex("72 00 02 68 69"));
    }

    @Test
    void workedExample_threeMessagesCutAnywhere() {
        matrix(LengthField.ofSize(1)).stream("03 61 62 63 02 68 69 04 70 69 6e 67")
                .yields("frame 61 62 63", "frame 68 69", "frame 70 69 6e 67", "complete");
    }

    @Test
    void workedExample_lengthCountsItself() {
        LengthField format = LengthField.ofSize(4).counts(Counts.WHOLE_FRAME);

        matrix(format).stream("00 00 00 06 68 69").yields("frame 68 69", "complete");
        assertThat(encode(format, "68 69")).isEqualTo(hex("00 00 00 06 68 69"));
    }

    @Test
    void workedExample_headerKept() {
        LengthField format = LengthField.ofSize(2).before(1).after(1).keepHeader();

        matrix(format).stream("07 00 02 80 68 69").yields("frame 07 00 02 80 68 69", "complete");
        assertThat(encode(format, "07 00 02 80 68 69")).isEqualTo(hex("07 00 02 80 68 69"));
    }

    @Test
    void workedExample_strippedUpToTheFlags() {
        LengthField format = LengthField.ofSize(2)
                .before(1)
                .after(1)
                .counts(Counts.AFTER_LENGTH)
                .strip(3);

        matrix(format).stream("07 00 03 80 68 69").yields("frame 80 68 69", "complete");
    }

    @Test
    void workedExample_littleEndianOneLess() {
        LengthField format = LengthField.ofSize(2).littleEndian().adjustment(1);

        matrix(format).stream("01 00 68 69").yields("frame 68 69", "complete");
        assertThat(encode(format, "68 69")).isEqualTo(hex("01 00 68 69"));
    }

    // ---- streams of many frames, through every way of cutting them

    @Tag("slow")
    @Test
    void manyFrames_allCutsOfSixteenBytes() {
        matrix(LengthField.ofSize(2)).allCutsUpTo(16).stream("00 02 68 69 00 00 00 01 61 00 05 70 69 6e 67 21")
                .yields("frame 68 69", "frame ", "frame 61", "frame 70 69 6e 67 21", "complete");
    }

    @Test
    void headerKeptAndMarker_wrongMarkerBehindTwoFrames() {
        matrix(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xBB).after(1).keepHeader()).stream(
                        "AA BB 02 07 68 69 AA BB 00 08 AA BC")
                .yields("frame aa bb 02 07 68 69", "frame aa bb 00 08", "error Corrupt #2 @10");
    }

    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyOption_allCutsOfSixteenBytes(boolean keepHeader) {
        LengthField format = LengthField.ofSize(3)
                .marker((byte) 0xAA)
                .before(1)
                .after(1)
                .littleEndian()
                .counts(Counts.WHOLE_FRAME)
                .adjustment(-1);
        matrix(keepHeader ? format.keepHeader() : format.strip(5)).allCutsUpTo(16).stream(
                        "AA 01 0A 00 00 02 68 69 6A AA 03 07 00 00 04 AA")
                .yields(
                        keepHeader ? "frame aa 01 0a 00 00 02 68 69 6a" : "frame 02 68 69 6a",
                        keepHeader ? "frame aa 03 07 00 00 04" : "frame 04",
                        "error Truncated #2 @15 1/-1");
    }

    // ---- every combination of options against a reference that has the whole stream

    @Test
    void randomOptions_asTheReferenceHasIt() {
        Random random = new Random(42);
        for (int i = 0; i < 40; i++) {
            compareWithReference(random);
        }
    }

    @Tag("campaign")
    @Test
    void randomOptions_asTheReferenceHasIt_campaign() {
        Random random = new Random();
        for (int i = 0; i < 20_000; i++) {
            compareWithReference(random);
        }
    }

    private static void compareWithReference(Random random) {
        Reference reference = Reference.random(random);
        byte[] stream = reference.randomStream(random);
        long limit = 1 + random.nextInt(40);
        List<byte[]> wireFrames = new ArrayList<>();
        List<byte[]> frames = new ArrayList<>();
        List<String> events = reference.decode(stream, limit, wireFrames, frames);

        StreamVerifier.of(reference.format()).with(codec -> codec.maxFrameLength(limit)).allCutsUpTo(4).stream(stream)
                .yields(events);
        if (!reference.canBeEncoded()) {
            assertThatExceptionOfType(UnsupportedOperationException.class)
                    .as(reference.toString())
                    .isThrownBy(() -> reference.format().newEncoder())
                    .withMessageStartingWith("Cannot encode: ");
            return;
        }
        for (int i = 0; i < frames.size(); i++) {
            assertThat(encode(FrameCodec.of(reference.format()).maxFrameLength(limit), awkward(frames.get(i))))
                    .as("%s, frame %s", reference, frame(frames.get(i)))
                    .isEqualTo(wireFrames.get(i));
        }
    }

    /** The bytes in a buffer that is nothing like a plain one. */
    private static ByteBuffer awkward(byte[] bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length + 5);
        memory.put(3, bytes);
        return memory.asReadOnlyBuffer().position(3).limit(3 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A straightforward reading of the format's description. */
    private record Reference(
            int size,
            boolean littleEndian,
            byte[] marker,
            int before,
            int after,
            Counts counts,
            int adjustment,
            int strip) {

        private static final int PAYLOAD = -1;
        private static final BigInteger TWO_TO_63 = BigInteger.ONE.shiftLeft(63);

        static Reference random(Random random) {
            for (; ; ) {
                byte[] marker = new byte[random.nextBoolean() ? 0 : 1 + random.nextInt(3)];
                random.nextBytes(marker);
                Reference reference = new Reference(
                        1 + random.nextInt(8),
                        random.nextBoolean(),
                        marker,
                        random.nextBoolean() ? 0 : random.nextInt(4),
                        random.nextBoolean() ? 0 : random.nextInt(4),
                        Counts.values()[random.nextInt(3)],
                        random.nextBoolean() ? 0 : random.nextInt(13) - 6,
                        random.nextInt(3) == 0 ? PAYLOAD : random.nextInt(3) == 0 ? 0 : random.nextInt(12));
                if (reference.wireLength(BigInteger.valueOf(255)).intValue() >= reference.header() + 12) {
                    return reference;
                }
            }
        }

        LengthField format() {
            LengthField format =
                    LengthField.ofSize(size).before(before).after(after).counts(counts);
            format = adjustment == 0 ? format : format.adjustment(adjustment);
            format = marker.length == 0 ? format : format.marker(marker);
            format = littleEndian ? format.littleEndian() : format;
            return strip == PAYLOAD ? format : strip == 0 ? format.keepHeader() : format.strip(strip);
        }

        int header() {
            return marker.length + before + size + after;
        }

        int stripped() {
            return strip == PAYLOAD ? header() : strip;
        }

        private int fieldAt() {
            return marker.length + before;
        }

        BigInteger wireLength(BigInteger field) {
            int rest = switch (counts) {
                case PAYLOAD -> header();
                case AFTER_LENGTH -> header() - after;
                case WHOLE_FRAME -> 0;
            };
            return field.add(BigInteger.valueOf(adjustment + rest));
        }

        /** Whether the encoder can know every byte that the frame does not bring. */
        boolean canBeEncoded() {
            for (int i = 0; i < stripped(); i++) {
                if (i >= marker.length && (i < fieldAt() || i >= fieldAt() + size)) {
                    return false;
                }
            }
            return true;
        }

        byte[] randomStream(Random random) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            int frames = random.nextInt(4);
            for (int i = 0; i < frames; i++) {
                stream.writeBytes(randomFrame(random));
            }
            byte[] bytes = stream.toByteArray();
            if (bytes.length > 0 && random.nextInt(3) == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            return random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
        }

        private byte[] randomFrame(Random random) {
            int field;
            int length;
            do {
                field = random.nextInt(40);
                length = wireLength(BigInteger.valueOf(field)).intValue();
            } while (length < Math.max(header(), stripped()) && random.nextInt(20) != 0);
            byte[] bytes = new byte[Math.max(length, header())];
            random.nextBytes(bytes);
            System.arraycopy(marker, 0, bytes, 0, marker.length);
            Arrays.fill(bytes, fieldAt(), fieldAt() + size, (byte) 0);
            bytes[littleEndian ? fieldAt() : fieldAt() + size - 1] = (byte) field;
            if (random.nextInt(30) == 0) {
                Arrays.fill(bytes, fieldAt(), fieldAt() + size, (byte) 0xFF);
            }
            return bytes;
        }

        List<String> decode(byte[] stream, long limit, List<byte[]> wireFrames, List<byte[]> frames) {
            List<String> events = new ArrayList<>();
            int at = 0;
            for (int index = 0; at < stream.length; index++) {
                String place = " #" + index + " @" + at;
                int left = stream.length - at;
                int known = Math.min(left, marker.length);
                if (!Arrays.equals(stream, at, at + known, marker, 0, known)) {
                    events.add("error Corrupt" + place);
                    return events;
                }
                if (left < header()) {
                    events.add("error Truncated" + place + " " + left + "/-1");
                    return events;
                }
                byte[] digits = Arrays.copyOfRange(stream, at + fieldAt(), at + fieldAt() + size);
                for (int i = 0; littleEndian && i < size / 2; i++) {
                    byte swapped = digits[i];
                    digits[i] = digits[size - 1 - i];
                    digits[size - 1 - i] = swapped;
                }
                BigInteger field = new BigInteger(1, digits);
                BigInteger wire = wireLength(field).min(BigInteger.valueOf(Long.MAX_VALUE));
                if (field.compareTo(TWO_TO_63) >= 0
                        || wire.compareTo(BigInteger.valueOf(header())) < 0
                        || wire.compareTo(BigInteger.valueOf(stripped())) < 0) {
                    events.add("error Corrupt" + place);
                    return events;
                }
                BigInteger delivered = wire.subtract(BigInteger.valueOf(stripped()));
                if (delivered.compareTo(BigInteger.valueOf(limit)) > 0) {
                    events.add("error TooLong" + place + " " + delivered + ">" + limit);
                    return events;
                }
                if (BigInteger.valueOf(left).compareTo(wire) < 0) {
                    events.add("error Truncated" + place + " " + left + "/" + wire);
                    return events;
                }
                wireFrames.add(Arrays.copyOfRange(stream, at, at + wire.intValue()));
                frames.add(Arrays.copyOfRange(stream, at + stripped(), at + wire.intValue()));
                events.add(frame(frames.get(frames.size() - 1)));
                at += wire.intValue();
            }
            events.add("complete");
            return events;
        }

        /**
         * The wire length that a good header at this place tells, null if it is not all here, or -1 if it is not good.
         */
        private BigInteger wireLengthAt(byte[] stream, int at, int refused) {
            int known = Math.min(stream.length - at, marker.length);
            if (!Arrays.equals(stream, at, at + known, marker, 0, known)) {
                return BigInteger.ONE.negate();
            }
            if (stream.length - at < header()) {
                return null;
            }
            BigInteger field = BigInteger.ZERO;
            for (int i = 0; i < size; i++) {
                int value = stream[at + fieldAt() + (littleEndian ? size - 1 - i : i)] & 0xFF;
                field = field.shiftLeft(8).add(BigInteger.valueOf(value));
            }
            BigInteger wire = wireLength(field);
            return stream[at + header() - 1] == refused
                            || wire.compareTo(BigInteger.valueOf(Math.max(header(), stripped()))) < 0
                    ? BigInteger.ONE.negate()
                    : wire;
        }

        List<String> resynchronize(byte[] stream, long limit, int refused) {
            List<String> events = new ArrayList<>();
            int at = 0;
            for (int index = 0; at < stream.length; index++) {
                String place = " #" + index + " @" + at;
                int left = stream.length - at;
                BigInteger wire = wireLengthAt(stream, at, refused);
                if (wire == null) {
                    events.add("error Truncated" + place + " " + left + "/-1");
                    return events;
                }
                if (wire.signum() < 0) {
                    int next = at + 1;
                    while (next < stream.length
                            && (wireLengthAt(stream, next, refused) == null
                                    || wireLengthAt(stream, next, refused).signum() < 0)) {
                        next++;
                    }
                    events.add("skipped Corrupt" + place + " +" + (next - at));
                    at = next;
                    continue;
                }
                int length = wire.intValue();
                boolean whole = length <= left;
                if (length - stripped() > limit) {
                    events.add("skipped TooLong" + place + " " + (length - stripped()) + ">" + limit + " +"
                            + Math.min(length, left));
                } else if (whole) {
                    events.add(frame(Arrays.copyOfRange(stream, at + stripped(), at + length)));
                }
                if (!whole) {
                    events.add("error Truncated" + place + " " + left + "/" + length);
                    return events;
                }
                at += length;
            }
            events.add("complete");
            return events;
        }

        @Override
        public String toString() {
            return format().toString();
        }
    }

    // ---- lengths

    @ParameterizedTest
    @CsvSource({
        "1, 255",
        "2, 65535",
        "3, 16777215",
        "4, 4294967295",
        "5, 1099511627775",
        "6, 281474976710655",
        "7, 72057594037927935"
    })
    void allBitsSet_isTheLargestUnsignedLength(int size, long length) {
        String stream = "ff".repeat(size);

        StreamVerifier.of(LengthField.ofSize(size)).with(codec -> codec.maxFrameLength(9)).stream(stream)
                .yields("error TooLong #0 @0 " + length + ">9");
        StreamVerifier.of(LengthField.ofSize(size).littleEndian()).with(codec -> codec.maxFrameLength(9)).stream(stream)
                .yields("error TooLong #0 @0 " + length + ">9");
    }

    @Test
    void lengthOfMoreThan31Bits_isNotTakenForItsLastBits() {
        for (long length : new long[] {(1L << 31) - 8, 1L << 31, (1L << 32) - 7, (1L << 32) + 2}) {
            matrix(LengthField.ofSize(8)).stream("00 00 00 00 00 00 00 01 60" + "%016x".formatted(length) + "61 62")
                    .yields("frame 60", "error TooLong #1 @9 " + length + ">300");
        }
    }

    @Test
    void eightBytesUpToTwoToThe63_areALength_andCorruptFromThere() {
        matrix(LengthField.ofSize(8)).stream("7f ff ff ff ff ff ff ff")
                .yields("error TooLong #0 @0 " + (Long.MAX_VALUE - 8) + ">300");
        matrix(LengthField.ofSize(8)).stream("80 00 00 00 00 00 00 00").yields("error Corrupt #0 @0");
        matrix(LengthField.ofSize(8).littleEndian()).stream("00 00 00 00 00 00 00 80")
                .yields("error Corrupt #0 @0");
        matrix(LengthField.ofSize(8)).stream("ff ff ff ff ff ff ff ff 61").yields("error Corrupt #0 @0");
    }

    @Test
    void adjustedLengthBelowZeroOrTheHeader_corrupt() {
        matrix(LengthField.ofSize(1).adjustment(-2)).stream("03 61 01").yields("frame 61", "error Corrupt #1 @2");
        matrix(LengthField.ofSize(2).counts(Counts.WHOLE_FRAME)).stream("00 02 00 01")
                .yields("frame ", "error Corrupt #1 @2");
        matrix(LengthField.ofSize(1).after(2).counts(Counts.AFTER_LENGTH)).stream("02 00 00 01 00 00")
                .yields("frame ", "error Corrupt #1 @3");
        matrix(LengthField.ofSize(8).counts(Counts.WHOLE_FRAME)).stream("00 00 00 00 00 00 00 00")
                .yields("error Corrupt #0 @0");
    }

    /**
     * A length of 4 bytes, big-endian and with nothing else to look at, is found in a way of its own; the others are
     * not.
     */
    @Test
    void fourBytes_withAllThatAFrameMayHave() {
        matrix(LengthField.ofSize(4)).stream("00 00 00 01 61 00 00 00 00 00 00 00 02 62 63")
                .yields("frame 61", "frame ", "frame 62 63", "complete");
        matrix(LengthField.ofSize(4).littleEndian()).stream("01 00 00 00 61 00 00 00 00 00 00 00 01 62")
                .yields("frame 61", "frame ", "error TooLong #2 @9 " + (1 << 24) + ">300");
        matrix(LengthField.ofSize(4).marker((byte) 0x7E)).stream("7e 00 00 00 01 61 7f 00 00 00 01 62")
                .yields("frame 61", "error Corrupt #1 @6");
        matrix(LengthField.ofSize(4).before(1).after(1)).stream("09 00 00 00 01 08 61 09 00 00 00 00 08")
                .yields("frame 61", "frame ", "complete");
        matrix(LengthField.ofSize(4).keepHeader().counts(Counts.WHOLE_FRAME)).stream("00 00 00 05 61 00 00 00 03 61")
                .yields("frame 00 00 00 05 61", "error Corrupt #1 @5");
        matrix(LengthField.ofSize(4).strip(5)).stream("00 00 00 02 61 62 00 00 00 01 61 00 00 00 00 61")
                .yields("frame 62", "frame ", "error Corrupt #2 @11");
        matrix(LengthField.ofSize(4).adjustment(5)).stream("00 00 00 00 61 62 63 64 65 ff ff ff ff 61 62 63 64")
                .yields("frame 61 62 63 64 65", "error TooLong #1 @9 " + ((1L << 32) + 4) + ">300");
    }

    @Test
    void fourBytes_withAHeaderCheckAnEndMarkOrALargeAdjustment() {
        matrix(LengthField.ofSize(4).checkHeader(header -> header.get(3) != 2)).stream(
                        "00 00 00 01 61 00 00 00 02 61 62")
                .yields("frame 61", "error Corrupt #1 @5");
        matrix(LengthField.ofSize(4).endMark((byte) 9)).stream("00 00 00 01 61 09 00 00 00 00 09 00 00 00 01 61 08")
                .yields("frame 61", "frame ", "error Corrupt #2 @11");
        matrix(LengthField.ofSize(4).adjustment(Integer.MAX_VALUE)).stream("80 00 00 02 61")
                .yields("error TooLong #0 @0 4294967297>300");
    }

    @Test
    void fourBytesLessThanTheLeastNumber_corrupt() {
        Flux<ByteBuffer> frames = FrameCodec.of(
                        LengthField.ofSize(4).adjustment(Integer.MIN_VALUE).strip(100))
                .maxFrameLength(Integer.MAX_VALUE)
                .decode(Flux.just(ByteBuffer.allocate(100)));
        StepVerifier.create(frames).verifyError(CorruptFrameException.class);
    }

    @Test
    void stripBeyondTheFrame_corrupt() {
        matrix(LengthField.ofSize(1).strip(3)).stream("03 61 62 63 02 61 62 01 61")
                .yields("frame 63", "frame ", "error Corrupt #2 @7");
        matrix(LengthField.ofSize(1).strip(2).endMark((byte) 3)).stream("01 61 03 00 03")
                .yields("frame ", "error Corrupt #1 @3");
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, 65_536, 70_000})
    void longStrip_leavesOutThatMuchOfAFrameInOneChunk(int strip) {
        ByteBuffer chunk = ByteBuffer.allocate(2 * (strip + 2));
        for (int frame = 1; frame <= 2; frame++) {
            chunk.putInt(strip - 2).position(frame * (strip + 2) - 2);
            chunk.put((byte) frame).put((byte) -frame);
        }
        assertThat(FrameCodec.of(LengthField.ofSize(4).strip(strip))
                        .decode(Flux.just(chunk.flip()))
                        .collectList()
                        .block())
                .containsExactly(ByteBuffer.wrap(hex("01 ff")), ByteBuffer.wrap(hex("02 fe")));
    }

    @Test
    void limit_isThatOfTheDeliveredFrame() {
        for (boolean keep : new boolean[] {false, true}) {
            LengthField format = keep ? LengthField.ofSize(1).keepHeader() : LengthField.ofSize(1);
            int limit = keep ? 3 : 2;
            StreamVerifier.of(format).with(codec -> codec.maxFrameLength(limit)).stream("02 61 62 03 61 62 63")
                    .yields(
                            keep ? "frame 02 61 62" : "frame 61 62",
                            "error TooLong #1 @3 " + (limit + 1) + ">" + limit);

            FrameCodec codec = FrameCodec.of(format).maxFrameLength(limit);
            assertThat(encode(codec, ByteBuffer.wrap(hex(keep ? "02 61 62" : "61 62"))))
                    .hasSize(3);
            assertThatExceptionOfType(FrameTooLongException.class)
                    .isThrownBy(() -> encode(codec, ByteBuffer.wrap(hex(keep ? "03 61 62 63" : "61 62 63"))))
                    .satisfies(e -> assertThat(describe(e)).isEqualTo("TooLong #0 @0 " + (limit + 1) + ">" + limit));
        }
    }

    // ---- what the encoder refuses

    @Test
    void encode_longerThanTheFieldCanSay_tooLong() {
        ByteBuffer longest = ByteBuffer.allocate(255);
        assertThat(encode(FrameCodec.of(LengthField.ofSize(1)), longest)).hasSize(256);

        FrameTooLongException e =
                encodeFault(FrameTooLongException.class, LengthField.ofSize(1), ByteBuffer.allocate(256));
        assertThat(e.length()).isEqualTo(256);
        assertThat(e.limit()).isEqualTo(255);
        assertThat(encodeFault(
                                FrameTooLongException.class,
                                LengthField.ofSize(1).counts(Counts.WHOLE_FRAME),
                                longest)
                        .limit())
                .isEqualTo(254);
        assertThat(encodeFault(
                                FrameTooLongException.class,
                                LengthField.ofSize(1).after(1).adjustment(-1).keepHeader(),
                                ByteBuffer.allocate(257))
                        .limit())
                .isEqualTo(256);
    }

    @Test
    void encode_shorterThanTheFieldCanSay_corrupt() {
        assertThat(encode(LengthField.ofSize(1).adjustment(2), "61 62")).isEqualTo(hex("00 61 62"));
        assertThat(encodeFault(
                        CorruptFrameException.class, LengthField.ofSize(1).adjustment(2), ByteBuffer.allocate(1)))
                .hasMessageContaining("frame of 1 bytes is too short for its length field");
    }

    @Test
    void encode_messageTellsWhatTheLengthFieldCanSay() {
        byte end = 3;
        LengthField format = LengthField.ofSize(1).endMark(end);
        assertThat(encodeFault(FrameTooLongException.class, format, ByteBuffer.allocate(256))
                        .limit())
                .isEqualTo(255);
        assertThat(encodeFault(FrameTooLongException.class, format.counts(Counts.WHOLE_FRAME), ByteBuffer.allocate(254))
                        .limit())
                .isEqualTo(253);
        assertThat(encode(FrameCodec.of(format.counts(Counts.WHOLE_FRAME)), ByteBuffer.allocate(253)))
                .hasSize(255);
        assertThat(encodeFault(
                        CorruptFrameException.class,
                        LengthField.ofSize(1)
                                .counts(Counts.AFTER_LENGTH)
                                .endMark(end, end)
                                .adjustment(5),
                        ByteBuffer.allocate(2)))
                .hasMessageStartingWith(
                        "frame of 2 bytes is too short for its length field: " + "the smallest length means 3 bytes");
    }

    @Test
    void encode_shorterThanItsHeader_withAnEndMark_corrupt() {
        LengthField format = LengthField.ofSize(2)
                .counts(Counts.WHOLE_FRAME)
                .endMark((byte) 3, (byte) 3)
                .keepHeader();
        assertThat(encodeFault(CorruptFrameException.class, format, ByteBuffer.allocate(1)))
                .hasMessageStartingWith("frame of 1 bytes is shorter than its header of 2 bytes");
        assertThat(encode(format, "00 00")).isEqualTo(hex("00 04 03 03"));
    }

    @Test
    void encode_endMarkKept_isChecked() {
        assertThat(encode(AMQP, "08 00 00 00 00 00 00 ce")).isEqualTo(hex("08 00 00 00 00 00 00 ce"));
        assertThat(encodeFault(CorruptFrameException.class, AMQP, ByteBuffer.wrap(hex("08 00 00 00 00 00 00 cf"))))
                .hasMessageStartingWith("expected the end mark ce but found cf");
        assertThat(encodeFault(CorruptFrameException.class, AMQP, ByteBuffer.wrap(hex("08 00 00 00 00 00 ce"))))
                .hasMessageStartingWith("frame of 7 bytes is shorter than its header of 7 bytes and its end mark");
    }

    @Test
    void endMark_isNoPartOfTheHeader() {
        matrix(LengthField.ofSize(1)
                        .counts(Counts.WHOLE_FRAME)
                        .endMark((byte) 1)
                        .keepHeader()
                        .keepEndMark())
                .stream("02 01 01")
                .yields("frame 02 01", "error Corrupt #1 @2");
    }

    /** What another format has filled in before it writes its check behind the frame. */
    @Test
    void fillIn_ofAFrameThatCannotBeEncoded_leavesItAsItIs() {
        LengthField format = LengthField.ofSize(1).keepHeader().after(1);
        assertThat(filledIn(format, "ff 07")).isEqualTo(hex("00 07"));
        assertThat(filledIn(format, "ff 07 61")).isEqualTo(hex("01 07 61"));
        assertThat(filledIn(format, "ff")).isEqualTo(hex("ff"));
        assertThat(filledIn(format.adjustment(1), "ff 07")).isEqualTo(hex("ff 07"));
        assertThat(filledIn(format.adjustment(1), "ff 07 61")).isEqualTo(hex("00 07 61"));
        assertThat(filledIn(format, "07 07" + "61".repeat(255))).startsWith(0xFF, 7);
        assertThat(filledIn(format, "07 07" + "61".repeat(256))).startsWith(7, 7);
        assertThat(filledIn(format.endMark((byte) 3).counts(Counts.WHOLE_FRAME), "ff 07 61"))
                .startsWith(4, 7);
        assertThat(filledIn(format.strip(1), "ff 61")).isEqualTo(hex("ff 61"));
        assertThat(filledIn(LengthField.ofSize(2).marker((byte) 0xAA).strip(1), "ff ff 61"))
                .isEqualTo(hex("00 01 61"));
    }

    @Test
    void delivered_isTheFrameFilledIn_andTheFrameItselfWithoutItsHeader() {
        ByteBuffer frame = ByteBuffer.wrap(hex("ff 61"));
        FillingEncoder keeps =
                (FillingEncoder) LengthField.ofSize(1).keepHeader().newEncoder();
        assertThat(bytes(keeps.delivered(frame))).isEqualTo(hex("01 61"));
        assertThat(frame.array()).isEqualTo(hex("ff 61"));
        FillingEncoder strips = (FillingEncoder) LengthField.ofSize(1).newEncoder();
        assertThat(strips.delivered(frame)).isSameAs(frame);
    }

    @Test
    void pieces_markerAndHeaderAreCheckedBeforeTheFirst() {
        LengthField format =
                LengthField.ofSize(1).marker((byte) 0xAA).keepHeader().checkHeader(header -> header.get(1) != 2);
        refusedPiece(format, 3, "ab 00", "expected the marker aa but found ab");
        refusedPiece(format, 4, "aa 00", "the header was refused by its check");
        ByteBuffer target = ByteBuffer.allocate(2);
        FrameCodec.of(format).newWriter().before(3, ByteBuffer.wrap(hex("aa 00")), target);
        assertThat(target.array()).isEqualTo(hex("aa 01"));
    }

    private static void refusedPiece(LengthField format, long length, String start, String message) {
        assertThatExceptionOfType(CorruptFrameException.class)
                .isThrownBy(() -> FrameCodec.of(format)
                        .newWriter()
                        .before(length, ByteBuffer.wrap(hex(start)), ByteBuffer.allocate(9)))
                .withMessageStartingWith(message);
    }

    private static byte[] filledIn(LengthField format, String frame) {
        ByteBuffer own = ByteBuffer.wrap(hex(frame));
        ((FillingEncoder) format.newEncoder()).fillIn(own);
        return own.array();
    }

    @Test
    void wireLength_isAtMostTheLargestBuffer() {
        ByteBuffer frame = ByteBuffer.allocate(3);
        assertThat(WireLength.fitting(frame, WireLength.MAX)).isEqualTo(WireLength.MAX);
        assertThatExceptionOfType(FrameTooLongException.class)
                .isThrownBy(() -> WireLength.fitting(frame, WireLength.MAX + 1L))
                .satisfies(e -> {
                    assertThat(e.length()).isEqualTo(3);
                    assertThat(e.limit()).isEqualTo(2);
                });
    }

    @Test
    void encode_shorterThanItsHeader_corrupt() {
        assertThat(encodeFault(
                        CorruptFrameException.class,
                        LengthField.ofSize(2).before(1).keepHeader(),
                        ByteBuffer.allocate(2)))
                .hasMessageContaining("frame of 2 bytes is shorter than its header of 3 bytes");
    }

    @Test
    void encode_headerKept_fillsTheLengthIn_refusesAWrongMarker() {
        LengthField format =
                LengthField.ofSize(2).marker((byte) 0xAA, (byte) 0xBB).keepHeader();

        assertThat(encode(format, "AA BB FF FF 61")).isEqualTo(hex("AA BB 00 01 61"));
        assertThat(encodeFault(CorruptFrameException.class, format, ByteBuffer.wrap(hex("AA BC 00 01 61"))))
                .hasMessageContaining("expected the marker aa bb but found aa bc");
        assertThat(encodeFault(CorruptFrameException.class, format.strip(1), ByteBuffer.wrap(hex("BC 00 01 61"))))
                .hasMessageContaining("expected the marker aa bb but found bc");
        assertThat(encode(format.strip(1), "BB FF FF 61")).isEqualTo(hex("AA BB 00 01 61"));
        assertThat(encode(format.strip(2), "FF FF 61")).isEqualTo(hex("AA BB 00 01 61"));
        assertThat(encode(format.strip(3), "FF 61")).isEqualTo(hex("AA BB 00 01 61"));
    }

    @Test
    void encode_leavesTheFrameAsItIs() {
        LengthField format = LengthField.ofSize(1).keepHeader();
        ByteBuffer frame =
                ByteBuffer.wrap(hex("00 FF 61 00")).position(1).limit(3).order(ByteOrder.LITTLE_ENDIAN);

        assertThat(encode(FrameCodec.of(format), frame)).isEqualTo(hex("01 61"));
        assertThat(frame.array()).isEqualTo(hex("00 FF 61 00"));
        assertThat(frame.position()).isEqualTo(1);
        assertThat(frame.limit()).isEqualTo(3);
        assertThat(frame.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void encode_unknownBytes_refusedWithTheReason() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> LengthField.ofSize(2).before(3).newEncoder())
                .withMessage(
                        "Cannot encode: the 3 bytes before the length are not part of the frame; use keepHeader()");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> LengthField.ofSize(2).after(4).newEncoder())
                .withMessage("Cannot encode: the 4 bytes after the length are not part of the frame; use keepHeader()");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> LengthField.ofSize(2).strip(7).newEncoder())
                .withMessage("Cannot encode: strip(7) removes 5 bytes of the payload, which the encoder cannot know");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> encode(LengthField.ofSize(2).strip(7), "61"));
    }

    // ---- checkHeader

    @Test
    void checkHeader_isGivenTheHeaderReadOnlyAndBigEndian() {
        List<String> seen = new ArrayList<>();
        LengthField format = LengthField.ofSize(1).marker((byte) 0xAA).after(1).checkHeader(header -> {
            assertThat(header.isReadOnly()).isTrue();
            assertThat(header.position()).isZero();
            assertThat(header.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            seen.add(frame(bytes(header)));
            return header.get(2) == 7;
        });

        Flux.just("AA", "01", "07 61 AA 00 07 AA 00 08")
                .map(chunk -> ByteBuffer.wrap(hex(chunk)).order(ByteOrder.LITTLE_ENDIAN))
                .transform(FrameCodec.of(format)::decode)
                .onErrorComplete(CorruptFrameException.class)
                .blockLast();

        assertThat(seen).contains("frame aa 01 07", "frame aa 00 07", "frame aa 00 08");
        matrix(format).stream("AA 01 07 61 AA 00 07 AA 00 08").yields("frame 61", "frame ", "error Corrupt #2 @7");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 20})
    void checkHeader_isGivenExactlyTheHeader_whateverItDidWithTheOneBefore(int headerLength) {
        List<String> seen = new ArrayList<>();
        LengthField format = LengthField.ofSize(1)
                .after(headerLength - 1)
                .keepHeader()
                .checkHeader(header -> {
                    seen.add(header.position() + " " + header.order() + " " + frame(bytes(header)));
                    header.position(header.limit()).order(ByteOrder.LITTLE_ENDIAN);
                    return true;
                });
        FrameWriter writer = FrameCodec.of(format).newWriter();
        for (int payload = 0; payload < 12; payload++) {
            byte[] frame = new byte[headerLength + payload];
            for (int i = 0; i < frame.length; i++) {
                frame[i] = (byte) (payload + i);
            }
            frame[0] = (byte) payload;
            String expected = "0 BIG_ENDIAN " + frame(Arrays.copyOf(frame, headerLength));
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                for (int behind : new int[] {0, 9}) {
                    byte[] more = Arrays.copyOf(frame, frame.length + behind);
                    FrameCodec.of(format)
                            .decode(Flux.just(ByteBuffer.wrap(more).order(order)))
                            .take(1)
                            .blockLast();
                    writer.encodedLength(
                            ByteBuffer.wrap(more, 0, frame.length).slice().order(order));
                }
            }
            assertThat(seen).isNotEmpty().containsOnly(expected);
            seen.clear();
        }
    }

    @Test
    void checkHeader_refusesOnTheWayOutWhatItRefusesOnTheWayIn() {
        LengthField format = LengthField.ofSize(1).after(1).keepHeader().checkHeader(header -> header.get(1) == 7);

        assertThat(encode(format, "00 07 61")).isEqualTo(hex("01 07 61"));
        assertThat(encodeFault(CorruptFrameException.class, format, ByteBuffer.wrap(hex("00 08 61"))))
                .hasMessageContaining("the header was refused by its check");
        assertThat(encodeFault(
                        CorruptFrameException.class,
                        LengthField.ofSize(1).checkHeader(header -> header.get(0) != 2),
                        ByteBuffer.allocate(2)))
                .hasMessageContaining("the header was refused by its check");
    }

    /** A frame that is passed on has its length in it already; in which order its buffer is read means nothing. */
    @Test
    void checkHeader_refusesOnTheWayOut_alsoAHeaderThatIsThere_andSeesTheLengthAsItIsWritten() {
        LengthField four = LengthField.ofSize(4).keepHeader().checkHeader(header -> header.getInt(0) != 1);
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (String start : List.of("00 00 00 01", "01 00 00 00", "00 00 00 00")) {
                ByteBuffer refused = ByteBuffer.wrap(hex(start + " 61")).order(order);
                assertThatExceptionOfType(CorruptFrameException.class)
                        .isThrownBy(() -> FrameCodec.of(four).newWriter().encodedLength(refused))
                        .withMessageStartingWith("the header was refused by its check");
            }
        }
        assertThat(encode(four, "00 00 00 02 61 62")).isEqualTo(hex("00 00 00 02 61 62"));
    }

    @Test
    void checkHeader_keepsAMarkerInThePayloadFromBeingTakenForAStart() {
        LengthField format =
                LengthField.ofSize(1).marker((byte) 0xAA).after(1).checkHeader(header -> header.get(2) == 7);

        matrix(format).skipInvalid().stream("AA 01 08 AA 01 AA 02 07 68 69")
                .yields("skipped Corrupt #0 @0 +5", "frame 68 69", "complete");
    }

    // ---- faults that are passed over

    @Test
    void markerMismatch_corruptAfterGoodFrames() {
        matrix(LengthField.ofSize(2).marker((byte) 0x72)).stream("72 00 02 68 69 71 00 01 61")
                .yields("frame 68 69", "error Corrupt #1 @5");
    }

    @Test
    void markerMismatch_skipped() {
        matrix(LengthField.ofSize(2).marker((byte) 0x72)).allCutsUpTo(10).skipInvalid().stream(
                        "72 00 02 68 69 71 00 01 72 00 01 61")
                .yields("frame 68 69", "skipped Corrupt #1 @5 +3", "frame 61", "complete");
    }

    @Test
    void bytesThatMayBeAStart_areNotSkippedYet_howeverTheStreamIsCut() {
        Framing format = LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xBB);
        byte[] wire = hex("AA AA BB 01 61");
        for (int cut = 0; cut <= wire.length; cut++) {
            List<Long> skipped = new ArrayList<>();
            List<ByteBuffer> frames = FrameCodec.of(format)
                    .skipInvalid(fault -> skipped.add(fault.skippedBytes()), 1, 1)
                    .decode(Flux.just(ByteBuffer.wrap(wire, 0, cut), ByteBuffer.wrap(wire, cut, wire.length - cut)))
                    .collectList()
                    .block();
            assertThat(frames).as("cut at %s", cut).containsExactly(ByteBuffer.wrap(hex("61")));
            assertThat(skipped).containsExactly(1L);
        }
    }

    @Test
    void selfOverlappingMarker_foundAfterFalseStart() {
        matrix(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAA, (byte) 0xBB)).skipInvalid().stream(
                        "AA AA AA BB 01 61 AA AA BB 00 AA AA")
                .yields("skipped Corrupt #0 @0 +1", "frame 61", "frame ", "error Truncated #3 @10 2/-1");
    }

    @Test
    void oversize_passedOver() {
        matrix(LengthField.ofSize(1)).with(c -> c.maxFrameLength(3)).skipInvalid().stream(
                        "01 61 04 61 62 63 64 04 61 62 63 64 00 03 61 62")
                .yields(
                        "frame 61",
                        "skipped TooLong #1 @2 4>3 +5",
                        "skipped TooLong #2 @7 4>3 +5",
                        "frame ",
                        "error Truncated #4 @13 3/4");
    }

    @Test
    void noMarker_impossibleLengthEndsTheStreamAlsoUnderSkipInvalid() {
        matrix(LengthField.ofSize(1).adjustment(-2)).skipInvalid().stream("03 61 01 03 61")
                .yields("frame 61", "error Corrupt #1 @2");
    }

    // ---- finding the way back, against a search that tries every place of the whole stream

    private static final byte[][] OVERLAPPING_MARKERS = {
        {1}, {1, 1}, {1, 1, 0}, {1, 0, 1}, {1, 0, 1, 0}, {1, 1, 0, 1, 1}, {0, 0, 1}, {2, 1, 2, 1, 1}
    };

    @Test
    void randomNoise_passedOverAsTheOracleHasIt() {
        Random random = new Random(7);
        for (int i = 0; i < 600; i++) {
            compareWithOracle(random, i % 100 == 0);
        }
    }

    @Tag("campaign")
    @Test
    void randomNoise_passedOverAsTheOracleHasIt_campaign() {
        Random random = new Random();
        for (int i = 0; i < 1_000_000; i++) {
            compareWithOracle(random, i % 100 == 0);
        }
    }

    private static void compareWithOracle(Random random, boolean wholeMatrix) {
        byte[] marker = OVERLAPPING_MARKERS[random.nextInt(OVERLAPPING_MARKERS.length)];
        Reference reference = new Reference(
                1 + random.nextInt(2),
                random.nextBoolean(),
                marker,
                random.nextInt(3),
                random.nextInt(3),
                Counts.values()[random.nextInt(3)],
                0,
                random.nextBoolean() ? Reference.PAYLOAD : random.nextInt(marker.length + 3));
        int refused = random.nextInt(6);
        LengthField format = reference.format().checkHeader(header -> header.get(header.limit() - 1) != refused);
        byte[] stream = new byte[1 + random.nextInt(24)];
        for (int i = 0; i < stream.length; i++) {
            stream[i] = (byte) random.nextInt(3);
        }
        for (int start = 0; start + marker.length <= stream.length; start += 1 + random.nextInt(8)) {
            if (random.nextInt(4) != 0) {
                System.arraycopy(marker, 0, stream, start, marker.length);
            }
        }
        long limit = 1 + random.nextInt(8);
        List<String> expected = reference.resynchronize(stream, limit, refused);
        if (wholeMatrix) {
            StreamVerifier.of(format).with(codec -> codec.maxFrameLength(limit)).skipInvalid().allCutsUpTo(5).stream(
                            stream)
                    .yields(expected);
            return;
        }
        for (int pieces = 0; pieces < 4; pieces++) {
            List<ByteBuffer> chunks = new ArrayList<>();
            for (int at = 0; at < stream.length; ) {
                int n = pieces == 0 ? stream.length : pieces == 1 ? 1 : 1 + random.nextInt(6);
                n = Math.min(n, stream.length - at);
                chunks.add(ByteBuffer.wrap(stream, at, n));
                at += n;
            }
            List<String> events = new ArrayList<>();
            FrameCodec.of(format)
                    .maxFrameLength(limit)
                    .skipInvalid(e -> events.add("skipped " + describe(e)))
                    .decode(Flux.fromIterable(chunks))
                    .subscribe(
                            f -> events.add(frame(bytes(f))),
                            e -> events.add("error " + describe(e)),
                            () -> events.add("complete"));
            if (!events.equals(expected)) {
                assertThat(events)
                        .as(
                                "%s, last header byte not %s, limit %s, stream %s, %s chunks",
                                reference, refused, limit, frame(stream), chunks.size())
                        .isEqualTo(expected);
            }
        }
    }

    // ---- end marks

    private static final LengthField AMQP =
            LengthField.ofSize(4).before(3).keepHeader().endMark((byte) 0xCE).keepEndMark();

    @Test
    void workedExample_endMark() {
        matrix(AMQP).stream("08 00 00 00 00 00 00 ce").yields("frame 08 00 00 00 00 00 00 ce", "complete");
        LengthField format = LengthField.ofSize(1).marker((byte) 2).endMark((byte) 3);
        matrix(format).stream("02 02 68 69 03").yields("frame 68 69", "complete");
        assertThat(encode(format, "68 69")).isEqualTo(hex("02 02 68 69 03"));
    }

    @Tag("slow")
    @Test
    void endMark_contract() {
        FramingVerifier.of(LengthField.ofSize(1).marker((byte) 2).endMark((byte) 3, (byte) 4))
                .lengths(0, 255)
                .alphabet(0, 1, 2, 3, 4)
                .verify();
        FramingVerifier.of(AMQP)
                .lengths(8, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    ByteBuffer.wrap(bytes).putInt(3, length - 8);
                    bytes[length - 1] = (byte) 0xCE;
                    return bytes;
                })
                .delivers(frame -> ByteBuffer.wrap(frame.clone())
                        .putInt(3, frame.length - 8)
                        .array())
                .alphabet(0, 1, 2, 0xCE)
                .refuses("", "08000000000000", "0800000000000000")
                .verify();
    }

    @ParameterizedTest
    @EnumSource(Counts.class)
    void endMark_countedByAllButPayload(Counts counts) {
        LengthField format = LengthField.ofSize(1).after(1).counts(counts).endMark((byte) 0xCE, (byte) 0xCF);
        int field = counts == Counts.PAYLOAD ? 1 : counts == Counts.AFTER_LENGTH ? 4 : 5;

        matrix(format).stream("0" + field + " 77 61 ce cf 0" + field + " 77 62 ce cf")
                .yields("frame 61", "frame 62", "complete");
        matrix(format).stream("0" + (field - 1) + " 77 ce cf 00 77 ce")
                .yields("frame ", counts == Counts.PAYLOAD ? "error Truncated #1 @4 3/4" : "error Corrupt #1 @4");
    }

    @Test
    void wrongEndMark_corrupt_passedOverToTheNextMarkerOnly() {
        LengthField format = LengthField.ofSize(1).endMark((byte) 0xCE);
        matrix(format).stream("01 61 ce 01 62 cf 01 63 ce").yields("frame 61", "error Corrupt #1 @3");
        matrix(format).skipInvalid().stream("01 61 ce 01 62 cf 01 63 ce").yields("frame 61", "error Corrupt #1 @3");
        matrix(format.marker((byte) 0xAA)).skipInvalid().stream("aa 01 61 ce aa 01 62 cf 00 aa 01 63 ce aa 00 00")
                .yields("frame 61", "skipped Corrupt #1 @4 +5", "frame 63", "skipped Corrupt #3 @13 +3", "complete");
        matrix(format.marker((byte) 0xAA)).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream(
                        "aa 02 61 61 cf aa 01 63 ce")
                .yields("skipped TooLong #0 @0 2>1 +5", "frame 63", "complete");
    }

    @Test
    void wrongEndMark_nextMarkerHasToBeWhole() {
        LengthField format =
                LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xBB).endMark((byte) 0xCE);
        matrix(format).skipInvalid().stream("aa bb 01 61 cf aa 00 01 63 ce aa bb 01 64 ce")
                .yields("skipped Corrupt #0 @0 +10", "frame 64", "complete");
    }

    @Test
    void wrongEndMark_messageTellsWhatWasFound() {
        for (String[] chunks : new String[][] {{"01 61 cd cc"}, {"01 61 cd", "cc"}, {"01", "61", "cd", "cc"}}) {
            assertThatExceptionOfType(CorruptFrameException.class)
                    .isThrownBy(() -> Flux.just(chunks)
                            .map(chunk -> ByteBuffer.wrap(hex(chunk)))
                            .transform(FrameCodec.of(LengthField.ofSize(1).endMark((byte) 0xCE, (byte) 0xCC))::decode)
                            .blockLast())
                    .withMessageStartingWith("expected the end mark ce cc but found cd cc");
        }
    }

    @Test
    void badHeader_messageTellsWhy() {
        LengthField one = LengthField.ofSize(1);
        refused(one.adjustment(-2), "01", "length 1 makes a frame of 0 bytes, shorter than its header of 1 bytes");
        refused(
                one.counts(Counts.WHOLE_FRAME).endMark((byte) 0xCE),
                "01",
                "length 1 makes a frame of 1 bytes, too short for an end mark behind its header of 1 bytes");
        refused(one.strip(3), "01 61", "length 1 makes a frame of 2 bytes, of which 3 are to be stripped");
        refused(one.checkHeader(header -> false), "01 61", "the header was refused by its check");
        refused(
                LengthField.ofSize(8),
                "ff".repeat(8),
                "length 18446744073709551615 is over the largest that can be, 9223372036854775807");
        refused(
                one.strip(3).endMark((byte) 0xCE),
                "00 ce",
                "length 0 makes a frame of 2 bytes, of which 4 are to be stripped");
    }

    private static void refused(LengthField format, String stream, String message) {
        assertThatExceptionOfType(CorruptFrameException.class)
                .isThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.wrap(hex(stream))))
                        .blockLast())
                .withMessageStartingWith(message);
    }

    // ---- arguments

    @Test
    void arguments_refusedWithTheirValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LengthField.ofSize(0))
                .withMessage("size must be 1 to 8 bytes, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LengthField.ofSize(9))
                .withMessage("size must be 1 to 8 bytes, was 9");
        LengthField format = LengthField.ofSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(format::marker)
                .withMessage("marker must have 1 to 255 bytes, had 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.marker(new byte[256]))
                .withMessage("marker must have 1 to 255 bytes, had 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.before(-1))
                .withMessage("before must be 0 to 16000 bytes, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.after(65536))
                .withMessage("after must be 0 to 16000 bytes, was 65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.strip(-1))
                .withMessage("strip must not be negative, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.strip(257))
                .withMessage("strip must be at most the longest frame's 256 bytes, was 257");
        assertThat(format.strip(256)).hasToString("LengthField.ofSize(1).strip(256)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.adjustment(-256))
                .withMessageStartingWith("adjustment -256 leaves no valid frame");
        assertThat(format.adjustment(-255)).hasToString("LengthField.ofSize(1).adjustment(-255)");
        assertThatIllegalArgumentException()
                .isThrownBy(format::endMark)
                .withMessage("endMark must have 1 to 255 bytes, had 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> format.before(16_001))
                .withMessage("before must be 0 to 16000 bytes, was 16001");
        assertThat(format.marker(new byte[255]).before(16_000).after(16_000).toString())
                .endsWith(" 00).before(16000).after(16000)");
        assertThatNullPointerException().isThrownBy(() -> format.counts(null)).withMessage("counts");
        assertThatNullPointerException()
                .isThrownBy(() -> format.checkHeader(null))
                .withMessage("check");
    }

    @Test
    void markerChangedAfterwards_formatKeepsItsOwn() {
        byte[] marker = {1, 2};
        LengthField format = LengthField.ofSize(1).marker(marker);
        marker[0] = 9;

        assertThat(encode(format, "")).isEqualTo(hex("01 02 00"));
    }

    @Test
    void options_areCopies_andTheLastOfKeepHeaderAndStripHolds() {
        LengthField plain = LengthField.ofSize(2);
        LengthField kept = plain.keepHeader();

        assertThat(plain).hasToString("LengthField.ofSize(2)");
        assertThat(kept.strip(1)).hasToString("LengthField.ofSize(2).strip(1)");
        assertThat(kept.strip(1).keepHeader()).hasToString("LengthField.ofSize(2).keepHeader()");
        assertThat(plain.marker((byte) 0xAA, (byte) 1)
                        .before(1)
                        .after(2)
                        .littleEndian()
                        .counts(Counts.WHOLE_FRAME)
                        .adjustment(-3))
                .hasToString("LengthField.ofSize(2).marker(aa 01).before(1).after(2).littleEndian()"
                        + ".counts(WHOLE_FRAME).adjustment(-3)");
        assertThat(AMQP).hasToString("LengthField.ofSize(4).before(3).keepHeader().endMark(ce).keepEndMark()");
    }

    @ParameterizedTest
    @EnumSource(Counts.class)
    void emptyPayload_isAnEmptyFrame(Counts counts) {
        LengthField format = LengthField.ofSize(2).after(1).counts(counts);
        int field = counts == Counts.PAYLOAD ? 0 : counts == Counts.AFTER_LENGTH ? 1 : 3;

        matrix(format).stream("00 0" + field + " 77 00 0" + field + " 77").yields("frame ", "frame ", "complete");
    }

    @Test
    void lengthOver2To63_isCorruptWhateverIsAddedToIt() {
        StreamVerifier.of(LengthField.ofSize(8).adjustment(10)).stream(
                        "ff ff ff ff ff ff ff ff 61 62 63 64 65 66 67 68 69")
                .yields("error Corrupt #0 @0");
    }

    @Test
    void startFoundInAnEarlierChunk_messageShowsNoLaterBytesAsItsFirst() {
        FrameCodec codec = FrameCodec.of(LengthField.ofSize(1).marker((byte) 0xAA, (byte) 0xAA, (byte) 0xBB))
                .skipInvalid(e -> {});
        Throwable fault = codec.decode(
                        Flux.just("00", "aa aa", "aa bb 0a", "47 45 54 20").map(hex -> ByteBuffer.wrap(hex(hex))))
                .materialize()
                .blockLast()
                .getThrowable();
        assertThat(FramingEvents.describe(fault)).isEqualTo("Truncated #1 @2 8/14");
        assertThat(fault).message().doesNotContain("47 45 54");
    }
}

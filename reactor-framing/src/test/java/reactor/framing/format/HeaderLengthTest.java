package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.format.HeaderLength.decimal;
import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.HeaderLength.needsUntil;
import static reactor.framing.format.HeaderLength.number;
import static reactor.framing.test.FramingEvents.describe;
import static reactor.framing.test.FramingEvents.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FrameDecoder;
import reactor.framing.FrameEncoder;
import reactor.framing.FramePart;
import reactor.framing.Framing;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class HeaderLengthTest {

    private static final HeaderLength WORDS = HeaderLength.ofSize(2, header -> 2 + 4 * (header.get(1) & 0xFF));

    private static final HeaderLength MASKED =
            HeaderLength.ofSize(2, header -> 2 + (header.getShort(0) & 0x3FFF)).strip(2);

    private static final HeaderLength ONE_OR_TWO = HeaderLength.ofSize(
            2,
            header -> header.limit() == 2 && header.get(1) == 126
                    ? needs(4)
                    : header.limit() + number(header, header.limit() == 2 ? 1 : 2, header.limit()));

    private static final HeaderLength DIGITS = HeaderLength.until(
                    ",", header -> header.limit() + decimal(header, 1, header.limit() - 1))
            .marker((byte) '$');

    /**
     * The basic encoding rules of ASN.1 with a definite length: a tag, and a length whose size its first byte may tell.
     */
    private static final HeaderLength BER = HeaderLength.ofSize(2, header -> {
        int first = header.get(1) & 0xFF;
        if (first < 0x80) {
            return 2 + first;
        }
        int size = 2 + (first & 0x7F);
        return header.limit() < size ? needs(size) : size + number(header, 2, size);
    });

    /** A line and a block of header lines, of which one tells the length of the body. */
    private static final HeaderLength BLOCK =
            HeaderLength.until("\r\n\r\n", header -> header.limit() + bodyLength(header));

    private static long bodyLength(ByteBuffer header) {
        String text = StandardCharsets.ISO_8859_1.decode(header).toString();
        int at = text.indexOf("\r\nl:");
        return at < 0 ? 0 : Long.parseLong(text.substring(at + 4, text.indexOf('\r', at + 4)));
    }

    private static StreamVerifier matrix(Framing framing) {
        return StreamVerifier.of(framing).with(codec -> codec.maxFrameLength(300));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] encode(Framing framing, byte[] frame) {
        return bytes(FrameCodec.of(framing)
                .encode(Flux.just(ByteBuffer.wrap(frame).asReadOnlyBuffer()))
                .blockLast());
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix(WORDS).stream("81 01 00 00 00 07 82 00").yields("frame 81 01 00 00 00 07", "frame 82 00", "complete");
        matrix(MASKED).stream("80 02 68 69").yields("frame 68 69", "complete");
        matrix(ONE_OR_TWO).stream("01 02 68 69 01 7e 00 02 68 69")
                .yields("frame 01 02 68 69", "frame 01 7e 00 02 68 69", "complete");
        matrix(DIGITS.stripHeader()).stream(text("$5,hello")).yields(frame(text("hello")), "complete");
    }

    // ---- whole formats

    @Tag("slow")
    @Test
    void contract_lengthOfALength() {
        FramingVerifier.of(BER)
                .lengths(2, Integer.MAX_VALUE)
                .frames(HeaderLengthTest::ber)
                .alphabet(0, 1, 2, 0x80, 0x81, 0x82, 0xFF)
                .refuses("", "30", "3001", "30016161", "3082", "308201", "3089")
                .verify();
    }

    private static byte[] ber(Random random, int length) {
        int extra = length > 257 ? 2 : length > 130 ? 1 : 0;
        int payload = Math.min(length - 2 - extra, extra == 0 ? 127 : 255 << 8 * (extra - 1) | 255);
        ByteBuffer bytes = ByteBuffer.allocate(2 + extra + payload).put((byte) 0x30);
        if (extra > 0) {
            bytes.put((byte) (0x80 + extra));
        }
        if (extra == 2) {
            bytes.put((byte) (payload >> 8));
        }
        bytes.put((byte) payload);
        byte[] content = new byte[payload];
        random.nextBytes(content);
        return bytes.put(content).array();
    }

    @Tag("slow")
    @Test
    void contract_digitsUpToAComma() {
        FramingVerifier.of(DIGITS)
                .lengths(3, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    int payload = length < 13 ? length - 3 : length == 13 ? 9 : Math.min(length - 4, 99);
                    return text("$" + payload + "," + "x".repeat(payload));
                })
                .alphabet('$', '1', '2', ',', 'x')
                .refuses("", "24312c", "24302c78", "25302c", "24782c", "242c", "2431")
                .verify();
    }

    private static final HeaderLength ENCLOSED = HeaderLength.ofSize(3, header -> 4 + (header.get(2) & 0xFF))
            .marker((byte) 2, (byte) 2)
            .strip(2)
            .endMark((byte) 3)
            .stripEnd(1);

    @Tag("slow")
    @Test
    void contract_markerAndEndMarkThatAreStripped() {
        FramingVerifier.of(ENCLOSED)
                .lengths(1, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    byte[] bytes = new byte[Math.min(length, 256)];
                    random.nextBytes(bytes);
                    bytes[0] = (byte) (bytes.length - 1);
                    return bytes;
                })
                .alphabet(1, 2, 3)
                .refuses("", "01", "0000", "0261")
                .verify();
    }

    @Test
    void markerAndEndMark_stripped() {
        assertThat(encode(ENCLOSED, hex("02 68 69"))).isEqualTo(hex("02 02 02 68 69 03"));
        matrix(ENCLOSED).stream("02 02 02 68 69 03 02 02 00 03").yields("frame 02 68 69", "frame 00", "complete");
        assertThatThrownBy(() -> encode(ENCLOSED, hex("02 68"))).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void marksThatTheFrameBrings_areChecked() {
        HeaderLength format = HeaderLength.ofSize(3, header -> 4 + (header.get(2) & 0xFF))
                .marker((byte) 2, (byte) 4)
                .strip(1)
                .endMark((byte) 3, (byte) 5)
                .stripEnd(1);
        matrix(format).stream("02 04 01 03 05").yields("frame 04 01 03", "complete");
        assertThat(encode(format, hex("04 01 03"))).isEqualTo(hex("02 04 01 03 05"));
        for (String bad : new String[] {"", "04", "05 01 03", "04 01 02", "04 01 00 03"}) {
            assertThatThrownBy(() -> encode(format, hex(bad))).as(bad).isInstanceOf(CorruptFrameException.class);
        }
    }

    @Test
    void headerBlock_readForEverySplit() {
        String message = "INVITE x\r\nVia: y\r\nl:5\r\n\r\nhello";
        matrix(BLOCK).stream(text(message + "ACK x\r\n\r\n" + message))
                .yields(frame(text(message)), frame(text("ACK x\r\n\r\n")), frame(text(message)), "complete");
    }

    @Test
    void decodeParts_aFrameOfAnyLengthFlowsThrough() {
        byte[] wire = new byte[1 << 20];
        new Random(3).nextBytes(wire);
        ByteBuffer.wrap(wire).putInt(0, wire.length);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        FrameCodec.of(HeaderLength.ofSize(4, header -> header.getInt(0)).strip(4))
                .decodeParts(chunks(wire, 1000))
                .map(FramePart::content)
                .toStream()
                .forEach(part -> content.writeBytes(bytes(part)));
        assertThat(content.toByteArray()).isEqualTo(Arrays.copyOfRange(wire, 4, wire.length));
    }

    private static Flux<ByteBuffer> chunks(byte[] bytes, int length) {
        return Flux.range(0, (bytes.length + length - 1) / length)
                .map(i -> ByteBuffer.wrap(bytes, i * length, Math.min(length, bytes.length - i * length)));
    }

    @Test
    void endInsideAFrame_truncated() {
        matrix(BER).stream("30 01 61 30").yields("frame 30 01 61", "error Truncated #1 @3 1/-1");
        matrix(BER).stream("30 82 00").yields("error Truncated #0 @0 3/-1");
        matrix(BER).stream("30 02 61").yields("error Truncated #0 @0 3/4");
    }

    @Test
    void limit_isThatOfTheDeliveredFrame() {
        StreamVerifier.of(MASKED).with(codec -> codec.maxFrameLength(2)).skipInvalid().stream(
                        "80 02 68 69 40 03 61 62 63 00 01 21")
                .yields("frame 68 69", "skipped TooLong #1 @4 3>2 +5", "frame 21", "complete");
        matrix(BER).stream("30 88 7f ff ff ff ff ff ff ff").yields("error Corrupt #0 @0");
        matrix(BER).stream("30 87 7f ff ff ff ff ff ff").yields("error TooLong #0 @0 36028797018963976>300");
    }

    // ---- what the rule is given

    @Test
    void rule_isGivenWhatItAskedForReadOnlyAndBigEndian() {
        List<String> given = new ArrayList<>();
        HeaderLength format = HeaderLength.ofSize(1, header -> {
            assertThat(header.isReadOnly()).isTrue();
            assertThat(header.position()).isZero();
            assertThat(header.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            byte[] bytes = bytes(header);
            given.add(frame(bytes).substring(6));
            // leaves the buffer anyhow
            header.order(ByteOrder.LITTLE_ENDIAN).position(header.limit()).limit(0);
            return switch (bytes.length) {
                case 1 -> needsUntil(";");
                case 3 -> needs(5);
                case 5 -> needsUntil((byte) ';', (byte) ';');
                default -> bytes.length + 1;
            };
        });
        byte[] wire = text(";a;b;;c");
        for (int length : new int[] {1, 2, 3, 100}) {
            given.clear();
            assertThat(chunks(wire, length)
                            .transform(FrameCodec.of(format)::decode)
                            .collectList()
                            .block())
                    .as("chunks of %s", length)
                    .containsExactly(ByteBuffer.wrap(text(";a;b;;c")));
            // the two that end in ";;" overlap what had been seen
            assertThat(given).startsWith("3b", "3b 61 3b", "3b 61 3b 62 3b", "3b 61 3b 62 3b 3b");
        }
    }

    @Test
    void needsUntil_bytesThatHaveBeenSeenMayBePartOfThem() {
        HeaderLength format = HeaderLength.until(
                "\r\n",
                header -> header.limit() == 3 || header.get(header.limit() - 3) != '\n'
                        ? needsUntil("\r\n\r\n")
                        : header.limit());
        matrix(format).stream(text("a\r\n\r\nb\r\nc\r\n\r\n"))
                .yields(frame(text("a\r\n\r\n")), frame(text("b\r\nc\r\n\r\n")), "complete");
    }

    @Test
    void until_looksBehindTheMarker() {
        HeaderLength format = HeaderLength.until("\n", header -> header.limit()).marker((byte) '\n', (byte) '\n');
        matrix(format).stream("0a 0a 61 0a 0a 0a 0a").yields("frame 0a 0a 61 0a", "frame 0a 0a 0a", "complete");
    }

    @Test
    void until_ofBytes() {
        matrix(HeaderLength.until(new byte[] {(byte) 0xFF, 0}, ByteBuffer::limit)).stream("ff ff 00 ff 00")
                .yields("frame ff ff 00", "frame ff 00", "complete");
    }

    // ---- linear

    @Test
    void oneByteChunks_ruleIsAskedOnlyWhenWhatItAskedForIsThere() {
        AtomicInteger calls = new AtomicInteger();
        HeaderLength format = HeaderLength.ofSize(4, header -> {
            calls.incrementAndGet();
            return header.limit() == 4 ? needs(8) : header.limit() == 8 ? needsUntil("\n") : header.limit() + 10;
        });
        byte[] frame = text("1234" + "5678" + "9".repeat(500) + "\n" + "0123456789");
        int frames = 100;
        byte[] wire = new byte[frames * frame.length];
        for (int i = 0; i < frames; i++) {
            System.arraycopy(frame, 0, wire, i * frame.length, frame.length);
        }
        for (int length : new int[] {1, 7, wire.length}) {
            calls.set(0);
            assertThat(chunks(wire, length)
                            .transform(FrameCodec.of(format)::decode)
                            .count()
                            .block())
                    .isEqualTo(frames);
            assertThat(calls).as("chunks of %s", length).hasValue(3 * frames);
        }
    }

    @Test
    void aMillionFramesInOneChunk_ruleIsAskedOnceForEach() {
        AtomicInteger calls = new AtomicInteger();
        HeaderLength format = HeaderLength.ofSize(1, header -> {
            calls.incrementAndGet();
            return 1 + (header.get(0) & 0xFF);
        });
        byte[] wire = new byte[2_000_000];
        for (int i = 0; i < wire.length; i += 2) {
            wire[i] = 1;
        }
        assertThat(Flux.just(ByteBuffer.wrap(wire))
                        .transform(FrameCodec.of(format)::decode)
                        .count()
                        .block())
                .isEqualTo(1_000_000);
        assertThat(calls).hasValue(1_000_000);
    }

    @Test
    void headerBlocks_noByteIsSearchedTwice() {
        byte[] wire = text(("GET x\r\n" + "Name: value\r\n".repeat(50) + "l:3\r\n\r\nabc").repeat(100));
        for (int length : new int[] {1, 1000, wire.length}) {
            HeaderLength.Reader reader = new HeaderLength.Reader(BLOCK);
            Framing framing =
                    framing(new LengthDecoder(reader, new LengthDecoder.Shape(new byte[0], 0, new byte[0], 0)));
            assertThat(chunks(wire, length)
                            .transform(FrameCodec.of(framing)::decode)
                            .count()
                            .block())
                    .isEqualTo(100);
            assertThat(reader.examined()).isEqualTo(wire.length - 300);
        }
    }

    /**
     * Each false start reads up to the bound on a header; what one of them has searched, the next does not search
     * again.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 200_000})
    void falseStartsInARow_noByteIsSearchedTwice(int length) {
        byte[] wire = new byte[200_000];
        Arrays.fill(wire, (byte) '$');
        AtomicInteger calls = new AtomicInteger();
        HeaderLength.Reader reader = new HeaderLength.Reader(HeaderLength.ofSize(1, header -> {
                    calls.incrementAndGet();
                    return needsUntil("\n");
                })
                .marker((byte) '$'));
        Framing framing =
                framing(new LengthDecoder(reader, new LengthDecoder.Shape(new byte[] {'$'}, 0, new byte[0], 0)));
        List<String> skipped = new ArrayList<>();
        chunks(wire, length)
                .transform(FrameCodec.of(framing).skipInvalid(e -> skipped.add(describe(e)))::decode)
                .blockLast();
        assertThat(skipped).containsExactly("Corrupt #0 @0 +200000");
        assertThat(reader.examined()).isLessThanOrEqualTo(2L * wire.length);
        assertThat(calls).hasValueLessThanOrEqualTo(wire.length + 1);
    }

    private static Framing framing(FrameDecoder decoder) {
        return new Framing() {
            @Override
            public FrameDecoder newDecoder() {
                return decoder;
            }

            @Override
            public reactor.framing.FrameEncoder newEncoder() {
                throw new UnsupportedOperationException();
            }
        };
    }

    // ---- faults

    @Test
    void markerInFront_badHeadersArePassedOver() {
        matrix(DIGITS).skipInvalid().stream(text("$1,a?$x,$2,bc$,$$1,d"))
                .yields(
                        frame(text("$1,a")),
                        "skipped Corrupt #1 @4 +4",
                        frame(text("$2,bc")),
                        "skipped Corrupt #3 @13 +3",
                        frame(text("$1,d")),
                        "complete");
        matrix(DIGITS).stream(text("$1,a$x,")).yields(frame(text("$1,a")), "error Corrupt #1 @4");
    }

    @Test
    void noMarker_badHeadersEndTheStream() {
        matrix(BER).skipInvalid().stream("30 01 61 30 89 01 01 01 01 01 01 01 01 01 01")
                .yields(
                        "frame 30 01 61",
                        "error java.lang.IllegalStateException: " + noNumber(BER, "30 89 01 01 01 01 01 01 01 01 01"));
        HeaderLength careful = HeaderLength.ofSize(1, header -> header.get(0));
        matrix(careful).skipInvalid().stream("02 61 ff 61").yields("frame 02 61", "error Corrupt #1 @2");
    }

    private static String noNumber(HeaderLength format, String header) {
        String rule = format.toString().replaceAll("^HeaderLength.ofSize\\(2, |\\)$", "");
        return "rule " + rule
                + " throws java.lang.IllegalArgumentException: a number has at most 8 bytes, had 9, for the"
                + " header " + header;
    }

    /** The header of 9 bytes that the false start asks for has whole frames inside, and half of another one. */
    @Test
    void frameInsideAFalseHeader_isPassedOverForEverySplit() {
        HeaderLength format = HeaderLength.ofSize(
                        2, header -> header.get(1) == 9 ? header.limit() == 2 ? needs(9) : -1 : 2 + header.get(1))
                .marker((byte) 'm');
        matrix(format).allCutsUpTo(14).skipInvalid().stream(text("m\11m\1am\1bm\3def"))
                .yields("skipped Corrupt #0 @0 +8", frame(text("m\3def")), "complete");
        matrix(format).allCutsUpTo(14).skipInvalid().stream(text("m\11xxxxm\1bm\2cd"))
                .yields("skipped Corrupt #0 @0 +6", frame(text("m\1b")), frame(text("m\2cd")), "complete");
        matrix(format).allCutsUpTo(14).skipInvalid().stream(text("m\11xxxxxm\2bcm\1d"))
                .yields("skipped Corrupt #0 @0 +7", frame(text("m\2bc")), frame(text("m\1d")), "complete");
    }

    @Test
    void searchAgainstAnOracle_asEveryPlaceTriedInTurn() {
        Random random = new Random(9);
        // the byte behind the marker says the size of the header, its last byte the length of the rest; 3 is refused
        ToLongFunction<ByteBuffer> rule = header -> {
            int size = 2 + header.get(1);
            return header.limit() < size
                    ? needs(size)
                    : header.get(size - 1) == 3 ? -1 : size + header.get(header.limit() - 1);
        };
        HeaderLength format = HeaderLength.ofSize(2, rule).marker((byte) 1);
        for (int i = 0; i < 100; i++) {
            byte[] stream = new byte[random.nextInt(24)];
            for (int k = 0; k < stream.length; k++) {
                stream[k] = (byte) random.nextInt(5);
            }
            StreamVerifier.of(format).skipInvalid().allCutsUpTo(4).with(codec -> codec.maxFrameLength(100)).stream(
                            stream)
                    .yields(search(stream));
        }
    }

    private static List<String> search(byte[] stream) {
        List<String> events = new ArrayList<>();
        int at = 0;
        int index = 0;
        boolean searching = false;
        int faultAt = 0;
        int readTo = 0;
        while (at < stream.length) {
            // -1: bad, -2: not all here
            int size = stream[at] != 1 ? -1 : at + 1 == stream.length ? -2 : 2 + stream[at + 1];
            int length = size < 0
                    ? size
                    : at + size > stream.length ? -2 : stream[at + size - 1] == 3 ? -1 : size + stream[at + size - 1];
            int seen = size == -1 ? 1 : size == -2 ? stream.length - at : Math.min(size, stream.length - at);
            if (length >= 0 && at + length < readTo) {
                length = -1;
            }
            readTo = Math.max(readTo, at + seen);
            if (length == -1) {
                if (!searching) {
                    searching = true;
                    faultAt = at;
                }
                at++;
                continue;
            }
            if (length == -2) {
                if (!searching) {
                    events.add("error Truncated #" + index + " @" + at + " " + (stream.length - at) + "/-1");
                    return events;
                }
                break;
            }
            if (searching) {
                searching = false;
                events.add("skipped Corrupt #" + index++ + " @" + faultAt + " +" + (at - faultAt));
            }
            if (at + length > stream.length) {
                events.add("error Truncated #" + index + " @" + at + " " + (stream.length - at) + "/" + length);
                return events;
            }
            events.add(frame(Arrays.copyOfRange(stream, at, at + length)));
            index++;
            at += length;
        }
        if (searching) {
            events.add("skipped Corrupt #" + index + " @" + faultAt + " +" + (stream.length - faultAt));
        }
        events.add("complete");
        return events;
    }

    @Test
    void answersThatCannotBe_areCorruptAndNameTheRule() {
        refused(header -> -1, "answers -1, for the header 61 62");
        refused(header -> Integer.MIN_VALUE, "answers -2147483648");
        refused(header -> Long.MIN_VALUE, "answers -9223372036854775808");
        refused(header -> 1, "answers 1, less than the bytes that it has seen, for the header 61 62");
        refused(header -> 0, "answers 0, less than the bytes that it has seen");
        refused(header -> needs(2), "needs 2 bytes, which it has been given");
        refused(header -> needs(0), "needs 0 bytes, which it has been given");
        refused(header -> needs(-5), "needs 0 bytes, which it has been given");
        refused(
                header -> header.limit() == 2 ? needs(4) : needs(4),
                "needs 4 bytes, which it has been given, for the header 61 62 63 64");
        refused(header -> needs(8193), "needs 8193 bytes, more than the 8192 that a header may have");
        refused(header -> needs(Long.MAX_VALUE), "needs 2147483647 bytes, more than the 8192");
    }

    private static void refused(ToLongFunction<ByteBuffer> rule, String message) {
        HeaderLength format = HeaderLength.ofSize(2, rule);
        assertThatThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.wrap(text("abcdefgh"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("rule " + rule + " " + message);
        matrix(format).stream(text("abcdefgh")).yields("error Corrupt #0 @0");
    }

    @Test
    void headerOfAllThatItMayHave_isRead() {
        HeaderLength format = HeaderLength.ofSize(1, header -> header.limit() < 5 ? needs(5) : 6)
                .maxHeader(5);
        matrix(format).stream("01 02 03 04 05 06").yields("frame 01 02 03 04 05 06", "complete");
        matrix(format.maxHeader(4)).stream("01 02 03 04 05 06").yields("error Corrupt #0 @0");
    }

    @Test
    void ruleThrows_messageIsThatOfTheRule() {
        HeaderLength format = HeaderLength.ofSize(20, header -> decimal(header, 1, header.limit()));
        assertThatThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.allocate(20)))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("a length of 19 digits, not of 1 to 18");
    }

    @Test
    void longHeader_messageShowsItsFirst32Bytes() {
        for (int size : new int[] {32, 33}) {
            HeaderLength format = HeaderLength.ofSize(size, header -> -1);
            assertThatThrownBy(() -> FrameCodec.of(format)
                            .decode(Flux.just(ByteBuffer.allocate(40)))
                            .blockLast())
                    .message()
                    .contains(" answers -1, for the header" + " 00".repeat(32))
                    .matches(message -> message.contains(" 00...") == (size == 33));
        }
    }

    @Test
    void until_headerOfItsEndOnly() {
        matrix(HeaderLength.until("\r\n", ByteBuffer::limit)).stream("0d 0a 61 0d 0a 0d 0a")
                .yields("frame 0d 0a", "frame 61 0d 0a", "frame 0d 0a", "complete");
    }

    @Test
    void headerWithoutEnd_isCorruptAtItsBound() {
        HeaderLength format = HeaderLength.until("\n", ByteBuffer::limit).maxHeader(5);
        matrix(format).stream(text("abcd\nabcde")).yields(frame(text("abcd\n")), "error Corrupt #1 @5");
        matrix(format).stream(text("abcd\nabcd")).yields(frame(text("abcd\n")), "error Truncated #1 @5 4/-1");
        assertThatThrownBy(() -> FrameCodec.of(format)
                        .decode(Flux.just(ByteBuffer.wrap(text("abcdef"))))
                        .blockLast())
                .hasMessageContaining("needs more than the 5 bytes that a header may have, for the header");
    }

    @Test
    void ruleThrows_aFramingExceptionIsAFaultAndAnyOtherAMistake() {
        HeaderLength corrupt = HeaderLength.ofSize(2, header -> {
                    if (header.get(1) == 0) {
                        throw new CorruptFrameException("no zeros");
                    }
                    return 3;
                })
                .marker((byte) 'm');
        matrix(corrupt).stream("6d 01 61 6d 00 61").yields("frame 6d 01 61", "error Corrupt #1 @3");
        matrix(corrupt).skipInvalid().stream("6d 01 61 6d 00 61 6d 02 62")
                .yields("frame 6d 01 61", "skipped Corrupt #1 @3 +3", "frame 6d 02 62", "complete");
        ToLongFunction<ByteBuffer> mistaken = header -> {
            if (header.get(1) == 0) {
                throw new ArithmeticException("no zeros");
            }
            return 3;
        };
        assertThatThrownBy(() -> FrameCodec.of(HeaderLength.ofSize(2, mistaken).marker((byte) 'm'))
                        .skipInvalid(e -> {})
                        .decode(Flux.just(ByteBuffer.wrap(hex("6d 01 61 6d 00 61 61 61 61 61"))))
                        .blockLast())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "rule " + mistaken + " throws java.lang.ArithmeticException: no zeros, for the header 6d 00")
                .hasCauseInstanceOf(ArithmeticException.class);
    }

    @Test
    void stripMoreThanAFrameHas_corrupt() {
        HeaderLength format =
                HeaderLength.ofSize(1, header -> header.get(0)).strip(2).stripEnd(1);
        matrix(format).stream("04 61 62 63 03 61 62 02 61").yields("frame 62", "frame ", "error Corrupt #2 @7");
    }

    private static final HeaderLength TWO_BYTES =
            HeaderLength.ofSize(2, header -> 2).endMark((byte) 3);

    /** Lines, of which those that begin with a digit have so many bytes and another line end behind them. */
    @Test
    void endMark_headerThatIsTheWholeFrame_mayHaveIt() {
        HeaderLength format = HeaderLength.until(
                        "\r\n",
                        line -> line.get(0) == '+'
                                ? line.limit()
                                : line.limit() + decimal(line, 0, line.limit() - 2) + 2)
                .endMark((byte) '\r', (byte) '\n');
        StreamVerifier.of(format).stream("2b 0d 0a 32 0d 0a 0d 0a 0d 0a 2b 0d 0a 30 0d 0a 0d 0a")
                .yields(
                        "frame 2b 0d 0a",
                        "frame 32 0d 0a 0d 0a 0d 0a",
                        "frame 2b 0d 0a",
                        "frame 30 0d 0a 0d 0a",
                        "complete");
        StreamVerifier.of(format).stream("31 0d 0a 61 0d 0d").yields("error Corrupt #0 @0");
        StreamVerifier.of(TWO_BYTES).stream("01 03 02 03 01 02")
                .yields("frame 01 03", "frame 02 03", "error Corrupt #2 @4");
        assertThat(encode(TWO_BYTES, hex("01 03"))).isEqualTo(hex("01 03"));
        assertThatThrownBy(() -> encode(TWO_BYTES, hex("01 04"))).isInstanceOf(CorruptFrameException.class);
    }

    @Tag("slow")
    @Test
    void contract_headerThatIsTheWholeFrame() {
        FramingVerifier.of(TWO_BYTES).frames("0103", "0303").refuses("0104").verify();
    }

    @Test
    void endMark_tooShortForIt_messageTellsSo() {
        assertThatThrownBy(() -> FrameCodec.of(TWO_BYTES)
                        .decode(Flux.just(ByteBuffer.wrap(hex("01 02"))))
                        .blockLast())
                .hasMessageStartingWith(
                        "the header makes a frame of 2 bytes, too short for an end mark behind its header"
                                + " of 2 bytes");
    }

    @Test
    void endMark_headerThatIsTheWholeFrame_isTooShortForMore() {
        matrix(TWO_BYTES.strip(2)).stream("01 03").yields("frame ", "complete");
        matrix(TWO_BYTES.stripHeader()).stream("01 03").yields("frame ", "complete");
        matrix(TWO_BYTES.strip(3)).stream("01 03").yields("error Corrupt #0 @0");
        matrix(TWO_BYTES.stripEnd(1)).stream("01 03").yields("error Corrupt #0 @0");
        matrix(TWO_BYTES.marker((byte) 1)).stream("01 03").yields("frame 01 03", "complete");
        matrix(TWO_BYTES.marker((byte) 1, (byte) 3)).stream("01 03").yields("error Corrupt #0 @0");
    }

    @Test
    void endMark_hasToBeThere() {
        HeaderLength format = HeaderLength.ofSize(1, header -> header.get(0)).endMark((byte) 0xCE);
        matrix(format).stream("03 61 ce 02 ce 03 61 61").yields("frame 03 61 ce", "frame 02 ce", "error Corrupt #2 @5");
        matrix(format.stripEnd(1)).stream("03 61 ce 02 ce 01").yields("frame 03 61", "frame 02", "error Corrupt #2 @5");
    }

    // ---- helpers of rules

    @Test
    void number_isUnsignedAndOfAnySize() {
        ByteBuffer header = ByteBuffer.wrap(hex("ff fe 01 00 00 00 00 00 80"));
        assertThat(number(header, 0, 0)).isZero();
        assertThat(number(header, 0, 1)).isEqualTo(255);
        assertThat(number(header, 0, 3)).isEqualTo(0xFFFE01);
        assertThat(number(header, 1, 9)).isNegative();
        assertThat(number(header, 2, 9)).isEqualTo(0x01000000000080L);
        assertThatIllegalArgumentException().isThrownBy(() -> number(header, 0, 9));
    }

    @Test
    void decimal_takesDigitsOnly() {
        ByteBuffer header = ByteBuffer.wrap(text("0123456789012345678-"));
        assertThat(decimal(header, 0, 4)).isEqualTo(123);
        assertThat(decimal(header, 1, 19)).isEqualTo(123456789012345678L);
        for (int[] bad : new int[][] {{0, 0}, {0, 19}, {18, 20}, {5, 4}}) {
            assertThatThrownBy(() -> decimal(header, bad[0], bad[1])).isInstanceOf(CorruptFrameException.class);
        }
    }

    // ---- arguments

    @Test
    void arguments_areChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeaderLength.ofSize(0, header -> 1))
                .withMessage("size must be 1 to 8192 bytes, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeaderLength.until("", header -> 1))
                .withMessage("end must have 1 to 4 bytes, had 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> needsUntil("12345"))
                .withMessage("end must have 1 to 4 bytes, had 5");
        assertThatNullPointerException()
                .isThrownBy(() -> HeaderLength.ofSize(1, null))
                .withMessage("rule");
        assertThatIllegalArgumentException().isThrownBy(() -> WORDS.marker()).withMessageContaining("had 0");
        assertThatIllegalArgumentException().isThrownBy(() -> WORDS.endMark()).withMessageContaining("had 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WORDS.strip(-1))
                .withMessage("strip must not be negative, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WORDS.stripEnd(-1))
                .withMessage("stripEnd must not be negative, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WORDS.maxHeader(1))
                .withMessage("maxHeader must be 2 to 16000 bytes, was 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WORDS.maxHeader(16_001))
                .withMessageContaining("was 16001");
    }

    @Test
    void arguments_atTheirBounds_areTaken() {
        assertThat(HeaderLength.ofSize(8192, header -> 8192).maxHeader(8192).toString())
                .startsWith("HeaderLength.ofSize(8192, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HeaderLength.ofSize(8193, header -> 1))
                .withMessage("size must be 1 to 8192 bytes, was 8193");
        assertThat(WORDS.maxHeader(2).toString()).endsWith(".maxHeader(2)");
        assertThat(WORDS.maxHeader(16_000).toString()).endsWith(".maxHeader(16000)");
        assertThat(WORDS.strip(1).strip(0).stripEnd(1).stripEnd(0)).hasToString(WORDS.toString());
        HeaderLength line = HeaderLength.until("\n", ByteBuffer::limit);
        assertThat(line.maxHeader(1).toString()).endsWith(".maxHeader(1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line.maxHeader(0))
                .withMessage("maxHeader must be 1 to 16000 bytes, was 0");
    }

    @Test
    void encoder_bytesThatNobodyKnows_unsupported() {
        for (HeaderLength format : List.of(WORDS.strip(1), WORDS.stripEnd(1), WORDS.stripHeader())) {
            assertThatThrownBy(format::newEncoder)
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("cannot know");
        }
        assertThatThrownBy(WORDS.marker((byte) 1).strip(3)::newEncoder)
                .hasMessageContaining("strip(3) removes 2 bytes besides the marker");
        WORDS.strip(0).stripEnd(0).newEncoder();
        WORDS.marker((byte) 1).strip(1).newEncoder();
    }

    @Test
    void encoder_messageTellsHowManyBytesNobodyKnows() {
        HeaderLength format = WORDS.marker((byte) 1).endMark((byte) 2);
        assertThatThrownBy(() -> format.strip(3).newEncoder())
                .hasMessage(
                        "Cannot encode: strip(3) removes 2 bytes besides the marker, which the encoder cannot know");
        assertThatThrownBy(() -> format.stripEnd(4).newEncoder())
                .hasMessage("Cannot encode: stripEnd(4) removes 3 bytes besides the end mark, which the encoder"
                        + " cannot know");
        format.strip(1).stripEnd(1).newEncoder();
    }

    @Test
    void encode_messageTellsWhatIsWrongWithTheFrame() {
        HeaderLength plain = HeaderLength.ofSize(3, header -> header.get(2)).marker((byte) 1, (byte) 2);
        HeaderLength marked = plain.endMark((byte) 3);
        refusedByEncoder(plain, "01", "frame of 1 bytes is shorter than its marker or end mark");
        refusedByEncoder(plain, "01 02", "frame ends inside its header");
        refusedByEncoder(plain, "01 02 04", "frame takes 3 bytes on the wire, but its header says 4");
        refusedByEncoder(plain.strip(1), "02 05 61", "frame takes 4 bytes on the wire, but its header says 5");
        refusedByEncoder(
                marked.stripEnd(1), "01 02 05 61 62", "frame takes 6 bytes on the wire, but its header says 5");
        refusedByEncoder(
                plain.endMark((byte) 3, (byte) 4, (byte) 5), "01 02", "frame of 2 bytes is shorter than its marker");
        refusedByEncoder(
                plain.endMark((byte) 9),
                "01 02 03",
                "frame of 3 bytes ends before its header of 3 bytes and its end mark do");
        refusedByEncoder(marked, "01 02 05 61 62", "expected the end mark 03 but found 62");
        assertThat(encode(marked, hex("01 02 03"))).isEqualTo(hex("01 02 03"));
        HeaderLength three = HeaderLength.ofSize(3, header -> 3)
                .marker((byte) 1, (byte) 2, (byte) 3)
                .endMark((byte) 3);
        refusedByEncoder(three, "01 02 03", "frame of 3 bytes ends before its header of 3 bytes and its end mark do");
    }

    private static void refusedByEncoder(HeaderLength format, String frame, String message) {
        assertThatThrownBy(() -> encode(format, hex(frame)))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void encoder_frameThatIsItsMarkerOnly_isWritten() {
        ByteBuffer frame = ByteBuffer.wrap(new byte[] {1});
        FrameEncoder encoder =
                HeaderLength.ofSize(1, header -> 1).marker((byte) 1).newEncoder();

        assertThat(encoder.encodedLength(frame)).isEqualTo(1);
    }

    /** Found by fuzzing: it was a frame if more bytes of the marker lay behind it in the chunk. */
    @Test
    void frameShorterThanItsMarker_isAFault() {
        HeaderLength format =
                HeaderLength.ofSize(1, header -> header.get(0) + 1).marker(hex("02 00 00"));

        matrix(format).stream("02 00 00 02 00 00").yields("frame 02 00 00", "frame 02 00 00", "complete");
        HeaderLength tooShort = HeaderLength.ofSize(1, header -> 1).marker(hex("00 00 00"));
        matrix(tooShort).stream("00 00 00 00 05").yields("error Corrupt #0 @0");
        matrix(tooShort).skipInvalid().stream("00 00 00 00 05").yields("skipped Corrupt #0 @0 +5", "complete");
        assertThatThrownBy(() -> FrameCodec.of(tooShort)
                        .decode(Flux.just(ByteBuffer.wrap(hex("00 00 00"))))
                        .blockLast())
                .hasMessageStartingWith("the header makes a frame of 1 bytes, shorter than its header of 3 bytes");
    }

    @Test
    void encoder_markAndEndMarkThatShareBytes_areRefusedAsTheDecoderDoes() {
        HeaderLength format =
                HeaderLength.ofSize(1, header -> 3).marker(hex("03 04")).endMark(hex("04 03"));

        matrix(format).stream("03 04 03").yields("error Corrupt #0 @0");
        assertThatThrownBy(() -> FrameCodec.of(format)
                        .encode(Flux.just(ByteBuffer.wrap(hex("03 04 03"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageStartingWith("frame of 3 bytes ends before its header of 2 bytes and its end mark do");
    }

    @Test
    void toString_tellsTheOptions() {
        ToLongFunction<ByteBuffer> rule = new ToLongFunction<>() {
            @Override
            public long applyAsLong(ByteBuffer header) {
                return 2;
            }

            @Override
            public String toString() {
                return "rule";
            }
        };
        assertThat(HeaderLength.ofSize(2, rule)
                        .marker((byte) 1, (byte) 2)
                        .strip(2)
                        .endMark((byte) 3)
                        .stripEnd(1)
                        .maxHeader(9))
                .hasToString(
                        "HeaderLength.ofSize(2, rule).marker(01 02).strip(2).endMark(03).stripEnd(1).maxHeader(9)");
        assertThat(HeaderLength.until("\r\n", rule).stripHeader())
                .hasToString("HeaderLength.until(0d 0a, rule).stripHeader()");
    }
}

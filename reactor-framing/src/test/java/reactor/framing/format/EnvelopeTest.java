package reactor.framing.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.FrameWriter;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.format.LengthField.Counts;

/**
 * What {@link reactor.framing.test.FramingVerifier} cannot look at: frames too long for one buffer, and which formats
 * are what.
 */
class EnvelopeTest {

    private static final LengthField FIELD = LengthField.ofSize(4);
    private static final Delimiter LINES = Delimiter.lines();
    private static final HeaderLength RULE = HeaderLength.ofSize(1, header -> header.get(0));

    static Stream<Arguments> kinds() {
        byte end = 3;
        return Stream.of(
                arguments(FIELD, true, true),
                arguments(FIELD.keepHeader(), true, true),
                arguments(FIELD.endMark(end), true, true),
                arguments(FIELD.endMark(end).keepEndMark(), true, false),
                arguments(Varint.leb128(), true, true),
                arguments(Varint.leb128().keepHeader(), true, true),
                arguments(FixedLength.of(9).endMark(end), true, true),
                arguments(FixedLength.of(9).padding((byte) 0), true, false),
                arguments(TextLength.netstring(), true, true),
                arguments(TextLength.netstring().keepEndMark(), true, false),
                arguments(ContentLength.create(), true, true),
                arguments(ContentLength.create().keepHeader(), true, true),
                arguments(RULE, true, true),
                arguments(RULE.endMark(end).stripEnd(1), true, true),
                arguments(RULE.endMark(end), true, false),
                arguments(Delimiter.lines(), true, false),
                arguments(Delimiter.universalLines(), true, false),
                arguments(Json.objects(), true, false),
                arguments(StartEnd.of((byte) 1, (byte) 2), true, false),
                arguments(StartEnd.of((byte) 1, (byte) 2).escape((byte) 5), false, false),
                arguments(SkipBetween.of(FIELD, (byte) 9), true, true),
                arguments(SkipBetween.of(Delimiter.of("#"), (byte) 9), true, false),
                arguments(SkipBetween.of(Slip.rfc1055(), (byte) 9), false, false),
                arguments(Slip.rfc1055(), false, false),
                arguments(Cobs.create(), false, false),
                arguments(Hdlc.create(), false, false),
                arguments(Protocols.kafka(), true, true),
                arguments(Protocols.dns(), true, true),
                arguments(Protocols.lsp(), true, true),
                arguments(Protocols.gitPktLine(), true, true),
                arguments(Protocols.smpp(), true, true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void format_leavesBytesAsTheyAreAndTakesPieces(Framing framing, boolean isEnvelope, boolean takesPieces) {
        FrameWriter writer = FrameCodec.of(framing).newWriter();

        assertThat(writer.isEnvelope()).isEqualTo(isEnvelope);
        assertThat(writer.takesPieces()).isEqualTo(takesPieces);
    }

    static Stream<Arguments> choices() {
        FirstBytes either = FirstBytes.of(first -> first == 'c' ? Cobs.create() : first == '\n' ? LINES : FIELD);
        Framing kept = FIELD.before(1).keepHeader();
        FirstBytes two = FirstBytes.upTo(2, start -> start.limit() < 2 ? null : kept);
        return Stream.of(
                arguments(either, "a", true, true),
                arguments(either, "\n", true, false),
                arguments(either, "c", false, false),
                arguments(two, "a", true, true),
                arguments(two, "ab", true, true),
                arguments(FirstBytes.of(first -> either), "a", true, true),
                arguments(Switching.of(FIELD, frame -> FIELD), "a", false, false),
                arguments(Switching.of(FIELD, frame -> FIELD).endsIn(FIELD), "a", true, true),
                arguments(Switching.of(LINES, frame -> LINES).endsIn(LINES), "a", true, false),
                arguments(Switching.of(FIELD, frame -> LINES).endsIn(LINES), "a", false, false),
                arguments(Switching.of(two, frame -> two).endsIn(two), "a", true, true),
                arguments(Protocols.mqtt(), "0", true, true),
                arguments(Protocols.amqp10(), "a", true, true),
                arguments(Protocols.postgres(), "Q", false, false));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("choices")
    void formatThatChooses_answersForEachFrame(Framing framing, String start, boolean isEnvelope, boolean takesPieces) {
        FrameWriter writer = FrameCodec.of(framing).newWriter();

        assertThat(writer.isEnvelope()).isFalse();
        assertThat(writer.isEnvelopeOf(ByteBuffer.wrap(latin1(start)))).isEqualTo(isEnvelope);
        assertThat(writer.takesPieces()).isEqualTo(takesPieces);
    }

    static Stream<Arguments> shortFrames() {
        byte end = 3;
        LengthField marked = FIELD.marker((byte) 1, (byte) 2).endMark(end, end);
        HeaderLength plain =
                HeaderLength.ofSize(2, header -> header.getShort(0)).endMark(end);
        return Stream.of(
                arguments(FIELD, "61 62 63"),
                arguments(marked, ""),
                arguments(marked, "61 62 63"),
                arguments(marked.keepHeader(), "01 02 00 00 00 00 61 62 63"),
                arguments(FIELD.marker((byte) 1, (byte) 2).strip(1), "02 00 00 00 00 61"),
                arguments(FIELD.keepHeader().checkHeader(header -> header.get(3) == 2), "00 00 00 00 61 62"),
                arguments(Varint.leb128(), "61 62 63"),
                arguments(Varint.leb128().before(1).keepHeader(), "40 02 61 62"),
                arguments(FixedLength.of(3).endMark(end), "61 62 63"),
                arguments(FixedLength.of(3).marker((byte) 1), "01 62 63"),
                arguments(TextLength.netstring(), "61 62 63"),
                arguments(TextLength.netstring().keepHeader(), "33 3a 61 62 63"),
                arguments(TextLength.decimal(2).marker((byte) 1).keepHeader(), "01 30 32 61 62"),
                arguments(ContentLength.create(), "61 62 63"),
                arguments(ContentLength.create().keepHeader(), hex("Content-Length: 2\r\n\r\nab")),
                arguments(plain.stripEnd(1), "00 04 61"),
                arguments(plain.marker((byte) 0).strip(1).stripEnd(1), "05 61 62"),
                arguments(HeaderLength.ofSize(2, header -> 2).marker((byte) 1, (byte) 2), "01 02"),
                arguments(SkipBetween.of(FIELD, end), "61 62 63"),
                arguments(Protocols.gitPktLine(), "30 30 30 36 61 0a"));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("shortFrames")
    void frameInPieces_isTheSameOnTheWire(Framing framing, String hex) {
        FrameCodec codec = FrameCodec.of(framing);
        byte[] frame = TestBytes.hex(hex);
        byte[] wire =
                TestBytes.bytes(codec.encode(Flux.just(ByteBuffer.wrap(frame))).blockLast());

        for (int known = 0; known <= frame.length; known++) {
            FrameWriter writer = codec.newWriter();
            ByteBuffer before = ByteBuffer.allocate(writer.overhead());
            int covered = writer.before(frame.length, ByteBuffer.wrap(frame, 0, known), before);
            if (covered == EnvelopeEncoder.MORE) {
                assertThat(known).isLessThan(frame.length);
                assertThat(before.position()).isZero();
                continue;
            }
            ByteBuffer behind = ByteBuffer.allocate(writer.overhead());
            writer.behind(behind);
            ByteBuffer all = ByteBuffer.allocate(100)
                    .put(before.flip())
                    .put(frame, covered, frame.length - covered)
                    .put(behind.flip());
            assertThat(TestBytes.bytes(all.flip())).isEqualTo(wire);
        }
    }

    static Stream<Arguments> checkedFrames() {
        byte end = 3;
        return Stream.of(
                arguments(FIELD.endMark(end).keepEndMark(), "61 62 03"),
                arguments(FixedLength.of(9).padding((byte) 7), "61 62 63"),
                arguments(FixedLength.of(2).padding((byte) 7).endMark(end), ""),
                arguments(TextLength.netstring().keepEndMark(), "61 62 2c"),
                arguments(RULE.endMark(end), "03 61 03"),
                arguments(Delimiter.lines(), "61 62"),
                arguments(Delimiter.of("#").keepDelimiter(), "61 62 23"),
                arguments(Delimiter.universalLines(), "61 62"),
                arguments(Json.objects(), "7b 7d"),
                arguments(StartEnd.of((byte) 1, end), "61 62"),
                arguments(StartEnd.of((byte) 1, end).keepMarks(), "01 61 62 03"));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource({"shortFrames", "checkedFrames"})
    void frameWrittenInPlace_isTheSameOnTheWire(Framing framing, String hex) {
        FrameCodec codec = FrameCodec.of(framing);
        byte[] frame = TestBytes.hex(hex);
        byte[] wire =
                TestBytes.bytes(codec.encode(Flux.just(ByteBuffer.wrap(frame))).blockLast());
        FrameWriter writer = codec.newWriter();
        int least = frame.length + 2 * writer.overhead();
        ByteBuffer target = ByteBuffer.allocate(2 + least).position(2);

        assertThat(writer.writeInPlace(frame, (bytes, buffer) -> buffer.put(bytes), target))
                .isTrue();

        assertThat(TestBytes.bytes(target.flip().position(2))).isEqualTo(wire);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource({"shortFrames", "checkedFrames"})
    void frameWrittenIntoDirectMemory_isTheSameOnTheWire(Framing framing, String hex) {
        FrameCodec codec = FrameCodec.of(framing);
        ByteBuffer frame = ByteBuffer.wrap(TestBytes.hex(hex));
        ByteBuffer wire = codec.encode(Flux.just(frame)).blockLast();
        FrameWriter writer = codec.newWriter();
        ByteBuffer target = ByteBuffer.allocateDirect(writer.encodedLength(frame));

        writer.encode(frame, target);

        assertThat(target.flip()).isEqualTo(wire);
    }

    static Stream<Arguments> longFrames() {
        long tib = 1L << 40;
        return Stream.of(
                arguments(FIELD, 0xFFFFFFFFL, "", "ff ff ff ff", 0),
                arguments(FIELD.counts(Counts.WHOLE_FRAME).keepHeader(), 0xFFFFFFFFL, "0123", "ff ff ff ff", 4),
                arguments(LengthField.ofSize(8), tib, "", "00 00 01 00 00 00 00 00", 0),
                arguments(Varint.leb128(), tib, "", "80 80 80 80 80 20", 0),
                arguments(Varint.leb128(), Long.MAX_VALUE, "", "ff ff ff ff ff ff ff ff 7f", 0),
                arguments(Varint.leb128().keepHeader(), 6 + tib, "\u0080\u0080\u0080\u0080\u0080\u0020", "", 0),
                arguments(TextLength.netstring(), tib, "", "31 30 39 39 35 31 31 36 32 37 37 37 36 3a", 0),
                arguments(TextLength.hex(12).keepHeader(), 12 + tib, "............", hex("010000000000"), 12),
                arguments(ContentLength.create(), tib, "", hex("Content-Length: 1099511627776\r\n\r\n"), 0),
                arguments(HeaderLength.ofSize(8, header -> header.getLong(0)), tib, "\0\0\1\0\0\0\0\0", "", 0),
                arguments(
                        HeaderLength.ofSize(8, header -> header.getLong(0)).marker((byte) 0, (byte) 0),
                        tib,
                        "\0\0\1\0\0\0\0\0",
                        "",
                        0));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(US_ASCII));
    }

    private static byte[] latin1(String text) {
        return text.getBytes(ISO_8859_1);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("longFrames")
    void frameTooLongForABuffer_isBegun(Framing framing, long length, String start, String wire, int covered) {
        FrameWriter writer =
                FrameCodec.of(framing).maxFrameLength(Long.MAX_VALUE).newWriter();
        ByteBuffer target = ByteBuffer.allocate(writer.overhead());

        for (int n = 0; n < start.length(); n++) {
            assertThat(writer.before(length, ByteBuffer.wrap(latin1(start), 0, n), target))
                    .isEqualTo(EnvelopeEncoder.MORE);
        }
        assertThat(writer.before(length, ByteBuffer.wrap(latin1(start)), target))
                .isEqualTo(covered);

        assertThat(Arrays.copyOf(target.array(), target.position())).isEqualTo(TestBytes.hex(wire));
    }

    static Stream<Arguments> tooLongFrames() {
        return Stream.of(
                arguments(FIELD, 1L << 32),
                arguments(FIELD.counts(Counts.WHOLE_FRAME), (1L << 32) - 4),
                arguments(LengthField.ofSize(8).counts(Counts.WHOLE_FRAME), Long.MAX_VALUE - 7),
                arguments(LengthField.ofSize(8).counts(Counts.WHOLE_FRAME), Long.MAX_VALUE),
                arguments(Varint.leb128().maxBytes(5), 1L << 35),
                arguments(Varint.leb128().maxBytes(8), 1L << 56),
                arguments(TextLength.decimal(10), 10_000_000_000L),
                arguments(TextLength.bcd(5), 10_000_000_000L),
                arguments(TextLength.netstring(), 1_000_000_000_000_000_000L),
                arguments(ContentLength.create(), 1_000_000_000_000_000_000L),
                arguments(FixedLength.of(Integer.MAX_VALUE), 1L << 31));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("tooLongFrames")
    void frameTooLongForItsLength_isRefusedAndOneByteLessIsNot(Framing framing, long length) {
        FrameWriter writer =
                FrameCodec.of(framing).maxFrameLength(Long.MAX_VALUE).newWriter();
        ByteBuffer start = ByteBuffer.allocate(0);
        ByteBuffer target = ByteBuffer.allocate(writer.overhead());

        assertThatThrownBy(() -> writer.before(length, start, target))
                .isInstanceOfSatisfying(
                        FrameTooLongException.class, e -> assertThat(e.length()).isEqualTo(length));
        assertThat(target.position()).isZero();

        if (length != Long.MAX_VALUE) {
            assertThat(writer.before(length - 1, start, target)).isZero();
        }
    }
}

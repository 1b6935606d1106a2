package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.EnvelopeEncoder;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class TextLengthTest {

    private static final TextLength PKT_LINE =
            TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader().headerOnlyUpTo(2);

    private static final TextLength REDIS =
            TextLength.decimalUntil("\r\n").marker((byte) '$').endMark((byte) '\r', (byte) '\n');

    /** Two marks, an address, and digits that count one less than what is behind them. */
    private static final TextLength INDUSTRIAL = TextLength.decimal(3)
            .marker((byte) 2, (byte) 2)
            .before(1)
            .counts(Counts.AFTER_LENGTH)
            .adjustment(-1)
            .keepHeader()
            .endMark((byte) 3)
            .keepEndMark();

    private static StreamVerifier matrix(Framing framing, String text) {
        return StreamVerifier.of(framing).stream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String frame(String text) {
        return FramingEvents.frame(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String encode(Framing framing, String frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.getBytes(StandardCharsets.ISO_8859_1));
        return StandardCharsets.ISO_8859_1
                .decode(FrameCodec.of(framing).encode(Flux.just(bytes)).blockLast())
                .toString();
    }

    @Test
    void workedExamples_framesAsDrawn() {
        matrix(TextLength.netstring(), "5:hello,0:,2:hi,").yields(frame("hello"), frame(""), frame("hi"), "complete");
        matrix(TextLength.octetCounting(), "5 hello").yields(frame("hello"), "complete");
        matrix(TextLength.decimal(4), "0005hello").yields(frame("hello"), "complete");
        matrix(TextLength.bcd(2), "\u0000\u0012hello, world").yields(frame("hello, world"), "complete");
        matrix(PKT_LINE, "0006hi0000").yields(frame("0006hi"), frame("0000"), "complete");
        matrix(REDIS, "$5\r\nhello\r\n$0\r\n\r\n").yields(frame("hello"), frame(""), "complete");
        assertThat(encode(REDIS, "hello")).isEqualTo("$5\r\nhello\r\n");
    }

    @Tag("slow")
    @Test
    void contract_holdsForATerminatorAMarkerAndAnEndMark() {
        FramingVerifier.of(REDIS).alphabet('$', '0', '1', '2', '\r', '\n').verify();
        FramingVerifier.of(TextLength.hexUntil("\r\n").endMark((byte) '\r', (byte) '\n'))
                .alphabet('0', '1', 'A', '\r', '\n')
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForKeptDigitsOfAnySize() {
        FramingVerifier.of(REDIS.keepHeader().keepEndMark())
                .lengths(6, Integer.MAX_VALUE)
                .frames((random, length) -> {
                    // 16 bytes: "$10\r\n" and "\r\n" would leave 9, "$9\r\n" 10
                    int payload = length < 16 ? length - 6 : length == 16 ? 9 : length < 107 ? length - 7 : length - 8;
                    return ("$" + payload + "\r\n" + "x".repeat(payload) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                })
                .alphabet('$', '0', '1', '2', '\r', '\n')
                .refuses("24300d0a", "24310d0a0d0a", "24310d0a610d0a00", "24300d0a0d0b", "25300d0a0d0a", "2430")
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForEveryOptionAroundDigitsOfAFixedSize() {
        FramingVerifier.of(INDUSTRIAL)
                .lengths(7, 1004)
                .frames((random, length) -> {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    bytes[0] = 2;
                    bytes[1] = 2;
                    byte[] digits = String.format("%03d", length - 5).getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(digits, 0, bytes, 3, 3);
                    bytes[length - 1] = 3;
                    return bytes;
                })
                .delivers(frame -> {
                    byte[] filled = frame.clone();
                    byte[] digits = String.format("%03d", frame.length - 5).getBytes(StandardCharsets.US_ASCII);
                    System.arraycopy(digits, 0, filled, 3, 3);
                    return filled;
                })
                .alphabet(2, 3, '0', '1', '2')
                .refuses("", "020261303032", "02026130303204", "02036130303203")
                .verify();
    }

    @Test
    void markerInFront_badFramesArePassedOver() {
        matrix(REDIS, "$1\r\na\r\n+OK\r\n$2x$1\r\nb\r\n")
                .skipInvalid()
                .yields(frame("a"), "skipped Corrupt #1 @7 +8", frame("b"), "complete");
        matrix(REDIS, "$1\r\na\r\r$1\r\nb\r\n")
                .skipInvalid()
                .yields("skipped Corrupt #0 @0 +7", frame("b"), "complete");
        matrix(REDIS, "$-1\r\n").yields("error Corrupt #0 @0");
        matrix(REDIS, "$0001\r\na\r\n").yields(frame("a"), "complete");
        matrix(TextLength.decimalUntil("\r\n"), "1\rx").yields("error Corrupt #0 @0");
    }

    @Test
    void wrongEndMark_endsTheStreamWithoutAMarker() {
        matrix(TextLength.decimal(1).endMark((byte) ';'), "1a;1b:1c;")
                .skipInvalid()
                .yields(frame("a"), "error Corrupt #1 @3");
    }

    @Tag("slow")
    @Test
    void contract_holdsForNetstring() {
        FramingVerifier.of(TextLength.netstring())
                .lengths(0, Integer.MAX_VALUE)
                .alphabet('0', '1', '2', ':', ',')
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForOctetCounting() {
        FramingVerifier.of(TextLength.octetCounting())
                .lengths(1, Integer.MAX_VALUE)
                .alphabet('0', '1', '2', ' ')
                .refuses("")
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForDecimal() {
        FramingVerifier.of(TextLength.decimal(3))
                .lengths(0, 999)
                .alphabet('0', '1', '9')
                .verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForBcd() {
        FramingVerifier.of(TextLength.bcd(1)).lengths(0, 99).alphabet(0, 1, 3).verify();
    }

    @Tag("slow")
    @Test
    void contract_holdsForHexThatCountsItselfAndIsKept() {
        FramingVerifier.of(TextLength.hex(2).counts(Counts.WHOLE_FRAME).keepHeader())
                .lengths(2, 0xFF)
                .frames((random, length) -> {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    System.arraycopy(String.format("%02x", length).getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 2);
                    return bytes;
                })
                .delivers(frame -> {
                    // the encoder fills the length in, whatever digits were received
                    byte[] delivered = frame.clone();
                    System.arraycopy(
                            String.format("%02x", frame.length).getBytes(StandardCharsets.US_ASCII),
                            0,
                            delivered,
                            0,
                            2);
                    return delivered;
                })
                .alphabet('0', '1', '2', '3')
                .refuses("", "30")
                .verify();
    }

    @Test
    void examplesOfTheSpecifications_areReadAndWritten() {
        both(TextLength.netstring(), "hello world!", "12:hello world!,");
        both(TextLength.netstring(), "", "0:,");
        String syslog = "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed";
        both(TextLength.octetCounting(), syslog, syslog.length() + " " + syslog);
        both(PKT_LINE, "0006a\n", "0006a\n");
        both(PKT_LINE, "0005a", "0005a");
        both(PKT_LINE, "000bfoobar\n", "000bfoobar\n");
        both(PKT_LINE, "0004", "0004");
        both(PKT_LINE, "0000", "0000");
        both(PKT_LINE, "0001", "0001");
        both(PKT_LINE, "0002", "0002");
    }

    private static void both(Framing framing, String frame, String wire) {
        assertThat(encode(framing, frame)).isEqualTo(wire);
        matrix(framing, wire).yields(frame(frame), "complete");
    }

    @Test
    void netstringThatIsNone_isCorruptAfterTheGoodFramesAndNotSkipped() {
        for (String bad :
                new String[] {":", "a:", "-1:", "+1:a", " 1:a", "1 :a", "01:a", "00:", "1a", "1:ab", "1:a "}) {
            matrix(TextLength.netstring(), "1:a," + bad).yields(frame("a"), "error Corrupt #1 @4");
            matrix(TextLength.netstring(), "1:a," + bad).skipInvalid().yields(frame("a"), "error Corrupt #1 @4");
        }
    }

    @Test
    void eighteenDigits_areTooLongAndNineteenAreCorrupt() {
        String digits = "123456789012345678";
        matrix(TextLength.netstring(), digits + ":").yields("error TooLong #0 @0 " + digits + ">8388608");
        matrix(TextLength.netstring(), digits + "9:").yields("error Corrupt #0 @0");
        matrix(TextLength.decimal(18), digits).yields("error TooLong #0 @0 " + digits + ">8388608");
        matrix(TextLength.hex(15), "fffffffffffffff").yields("error TooLong #0 @0 " + 0xFFFFFFFFFFFFFFFL + ">8388608");
    }

    @Test
    void octetCountThatIsNone_isCorrupt() {
        for (String bad : new String[] {" ", "0 ", "01 a", "a", "-1 a", "1\ta", "<13>1 - no count"}) {
            matrix(TextLength.octetCounting(), "1 a" + bad).yields(frame("a"), "error Corrupt #1 @3");
        }
    }

    @Test
    void fixedLengthThatIsNone_isCorrupt() {
        for (String bad : new String[] {"-1", " 1", "+1", "1 ", "1a", "\u00b2\u00b2"}) {
            matrix(TextLength.decimal(2), "01a" + bad).yields(frame("a"), "error Corrupt #1 @3");
        }
        matrix(TextLength.hex(2), "01a0g").yields(frame("a"), "error Corrupt #1 @3");
        matrix(TextLength.bcd(1), "\u0001a\u001a").yields(frame("a"), "error Corrupt #1 @2");
        matrix(TextLength.bcd(1), "\u0001a\u00a1").yields(frame("a"), "error Corrupt #1 @2");
    }

    @Test
    void hexDigits_areReadInEitherCaseAndWrittenInLowerCase() {
        String payload = "x".repeat(0xAB);
        matrix(TextLength.hex(2), "AB" + payload).yields(frame(payload), "complete");
        matrix(TextLength.hex(2), "aB" + payload).yields(frame(payload), "complete");
        assertThat(encode(TextLength.hex(2), payload)).startsWith("abx");
    }

    @Test
    void bcdLength_hasTheHigherDigitInTheUpperHalf() {
        String payload = "x".repeat(1234);
        matrix(TextLength.bcd(2), "\u0012\u0034" + payload).yields(frame(payload), "complete");
        assertThat(encode(TextLength.bcd(2), payload)).startsWith("\u0012\u0034x");
    }

    @Test
    void lengthThatCountsItself_smallerThanItselfIsCorrupt() {
        TextLength whole = TextLength.decimal(2).counts(Counts.WHOLE_FRAME);
        matrix(whole, "03a02").yields(frame("a"), frame(""), "complete");
        matrix(whole, "03a01").yields(frame("a"), "error Corrupt #1 @3");
        matrix(PKT_LINE, "0006hi0003").yields(frame("0006hi"), "error Corrupt #1 @6");
        assertThat(encode(whole, "a")).isEqualTo("03a");
    }

    @Test
    void keptHeader_countsAgainstTheLimit() {
        matrix(PKT_LINE, "0006hi0007hey0000")
                .with(codec -> codec.maxFrameLength(6))
                .skipInvalid()
                .yields(frame("0006hi"), "skipped TooLong #1 @6 7>6 +7", frame("0000"), "complete");
    }

    @Test
    void keptHeader_isFilledInUnlessItStandsAlone() {
        assertThat(encode(PKT_LINE, "????hi")).isEqualTo("0006hi");
        assertThat(encode(PKT_LINE, "0003")).isEqualTo("0004");
        assertThat(encode(PKT_LINE, "????")).isEqualTo("0004");
        assertThat(encode(PKT_LINE, "0001hi")).isEqualTo("0006hi");
    }

    @Test
    void overTheLimit_passedOverByItsLength() {
        matrix(TextLength.netstring(), "2:ab,3:abc,1:a,")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields(frame("ab"), "skipped TooLong #1 @5 3>2 +6", frame("a"), "complete");
        matrix(TextLength.octetCounting(), "3 abc1 a")
                .with(codec -> codec.maxFrameLength(2))
                .skipInvalid()
                .yields("skipped TooLong #0 @0 3>2 +5", frame("a"), "complete");
    }

    @Test
    void endInsideAFrame_tellsHowLongItWouldHaveBeen() {
        matrix(TextLength.netstring(), "1:a,2:b").yields(frame("a"), "error Truncated #1 @4 3/5");
        matrix(TextLength.netstring(), "2:ab").yields("error Truncated #0 @0 4/5");
        matrix(TextLength.octetCounting(), "2 ").yields("error Truncated #0 @0 2/4");
        matrix(TextLength.hex(4), "00").yields("error Truncated #0 @0 2/-1");
    }

    @Test
    void frameOverWhatTheDigitsSay_isRefused() {
        assertThatThrownBy(() -> encode(TextLength.decimal(1).counts(Counts.WHOLE_FRAME), "123456789"))
                .isInstanceOfSatisfying(FrameTooLongException.class, e -> {
                    assertThat(e.length()).isEqualTo(9);
                    assertThat(e.limit()).isEqualTo(8);
                });
        assertThatThrownBy(() -> encode(PKT_LINE, "000")).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void arguments_areChecked() {
        for (int size : new int[] {0, -1, 19}) {
            assertThatThrownBy(() -> TextLength.decimal(size)).hasMessageContaining("was " + size);
        }
        assertThatThrownBy(() -> TextLength.hex(16)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextLength.bcd(10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextLength.decimalUntil("")).hasMessage("terminator must have 1 to 255 bytes, had 0");
        assertThatThrownBy(() -> TextLength.hexUntil("a")).hasMessage("terminator must not begin with a digit, was 61");
        assertThatThrownBy(() -> TextLength.decimal(2).marker()).hasMessage("marker must have 1 to 255 bytes, had 0");
        assertThatThrownBy(() -> TextLength.decimal(2).endMark(new byte[256])).hasMessageContaining("had 256");
        assertThatThrownBy(() -> TextLength.decimal(2).before(16_001)).hasMessageContaining("was 16001");
        assertThatThrownBy(() -> TextLength.decimal(2).before(1).newEncoder())
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("keepHeader()");
        for (TextLength variable : Arrays.asList(TextLength.netstring(), TextLength.octetCounting())) {
            assertThatThrownBy(() -> variable.counts(Counts.WHOLE_FRAME)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> variable.headerOnlyUpTo(0)).isInstanceOf(IllegalArgumentException.class);
        }
        TextLength whole = TextLength.hex(4).counts(Counts.WHOLE_FRAME);
        assertThatThrownBy(() -> whole.headerOnlyUpTo(4)).hasMessageContaining("was 4");
        assertThatThrownBy(() -> TextLength.hex(4).headerOnlyUpTo(2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PKT_LINE.counts(Counts.PAYLOAD)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void argumentsAtTheirLimits_areTaken() {
        matrix(TextLength.decimal(18), "0".repeat(17) + "1a").yields(frame("a"), "complete");
        matrix(TextLength.hex(15), "0".repeat(14) + "1a").yields(frame("a"), "complete");
        matrix(TextLength.bcd(9), "\0".repeat(8) + "\1a").yields(frame("a"), "complete");
        TextLength whole = TextLength.hex(4).counts(Counts.WHOLE_FRAME).keepHeader();
        matrix(whole.headerOnlyUpTo(3), "00030004").yields(frame("0003"), frame("0004"), "complete");
        matrix(whole.headerOnlyUpTo(0), "00000004").yields(frame("0000"), frame("0004"), "complete");
        assertThat(encode(whole.headerOnlyUpTo(0), "0000")).isEqualTo("0000");
        assertThat(whole.headerOnlyUpTo(0)).asString().endsWith(".headerOnlyUpTo(0)");
        assertThatThrownBy(() -> whole.headerOnlyUpTo(-1)).hasMessageContaining("was -1");
        assertThatThrownBy(() -> TextLength.hex(4).headerOnlyUpTo(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TextLength.decimalUntil("0")).hasMessageEndingWith("was 30");
    }

    @Test
    void badLength_isToldByItsFault() {
        assertFault(TextLength.netstring(), "1a", "61 is neither a digit of the length nor the 3a behind it");
        assertFault(TextLength.netstring(), "01:", "a length with a leading zero");
        assertFault(TextLength.netstring(), "1234567890123456789:", "a length of more than 18 digits");
        assertFault(TextLength.octetCounting(), "0 ", "a length that begins with zero");
        assertFault(TextLength.decimal(2), "1a", "61 is no digit of the length");
        assertFault(TextLength.decimalUntil("\r\n"), "1\rx", "78 is not the terminator 0d 0a behind the length");
        assertFault(
                TextLength.decimal(2).counts(Counts.WHOLE_FRAME),
                "01",
                "length 1 makes a frame of 1 bytes, shorter than its header of 2 bytes");
        assertFault(
                TextLength.decimal(2).adjustment(-9).endMark((byte) ';'),
                "01",
                "length 1 makes a frame of 0 bytes, shorter than its header of 2 bytes");
    }

    private static void assertFault(TextLength format, String wire, String fault) {
        ByteBuffer bytes = ByteBuffer.wrap(wire.getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> FrameCodec.of(format).decode(Flux.just(bytes)).blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(fault);
    }

    @Test
    void everyOptionAtOnce_isWrittenAsItIsRead() {
        both(INDUSTRIAL, "\2\2a003x\3", "\2\2a003x\3");
        assertThat(encode(INDUSTRIAL, "\2\2a???xyz\3")).isEqualTo("\2\2a005xyz\3");
        assertRefused(INDUSTRIAL, "\2\2a00", "frame of 5 bytes is shorter than the 7 of its header and end mark");
        assertRefused(INDUSTRIAL, "\2\3a003x\3", "marker");
        assertRefused(INDUSTRIAL, "\2\2a003x\4", "end mark");
        both(TextLength.decimal(2).counts(Counts.AFTER_LENGTH).endMark((byte) ';'), "ab", "03ab;");
        both(TextLength.decimal(2).counts(Counts.WHOLE_FRAME).endMark((byte) ';'), "ab", "05ab;");
        both(TextLength.decimal(2).marker((byte) '#').counts(Counts.WHOLE_FRAME), "ab", "#05ab");
    }

    private static void assertRefused(TextLength format, String frame, String message) {
        assertThatThrownBy(() -> encode(format, frame))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining(message);
    }

    @Test
    void keptDigitsOfAnySize_haveToBeTheLengthOfTheFrame() {
        TextLength kept = REDIS.keepHeader().keepEndMark();
        both(kept, "$1\r\na\r\n", "$1\r\na\r\n");
        both(REDIS.keepHeader(), "$1\r\na", "$1\r\na\r\n");
        assertRefused(kept, "$0\r\n", "frame of 4 bytes brings the length 0");
        assertRefused(kept, "$1\r\na\r\n\0", "frame of 8 bytes brings the length 1");
        assertRefused(kept, "$0", "frame of 2 bytes ends before its length does");
        assertRefused(kept, "$0\rx", "78 is not the terminator 0d 0a behind the length");
        assertRefused(kept, "$0\r\n\r\r", "end mark");
        assertRefused(kept, "%0\r\n\r\n", "marker");
    }

    @Test
    void frameWithoutALength_isRefused() {
        assertRefused(TextLength.octetCounting(), "", "octet counting has no empty frames");
        assertRefused(
                TextLength.decimal(2).adjustment(3),
                "a",
                "frame of 1 bytes is too short for its length: it would be -2");
        assertThat(encode(TextLength.decimal(2).adjustment(3), "abc")).isEqualTo("00abc");
    }

    @Test
    void longestFrameOfItsDigits_isWritten() {
        assertThat(encode(TextLength.decimal(1), "123456789")).isEqualTo("9123456789");
        assertThatThrownBy(() -> encode(TextLength.decimal(1).adjustment(2), "123456789012"))
                .isInstanceOfSatisfying(FrameTooLongException.class, e -> {
                    assertThat(e).hasMessageStartingWith("frame of 12 bytes exceeds the 11 that its length can say");
                    assertThat(e.length()).isEqualTo(12);
                    assertThat(e.limit()).isEqualTo(11);
                });
    }

    @Test
    void deliveredFrame_hasItsLengthFilledInWhereItCanBeSaid() {
        assertThat(delivered(INDUSTRIAL, "\2\2a???xyz\3")).isEqualTo("\2\2a005xyz\3");
        assertThat(delivered(PKT_LINE, "????hi")).isEqualTo("0006hi");
        assertThat(delivered(PKT_LINE, "0000")).isEqualTo("0000");
        assertThat(delivered(PKT_LINE, "????")).isEqualTo("0004");
        assertThat(delivered(PKT_LINE, "???")).isEqualTo("???");
        TextLength digit = TextLength.decimal(1).keepHeader();
        assertThat(delivered(digit, "?")).isEqualTo("0");
        assertThat(delivered(digit, "?123456789")).isEqualTo("9123456789");
        assertThat(delivered(digit, "?1234567890")).isEqualTo("?1234567890");
        assertThat(delivered(digit.adjustment(3), "?ab")).isEqualTo("?ab");
        ByteBuffer frame = ByteBuffer.allocate(3);
        assertThat(FillingEncoder.delivered(TextLength.netstring().newEncoder(), frame))
                .isSameAs(frame);
    }

    private static String delivered(TextLength format, String frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame.getBytes(StandardCharsets.ISO_8859_1));
        return StandardCharsets.ISO_8859_1
                .decode(FillingEncoder.delivered(format.newEncoder(), bytes))
                .toString();
    }

    @Test
    void keptDigitsInPieces_areWaitedFor() {
        EnvelopeEncoder encoder =
                (EnvelopeEncoder) TextLength.netstring().keepHeader().newEncoder();
        byte[] frame = "12:hello, world".getBytes(StandardCharsets.US_ASCII);
        for (int known = 0; known <= frame.length; known++) {
            assertThat(encoder.before(frame.length, ByteBuffer.wrap(frame, 0, known), ByteBuffer.allocate(0)))
                    .as("%s bytes", known)
                    .isEqualTo(known < 3 ? EnvelopeEncoder.MORE : 0);
        }
    }

    @Test
    void keptMarkerInPieces_isChecked() {
        EnvelopeEncoder encoder = (EnvelopeEncoder)
                TextLength.decimal(2).marker((byte) '#').keepHeader().newEncoder();
        ByteBuffer target = ByteBuffer.allocate(9);
        assertThat(encoder.before(5, ByteBuffer.wrap("#02".getBytes(StandardCharsets.US_ASCII)), target))
                .isEqualTo(3);
        assertThatThrownBy(() -> encoder.before(5, ByteBuffer.wrap("!02".getBytes(StandardCharsets.US_ASCII)), target))
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("marker");
    }

    @Test
    void bcdNine_isADigit() {
        String payload = "x".repeat(99);
        matrix(TextLength.bcd(1), "\u0099" + payload).yields(frame(payload), "complete");
    }

    @Test
    void toString_isTheCodeThatMakesIt() {
        assertThat(PKT_LINE).hasToString("TextLength.hex(4).counts(WHOLE_FRAME).keepHeader().headerOnlyUpTo(2)");
        assertThat(TextLength.netstring()).hasToString("TextLength.netstring()");
        assertThat(REDIS).hasToString("TextLength.decimalUntil(0d 0a).marker(24).endMark(0d 0a)");
        assertThat(INDUSTRIAL)
                .hasToString("TextLength.decimal(3).marker(02 02).before(1).counts(AFTER_LENGTH).adjustment(-1)"
                        + ".keepHeader().endMark(03).keepEndMark()");
    }
}

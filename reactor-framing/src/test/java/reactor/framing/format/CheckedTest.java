package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.TestBytes.bytes;
import static reactor.framing.TestBytes.hex;
import static reactor.framing.test.FramingEvents.frame;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Checksum;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.FramePart;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class CheckedTest {

    private static final Checked CRC_BEHIND = Checked.of(LengthField.ofSize(2).adjustment(4), Check.crc32());
    private static final Checked FCS =
            Checked.of(Hdlc.create(), Check.crc16X25()).littleEndian();
    private static final Checked NMEA = Checked.of(StartEnd.of(text("$"), text("\r\n")), Check.xor())
            .hex()
            .covers(0, -3)
            .keepCheck();
    private static final Checked FIX = Checked.of(
                    HeaderLength.until(
                                    "\1",
                                    header -> header.get(header.limit() - 2) == '2'
                                            ? HeaderLength.needsUntil("\1")
                                            : header.limit() + 7 + HeaderLength.decimal(header, 12, header.limit() - 1))
                            .marker(text("8=FIX.4.2")),
                    Check.sum(1))
            .decimal(3)
            .at(-4)
            .covers(0, -7);
    private static final Checked UBX = Checked.of(
                    LengthField.ofSize(2)
                            .marker((byte) 0xB5, (byte) 0x62)
                            .before(2)
                            .littleEndian()
                            .adjustment(2)
                            .keepHeader(),
                    Check.fletcher8())
            .littleEndian()
            .covers(2);
    private static final Checked JT808 = Checked.of(
            StartEnd.of((byte) 0x7E, (byte) 0x7E)
                    .escape((byte) 0x7D)
                    .code((byte) 1, (byte) 0x7D)
                    .code((byte) 2, (byte) 0x7E),
            Check.xor());

    /** A check in front of what it covers, which is all behind the header. */
    private static final Checked IN_FRONT = Checked.of(
                    LengthField.ofSize(1).after(2).keepHeader(), Check.crc16Modbus())
            .at(1)
            .covers(3);

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

    private static void both(Framing framing, byte[] wire, byte[] frame) {
        matrix(framing).stream(wire).yields(frame(frame), "complete");
        assertThat(encode(framing, frame)).isEqualTo(wire);
    }

    /** The length is filled in before the checksum is made, also where some of its bytes are stripped. */
    @Test
    void lengthOfWhichSomeBytesAreDelivered_isCoveredAsItIsOnTheWire() {
        Framing framing = Checked.of(LengthField.ofSize(4).strip(2), Check.sum(2));
        FrameCodec codec = FrameCodec.of(framing);
        ByteBuffer wire = codec.encode(Flux.just(ByteBuffer.wrap(hex("ff ff 61 62"))))
                .single()
                .block();

        assertThat(bytes(wire)).isEqualTo(hex("00 00 00 04 61 62 00 c7"));
        assertThat(codec.decode(Flux.just(wire))
                        .map(frame -> bytes(frame))
                        .single()
                        .block())
                .isEqualTo(hex("00 04 61 62"));
    }

    @Test
    void workedExamples_framesAsDrawn() {
        both(CRC_BEHIND, hex("00 02 68 69 d8 93 2a ac"), hex("68 69"));
        both(FCS, hex("7e 68 69 15 5a 7e"), hex("68 69"));
        String sentence = "GPGLL,5057.970,N,00146.110,E,142451,A*27";
        both(NMEA, text("$" + sentence + "\r\n"), text(sentence));
        byte[] logon = text("8=FIX.4.2|9=65|35=A|49=SERVER|56=CLIENT|34=177|52=20090107-18:15:16|98=0|108=30|10=062|"
                .replace('|', '\1'));
        both(FIX, logon, logon);
    }

    @Test
    void escapedBytes_areCovered() {
        byte[] frame = hex("7e 61 7d");
        matrix(FCS).stream(encode(FCS, frame)).yields(frame(frame), "complete");
    }

    /** Messages from specifications and real devices. */
    @Test
    void messagesOfOthers_areReadAndWritten() {
        // u-blox: CFG-MSG that turns VTG off, as in many receivers' set-ups
        both(UBX, hex("b5 62 06 01 03 00 f0 05 00 ff 19"), hex("b5 62 06 01 03 00 f0 05 00"));
        // RTCM 3: the example of message 1005 in RTCM 10403
        Checked rtcm = Checked.of(
                HeaderLength.ofSize(3, header -> 6 + (header.getShort(1) & 0x3FF))
                        .marker((byte) 0xD3),
                Check.crc(24, 0x864CFB, 0, false, 0));
        both(
                rtcm,
                hex("d3 00 13 3e d7 d3 02 02 98 0e de ef 34 b4 bd 62 ac 09 41 98 6f 33 36 0b 98"),
                hex("d3 00 13 3e d7 d3 02 02 98 0e de ef 34 b4 bd 62 ac 09 41 98 6f 33"));
        // Modbus over Serial Line, of which requests have 8 bytes: read 10 holding registers of unit 1
        both(
                Checked.of(FixedLength.of(8), Check.crc16Modbus()).littleEndian(),
                hex("01 03 00 00 00 0a c5 cd"),
                hex("01 03 00 00 00 0a"));
        // GPGGA, the example that every description of NMEA 0183 has
        String fix = "GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47";
        both(NMEA, text("$" + fix + "\r\n"), text(fix));
    }

    // ---- whole formats

    private static Stream<Arguments> contracts() {
        return Stream.of(
                Arguments.of(FramingVerifier.of(CRC_BEHIND).lengths(0, 65_535).alphabet(0, 4, 5)),
                Arguments.of(FramingVerifier.of(
                                Checked.of(Slip.rfc1055(), Check.crc32c()).keepCheck())
                        .lengths(5, Integer.MAX_VALUE)
                        .frames((random, length) -> checked(random, length, Check.crc32c()))
                        .alphabet(0xC0, 0xDB, 0xDC)
                        .refuses("", "616263")),
                Arguments.of(FramingVerifier.of(Checked.of(TextLength.netstring(), Check.crc16Ccitt())
                                .hex())
                        .alphabet('4', '5', ':', ',', '0')),
                Arguments.of(FramingVerifier.of(IN_FRONT)
                        .lengths(3, 258)
                        .frames((random, length) -> new byte[length])
                        .delivers(CheckedTest::filled)
                        .alphabet(0, 1, 0xFF)
                        .refuses("", "00", "0000")),
                Arguments.of(FramingVerifier.of(JT808)
                        .frames((random, length) -> ByteStuffed.bytes(random, length, 0x7E, 0x7D, 1, 2))
                        .alphabet(0x7E, 0x7D, 1, 2)),
                Arguments.of(FramingVerifier.of(FCS)
                        .frames((random, length) -> ByteStuffed.bytes(random, length, 0x7E, 0x7D, 0x5E))
                        .atEnd(rest -> rest.length <= 1 ? "complete" : "truncated")
                        .alphabet(0x7E, 0x7D, 0x5E)));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("contracts")
    void contract_holds(FramingVerifier contract) {
        contract.verify();
    }

    /** Bytes with their check at the end. */
    private static byte[] checked(Random random, int length, Check check) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        Checksum checksum = check.newChecksum();
        checksum.update(bytes, 0, length - 4);
        return ByteBuffer.wrap(bytes)
                .putInt(length - 4, (int) checksum.getValue())
                .array();
    }

    /** What the encoder makes of a frame of zeros: its length and check are right then. */
    private static byte[] filled(byte[] frame) {
        byte[] filled = frame.clone();
        filled[0] = (byte) (frame.length - 3);
        Checksum checksum = Check.crc16Modbus().newChecksum();
        checksum.update(filled, 3, frame.length - 3);
        return ByteBuffer.wrap(filled).putShort(1, (short) checksum.getValue()).array();
    }

    // ---- where the check stands and what it covers

    @Test
    void everyPlaceAndRange_asAReferenceHasIt() {
        Random random = new Random(6);
        for (int i = 0; i < 400; i++) {
            int at = random.nextInt(9) - 5;
            int from = random.nextInt(4);
            int to = random.nextInt(12) - 6;
            boolean covers = random.nextBoolean();
            if (at == -1 || covers && to >= 0 && to <= from) {
                continue;
            }
            Checked format = Checked.of(LengthField.ofSize(1), Check.crc16Xmodem());
            format = at == -2 ? format : format.at(at);
            format = covers ? format.covers(from, to) : format.covers(from);
            format = random.nextBoolean() ? format.keepCheck() : format;
            int length = random.nextInt(12);
            byte[] bytes = new byte[1 + length];
            random.nextBytes(bytes);
            bytes[0] = (byte) length;
            byte[] frame = Arrays.copyOfRange(bytes, 1, bytes.length);
            int place = at < 0 ? length + at : at;
            int end = !covers ? at < 0 ? place : length : to < 0 ? length + to : to;
            boolean fits = place >= 0 && place + 2 <= length && from <= end && end <= length;
            if (fits) {
                Checksum checksum = Check.crc16Xmodem().newChecksum();
                for (int k = from; k < end; k++) {
                    if (k < place || k >= place + 2) {
                        checksum.update(frame[k]);
                    }
                }
                ByteBuffer.wrap(bytes).putShort(1 + place, (short) checksum.getValue());
                frame = Arrays.copyOfRange(bytes, 1, bytes.length);
            }
            boolean strips = at == -2 && !format.toString().endsWith(".keepCheck()");
            StreamVerifier.of(format).allCutsUpTo(7).stream(bytes)
                    .yields(
                            fits
                                    ? List.of(frame(strips ? Arrays.copyOf(frame, length - 2) : frame), "complete")
                                    : List.of("error Corrupt #0 @0"));
            if (fits) {
                byte[] given = strips ? Arrays.copyOf(frame, length - 2) : frame.clone();
                if (!strips) {
                    given[place] ^= 0x55;
                }
                assertThat(encode(format, given)).as(format.toString()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void checkOverAHeaderWhoseLengthTheEncoderFillsIn_isMadeOfWhatIsWritten() {
        LengthField header =
                LengthField.ofSize(2).before(1).counts(Counts.WHOLE_FRAME).keepHeader();
        Checked format = Checked.of(header, Check.crc32());
        byte[] wire = encode(format, hex("07 ee ee 68 69"));
        assertThat(wire).startsWith(hex("07 00 09 68 69"));
        matrix(format).stream(wire).yields("frame 07 00 09 68 69", "complete");
        Framing text =
                Checked.of(TextLength.decimal(3).counts(Counts.WHOLE_FRAME).keepHeader(), Check.xor());
        wire = encode(text, text("???ab"));
        assertThat(wire).startsWith(text("006ab"));
        matrix(text).stream(wire).yields(frame(text("006ab")), "complete");
        // also through what stands between
        for (Framing between : List.of(
                FirstBytes.of(first -> header),
                SkipBetween.of(FirstBytes.of(first -> header), "\n"),
                Switching.of(header, frame -> header))) {
            Framing checked = Checked.of(between, Check.crc32());
            wire = encode(checked, hex("07 ee ee 68 69"));
            assertThat(wire).startsWith(hex("07 00 09 68 69"));
            matrix(checked).stream(wire).yields("frame 07 00 09 68 69", "complete");
        }
    }

    /** Cassandra's frames, version 5: a check of the header and one of the payload. */
    @Test
    void twoChecks_oneInTheOther() {
        Framing segments =
                LengthField.ofSize(3).littleEndian().after(3).adjustment(4).keepHeader();
        Framing payloadChecked =
                Checked.of(segments, Check.crc32()).littleEndian().covers(6);
        Checked format = Checked.of(payloadChecked, Check.crc(24, 0x1974F0B, 0x875060, false, 0))
                .littleEndian()
                .at(3)
                .covers(0, 3);
        byte[] wire = encode(format, hex("ee ee ee ee ee ee 68 69"));
        assertThat(wire).hasSize(12).startsWith(hex("02 00 00")).endsWith(hex("68 69 ac 2a 93 d8"));
        matrix(format).stream(wire).yields(frame(Arrays.copyOf(wire, 8)), "complete");
        byte[] damaged = wire.clone();
        damaged[4] ^= 1;
        matrix(format).stream(damaged).yields("error Corrupt #0 @0");
        damaged = wire.clone();
        damaged[7] ^= 1;
        matrix(format).stream(damaged).yields("error Corrupt #0 @0");
    }

    @Test
    void text_readInEitherCaseAndWrittenInUpperCase() {
        Checked format = Checked.of(Delimiter.of("\n"), Check.crc16Modbus()).hex();
        byte[] wire = encode(format, text("hi"));
        assertThat(new String(wire, StandardCharsets.ISO_8859_1)).isEqualTo("hi5EEE\n");
        matrix(format).stream(text("hi5eee\nhi5EeE\nhi5eeE\nhi05EE\n"))
                .yields("frame 68 69", "frame 68 69", "frame 68 69", "error Corrupt #3 @21");
    }

    // ---- faults

    @Test
    void wrongCheck_corruptAfterGoodFramesAndPassedOver() {
        String good = "00 02 68 69 d8 93 2a ac";
        String bad = "00 02 68 69 d8 93 2a ad";
        matrix(CRC_BEHIND).stream(good + bad + good).yields("frame 68 69", "error Corrupt #1 @8");
        matrix(CRC_BEHIND).skipInvalid().stream(good + bad + bad + good + bad)
                .yields(
                        "frame 68 69",
                        "skipped Corrupt #1 @8 +8",
                        "skipped Corrupt #2 @16 +8",
                        "frame 68 69",
                        "skipped Corrupt #4 @32 +8",
                        "complete");
        matrix(FCS).skipInvalid().stream("7e 68 69 15 5b 7e 68 69 15 5a 7e")
                .yields("skipped Corrupt #0 @0 +6", "frame 68 69", "complete");
    }

    /** What is skipped behind it, a start mark or noise, is not to be taken for more of the same. */
    @Test
    void wrongCheck_endsWithItsFrame() {
        matrix(NMEA).skipInvalid().stream(text("$GP*41\r\n$GP*41\r\n$GP*17\r\n"))
                .yields("skipped Corrupt #0 @0 +8", "skipped Corrupt #1 @8 +8", frame(text("GP*17")), "complete");
        matrix(UBX).skipInvalid().stream("b5 62 06 01 03 00 f0 05 00 ff 18 00 b5 62 06 01 03 00 f0 05 00 ff 19")
                .yields(
                        "skipped Corrupt #0 @0 +11",
                        "skipped Corrupt #1 @11 +1",
                        "frame b5 62 06 01 03 00 f0 05 00",
                        "complete");
    }

    @Test
    void lastFrameByTheEndOfTheStream_isChecked() {
        Checked lines = Checked.of(Delimiter.lines(), Check.xor()).hex();
        matrix(lines).stream(text("a61\nb62")).yields(frame(text("a")), frame(text("b")), "complete");
        matrix(lines).stream(text("a61\nb63")).yields(frame(text("a")), "error Corrupt #1 @4");
        matrix(lines).skipInvalid().stream(text("a61\nb63"))
                .yields(frame(text("a")), "skipped Corrupt #1 @4 +3", "complete");
    }

    @Test
    void wrongCheck_messageTellsBoth() {
        assertThatThrownBy(() -> FrameCodec.of(CRC_BEHIND)
                        .decode(Flux.just(ByteBuffer.wrap(hex("00 02 68 69 00 93 2a ad"))))
                        .blockLast())
                .hasMessageStartingWith("Check.crc32() is d8 93 2a ac but the frame says 00 93 2a ad");
        assertThatThrownBy(() -> FrameCodec.of(NMEA)
                        .decode(Flux.just(ByteBuffer.wrap(text("$GP*41\r\n"))))
                        .blockLast())
                .hasMessageStartingWith("Check.xor() is 17 but the frame says 41");
    }

    @Test
    void tooShortForACheck_corrupt() {
        matrix(CRC_BEHIND).stream("ff ff").yields("error TooLong #0 @0 65535>300");
        matrix(Checked.of(LengthField.ofSize(1), Check.crc32())).skipInvalid().stream("03 01 02 03 04 00 00 00 00")
                .yields("skipped Corrupt #0 @0 +4", "frame ", "complete");
        assertThatThrownBy(() -> encode(FIX, text("8=FIX"))).isInstanceOf(CorruptFrameException.class);
    }

    @Test
    void faultsOfTheFraming_stayItsOwn() {
        matrix(FCS).skipInvalid().stream("7e 68 7d 7e 68 69 15 5a 7e")
                .yields("skipped Corrupt #0 @0 +4", "frame 68 69", "complete");
        matrix(UBX).skipInvalid().stream("00 b5 62 06 01 03 00 f0 05 00 ff 19 b5")
                .yields("skipped Corrupt #0 @0 +1", "frame b5 62 06 01 03 00 f0 05 00", "error Truncated #2 @12 1/-1");
    }

    @Test
    void limit_isThatOfTheDeliveredFrame() {
        String good = "00 02 68 69 d8 93 2a ac";
        StreamVerifier.of(CRC_BEHIND).with(codec -> codec.maxFrameLength(2)).stream(good)
                .yields("frame 68 69", "complete");
        StreamVerifier.of(CRC_BEHIND).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream(good)
                .yields("skipped TooLong #0 @0 2>1 +8", "complete");
        StreamVerifier.of(FCS).with(codec -> codec.maxFrameLength(1)).skipInvalid().stream(
                        "7e 68 69 15 5a 7e 68 69 15 5b 7e")
                .yields("skipped TooLong #0 @0 2>1 +6", "skipped TooLong #1 @6 2>1 +5", "complete");
    }

    @Test
    void decodeParts_checkIsHeldBackAndALongFrameFlowsThrough() {
        byte[] payload = new byte[1 << 20];
        new Random(3).nextBytes(payload);
        CRC32 crc = new CRC32();
        crc.update(payload);
        byte[] wire = ByteBuffer.allocate(payload.length + 8)
                .putInt(payload.length)
                .put(payload)
                .putInt((int) crc.getValue())
                .array();
        FrameCodec codec = FrameCodec.of(Checked.of(LengthField.ofSize(4).adjustment(4), Check.crc32()));
        for (int chunk : new int[] {1, 3, 1000, wire.length}) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            codec.decodeParts(Flux.range(0, (wire.length + chunk - 1) / chunk)
                            .map(i -> ByteBuffer.wrap(wire, i * chunk, Math.min(chunk, wire.length - i * chunk))))
                    .map(FramePart::content)
                    .toStream()
                    .forEach(part -> content.writeBytes(bytes(part)));
            assertThat(content.toByteArray()).isEqualTo(payload);
        }
    }

    @Test
    void zeroCopy_frameInOneChunkIsASlice() {
        byte[] chunk = hex("00 02 68 69 d8 93 2a ac");
        ByteBuffer frame = FrameCodec.of(CRC_BEHIND)
                .zeroCopy()
                .decode(Flux.just(ByteBuffer.wrap(chunk)))
                .blockLast();
        assertThat(frame.array()).isSameAs(chunk);
    }

    // ---- the checks

    @Test
    void checks_asTheCataloguesHaveThem() {
        assertThat(number(Check.crc32())).isEqualTo("cbf43926");
        assertThat(number(Check.crc32c())).isEqualTo("e3069283");
        assertThat(number(Check.crc16Modbus())).isEqualTo("4b37");
        assertThat(number(Check.crc16X25())).isEqualTo("906e");
        assertThat(number(Check.crc16Ccitt())).isEqualTo("29b1");
        assertThat(number(Check.crc16Xmodem())).isEqualTo("31c3");
        assertThat(number(Check.adler32())).isEqualTo("91e01de");
        assertThat(number(Check.fletcher16())).isEqualTo("1ede");
        assertThat(number(Check.fletcher8())).isEqualTo("15dd");
        assertThat(number(Check.xor())).isEqualTo("31");
        assertThat(number(Check.sum(1))).isEqualTo("dd");
        assertThat(number(Check.sum(2))).isEqualTo("1dd");
        assertThat(number(Check.lrc())).isEqualTo("23");
        // the check column of the catalogue of parametrised CRC algorithms
        assertThat(number(Check.crc(8, 0x07, 0, false, 0))).isEqualTo("f4");
        assertThat(number(Check.crc(16, 0x3D65, 0, true, 0xFFFF))).isEqualTo("ea82");
        assertThat(number(Check.crc(16, 0x1021, 0xFFFF, true, 0))).isEqualTo("6f91");
        assertThat(number(Check.crc(16, 0x8005, 0, true, 0))).isEqualTo("bb3d");
        assertThat(number(Check.crc(24, 0x864CFB, 0xB704CE, false, 0))).isEqualTo("21cf02");
        assertThat(number(Check.crc(32, 0x04C11DB7L, 0xFFFFFFFFL, true, 0xFFFFFFFFL)))
                .isEqualTo("cbf43926");
        assertThat(number(Check.crc(32, 0x04C11DB7L, 0xFFFFFFFFL, false, 0xFFFFFFFFL)))
                .isEqualTo("fc891918");
        assertThat(number(Check.crc(40, 0x0004820009L, 0, false, 0xFFFFFFFFFFL)))
                .isEqualTo("d4164fc646");
        assertThat(number(Check.crc(64, 0x42F0E1EBA9EA3693L, -1L, true, -1L))).isEqualTo("995dc9bbdf1939fa");
    }

    private static String number(Check check) {
        Checksum checksum = check.newChecksum();
        byte[] bytes = text("123456789");
        checksum.update(bytes, 0, 4);
        checksum.update(bytes[4]);
        checksum.update(ByteBuffer.wrap(bytes, 5, 4).asReadOnlyBuffer());
        String once = Long.toHexString(checksum.getValue());
        checksum.reset();
        checksum.update(bytes, 0, 9);
        assertThat(Long.toHexString(checksum.getValue())).isEqualTo(once);
        int digits = 2 * check.bytes();
        return once.length() <= digits
                ? once
                : once.substring(once.length() - digits).replaceFirst("^0+", "");
    }

    @Test
    void checkOfOnesOwn() {
        Check check = Check.of("constant", 2, () -> new Checksum() {
            @Override
            public void update(int b) {}

            @Override
            public void update(byte[] b, int off, int len) {}

            @Override
            public long getValue() {
                return 0x123456;
            }

            @Override
            public void reset() {}
        });
        both(Checked.of(LengthField.ofSize(1), check), hex("03 61 34 56"), hex("61"));
        assertThat(check).hasToString("Check.constant");
    }

    @Test
    void sumOfEightBytes_isWrittenWhole() {
        both(Checked.of(LengthField.ofSize(1), Check.sum(8)), hex("09 ff 00 00 00 00 00 00 00 ff"), hex("ff"));
        Check large = Check.crc(64, 0x42F0E1EBA9EA3693L, -1L, true, -1L);
        both(
                Checked.of(LengthField.ofSize(1), large).decimal(20),
                text("\26hi0" + Long.toUnsignedString(0x48a5cabc1138a9feL)),
                text("hi"));
    }

    // ---- arguments

    @Test
    void arguments_areChecked() {
        assertThatNullPointerException()
                .isThrownBy(() -> Checked.of(null, Check.xor()))
                .withMessage("framing");
        assertThatNullPointerException()
                .isThrownBy(() -> Checked.of(Hdlc.create(), null))
                .withMessage("check");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checked.of(Delimiter.of("#", "#\r\n"), Check.xor()))
                .withMessageContaining("SkipBetween");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.at(-1))
                .withMessage("at must leave room for the check's 2 bytes, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.at(-256))
                .withMessage("at must be at least -255, was -256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.covers(-1))
                .withMessage("from must not be negative, was -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.covers(3, 3))
                .withMessage("to must be more than from, 3, or negative, was 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.covers(0, 0))
                .withMessage("to must be more than from, 0, or negative, was 0");
        assertThat(FCS.at(-255).covers(3, -255).toString()).endsWith(".at(-255).covers(3, -255)");
        assertThat(FCS.decimal(1).toString()).endsWith(".decimal(1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.covers(3, -256))
                .withMessageContaining("was -256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FCS.decimal(0))
                .withMessage("digits must be 1 to 20, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Check.crc(12, 1, 0, false, 0))
                .withMessageContaining("was 12");
        assertThatIllegalArgumentException().isThrownBy(() -> Check.sum(9)).withMessageContaining("was 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Check.of("x", 0, CRC32::new))
                .withMessageContaining("was 0");
    }

    @Test
    void toString_tellsTheOptions() {
        assertThat(FCS).hasToString("Checked.of(Hdlc.create(), Check.crc16X25()).littleEndian()");
        assertThat(NMEA).hasToString("Checked.of(StartEnd.of(24, 0d 0a), Check.xor()).hex().covers(0, -3).keepCheck()");
        assertThat(Checked.of(Hdlc.create(), Check.crc(24, 0x864CFB, 0, false, 0))
                        .decimal(3)
                        .at(5)
                        .covers(2))
                .hasToString(
                        "Checked.of(Hdlc.create(), Check.crc(24, 0x864cfb, 0x0, false, 0x0)).decimal(3).at(5).covers(2)");
    }

    /** Found by fuzzing: the decoder would have refused what was written. */
    @Tag("slow")
    @Test
    void paddedFraming_contract() {
        Framing padded = Checked.of(FixedLength.of(8).padding((byte) ' '), Check.xor());
        FramingVerifier.of(padded)
                .frames("61626364656667")
                .refuses("61", "616263646566")
                .verify();
    }

    @Test
    void framingThatPads_writesFramesThatNeedNone() {
        Framing padded = Checked.of(FixedLength.of(4).padding((byte) ' '), Check.xor());
        assertThat(FrameCodec.of(padded)
                        .encode(Flux.just(ByteBuffer.wrap(hex("61 62 64"))))
                        .blockLast())
                .isEqualTo(ByteBuffer.wrap(hex("61 62 64 67")));
    }

    @Test
    void framingThatChangesTheFrame_isNotWrittenWithAWrongCheck() {
        Framing twice =
                Checked.of(Checked.of(TextLength.netstring(), Check.xor()).keepCheck(), Check.sum(1));
        assertThatThrownBy(() -> FrameCodec.of(twice)
                        .encode(Flux.just(ByteBuffer.wrap(hex("61 62 00"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("in each other's way");

        Framing fixed = FixedLength.of(8).padding((byte) ' ');
        assertThatThrownBy(() -> FrameCodec.of(Checked.of(FirstBytes.of(first -> fixed), Check.xor()))
                        .encode(Flux.just(ByteBuffer.wrap(hex("61"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("is padded");

        Framing switching = Checked.of(Switching.of(fixed, frame -> fixed), Check.xor());
        assertThatThrownBy(() -> FrameCodec.of(switching)
                        .encode(Flux.just(ByteBuffer.wrap(hex("61"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("is padded");

        Framing twicePadded = Checked.of(Checked.of(fixed, Check.xor()), Check.xor());
        assertThatThrownBy(() -> FrameCodec.of(twicePadded)
                        .encode(Flux.just(ByteBuffer.wrap(hex("61"))))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class)
                .hasMessageContaining("with its check is padded");

        Framing lines = Checked.of(Protocols.gitPktLine(), Check.adler32()).littleEndian();
        assertThatThrownBy(() -> FrameCodec.of(lines)
                        .encode(Flux.just(ByteBuffer.allocate(0)))
                        .blockLast())
                .isInstanceOf(CorruptFrameException.class);
    }
}

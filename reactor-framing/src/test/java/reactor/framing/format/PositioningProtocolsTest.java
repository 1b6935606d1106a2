package reactor.framing.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static reactor.framing.format.Preset.ascii;
import static reactor.framing.format.Preset.filled;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.FrameTooLongException;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.test.FramingEvents;
import reactor.framing.test.FramingVerifier;
import reactor.framing.test.StreamVerifier;

class PositioningProtocolsTest extends PresetsContract {

    private static final String CRLF = "0d0a";
    private static final String ACK = "b562 0501 0200 0601 0f38";
    private static final String BAD_ACK = "b562 0501 0200 0601 0f37";
    private static final String GLL = ascii("$GPGLL,5057.970,N,00146.110,E,142451,A*27");
    private static final String BAD_GLL = ascii("$GPGLL,5057.970,N,00146.110,E,142451,A*28");
    private static final String NAV_SOL = "b56201063400c8c23a1c36ce0000500803dd66e5ab16e2f21cffd6f1661e02040000fdffffff"
            + "0000000001000000480000008700020fe04a0300abfb";
    private static final String HEARTBEAT_1 = "fe09ef010100 050000000203590303 f1d7";
    private static final String HEARTBEAT_2 = "fd090000ef0101000000 050000000203590303 10f0";
    private static final String SIGNED = "fd090100000000000000 040000000102030503 d9d1 01 020000000000 0e47040cef9b";
    private static final String RTCM_1005 = "d300133ed7d30202980edeef34b4bd62ac0941986f33360b98";

    @Override
    List<Preset> presets() {
        return List.of(ubx(), nmea(), ubxAndNmea(), mavlink(), rtcm3());
    }

    private static Preset ubx() {
        return Preset.of(Protocols.ubx())
                .vector(
                        "pyubx2, test_parse.py: ACK-ACK; pygpsdata-MIXED.log: NAV-SOL of a receiver",
                        ACK + NAV_SOL,
                        ACK,
                        NAV_SOL)
                .corrupt("pyubx2, test_parse.py: another check", BAD_ACK)
                .corrupt("another start", "b563")
                .skipping(
                        "another check, then half a start",
                        BAD_ACK + "b5 00" + ACK,
                        "skipped Corrupt #0 @0 +10",
                        "skipped Corrupt #1 @10 +2",
                        frame(ACK),
                        "complete")
                .refuses("too short for its length", "b562 0501 0200 06")
                .bounds(8, 65543, n -> ubx(filled(n, (byte) 0xB5, (byte) 0x62)))
                .verified(verifier -> verifier.lengths(8, 65543).frames(PositioningProtocolsTest::ubx));
    }

    private static byte[] ubx(Random random, int length) {
        byte[] message = new byte[length];
        random.nextBytes(message);
        message[0] = (byte) 0xB5;
        message[1] = 0x62;
        return ubx(message);
    }

    private static byte[] ubx(byte[] message) {
        int n = message.length;
        if (n >= 8) {
            message[4] = (byte) (n - 8);
            message[5] = (byte) (n - 8 >> 8);
            message[n - 2] = 0;
            message[n - 1] = 0;
            for (int i = 2; i < n - 2; i++) {
                message[n - 2] += message[i];
                message[n - 1] += message[n - 2];
            }
        }
        return message;
    }

    private static Preset nmea() {
        String tagged = ascii("\\s:2573535,c:1671533231*08\\!BSVDM,2,2,8,B,00000000000,2*36");
        String text = ascii("$GNTXT,01,01,02,u-blox AG - www.u-blox.com*4E");
        return Preset.of(Protocols.nmea())
                .vector(
                        "ntpd, refclock_nmea.c: a checksum; pyais, test_tag_block.py; pyubx2, pygpsdata-MIXED.log",
                        GLL + CRLF + tagged + CRLF + text + CRLF,
                        GLL,
                        tagged,
                        text)
                .readVector("the check in lower case", ascii("!AIVDM,x*03") + CRLF, ascii("!AIVDM,x*03"))
                .readVector("tags without a word", ascii("\\*00\\$A*41") + CRLF, ascii("\\*00\\$A*41"))
                .corrupt("another check", BAD_GLL + CRLF)
                .corrupt("no check", ascii("$GPGLL,5057.970,N,00146.110,E,142451,A") + CRLF)
                .corrupt("4 bytes", ascii("$*00") + CRLF)
                .corrupt("tags with another check", tagged.replace("2a3038", "2a3039") + CRLF)
                .corrupt("tags and no sentence", ascii("\\s:2573535*79\\ABCDE*00") + CRLF)
                .corrupt("tags and nothing behind them", ascii("\\s:2573535*79\\") + CRLF)
                .corrupt("tags that do not end", ascii("\\s:2573535*79") + CRLF)
                .corrupt("no start", "0d0a")
                .skipping(
                        "another check, noise, no check",
                        BAD_GLL + CRLF + "0a0a" + GLL + CRLF + "2458" + CRLF + GLL + CRLF,
                        "skipped Corrupt #0 @0 +43",
                        "skipped Corrupt #1 @43 +2",
                        frame(GLL),
                        "skipped Corrupt #3 @88 +4",
                        frame(GLL),
                        "complete")
                .yields("1,025 bytes", ascii("$" + "x".repeat(1024)) + CRLF, "error TooLong #0 @0 1025>1024")
                .skipping(
                        "many bytes without an end, then a sentence",
                        ascii("$" + "x".repeat(1500)) + CRLF + GLL + CRLF,
                        "skipped TooLong #0 @0 1025>1024 +1503",
                        frame(GLL),
                        "complete")
                .refuses("no start", ascii("GPGLL,A*00"))
                .refuses("no star", ascii("$GPGLL,A"))
                .refuses("a line end", ascii("$GP\r\nLL*00"))
                .bounds(5, 1024, n -> nmea(filled(n, (byte) '$')))
                .verified(verifier -> verifier.lengths(5, 1024)
                        .frames(PositioningProtocolsTest::nmea)
                        .alphabet('$', '!', '*', '\r', '\n', '0', '\\'));
    }

    private static byte[] nmea(Random random, int length) {
        byte[] sentence = new byte[length];
        for (int i = 0; i < length; i++) {
            sentence[i] = (byte) (' ' + random.nextInt(95));
        }
        sentence[0] = (byte) (random.nextBoolean() ? '$' : '!');
        return nmea(sentence);
    }

    private static byte[] nmea(byte[] sentence) {
        int at = sentence.length - 3;
        if (at >= 1) {
            int xor = 0;
            for (int i = 1; i < at; i++) {
                xor ^= sentence[i];
            }
            byte[] end = String.format("*%02X", xor).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(end, 0, sentence, at, 3);
        }
        return sentence;
    }

    private static Preset ubxAndNmea() {
        String[] texts = {
            ascii("$GNTXT,01,01,02,u-blox AG - www.u-blox.com*4E"),
            ascii("$GNTXT,01,01,02,HW UBX-M8030 00080000*60"),
            ascii("$GNTXT,01,01,02,GPS;GLO;GAL;BDS*77"),
            ascii("$GNTXT,01,01,02,SBAS;IMES;QZSS*49")
        };
        return Preset.of(Protocols.ubxAndNmea())
                .vector(
                        "pyubx2, its log of a receiver (pygpsdata-MIXED.log): the first five messages",
                        String.join(CRLF, texts) + CRLF + NAV_SOL,
                        texts[0],
                        texts[1],
                        texts[2],
                        texts[3],
                        NAV_SOL)
                .corrupt("another check of UBX", BAD_ACK)
                .corrupt("another check of NMEA", BAD_GLL + CRLF)
                .corrupt("no start", "00")
                .corrupt("half a start", "b500")
                .skipping(
                        "behind a fault, the other kind is found",
                        BAD_GLL + CRLF + ACK + BAD_ACK + GLL + CRLF + "b5" + GLL + CRLF + "24" + CRLF + ACK,
                        "skipped Corrupt #0 @0 +43",
                        frame(ACK),
                        "skipped Corrupt #2 @53 +10",
                        frame(GLL),
                        "skipped Corrupt #4 @106 +1",
                        frame(GLL),
                        "skipped Corrupt #6 @150 +3",
                        frame(ACK),
                        "complete")
                .refuses("a sentence of 1,025 bytes", ascii("$" + "x".repeat(1021) + "*00"))
                .refuses("a UBX message of 7 bytes", "b562 0501 0000 00")
                .bounds(8, 65543, n -> ubx(filled(n, (byte) 0xB5, (byte) 0x62)))
                .verified(verifier -> verifier.frames((random, n) -> random.nextBoolean() && n <= 1024
                        ? nmea(random, Math.max(5, n))
                        : ubx(random, Math.max(8, n))));
    }

    private static Preset mavlink() {
        return Preset.of(Protocols.mavlink())
                .vector(
                        "rust-mavlink, its tests: heartbeats of both versions; gomavlib, reader_test.go: a signed one",
                        HEARTBEAT_1 + HEARTBEAT_2 + SIGNED,
                        HEARTBEAT_1,
                        HEARTBEAT_2,
                        SIGNED)
                .corrupt("no start", "55")
                .corrupt("unknown incompatible flags", "fd0902")
                .skipping(
                        "unknown incompatible flags",
                        "fd0902" + HEARTBEAT_2,
                        "skipped Corrupt #0 @0 +3",
                        frame(HEARTBEAT_2),
                        "complete")
                .refuses("7 bytes", "fe000102030400")
                .bounds(8, 263, n -> mavlink(filled(n, (byte) 0xFE), -1))
                .bounds(8, 280, PositioningProtocolsTest::mavlink)
                .verified(verifier -> verifier.lengths(8, 280).frames((random, n) -> mavlink(random, n, -1)));
    }

    private static byte[] mavlink(int length) {
        return mavlink(new Random(length), length, -1);
    }

    /** Version 1 up to 11 bytes, version 2 from 12 bytes on, with a signature from 268 on. */
    private static byte[] mavlink(Random random, int length, int extra) {
        byte[] packet = new byte[length];
        random.nextBytes(packet);
        packet[0] = (byte) (length < 12 ? 0xFE : 0xFD);
        if (length >= 12) {
            packet[2] = (byte) (length < 268 ? 0 : 1);
        }
        return mavlink(packet, extra);
    }

    private static byte[] mavlink(byte[] packet, int extra) {
        boolean first = packet[0] == (byte) 0xFE;
        int signature = first || packet[2] == 0 ? 0 : 13;
        int n = packet.length - signature;
        packet[1] = (byte) (n - (first ? 8 : 12));
        if (extra >= 0) {
            byte[] covered = Arrays.copyOfRange(packet, 1, n - 1);
            covered[covered.length - 1] = (byte) extra;
            int crc = mcrf4xx(covered);
            packet[n - 2] = (byte) crc;
            packet[n - 1] = (byte) (crc >> 8);
        }
        return packet;
    }

    private static int mcrf4xx(byte[] bytes) {
        int crc = 0xFFFF;
        for (byte each : bytes) {
            crc ^= each & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0x8408;
            }
        }
        return crc;
    }

    /** The CRC_EXTRA of HEARTBEAT is 50, as in the generated code of every dialect. */
    private static int extra(int message) {
        return message == 0 ? 50 : message == 4 ? 237 : -1;
    }

    @Test
    void nmea_sentenceWithoutAnEnd_countsAsSkippedWhileItComes() {
        AtomicInteger chunks = new AtomicInteger();
        Flux<ByteBuffer> endless = Flux.range(0, 100)
                .map(i -> ByteBuffer.wrap(TestBytes.hex(ascii("$" + "x".repeat(99)))))
                .doOnNext(chunk -> chunks.incrementAndGet());
        assertThatThrownBy(() -> FrameCodec.of(Protocols.nmea())
                        .skipInvalid(fault -> {}, 1, 4999)
                        .decode(endless)
                        .blockLast())
                .isInstanceOf(FrameTooLongException.class);
        assertThat(chunks).hasValue(50);
    }

    @Test
    void mavlinkWithExtra_crcIsLookedAt() {
        Framing framing = Protocols.mavlink(PositioningProtocolsTest::extra);
        String bad = HEARTBEAT_2.replace("10f0", "10f1");
        String unknown = "fe000102030907 08";
        String signed = HexFormat.of().formatHex(mavlink(TestBytes.hex(SIGNED), 50));
        StreamVerifier.of(framing).skipInvalid().stream(HEARTBEAT_1 + bad + signed + HEARTBEAT_2 + unknown)
                .yields(
                        frame(HEARTBEAT_1),
                        "skipped Corrupt #1 @17 +21",
                        frame(signed),
                        frame(HEARTBEAT_2),
                        frame(unknown),
                        "complete");
        StreamVerifier.of(framing).stream(bad).yields("error Corrupt #0 @0");
        byte[] message = TestBytes.hex("fe09ef010100 050000000203590303 0000");
        assertThat(Flux.just(ByteBuffer.wrap(message))
                        .transform(FrameCodec.of(framing)::encode)
                        .blockLast())
                .isEqualTo(ByteBuffer.wrap(TestBytes.hex(HEARTBEAT_1)));
        assertThat(framing.toString()).startsWith("Protocols.mavlink(").endsWith(")");
        assertThatThrownBy(() -> Protocols.mavlink(null)).isInstanceOf(NullPointerException.class);
    }

    /** Of the shortest packets: version 1, version 2, version 2 with a signature. */
    @Test
    void mavlinkWithExtra_crcIsFilledIn() {
        Framing framing = Protocols.mavlink(id -> id);
        for (String empty : List.of(
                "fe00 000102 00 0000",
                "fd00 0000 000102 000000 0000",
                "fd00 0100 000102 000000 0000 00000000000000000000000000")) {
            String packet = HexFormat.of().formatHex(mavlink(TestBytes.hex(empty), 0));
            assertThat(written(framing, List.of(empty))).isEqualTo(packet).isNotEqualTo(Preset.plain(empty));
            StreamVerifier.of(framing).stream(packet).yields(frame(packet), "complete");
            StreamVerifier.of(framing).stream(empty).yields("error Corrupt #0 @0");
        }
    }

    @Test
    void ubxAndNmea_checksAreFilledIn() {
        String shortest = HexFormat.of().formatHex(ubx(TestBytes.hex("b562 0102 0000 0000")));
        assertThat(written(Protocols.ubxAndNmea(), List.of(BAD_ACK, BAD_GLL, "b562 0102 0000 0000")))
                .isEqualTo(Preset.plain(ACK + GLL + CRLF + shortest));
    }

    @Tag("slow")
    @Test
    void mavlinkWithExtra_promisesAreKept() {
        FramingVerifier.of(Protocols.mavlink(id -> id % 256))
                .lengths(8, 280)
                .frames((random, n) -> {
                    byte[] packet = mavlink(random, n, -1);
                    int id = packet[0] == (byte) 0xFE ? packet[5] & 0xFF : packet[7] & 0xFF;
                    return mavlink(packet, id);
                })
                .verify();
    }

    private static Preset rtcm3() {
        String name = "d300193ef0001453455043484f4b455f4233453620202053504b4500076e66";
        return Preset.of(Protocols.rtcm3())
                .vector(
                        "GNSS-SDR, rtcm_printer_test.cc: message 1005; pyrtcm, pygpsdata-NTRIP-USCL00CHL0.log: 1007",
                        RTCM_1005 + name,
                        RTCM_1005,
                        name)
                .corrupt("another CRC", RTCM_1005.replace("0b98", "0b99"))
                .corrupt("reserved bits", "d30400")
                .corrupt("no start", "d4")
                .skipping(
                        "another CRC, a start in noise",
                        RTCM_1005.replace("0b98", "0b99") + "d3ff" + RTCM_1005,
                        "skipped Corrupt #0 @0 +25",
                        "skipped Corrupt #1 @25 +2",
                        frame(RTCM_1005),
                        "complete")
                .refuses("5 bytes", "d300000000")
                .bounds(6, 1029, n -> rtcm3(filled(n, (byte) 0xD3)))
                .verified(verifier -> verifier.lengths(6, 1029).frames((random, n) -> {
                    byte[] message = new byte[n];
                    random.nextBytes(message);
                    message[0] = (byte) 0xD3;
                    return rtcm3(message);
                }));
    }

    private static byte[] rtcm3(byte[] message) {
        int n = message.length;
        if (n >= 6) {
            ByteBuffer.wrap(message).putShort(1, (short) (n - 6));
            int crc = 0;
            for (int i = 0; i < n - 3; i++) {
                crc ^= (message[i] & 0xFF) << 16;
                for (int bit = 0; bit < 8; bit++) {
                    crc = (crc & 0x800000) == 0 ? crc << 1 : crc << 1 ^ 0x864CFB;
                }
                crc &= 0xFFFFFF;
            }
            message[n - 3] = (byte) (crc >> 16);
            message[n - 2] = (byte) (crc >> 8);
            message[n - 1] = (byte) crc;
        }
        return message;
    }

    private static String frame(String hex) {
        return FramingEvents.frame(TestBytes.hex(hex));
    }
}

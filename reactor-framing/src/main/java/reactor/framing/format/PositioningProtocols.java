package reactor.framing.format;

import static reactor.framing.format.Presets.preset;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.zip.Checksum;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;

/** The presets of {@link Protocols} for positioning and for drones, whose messages are delivered with their checks. */
final class PositioningProtocols {

    private static final byte UBX_FIRST = (byte) 0xB5;
    private static final byte UBX_SECOND = 0x62;

    /** What the length does not count: 6 bytes of header and 2 of the check. */
    private static final int UBX_AROUND = 8;

    private static final int UBX_MAX = UBX_AROUND + 0xFFFF;

    /** The standard has 82, but what receivers add to it is longer. */
    private static final int NMEA_MAX = 1024;

    private static final int NMEA_MIN = 5;

    private static final FrameCheck UBX_CHECK = new FrameCheck(Check.fletcher8(), 2);

    static final Framing UBX = preset(
            "ubx",
            Checked.of(
                            LengthField.ofSize(2)
                                    .marker(UBX_FIRST, UBX_SECOND)
                                    .before(2)
                                    .littleEndian()
                                    .adjustment(2)
                                    .keepHeader(),
                            Check.fletcher8())
                    .littleEndian()
                    .covers(2)
                    .keepCheck());

    private static final Framing LINE = Delimiter.of("\r\n");

    static final Framing NMEA = preset(
            "nmea",
            new Judged(
                    "NMEA sentence",
                    FirstBytes.of(first -> isNmea(first) ? LINE : null),
                    NMEA_MIN,
                    NMEA_MAX,
                    new NmeaJudge()));

    static final Framing UBX_AND_NMEA = ubxAndNmeaFraming();

    static final Framing MAVLINK = mavlink("mavlink", id -> -1);

    static final Framing RTCM_3 = rtcm3Framing();

    private PositioningProtocols() {}

    /** A check at the end of a frame, the lower byte first. */
    private record FrameCheck(Check check, int from) {

        byte[] made(ByteBuffer frame, int to) {
            Checksum checksum = check.newChecksum();
            checksum.update(frame.slice(from, to - from));
            long value = checksum.getValue();
            return new byte[] {(byte) value, (byte) (value >>> 8)};
        }

        void check(ByteBuffer frame) {
            int at = frame.limit() - 2;
            byte[] expected = made(frame, at);
            byte[] found = {frame.get(at), frame.get(at + 1)};
            if (!Arrays.equals(expected, found)) {
                throw Judged.wrongCheck(check.toString(), expected, found);
            }
        }

        void fillIn(ByteBuffer frame) {
            int at = frame.limit() - 2;
            frame.put(at, made(frame, at));
        }
    }

    // ---- UBX and NMEA

    private static boolean isNmea(int first) {
        return first == '$' || first == '!' || first == '\\';
    }

    private static Framing ubxAndNmeaFraming() {
        LengthField ubx =
                LengthField.ofSize(2).before(4).littleEndian().adjustment(2).keepHeader();
        FirstBytes either = FirstBytes.upTo(2, prefix -> chosen(prefix, ubx));
        Judged.Judge nmea = new NmeaJudge();
        Judged.Judge judge = new Judged.Judge() {
            @Override
            public void check(ByteBuffer frame) {
                if (frame.get(0) == UBX_FIRST) {
                    UBX_CHECK.check(frame);
                } else {
                    Presets.checkLength("NMEA sentence", frame.limit(), NMEA_MIN, NMEA_MAX);
                    nmea.check(frame);
                }
            }

            @Override
            public void fillIn(ByteBuffer frame) {
                if (frame.get(0) != UBX_FIRST) {
                    nmea.fillIn(frame);
                } else if (frame.limit() >= UBX_AROUND) {
                    UBX_CHECK.fillIn(frame);
                }
            }
        };
        return preset("ubxAndNmea", new Judged("UBX message or NMEA sentence", either, NMEA_MIN, UBX_MAX, judge));
    }

    private static @Nullable Framing chosen(ByteBuffer prefix, Framing ubx) {
        byte first = prefix.get(0);
        if (isNmea(first)) {
            return LINE;
        }
        boolean isUbx = first == UBX_FIRST && (prefix.limit() == 1 || prefix.get(1) == UBX_SECOND);
        if (!isUbx) {
            throw new CorruptFrameException("no UBX message and no NMEA sentence begins so");
        }
        return prefix.limit() == 1 ? null : ubx;
    }

    /** Looks at the check of a sentence, and at that of a block of tags in front of it. */
    private static final class NmeaJudge implements Judged.Judge {

        private static final int CHECK = 3;

        @Override
        public void check(ByteBuffer frame) {
            int sentence = sentence(frame);
            if (sentence > 0) {
                check(frame, 1, sentence - 1);
            }
            check(frame, sentence + 1, frame.limit());
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            int sentence = frame.get(0) == '\\' ? tagsEnd(frame) : 0;
            int at = frame.limit() - CHECK;
            if (sentence >= 0 && sentence < at) {
                frame.put(at + 1, digits(frame, sentence + 1, at));
            }
        }

        /** Where the sentence begins, behind its tags. */
        private static int sentence(ByteBuffer frame) {
            if (frame.get(0) != '\\') {
                return 0;
            }
            int sentence = tagsEnd(frame);
            if (sentence < 0 || frame.get(sentence) != '$' && frame.get(sentence) != '!') {
                throw new CorruptFrameException("no sentence behind the tags of NMEA");
            }
            return sentence;
        }

        /** The index behind the tags, or -1. */
        private static int tagsEnd(ByteBuffer frame) {
            for (int i = 1; i < frame.limit() - 1; i++) {
                if (frame.get(i) == '\\') {
                    return i + 1;
                }
            }
            return -1;
        }

        private static void check(ByteBuffer frame, int from, int to) {
            int at = to - CHECK;
            if (at < from || frame.get(at) != '*') {
                throw new CorruptFrameException("an NMEA sentence ends in * and two digits");
            }
            byte[] expected = digits(frame, from, at);
            byte[] found = {frame.get(at + 1), frame.get(at + 2)};
            for (int i = 0; i < expected.length; i++) {
                if (expected[i] != Character.toUpperCase((char) found[i])) {
                    throw Judged.wrongCheck(Check.xor().toString(), expected, found);
                }
            }
        }

        private static byte[] digits(ByteBuffer frame, int from, int to) {
            int xor = 0;
            for (int i = from; i < to; i++) {
                xor ^= frame.get(i);
            }
            return new byte[] {digit(xor >> 4), digit(xor)};
        }

        private static byte digit(int value) {
            return (byte) Character.toUpperCase(Character.forDigit(value & 0xF, 16));
        }
    }

    // ---- MAVLink

    static Framing mavlink(String name, IntUnaryOperator extra) {
        LengthField v1 = LengthField.ofSize(1).before(1).after(4).adjustment(2).keepHeader();
        LengthField v2 = LengthField.ofSize(1).before(1).after(8).adjustment(2).keepHeader();
        LengthField v2Signed = v2.adjustment(2 + Mavlink.SIGNATURE);
        FirstBytes packets = FirstBytes.upTo(3, prefix -> {
            byte first = prefix.get(0);
            if (first == Mavlink.V1) {
                return v1;
            }
            boolean isKnown = first == Mavlink.V2 && (prefix.limit() < 3 || (prefix.get(2) & ~Mavlink.SIGNED) == 0);
            if (!isKnown) {
                throw new CorruptFrameException("no MAVLink packet begins so");
            }
            return prefix.limit() < 3 ? null : prefix.get(2) == 0 ? v2 : v2Signed;
        });
        return preset(name, new Judged("MAVLink packet", packets, 8, 280, new Mavlink(extra)));
    }

    /** Looks at the CRC, which also covers a byte that is not sent: it depends on the message. */
    private record Mavlink(IntUnaryOperator extra) implements Judged.Judge {

        static final byte V1 = (byte) 0xFE;
        static final byte V2 = (byte) 0xFD;
        static final int SIGNED = 1;
        static final int SIGNATURE = 13;

        private static final Check CRC = Check.crc(16, 0x1021, 0xFFFF, true, 0);

        @Override
        public void check(ByteBuffer frame) {
            int extra = extra(frame);
            if (extra < 0) {
                return;
            }
            int at = crcAt(frame);
            byte[] expected = made(frame, at, extra);
            byte[] found = {frame.get(at), frame.get(at + 1)};
            if (!Arrays.equals(expected, found)) {
                throw Judged.wrongCheck("CRC of MAVLink message " + id(frame), expected, found);
            }
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            int least = frame.get(0) == V1 ? 8 : 12;
            if (frame.limit() >= least && crcAt(frame) >= least - 2) {
                int extra = extra(frame);
                if (extra >= 0) {
                    int at = crcAt(frame);
                    frame.put(at, made(frame, at, extra));
                }
            }
        }

        private int extra(ByteBuffer frame) {
            return extra.applyAsInt(id(frame));
        }

        private static int id(ByteBuffer frame) {
            return frame.get(0) == V1 ? frame.get(5) & 0xFF : Integer.reverseBytes(frame.getInt(7)) & 0xFFFFFF;
        }

        private static int crcAt(ByteBuffer frame) {
            boolean isSigned = frame.get(0) == V2 && (frame.get(2) & SIGNED) != 0;
            return frame.limit() - 2 - (isSigned ? SIGNATURE : 0);
        }

        private static byte[] made(ByteBuffer frame, int to, int extra) {
            Checksum checksum = CRC.newChecksum();
            checksum.update(frame.slice(1, to - 1));
            checksum.update(extra);
            long value = checksum.getValue();
            return new byte[] {(byte) value, (byte) (value >>> 8)};
        }
    }

    // ---- RTCM

    private static Framing rtcm3Framing() {
        int max = 3 + 1023 + 3;
        LengthField format =
                LengthField.ofSize(2).marker((byte) 0xD3).adjustment(3).keepHeader();
        Check crc = Check.crc(24, 0x864CFB, 0, false, 0);
        return new Presets.Named(
                "rtcm3",
                Checked.of(format.checkHeader(header -> rtcm3Length(header) <= max), crc)
                        .keepCheck(),
                Checked.of(
                                format.checkHeader(
                                        Presets.length("RTCM 3 message", PositioningProtocols::rtcm3Length, 6, max)),
                                crc)
                        .keepCheck());
    }

    /** The six bits before the length are 0. */
    private static long rtcm3Length(ByteBuffer header) {
        return 3 + (header.getShort(1) & 0xFFFF) + 3;
    }
}

package reactor.framing.format;

import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;

/** The presets of {@link Protocols} for images and laboratories. */
final class LaboratoryProtocols {

    static final Framing DICOM = preset(
            "dicom",
            LengthField.ofSize(4)
                    .before(2)
                    .keepHeader()
                    .checkHeader(rule(
                                    "the type of a DICOM PDU is 1 to 7",
                                    header -> header.get(0) >= 1 && header.get(0) <= 7)
                            .and(length(
                                    "DICOM PDU",
                                    header -> 6 + (header.getInt(2) & 0xFFFFFFFFL),
                                    10,
                                    6 + 0xFFFFFFFFL))));

    static final Framing ASTM = astmFraming();

    private LaboratoryProtocols() {}

    private static Framing astmFraming() {
        Framing frame = Delimiter.of("\r\n");
        Framing control = FixedLength.of(1);
        FirstBytes either = FirstBytes.of(first -> chosen(first, frame, control));
        return preset("astm", new Judged("ASTM frame", either, 1, 64_000 - 2, new AstmJudge()));
    }

    private static @Nullable Framing chosen(int first, Framing frame, Framing control) {
        return switch (first) {
            case AstmJudge.STX -> frame;
            case AstmJudge.EOT, AstmJudge.ENQ, AstmJudge.ACK, AstmJudge.NAK -> control;
            default -> null;
        };
    }

    /** Looks at the frame number, the end of the text and the sum behind it. */
    private static final class AstmJudge implements Judged.Judge {

        static final int STX = 2;
        static final int ETX = 3;
        static final int EOT = 4;
        static final int ENQ = 5;
        static final int ACK = 6;
        static final int NAK = 0x15;
        static final int ETB = 0x17;

        /** STX, the frame's number, ETX or ETB, the sum. */
        private static final int LEAST = 5;

        @Override
        public void check(ByteBuffer frame) {
            if (frame.get(0) != STX) {
                return;
            }
            Presets.checkLength("ASTM frame", frame.limit(), LEAST, Integer.MAX_VALUE);
            int end = frame.get(frame.limit() - 3);
            if (frame.get(1) < '0' || frame.get(1) > '7' || end != ETX && end != ETB) {
                throw new CorruptFrameException(
                        "an ASTM frame has a number of 0 to 7 and ends in ETX or ETB and its sum");
            }
            byte[] expected = sum(frame);
            int at = frame.limit() - 2;
            byte[] found = {frame.get(at), frame.get(at + 1)};
            for (int i = 0; i < expected.length; i++) {
                if (expected[i] != Character.toUpperCase((char) found[i])) {
                    throw Judged.wrongCheck("sum", expected, found);
                }
            }
        }

        @Override
        public void fillIn(ByteBuffer frame) {
            if (frame.get(0) == STX && frame.limit() >= LEAST) {
                frame.put(frame.limit() - 2, sum(frame));
            }
        }

        private static byte[] sum(ByteBuffer frame) {
            int sum = 0;
            for (int i = 1; i < frame.limit() - 2; i++) {
                sum += frame.get(i);
            }
            return new byte[] {digit(sum >> 4), digit(sum)};
        }

        private static byte digit(int value) {
            return (byte) Character.toUpperCase(Character.forDigit(value & 0xF, 16));
        }
    }
}

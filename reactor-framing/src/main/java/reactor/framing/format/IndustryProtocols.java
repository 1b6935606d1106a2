package reactor.framing.format;

import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;
import static reactor.framing.format.Presets.searching;

import java.nio.ByteBuffer;
import java.util.function.Predicate;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for industry. */
final class IndustryProtocols {

    static final Framing MODBUS_TCP = preset(
            "modbusTcp",
            LengthField.ofSize(2)
                    .before(4)
                    .keepHeader()
                    .checkHeader(rule("the protocol identifier of Modbus is 0", header -> header.getShort(2) == 0)
                            .and(length("Modbus message", header -> 6 + (header.getShort(4) & 0xFFFF), 8, 260))));

    static final Framing IEC_104 = iec104Framing();

    static final Framing OPC_UA = opcUaFraming();

    private IndustryProtocols() {}

    private static Framing iec104Framing() {
        LengthField format = LengthField.ofSize(1).marker((byte) 0x68);
        return searching("iec104", "IEC 104 APDU", format, header -> header.get(1) & 0xFF, 4, 253);
    }

    private static Framing opcUaFraming() {
        LengthField format = LengthField.ofSize(4)
                .before(4)
                .littleEndian()
                .counts(Counts.WHOLE_FRAME)
                .keepHeader();
        Predicate<ByteBuffer> size = length(
                "OPC UA message", header -> Integer.reverseBytes(header.getInt(4)) & 0xFFFFFFFFL, 8, 0xFFFFFFFFL);
        String rule = "no OPC UA message begins so";
        return new Presets.Named(
                "opcUa",
                format.checkHeader(rule(rule, header -> isOpcUa(header.getInt(0) >>> 8, header.get(3), true))
                        .and(size)),
                format.checkHeader(rule(rule, header -> isOpcUa(header.getInt(0) >>> 8, header.get(3), false))
                        .and(size)));
    }

    private static boolean isOpcUa(int type, byte chunk, boolean reading) {
        return switch (type) {
            // of these, the receiver ignores the byte
            case 0x48454C, 0x41434B, 0x455252, 0x524845 -> reading || chunk == 'F'; // HEL ACK ERR RHE
            case 0x4F504E, 0x434C4F -> chunk == 'F'; // OPN CLO
            case 0x4D5347 -> chunk == 'F' || chunk == 'C' || chunk == 'A'; // MSG
            default -> false;
        };
    }
}

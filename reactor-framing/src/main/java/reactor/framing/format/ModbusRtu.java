package reactor.framing.format;

import static reactor.framing.format.HeaderLength.needs;

import java.nio.ByteBuffer;
import java.util.function.ToLongFunction;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;

/** Modbus RTU, in which the length of a message follows from its function code. */
final class ModbusRtu {

    private static final int CRC = 2;

    private static final int MAX = 254;

    static final Framing REQUESTS = messages(ModbusRtu::requestLength);

    static final Framing RESPONSES = messages(ModbusRtu::responseLength);

    private ModbusRtu() {}

    private static Framing messages(ToLongFunction<ByteBuffer> length) {
        HeaderLength messages = HeaderLength.ofSize(2, header -> {
            long bytes = length.applyAsLong(header);
            if (bytes < 0) {
                return bytes;
            }
            Presets.checkLength("Modbus RTU message", bytes, 2, MAX);
            return bytes + CRC;
        });
        return Checked.of(messages, Check.crc16Modbus()).littleEndian();
    }

    /** The length without the CRC, or a need. */
    private static long requestLength(ByteBuffer header) {
        return switch (header.get(1)) {
            case 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08 -> 6;
            case 0x07, 0x0B, 0x0C, 0x11 -> 2;
            case 0x0F, 0x10 -> counted(header, 6);
            case 0x14, 0x15 -> counted(header, 2);
            case 0x16 -> 8;
            case 0x17 -> counted(header, 10);
            case 0x18 -> 4;
            case 0x2B -> header.limit() < 3 ? needs(3) : deviceIdentification(header, 5);
            default -> throw unknown(header);
        };
    }

    private static long responseLength(ByteBuffer header) {
        return switch (header.get(1)) {
            case 0x01, 0x02, 0x03, 0x04, 0x0C, 0x11, 0x14, 0x15, 0x17 -> counted(header, 2);
            case 0x05, 0x06, 0x08, 0x0B, 0x0F, 0x10 -> 6;
            case 0x07 -> 3;
            case 0x16 -> 8;
            case 0x18 -> header.limit() < 4 ? needs(4) : 4 + (header.getShort(2) & 0xFFFF);
            case 0x2B -> header.limit() < 3 ? needs(3) : deviceIdentification(header, objectsEnd(header));
            default -> {
                if (header.get(1) >= 0) {
                    throw unknown(header);
                }
                yield 3; // an exception
            }
        };
    }

    /** The length of a message with so many bytes behind a count of them. */
    private static long counted(ByteBuffer header, int at) {
        return header.limit() <= at ? needs(at + 1) : at + 1 + (header.get(at) & 0xFF);
    }

    private static long deviceIdentification(ByteBuffer header, long length) {
        if (header.get(2) != 0x0E) {
            throw new CorruptFrameException("the length of a Modbus message of MEI type " + Hex.of(header.get(2))
                    + " is not known, only of 0e");
        }
        return length;
    }

    /** Where the objects of an answer end, each of which has an id, a length and a value. */
    private static long objectsEnd(ByteBuffer header) {
        if (header.limit() < 8) {
            return needs(8);
        }
        int at = 8;
        for (int objects = header.get(7) & 0xFF; objects > 0 && at <= MAX; objects--) {
            if (header.limit() < at + 2) {
                return needs(at + 2);
            }
            at += 2 + (header.get(at + 1) & 0xFF);
        }
        return at;
    }

    private static CorruptFrameException unknown(ByteBuffer header) {
        return new CorruptFrameException(
                "the length of a Modbus message with the function code " + Hex.of(header.get(1)) + " is not known");
    }
}

package reactor.framing.format;

import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for the management of networks and machines. */
final class ManagementProtocols {

    static final Framing IPFIX = preset(
            "ipfix",
            LengthField.ofSize(2)
                    .before(2)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("an IPFIX message begins with version 10", header -> header.getShort(0) == 10)
                            .and(length("IPFIX message", header -> header.getShort(2) & 0xFFFF, 16, 0xFFFF))));

    static final Framing BMP = preset(
            "bmp",
            LengthField.ofSize(4)
                    .before(1)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("a BMP message begins with version 3", header -> header.get(0) == 3)
                            .and(length("BMP message", header -> header.getInt(1) & 0xFFFFFFFFL, 6, 0xFFFFFFFFL))));

    static final Framing PCEP = preset(
            "pcep",
            LengthField.ofSize(2)
                    .before(2)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(rule("the version of PCEP is 1", header -> (header.get(0) & 0xE0) == 0x20)
                            .and(length("PCEP message", header -> header.getShort(2) & 0xFFFF, 4, 0xFFFF))));

    static final Framing RADIUS = preset(
            "radius",
            LengthField.ofSize(2)
                    .before(2)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader()
                    .checkHeader(length("RADIUS packet", header -> header.getShort(2) & 0xFFFF, 20, 4096)));

    static final Framing TACACS = preset(
            "tacacs",
            LengthField.ofSize(4)
                    .before(8)
                    .keepHeader()
                    .checkHeader(rule("the major version of TACACS+ is 12", header -> (header.get(0) & 0xF0) == 0xC0)
                            .and(rule(
                                    "the type of a TACACS+ packet is 1, 2 or 3",
                                    header -> header.get(1) >= 1 && header.get(1) <= 3))));

    static final Framing ONC_RPC = preset("oncRpc", new OncRpc());

    static final Framing ZABBIX = preset(
            "zabbix",
            HeaderLength.ofSize(5, ManagementProtocols::zabbixLength)
                    .marker((byte) 'Z', (byte) 'B', (byte) 'X', (byte) 'D'));

    private ManagementProtocols() {}

    private static long zabbixLength(ByteBuffer header) {
        int flags = header.get(4);
        boolean isLarge = (flags & 4) != 0;
        if ((flags & 1) == 0 || (flags & ~7) != 0) {
            throw new CorruptFrameException("the flags of a Zabbix message are 1, 3, 5 or 7");
        }
        int size = isLarge ? 21 : 13;
        if (header.limit() < size) {
            return needs(size);
        }
        long data =
                isLarge ? Long.reverseBytes(header.getLong(5)) : Integer.reverseBytes(header.getInt(5)) & 0xFFFFFFFFL;
        long max = isLarge ? 16L << 30 : 1L << 30;
        Presets.checkLength("Zabbix message", data < 0 ? Long.MAX_VALUE : size + data, size, size + max);
        return size + data;
    }
}

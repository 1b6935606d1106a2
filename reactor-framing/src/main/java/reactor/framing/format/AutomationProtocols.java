package reactor.framing.format;

import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;
import static reactor.framing.format.Presets.searching;

import java.nio.ByteBuffer;
import java.util.function.Predicate;
import java.util.zip.Checksum;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for automation, energy and the environment. */
final class AutomationProtocols {

    static final Framing HJ_212 = hj212Framing();

    static final Framing MODBUS_RTU_REQUESTS = preset("modbusRtuRequests", ModbusRtu.REQUESTS);

    static final Framing MODBUS_RTU_RESPONSES = preset("modbusRtuResponses", ModbusRtu.RESPONSES);

    static final Framing DNP3 = preset("dnp3", new Dnp3());

    static final Framing DLMS_WRAPPER = preset(
            "dlmsWrapper",
            LengthField.ofSize(2).marker((byte) 0, (byte) 1).before(4).keepHeader());

    static final Framing KNX_NET_IP = searching(
            "knxNetIp",
            "KNXnet/IP frame",
            LengthField.ofSize(2)
                    .marker((byte) 0x06, (byte) 0x10)
                    .before(2)
                    .counts(Counts.WHOLE_FRAME)
                    .keepHeader(),
            header -> header.getShort(4) & 0xFFFF,
            6,
            0xFFFF);

    static final Framing ADS = adsFraming();

    static final Framing HSMS = preset(
            "hsms",
            LengthField.ofSize(4)
                    .checkHeader(length("HSMS message", header -> header.getInt(0) & 0xFFFFFFFFL, 10, 0xFFFFFFFFL)));

    private AutomationProtocols() {}

    private static Framing hj212Framing() {
        String what = "HJ 212 data segment";
        int max = 1024;
        int crc = 4;
        byte[] marker = {'#', '#'};
        byte[] end = {'\r', '\n'};
        int header = marker.length + 4;
        Check check = Check.of("hj212()", 2, Hj212Crc::new);
        HeaderLength reading = HeaderLength.ofSize(header, bytes -> {
                    long length = HeaderLength.decimal(bytes, marker.length, header);
                    Presets.checkLength(what, length, 0, max);
                    return header + length + crc + end.length;
                })
                .marker(marker)
                .strip(header)
                .endMark(end)
                .stripEnd(end.length);
        TextLength writing =
                TextLength.decimal(4).marker(marker).adjustment(crc).endMark(end);
        return new Presets.Named(
                "hj212",
                Checked.of(reading, check).hex(),
                new Presets.Bounded(what, Checked.of(writing, check).hex(), 0, max));
    }

    /** A CRC-16 of which, other than usual, only the upper half of the register goes on to the next byte. */
    private static final class Hj212Crc implements Checksum {

        private int register = 0xFFFF;

        @Override
        public void update(int value) {
            register = register >>> 8 ^ value & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                register = (register & 1) == 0 ? register >>> 1 : register >>> 1 ^ 0xA001;
            }
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            for (int i = from; i < from + length; i++) {
                update(bytes[i]);
            }
        }

        @Override
        public long getValue() {
            return register;
        }

        @Override
        public void reset() {
            register = 0xFFFF;
        }
    }

    private static Framing adsFraming() {
        int amsHeader = 32;
        LengthField format = LengthField.ofSize(4)
                .marker((byte) 0, (byte) 0)
                .littleEndian()
                .after(amsHeader)
                .counts(Counts.AFTER_LENGTH)
                .strip(6);
        Predicate<ByteBuffer> isConsistent = header -> littleEndian(header, 2) == amsHeader + littleEndian(header, 26);
        return new Presets.Named(
                "ads",
                format.checkHeader(isConsistent),
                format.checkHeader(rule("the AMS header tells the length of the data behind it", isConsistent)));
    }

    private static long littleEndian(ByteBuffer bytes, int at) {
        return Integer.reverseBytes(bytes.getInt(at)) & 0xFFFFFFFFL;
    }
}

package reactor.framing.format;

import static reactor.framing.format.Presets.preset;
import static reactor.framing.format.Presets.rule;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for vehicles. */
final class VehicleProtocols {

    static final Framing JT_808 = preset(
            "jt808",
            new Judged(
                    "JT/T 808 message",
                    Checked.of(
                            StartEnd.of((byte) 0x7E, (byte) 0x7E)
                                    .escape((byte) 0x7D)
                                    .code((byte) 1, (byte) 0x7D)
                                    .code((byte) 2, (byte) 0x7E),
                            Check.xor()),
                    12,
                    17 + 4 + 1023,
                    frame -> {}));

    static final Framing GBT_32960 = gbt32960Framing();

    static final Framing DOIP = preset(
            "doip",
            LengthField.ofSize(4)
                    .before(4)
                    .keepHeader()
                    .checkHeader(rule(
                            "the second byte of a DoIP message is the first one with its bits inverted",
                            header -> (header.get(0) ^ header.get(1)) == -1)));

    static final Framing SOME_IP = preset(
            "someIp",
            LengthField.ofSize(4)
                    .before(4)
                    .after(8)
                    .counts(Counts.AFTER_LENGTH)
                    .keepHeader()
                    .checkHeader(rule("the protocol version of SOME/IP is 1", header -> header.get(12) == 1)));

    private VehicleProtocols() {}

    private static Framing gbt32960Framing() {
        LengthField messages = LengthField.ofSize(2).before(22).adjustment(1).keepHeader();
        FirstBytes starts = FirstBytes.upTo(24, header -> startOfGbt32960(header, messages));
        return preset("gbt32960", Checked.of(starts, Check.xor()).covers(2));
    }

    private static @Nullable Framing startOfGbt32960(ByteBuffer header, Framing messages) {
        byte first = header.get(0);
        int known = header.limit();
        if (first != '#' && first != '$' || known > 1 && header.get(1) != first) {
            throw new CorruptFrameException("a GB/T 32960 message begins with ## or $$");
        }
        if (known < 24) {
            return null;
        }
        int data = header.getShort(22) & 0xFFFF;
        Presets.checkLength("GB/T 32960 message", 24L + data, 24, 24 + 65531);
        return messages;
    }
}

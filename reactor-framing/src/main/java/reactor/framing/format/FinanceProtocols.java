package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static reactor.framing.format.HeaderLength.decimal;
import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.HeaderLength.needsUntil;
import static reactor.framing.format.Presets.length;
import static reactor.framing.format.Presets.preset;

import java.nio.ByteBuffer;
import java.util.zip.Checksum;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;

/** The presets of {@link Protocols} for finance. */
final class FinanceProtocols {

    private static final byte SOH = 1;
    private static final int LEAST_FIX_BODY = 5; // 35=0 SOH
    private static final int FIX_TRAILER = 7; // 10=000 SOH

    static final Framing FIX = fixFraming();

    static final Framing ISO_8583_BINARY = preset("iso8583Binary", LengthField.ofSize(2));

    static final Framing ISO_8583_DECIMAL = preset("iso8583Decimal", TextLength.decimal(4));

    static final Framing SOUP_BIN_TCP = preset(
            "soupBinTcp",
            LengthField.ofSize(2)
                    .checkHeader(length("SoupBinTCP packet", header -> header.getShort(0) & 0xFFFF, 1, 0xFFFF)));

    private FinanceProtocols() {}

    private static Framing fixFraming() {
        Framing messages = HeaderLength.until(new byte[] {SOH}, FinanceProtocols::fixLength)
                .marker("8=FIX".getBytes(US_ASCII))
                .endMark(SOH)
                .maxHeader(64);
        Check tag = Check.of("the tag of the last field", 3, Tag10::new);
        return preset(
                "fix",
                Checked.of(Checked.of(messages, tag).at(-7), Check.sum(1))
                        .decimal(3)
                        .at(-4)
                        .covers(0, -7));
    }

    /** 8=FIX.4.4 SOH 9=5 SOH 35= is the least that it is to see: the length counts all behind 9=5 SOH, up to 10=. */
    private static long fixLength(ByteBuffer header) {
        int length = behindSoh(header, 0);
        if (length == header.limit()) {
            return needsUntil(SOH);
        }
        int body = behindSoh(header, length);
        if (header.get(length) != '9' || header.get(length + 1) != '=') {
            throw new CorruptFrameException("the second field of a FIX message is 9, BodyLength");
        }
        long bodyLength = decimal(header, length + 2, body - 1);
        if (bodyLength < LEAST_FIX_BODY) {
            throw new CorruptFrameException("a FIX message with a BodyLength of " + bodyLength);
        }
        if (body == header.limit()) {
            return needs(body + 3);
        }
        if (header.get(body) != '3' || header.get(body + 1) != '5' || header.get(body + 2) != '=') {
            throw new CorruptFrameException("the third field of a FIX message is 35, MsgType");
        }
        return body + bodyLength + FIX_TRAILER;
    }

    private static int behindSoh(ByteBuffer header, int from) {
        int at = from;
        while (header.get(at) != SOH) {
            at++;
        }
        return at + 1;
    }

    /** A check whose number is what stands in front of the checksum. */
    private static final class Tag10 implements Checksum {

        @Override
        public void update(int value) {}

        @Override
        public void update(byte[] bytes, int from, int length) {}

        @Override
        public long getValue() {
            return 0x31303D; // 10=
        }

        @Override
        public void reset() {}
    }
}

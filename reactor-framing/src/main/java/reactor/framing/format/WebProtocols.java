package reactor.framing.format;

import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.HeaderLength.number;
import static reactor.framing.format.Presets.preset;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for web and mail. */
final class WebProtocols {

    static final Framing WEB_SOCKET = preset("webSocket", HeaderLength.ofSize(2, WebProtocols::webSocketLength));

    static final Framing EPP = preset("epp", LengthField.ofSize(4).counts(Counts.WHOLE_FRAME));

    private WebProtocols() {}

    private static long webSocketLength(ByteBuffer header) {
        int opcode = header.get(0) & 0x0F;
        boolean isControl = opcode >= 8;
        int code = header.get(1) & 0x7F;
        int extended = code == 127 ? 8 : code == 126 ? 2 : 0;
        if (header.limit() == 2) {
            if (opcode > 10 || opcode > 2 && !isControl) {
                throw new CorruptFrameException("opcode " + opcode + " of WebSocket is reserved");
            }
            if (isControl && (header.get(0) >= 0 || extended > 0)) {
                throw new CorruptFrameException("a control frame of WebSocket is one fragment of at most 125 bytes");
            }
            if (extended > 0) {
                return needs(2 + extended);
            }
        }
        long payload = extended == 0 ? code : number(header, 2, 2 + extended);
        if (extended == 2 && payload < 126 || extended == 8 && payload >= 0 && payload <= 0xFFFF) {
            throw new CorruptFrameException(
                    "the WebSocket length " + payload + " takes " + extended + " bytes, more than it needs");
        }
        int maskingKey = header.get(1) < 0 ? 4 : 0;
        return payload < 0 ? payload : 2 + extended + maskingKey + payload;
    }
}

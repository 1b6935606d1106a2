package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static reactor.framing.format.HeaderLength.needs;
import static reactor.framing.format.HeaderLength.number;
import static reactor.framing.format.Presets.byFirst;
import static reactor.framing.format.Presets.preset;

import java.nio.ByteBuffer;
import reactor.framing.CorruptFrameException;
import reactor.framing.Framing;
import reactor.framing.format.LengthField.Counts;

/** The presets of {@link Protocols} for web and mail. */
final class WebProtocols {

    static final Framing WEB_SOCKET = preset("webSocket", HeaderLength.ofSize(2, WebProtocols::webSocketLength));

    static final Framing HTTP2 = http2Framing();

    static final Framing SIP = preset(
            "sip",
            SkipBetween.of(
                    ContentLength.create()
                            .startLine()
                            .names("Content-Length", "l")
                            .keepHeader()
                            .maxHeader(TextLine.LONGEST),
                    "\r\n"));

    static final Framing RTSP = rtspFraming();

    static final Framing IMAP = preset("imap", new Scanned(Imap::new));

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

    private static Framing http2Framing() {
        byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
        Framing connectionPreface = HeaderLength.ofSize(preface.length, header -> {
            if (!header.equals(ByteBuffer.wrap(preface))) {
                throw new CorruptFrameException("not the connection preface of HTTP/2");
            }
            return preface.length;
        });
        Framing frames = LengthField.ofSize(3).after(6).keepHeader();
        Framing first = byFirst(value -> value == 'P', connectionPreface, frames);
        return preset("http2", Switching.of(first, frame -> frames).endsIn(frames));
    }

    private static Framing rtspFraming() {
        Framing interleaved = LengthField.ofSize(2).before(2).keepHeader();
        Framing messages =
                ContentLength.create().startLine().optional().keepHeader().maxHeader(TextLine.LONGEST);
        return preset("rtsp", SkipBetween.of(byFirst(value -> value == '$', interleaved, messages), "\r\n"));
    }
}

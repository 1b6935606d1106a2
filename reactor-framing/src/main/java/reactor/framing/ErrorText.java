package reactor.framing;

import java.nio.charset.StandardCharsets;

/** Shows the bytes that a frame began with, and guesses who sent them. */
final class ErrorText {

    /** How many bytes of a frame a message shows. */
    static final int SHOWN = 16;

    private static final String[] HTTP_STARTS = {
        "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "
    };

    private ErrorText() {}

    static String describe(long offset, byte[] bytes, boolean guessPeer) {
        StringBuilder text = new StringBuilder(" at offset ").append(offset);
        if (bytes.length == 0) {
            return text.toString();
        }
        text.append(':');
        for (byte b : bytes) {
            text.append(' ').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        text.append(" '");
        for (byte b : bytes) {
            text.append(b >= ' ' && b < 127 ? (char) b : '.');
        }
        text.append('\'');
        if (guessPeer && offset == 0) {
            text.append(hint(bytes));
        }
        return text.toString();
    }

    private static String hint(byte[] bytes) {
        if (startsLike(bytes, "PRI * HTTP/2")) {
            return " - is an HTTP/2 client talking to this port?";
        }
        for (String start : HTTP_STARTS) {
            if (startsLike(bytes, start)) {
                return " - is an HTTP client talking to this port?";
            }
        }
        if (startsLike(bytes, "HTTP/")) {
            return " - is this port an HTTP server's?";
        }
        if (startsLike(bytes, "SSH-")) {
            return " - is the peer speaking SSH?";
        }
        if (startsLike(bytes, "AMQP")) {
            return " - is the peer speaking AMQP?";
        }
        // a TLS record: handshake (22) or alert (21), then the major version 3
        if (bytes.length >= 3
                && (bytes[0] == 22 || bytes[0] == 21)
                && bytes[1] == 3
                && bytes[2] >= 0
                && bytes[2] <= 4) {
            return " - is the peer speaking TLS?";
        }
        return "";
    }

    /** Whether the bytes begin with the text, of which only the first four have to have arrived. */
    private static boolean startsLike(byte[] bytes, String text) {
        String start = new String(bytes, StandardCharsets.ISO_8859_1);
        return start.length() >= 4 && (start.startsWith(text) || text.startsWith(start));
    }
}

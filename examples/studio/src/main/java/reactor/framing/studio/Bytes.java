package reactor.framing.studio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes as they are typed and shown. */
final class Bytes {

    private static final HexFormat SPACED = HexFormat.ofDelimiter(" ");
    private static final int SHOWN = 8;

    private Bytes() {}

    static byte[] of(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The first bytes of a range, for a sentence. */
    static String shown(byte[] bytes, int from, int to) {
        return SPACED.formatHex(bytes, from, Math.min(to, from + SHOWN)) + (to - from > SHOWN ? " …" : "");
    }

    /** The bytes in Java source. */
    static String java(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(text.isEmpty() ? "" : ", ").append(java(b));
        }
        return text.toString();
    }

    static String java(byte value) {
        return "(byte) 0x" + HexFormat.of().withUpperCase().toHexDigits(value);
    }

    /** The bytes as a string in Java source if they are ASCII, else as an array. */
    static String javaString(byte[] bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (byte b : bytes) {
            if (b < 0) {
                return "new byte[] {" + java(bytes) + "}";
            }
            text.append(
                    switch (b) {
                        case '\n' -> "\\n";
                        case '\r' -> "\\r";
                        case '\t' -> "\\t";
                        case '"' -> "\\\"";
                        case '\\' -> "\\\\";
                        default ->
                            b < ' ' || b == 127 ? "\\u00" + HexFormat.of().toHexDigits(b) : String.valueOf((char) b);
                    });
        }
        return text.append('"').toString();
    }

    /** Text in UTF-8 if it is that, else in ASCII with dots; control characters are escaped. */
    static String text(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            StringBuilder ascii = new StringBuilder();
            for (byte b : bytes) {
                ascii.append(b >= ' ' && b < 127 ? (char) b : '.');
            }
            return ascii.toString();
        }
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            switch (c) {
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        escaped.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }

    /** Reads hexadecimal digits with white space, commas, colons or 0x anywhere between bytes. */
    static byte[] parseHex(String what, String text, int maxLength) {
        String digits = text.replaceAll("0[xX]|[\\s,:;-]", "");
        if (digits.length() > 2L * maxLength) {
            throw new BadRequest(what + " is longer than " + maxLength + " bytes");
        }
        if (digits.length() % 2 != 0) {
            throw new BadRequest(what + " has an odd number of hexadecimal digits");
        }
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new BadRequest(what + " has something else in it than hexadecimal digits");
        }
    }

    /** Reads text with the escapes \n \r \t \0 \\ and \xHH; all else is UTF-8. */
    static byte[] parseText(String what, String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int start = 0;
        int i;
        while ((i = text.indexOf('\\', start)) >= 0) {
            bytes.writeBytes(utf8(what, text.substring(start, i)));
            char c = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            start = i + 2;
            switch (c) {
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                case '0' -> bytes.write(0);
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    start = i + 4;
                    String digits = start <= text.length() ? text.substring(i + 2, start) : "";
                    bytes.writeBytes(parseHex(what + ", behind \\x,", digits.isBlank() ? "?" : digits, 1));
                }
                default -> throw new BadRequest(what + " has a backslash that is none of \\n \\r \\t \\0 \\\\ \\xHH");
            }
        }
        bytes.writeBytes(utf8(what, text.substring(start)));
        return bytes.toByteArray();
    }

    private static byte[] utf8(String what, String text) {
        try {
            return of(StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)));
        } catch (CharacterCodingException e) {
            throw new BadRequest(what + " is not text that UTF-8 can carry");
        }
    }

    static byte[] concat(Iterable<byte[]> parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        parts.forEach(all::writeBytes);
        return all.toByteArray();
    }

    static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }
}

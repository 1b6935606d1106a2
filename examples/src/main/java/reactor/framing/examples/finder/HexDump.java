package reactor.framing.examples.finder;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the bytes out of a hex dump: plain digits, or the output of {@code xxd}, {@code hexdump -C}, {@code od -tx1},
 * {@code tcpdump -X} and Wireshark, with an offset in front of each line and the text behind it.
 */
public final class HexDump {

    /** Offset, then the bytes. */
    private static final Pattern WITH_OFFSET = Pattern.compile("^\\s*(?:0[xX])?([0-9a-fA-F]{3,16}):?\\s+(.*)$");

    /** Groups of two or four digits; two spaces or a bar end them. */
    private static final Pattern GROUP = Pattern.compile("\\G\\s?([0-9a-fA-F]{2}){1,2}(?=\\s|$)");

    private HexDump() {}

    /**
     * Reads a dump.
     *
     * @param dump the dump
     * @param maxLength how many bytes it may have
     * @return the bytes, at least one
     * @throws IllegalArgumentException if this is no dump, or a longer one
     */
    public static byte[] parse(String dump, int maxLength) {
        List<String> lines = dump.lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("there are no bytes here");
        }
        byte[] bytes = hasOffsets(lines) ? withOffsets(lines, maxLength) : bytes(dump, maxLength);
        if (bytes.length == 0) {
            throw new IllegalArgumentException("there are no bytes here");
        }
        return bytes;
    }

    /** Whether the first number of each line says how many bytes were before it. */
    private static boolean hasOffsets(List<String> lines) {
        long before = 0;
        for (String line : lines) {
            Matcher matcher = WITH_OFFSET.matcher(line);
            if (!matcher.matches()) {
                // od and hexdump end in an offset alone
                return before > 0 && line.trim().matches("[0-9a-fA-F]{3,16}");
            }
            long offset = Long.parseLong(
                    matcher.group(1).substring(Math.max(0, matcher.group(1).length() - 15)), 16);
            if (offset != before) {
                return false;
            }
            before += digits(matcher.group(2)).length() / 2;
        }
        return true;
    }

    private static byte[] withOffsets(List<String> lines, int maxLength) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String line : lines) {
            Matcher matcher = WITH_OFFSET.matcher(line);
            if (matcher.matches()) {
                all.writeBytes(bytes(digits(matcher.group(2)), maxLength));
            }
            checkLength(all.size(), maxLength);
        }
        return all.toByteArray();
    }

    /** The digits of at most 16 bytes: what is behind them is the same as text. */
    private static String digits(String line) {
        StringBuilder digits = new StringBuilder();
        // hexdump -C has two spaces in the middle, and so have others before the text: 16 bytes are a line at most
        Matcher matcher = GROUP.matcher(line);
        int at = 0;
        while (digits.length() < 32 && matcher.find(at)) {
            digits.append(matcher.group().trim());
            at = matcher.end();
            if (digits.length() == 16 && line.startsWith("  ", at)) {
                at++;
            }
            matcher = GROUP.matcher(line.substring(at));
            line = line.substring(at);
            at = 0;
        }
        return digits.toString();
    }

    /** Hexadecimal digits with white space, commas, colons or 0x anywhere between bytes. */
    private static byte[] bytes(String text, int maxLength) {
        String digits = text.replaceAll("0[xX]|[\\s,:;-]", "");
        checkLength(digits.length() / 2, maxLength);
        if (digits.length() % 2 != 0) {
            throw new IllegalArgumentException("the dump has an odd number of hexadecimal digits");
        }
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the dump has something else in it than hexadecimal digits", e);
        }
    }

    private static void checkLength(int bytes, int maxLength) {
        if (bytes > maxLength) {
            throw new IllegalArgumentException("the dump is longer than " + maxLength + " bytes");
        }
    }
}

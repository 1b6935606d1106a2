package reactor.framing.examples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import reactor.framing.examples.finder.Finder;
import reactor.framing.examples.finder.Finder.Match;
import reactor.framing.examples.finder.HexDump;

/** Says which framings read a capture of a stream to its end without a fault, the ones that mean the most first. */
public final class FindFraming {

    private static final String USAGE = """
            usage: FindFraming [--as auto|hex|raw] [--bytes 65536] [--show 10] [FILE]
            Says which framings and presets read the bytes of a stream, best first.
              FILE     the bytes of one direction of a connection, from its beginning; without it, the standard input
              --as     hex: a dump, plain or by xxd, hexdump -C, od -tx1, tcpdump -X; raw: the bytes themselves
              --bytes  how many of the bytes are looked at
              --show   how many framings are printed""";

    private static final int SHOWN_BYTES = 16;

    private FindFraming() {}

    /**
     * Runs the command.
     *
     * @param args see the usage
     * @throws IOException if the capture cannot be read
     */
    public static void main(String[] args) throws IOException {
        Options options = Options.parse(USAGE, args);
        String as = options.choice("--as", "auto", "hex", "raw");
        int most = options.number("--bytes", 65_536, 1, 16 << 20);
        int shown = options.number("--show", 10, 1, 1000);
        if (options.more().size() > 1) {
            throw options.refuse("one file at a time");
        }
        byte[] input = options.more().isEmpty()
                ? System.in.readAllBytes()
                : Files.readAllBytes(Path.of(options.more().get(0)));
        byte[] bytes;
        try {
            bytes = bytes(input, as);
        } catch (IllegalArgumentException e) {
            throw options.refuse(e.getMessage());
        }
        boolean whole = bytes.length <= most;
        Finder.Result result = Finder.find(whole ? bytes : Arrays.copyOf(bytes, most));
        report(result, Math.min(bytes.length, most), shown);
        System.exit(result.read().isEmpty() ? 1 : 0);
    }

    private static byte[] bytes(byte[] input, String as) {
        if (input.length == 0) {
            throw new IllegalArgumentException("there are no bytes here");
        }
        if (as.equals("raw")) {
            return input;
        }
        if (isOfPackets(input)) {
            throw new IllegalArgumentException(
                    "this is a capture of packets, not of a stream; one direction of its first"
                            + " connection: tshark -r FILE -q -z follow,tcp,raw,0 | grep -E '^[0-9a-f]+$'");
        }
        try {
            return HexDump.parse(new String(input, StandardCharsets.ISO_8859_1), Integer.MAX_VALUE);
        } catch (IllegalArgumentException e) {
            if (as.equals("hex")) {
                throw e;
            }
            return input;
        }
    }

    /** Whether these are the first bytes of a pcap or pcapng file. */
    private static boolean isOfPackets(byte[] input) {
        if (input.length < 4) {
            return false;
        }
        return switch (ByteBuffer.wrap(input).getInt()) {
            case 0xA1B2C3D4, 0xD4C3B2A1, 0xA1B23C4D, 0x4D3CB2A1, 0x0A0D0D0A -> true;
            default -> false;
        };
    }

    private static void report(Finder.Result result, int length, int shown) {
        List<Match> complete = result.read().stream().filter(Match::complete).toList();
        List<Match> cutOff =
                result.read().stream().filter(match -> !match.complete()).toList();
        int tried = result.read().size() + result.failed().size();
        System.out.printf(
                "%d bytes, %d framings tried: %d read them to the end, %d up to a last frame that is cut off.%n",
                length, tried, complete.size(), cutOff.size());
        print("To the end", complete, shown);
        print("Up to a last frame that is cut off", cutOff, shown);
        if (result.read().isEmpty()) {
            result.failed().stream()
                    .filter(match -> !match.frames().isEmpty())
                    .limit(shown)
                    .forEach(match -> System.out.printf(
                            "%n%s%n    %s, then: %s%n",
                            match.candidate().code(),
                            frames(match),
                            match.fault().getMessage()));
        }
    }

    private static void print(String title, List<Match> matches, int shown) {
        if (matches.isEmpty()) {
            return;
        }
        System.out.printf("%n%s, the ones that mean the most first:%n", title);
        for (Match match : matches.subList(0, Math.min(shown, matches.size()))) {
            System.out.printf(
                    "%n%s%n    %s; reads %d of %d shuffles of these bytes as well%n",
                    match.candidate().code(), frames(match), match.shuffles(), Finder.SHUFFLES);
            match.frames().stream().limit(3).forEach(frame -> System.out.printf("    %s%n", shown(frame)));
        }
        if (matches.size() > shown) {
            System.out.printf("%n%d more%n", matches.size() - shown);
        }
    }

    private static String frames(Match match) {
        int frames = match.frames().size();
        return frames == 1 ? "1 frame" : frames + " frames";
    }

    private static String shown(byte[] frame) {
        byte[] start = Arrays.copyOf(frame, Math.min(frame.length, SHOWN_BYTES));
        String text = new String(start, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]", ".");
        return "%-47s  %s%s"
                .formatted(HexFormat.ofDelimiter(" ").formatHex(start), text, frame.length > SHOWN_BYTES ? " ..." : "");
    }
}

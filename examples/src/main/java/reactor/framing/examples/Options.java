package reactor.framing.examples;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;

/** The command line of the echo programs: {@code --name value} pairs. */
final class Options {

    private final Map<String, List<String>> values = new HashMap<>();

    private Options() {}

    /** Reads the command line, or says what is wrong with it and ends the program with exit code 2. */
    static Options parse(String usage, List<String> names, String... args) {
        try {
            Options options = new Options();
            for (int i = 0; i < args.length; i += 2) {
                if (!names.contains(args[i])) {
                    throw new IllegalArgumentException("unknown option " + args[i]);
                }
                if (i + 1 == args.length) {
                    throw new IllegalArgumentException(args[i] + " needs a value");
                }
                options.values
                        .computeIfAbsent(args[i], name -> new ArrayList<>())
                        .add(args[i + 1]);
            }
            options.host();
            options.port();
            options.codec();
            options.number("--connections", 0, 1, Integer.MAX_VALUE);
            return options;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(usage);
            System.exit(2);
            throw e;
        }
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    private String last(String name, String otherwise) {
        List<String> all = all(name);
        return all.isEmpty() ? otherwise : all.get(all.size() - 1);
    }

    String host() {
        String host = last("--host", "127.0.0.1");
        try {
            if (InetAddress.getByName(host).isLoopbackAddress()) {
                return host;
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("--host " + host + " is not known", e);
        }
        throw new IllegalArgumentException("--host must be a loopback address, was " + host);
    }

    int port() {
        return number("--port", 7000, 0, 65_535);
    }

    int number(String name, int otherwise, int min, int max) {
        String value = last(name, Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(value);
            if (all(name).isEmpty() || number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, was " + value, e);
        }
        throw new IllegalArgumentException(name + " must be " + min + " to " + max + ", was " + value);
    }

    String framing() {
        return last("--framing", "length4");
    }

    FrameCodec codec() {
        return switch (framing()) {
            case "length4" -> FrameCodec.of(LengthField.ofSize(4));
            case "tlv" -> FrameCodec.of(LengthField.ofSize(2).marker((byte) 0x72));
            default -> throw new IllegalArgumentException("--framing must be length4 or tlv, was " + framing());
        };
    }
}

package reactor.framing.examples;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import reactor.framing.FrameCodec;
import reactor.framing.format.LengthField;

/** A command line of {@code --name value} pairs. */
final class Options {

    private final Map<String, List<String>> values = new HashMap<>();

    private Options() {}

    /**
     * Reads the command line, or says what is wrong with it and ends the program with exit code 2.
     *
     * @param check reads the options of this program, to see that they are right
     */
    static Options parse(String usage, List<String> names, Consumer<? super Options> check, String... args) {
        if (List.of(args).contains("--help")) {
            System.out.println(usage);
            System.exit(0);
        }
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
            check.accept(options);
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

    /** An option that may be left out. */
    int number(String name, int otherwise, int min, int max) {
        return all(name).isEmpty() ? otherwise : number(name, min, max);
    }

    /** An option that has to be there. */
    int number(String name, int min, int max) {
        if (all(name).isEmpty()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        String value = last(name, "");
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
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

    /** The framing of the echo programs. */
    FrameCodec codec() {
        return switch (framing()) {
            case "length4" -> FrameCodec.of(LengthField.ofSize(4));
            case "tlv" -> FrameCodec.of(LengthField.ofSize(2).marker((byte) 0x72));
            default -> throw new IllegalArgumentException("--framing must be length4 or tlv, was " + framing());
        };
    }
}

package reactor.framing.studio;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.netty.ChannelBindException;

/**
 * Serves the studio on loopback, until it is interrupted or nobody has used it for a while. An open page counts as use.
 *
 * <pre>
 * --port N         the port; 0 for any that is free (7080)
 * --idle SECONDS   ends the program when nothing was asked of it for so long; 0 for never (900)
 * </pre>
 */
public final class Studio {

    private static final String USAGE = """
            usage: Studio [--port N] [--idle SECONDS]
              --port N         the port; 0 for any that is free (default 7080)
              --idle SECONDS   ends the program when nothing was asked of it for so long; 0 for never (default 900)""";

    private Studio() {}

    /**
     * Runs the studio.
     *
     * @param args see above
     * @throws InterruptedException if the program is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        int port = 7080;
        int idle = 900;
        if (List.of(args).contains("--help")) {
            System.out.println(USAGE);
            return;
        }
        try {
            for (int i = 0; i < args.length; i += 2) {
                switch (args[i]) {
                    case "--port" -> port = number(args, i, 65_535);
                    case "--idle" -> idle = number(args, i, 86_400);
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
        serve(port, Duration.ofSeconds(idle));
    }

    private static int number(String[] args, int at, int max) {
        String value = at + 1 < args.length ? args[at + 1] : "";
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > max) {
            throw new IllegalArgumentException(args[at] + " must be 0 to " + max + ", was \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }

    private static void serve(int port, Duration bound) throws InterruptedException {
        StudioServer server;
        try {
            server = StudioServer.start(port);
        } catch (ChannelBindException e) {
            System.err.println("Port " + port + " is in use. Take another one with --port; 0 takes any that is free.");
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        System.out.println("The studio is at " + server.address());
        System.out.println(
                bound.isZero()
                        ? "Ctrl-C ends it."
                        : "Ctrl-C ends it, and so do " + bound.toSeconds() + " seconds in which no page is open.");
        while (bound.isZero() || server.idle().compareTo(bound) < 0) {
            TimeUnit.SECONDS.sleep(1);
        }
        System.out.println("No page was open for " + bound.toSeconds() + " seconds: the studio ends.");
        System.exit(0);
    }
}

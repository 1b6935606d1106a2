package reactor.framing.studio;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Serves the studio on loopback, until it is interrupted or nobody has used it for a while. An open page counts as use.
 *
 * <pre>
 * --port N           the port; 0 for any that is free (7080)
 * --idle-minutes N   ends the program when nothing was asked of it for so long; 0 for never (15)
 * </pre>
 */
public final class Studio {

    private static final String USAGE = """
            usage: Studio [--port N] [--idle-minutes N]
              --port N           the port; 0 for any that is free (default 7080)
              --idle-minutes N   ends the program when nothing was asked of it for so long; 0 for never (default 15)""";

    private Studio() {}

    /**
     * Runs the studio.
     *
     * @param args see above
     * @throws InterruptedException if the program is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        int port = 7080;
        int idleMinutes = 15;
        try {
            for (int i = 0; i < args.length; i += 2) {
                switch (args[i]) {
                    case "--port" -> port = number(args, i, 65_535);
                    case "--idle-minutes" -> idleMinutes = number(args, i, 10_000);
                    case "--help" -> {
                        System.out.println(USAGE);
                        return;
                    }
                    default -> throw new IllegalArgumentException("unknown option " + args[i]);
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
        }
        serve(port, idleMinutes);
    }

    private static int number(String[] args, int at, int max) {
        String value = at + 1 < args.length ? args[at + 1] : "";
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > max) {
            throw new IllegalArgumentException(args[at] + " must be 0 to " + max + ", was \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }

    private static void serve(int port, int idleMinutes) throws InterruptedException {
        StudioServer server;
        try {
            server = StudioServer.start(port);
        } catch (RuntimeException e) {
            System.err.println(
                    "Port " + port + " cannot be used: " + e.getMessage() + ". Take another one with --port.");
            System.exit(1);
            return;
        }
        System.out.println("The studio is at " + server.address());
        System.out.println(
                idleMinutes == 0
                        ? "Ctrl-C ends it."
                        : "Ctrl-C ends it, and so do " + idleMinutes + " minutes in which no page is open.");
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        Duration bound = Duration.ofMinutes(idleMinutes);
        while (idleMinutes == 0 || server.idle().compareTo(bound) < 0) {
            TimeUnit.SECONDS.sleep(1);
        }
        System.out.println("Nobody has used the studio for " + idleMinutes + " minutes: it ends.");
        System.exit(0);
    }
}

package reactor.framing.stress;

import org.openjdk.jcstress.Main;

/**
 * Starts jcstress. It runs no test that has more actors than there are processors, and on Linux it counts them in
 * {@code /sys}. Where it does not know the system it asks the JVM, whose count is an option: three actors share two
 * processors then.
 */
public final class Campaign {

    private Campaign() {}

    /**
     * Runs it.
     *
     * @param arguments those of jcstress
     */
    public static void main(String[] arguments) throws Exception {
        new ProcessBuilder("true").start().waitFor(); // the JDK asks for the name once
        System.setProperty("os.name", "unknown");
        Main.main(arguments);
    }
}

package reactor.framing.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own for what is timed, with this one's class path. */
public final class Jvm {

    private Jvm() {}

    /**
     * Starts a JVM that writes its errors to where this one writes them.
     *
     * @param options of the JVM
     * @param main the class to run
     * @param arguments of the class
     */
    public static Process start(List<String> options, Class<?> main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-Dio.netty.leakDetection.level=disabled", "-Dslf4j.internal.verbosity=ERROR"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }
}

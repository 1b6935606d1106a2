package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README shows has to compile. */
class ReadmeTest {

    private static final Path ROOT = Path.of("..");

    private static List<String> javaBlocks() throws IOException {
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve("README.md")));
        return block.results().map(result -> result.group(1)).toList();
    }

    @Test
    void firstSample_compiles(@TempDir Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        String source = """
                    import java.nio.ByteBuffer;
                    import reactor.core.publisher.Flux;
                    import reactor.framing.FrameCodec;
                    import reactor.framing.format.LengthField;
                    import reactor.framing.netty.FramedConnection;
                    import reactor.netty.tcp.TcpServer;

                    class Sample {
                        static class App {
                            static ByteBuffer reply(ByteBuffer frame) {
                                return frame;
                            }
                        }

                        static void sample(Flux<ByteBuffer> chunks) {
                            %s
                        }
                    }
                    """.formatted(javaBlocks().get(0));
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Sample.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        boolean compiled = compiler.getTask(
                        null,
                        null,
                        diagnostics,
                        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(file))
                .call();
        assertThat(diagnostics.getDiagnostics())
                .filteredOn(d -> d.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
        assertThat(compiled).isTrue();
    }

    @Test
    void ownFraming_isTheExampleThatIsTested() throws IOException {
        String shown = javaBlocks().get(1);
        String example = Files.readString(Path.of("src/main/java/reactor/framing/examples/OwnFraming.java"));
        assertThat(example).contains(shown.substring(0, shown.lastIndexOf('}')).stripTrailing());
    }
}

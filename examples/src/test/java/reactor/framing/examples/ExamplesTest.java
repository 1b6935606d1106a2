package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the examples of {@code docs/examples.md} as a user would. */
@Timeout(300)
class ExamplesTest {

    private static final Path SOURCES = Path.of("src/main/java/reactor/framing/examples");

    private static final Path PAGE = Path.of("../docs/examples.md");

    // ---- all of them

    static Stream<String> programs() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .map(file -> file.getFileName().toString().replace(".java", ""))
                    .filter(ExamplesTest::isProgram)
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static boolean isProgram(String name) {
        try {
            return Files.readString(SOURCES.resolve(name + ".java")).contains("public static void main(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void help_tellsHowToRunIt(String name) throws Exception {
        assumeFalse(name.equals("OwnFraming"), "it is a framing that is shown as it is, and takes no options");
        List<String> quick = List.of("-XX:TieredStopAtLevel=1");
        try (Program program = Program.java(quick, Class.forName("reactor.framing.examples." + name), "--help")) {
            assertThat(program.ends(0)).startsWith("usage: " + name);
        }
    }

    // ---- the page about them

    @Test
    void page_showsWhatIsInTheSources() throws IOException {
        String page = Files.readString(PAGE);
        StringBuilder sources = new StringBuilder();
        for (String name : programs().toList()) {
            sources.append(bare(Files.readString(SOURCES.resolve(name + ".java"))));
        }
        sources.append(bare(Files.readString(SOURCES.resolve("FileBytes.java"))));
        List<String> samples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(page)
                .results()
                .map(result -> result.group(1))
                .toList();

        assertThat(samples)
                .hasSizeGreaterThan(10)
                .allSatisfy(sample -> assertThat(sources.toString()).contains(bare(sample)));
    }

    private static String bare(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\n", "\n", "\n"));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void page_tellsOfEachProgram(String name) throws IOException {
        // the README tells of these
        if (!List.of("Demonstration", "EchoClient", "EchoServer", "OwnFraming").contains(name)) {
            assertThat(Files.readString(PAGE)).contains("/examples/" + name + ".java)");
        }
    }

    // ---- telemetry

    @Test
    void telemetry_undamagedReadingsArriveAndEveryByteIsAccountedFor() throws Exception {
        try (Program gateway = Program.java(TelemetryGateway.class, "--port", "0")) {
            String port = Integer.toString(gateway.port());
            long[] quiet = numbers(run(NoisyDevice.class, "--port", port, "--damaged", "0"));
            assertThat(quiet).startsWith(1000, 0, 64);
            assertThat(gateway.readLine()).isEqualTo("1000 readings, 0 missing; passed over 1 faults, 64 bytes");

            long[] noisy = numbers(run(NoisyDevice.class, "--port", port, "--damaged", "25", "--readings", "2000"));
            long damaged = noisy[1];
            long bytes = noisy[3];
            long[] counted = numbers(gateway.readLine());
            assertThat(damaged).isGreaterThan(400);
            // a telegram that noise has made up may cost the next one
            assertThat(counted[0]).isBetween((2000 - damaged) * 98 / 100, 2000 - damaged);
            assertThat(counted[3] + 15 * counted[0]).isEqualTo(bytes);
            gateway.stop();
        }
    }

    // ---- questions and answers

    @Test
    void answersById_slowOneTimesOutAndTheOthersAreAnswered() throws Exception {
        try (Program server = Program.java(LookupServer.class, "--port", "0", "--slow", "60000")) {
            String port = Integer.toString(server.port());
            String[] lines = run(PipelinedClient.class, "--port", port, "--timeout", "5000", "--key", "slow one")
                    .split("\n");
            assertThat(lines).containsExactly("slow one: no answer in time", "1 questions asked");

            List<String> answers = run(
                            PipelinedClient.class, "--port", port, "--timeout", "30000", "--questions", "500")
                    .lines()
                    .toList();
            assertThat(answers)
                    .hasSize(501)
                    .containsAll(IntStream.rangeClosed(1, 500)
                            .mapToObj(i -> "key %d = KEY %d".formatted(i, i))
                            .toList());
            server.stop();
        }
    }

    @Test
    void answersInOrder_lateAnswerShiftsNoOther() throws Exception {
        try (Program server =
                Program.java(LookupServer.class, "--port", "0", "--answers", "in-order", "--slow", "4000")) {
            List<String> arguments = new ArrayList<>(List.of(
                    "--port",
                    Integer.toString(server.port()),
                    "--answers",
                    "in-order",
                    "--timeout",
                    "1500",
                    "--in-flight",
                    "2",
                    "--key",
                    "slow"));
            for (int i = 1; i < 50; i++) {
                arguments.addAll(List.of("--key", "k" + i));
            }
            List<String> lines = run(PipelinedClient.class, arguments.toArray(String[]::new))
                    .lines()
                    .toList();
            assertThat(lines).first().isEqualTo("slow: no answer in time");
            assertThat(lines.subList(1, 50))
                    .allMatch(line -> line.matches("k(\\d+) = K\\1|k\\d+: no answer in time"))
                    .last()
                    .isEqualTo("k49 = K49");
            server.stop();
        }
    }

    @Test
    void brokenConnections_eachEventComesOnceAndInOrder() throws Exception {
        try (Program server = Program.java(EventServer.class, "--port", "0", "--break-after", "700")) {
            String port = Integer.toString(server.port());
            assertThat(run(ReconnectingClient.class, "--port", port, "--from", "100", "--events", "4000"))
                    .isEqualTo("events 100 to 4099, each once and in order, by 6 connections");
            server.stop();
        }
    }

    @Test
    void pool_everyQuestionIsAnswered() throws Exception {
        try (Program server = Program.java(LookupServer.class, "--port", "0", "--answers", "in-order")) {
            assertThat(run(PooledClient.class, "--port", Integer.toString(server.port()), "--questions", "2000"))
                    .matches("2000 questions asked, each answered, by [1-4] connections");
            server.stop();
        }
    }

    // ---- chat

    @Test
    void chat_everybodyHearsTheOthersAndWhoDoesNotReadHasToLeave() throws Exception {
        try (Program server = Program.java(ChatServer.class, "--port", "0", "--backlog", "500")) {
            int port = server.port();
            List<Client> listeners = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                listeners.add(new Client(port, "listener" + i));
            }
            Client deaf = new Client(port, "deaf");
            for (Client client : listeners) {
                client.readUntil("* deaf has come");
            }
            Client speaker = new Client(port, "speaker");
            String line = "x".repeat(900);
            // far more than what the sockets between them hold
            int rounds = 100;
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < 100; i++) {
                    speaker.write(line);
                }
                speaker.write("round " + round);
                for (Client client : listeners) {
                    List<String> heard = client.readUntil("speaker: round " + round);
                    heard.removeIf(each -> each.startsWith("*"));
                    assertThat(heard).hasSize(101);
                }
            }
            speaker.socket.close();
            assertThat(listeners.get(0).readUntil("* speaker has gone")).isNotNull();
            // what the server had sent before is still there, and then the end
            assertThat(deaf.readToTheEnd()).isLessThan((long) rounds * 100);
            server.stop();
        }
    }

    @Test
    void chat_netcatIsAClient() throws Exception {
        assumeTrue(isThere("nc"), "nc is not installed");
        try (Program server = Program.java(ChatServer.class, "--port", "0")) {
            int port = server.port();
            Client ann = new Client(port, "ann");
            try (Program nc = Program.of("nc", "-N", "127.0.0.1", Integer.toString(port))) {
                nc.type("bob\nhi there\n");
                assertThat(ann.readUntil("* bob has gone"))
                        .containsSubsequence("* bob has come", "bob: hi there", "* bob has gone");
                assertThat(nc.ends(0)).isEqualTo("* bob has come");
            }
            server.stop();
        }
    }

    private static final class Client {

        final Socket socket;
        private final BufferedReader in;
        private final OutputStream out;

        Client(int port, String name) throws IOException {
            socket = new Socket();
            // so that little is in the sockets when the client does not read
            socket.setReceiveBufferSize(64 * 1024);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out = socket.getOutputStream();
            socket.setSoTimeout(60_000);
            write(name);
            readUntil("* " + name + " has come");
        }

        void write(String line) throws IOException {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        List<String> readUntil(String wanted) throws IOException {
            List<String> lines = new ArrayList<>();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                if (line.equals(wanted)) {
                    return lines;
                }
            }
            throw new AssertionError("the connection has ended before: " + wanted);
        }

        long readToTheEnd() throws IOException {
            long lines = 0;
            try {
                while (in.readLine() != null) {
                    lines++;
                }
            } catch (SocketException reset) {
                // as good an end as any
            }
            return lines;
        }
    }

    // ---- files

    @Test
    void file_threeTimesTheHeapBothWays(@TempDir Path directory) throws Exception {
        transfer(directory, 100 << 20);
    }

    static void transfer(Path directory, long length) throws Exception {
        List<String> smallHeap = List.of("-Xmx32m");
        Path original = directory.resolve("original");
        Path back = directory.resolve("back");
        Path kept = Files.createDirectory(directory.resolve("kept"));
        try (OutputStream out = Files.newOutputStream(original)) {
            Random random = new Random(1);
            byte[] block = new byte[1 << 20];
            for (long left = length; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
        try (Program server =
                Program.java(smallHeap, FileServer.class, "--port", "0", "--directory", kept.toString())) {
            String port = Integer.toString(server.port());
            try (Program put = Program.java(
                    smallHeap, FileClient.class, "--port", port, "--put", "it.bin", "--file", original.toString())) {
                assertThat(put.ends(0)).isEqualTo("stored " + length + " bytes");
            }
            try (Program get = Program.java(
                    smallHeap, FileClient.class, "--port", port, "--get", "it.bin", "--file", back.toString())) {
                assertThat(get.ends(0)).isEqualTo("fetched " + length + " bytes");
            }
            assertThat(Files.mismatch(original, back)).isEqualTo(-1);
            try (Program put = Program.java(
                    FileClient.class, "--port", port, "--put", "../it.bin", "--file", original.toString())) {
                assertThat(put.ends(1)).isEqualTo("failed: a file cannot be called that");
            }
            try (Program get =
                    Program.java(FileClient.class, "--port", port, "--get", "other", "--file", back.toString())) {
                assertThat(get.ends(1)).isEqualTo("failed: there is no such file");
            }
            server.stop();
        }
        try (Stream<Path> files = Files.list(kept)) {
            assertThat(files).containsExactly(kept.resolve("it.bin"));
        }
    }

    // ---- proxy

    @Test
    void linesBecomeJsonAndBack() throws Exception {
        try (Program store = Program.java(JsonStore.class, "--port", "0");
                Program proxy =
                        Program.java(JsonProxy.class, "--port", "0", "--store-port", Integer.toString(store.port()));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            client.getOutputStream()
                    .write("set colour light red\nget colour\nGET smell\nnonsense\n".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("light red\nlight red\n?\n?\n");
            proxy.stop();
            store.stop();
        }
    }

    @Test
    void storeThatDoesNotRead_clientHasToWaitAndNothingIsLost() throws Exception {
        try (ServerSocket store = smallWindow();
                Program proxy = Program.java(
                        List.of("-Xmx32m"),
                        JsonProxy.class,
                        "--port",
                        "0",
                        "--store-port",
                        Integer.toString(store.getLocalPort()));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket back = store.accept()) {
            int lines = 40_000;
            String value = "v".repeat(900);
            Writer writer = new Writer(lines, i -> ("set k" + i + " " + value + "\n").getBytes(StandardCharsets.UTF_8));
            writer.start(client);

            long stuckAt = writer.awaitStandstill();

            assertThat(stuckAt).isLessThan(lines / 2);
            DataInputStream in = new DataInputStream(back.getInputStream());
            for (int i = 0; i < lines; i++) {
                String json = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
                if (!json.equals("{\"op\":\"set\",\"key\":\"k" + i + "\",\"value\":\"" + value + "\"}")) {
                    throw new AssertionError("question " + i + " is " + json);
                }
            }
            assertThat(in.read()).as("the client's end, passed on").isEqualTo(-1);
            back.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            proxy.stop();
        }
    }

    private static ServerSocket smallWindow() throws IOException {
        ServerSocket store = new ServerSocket();
        store.setReceiveBufferSize(64 * 1024);
        store.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return store;
    }

    /** Writes to a socket as fast as it takes it, then shuts the output. */
    private static final class Writer {

        private final int messages;
        private final IntFunction<byte[]> message;
        private final AtomicLong written = new AtomicLong();

        Writer(int messages, IntFunction<byte[]> message) {
            this.messages = messages;
            this.message = message;
        }

        void start(Socket socket) {
            Thread thread = new Thread(() -> {
                try {
                    OutputStream out = socket.getOutputStream();
                    for (int i = 0; i < messages; i++) {
                        out.write(message.apply(i));
                        written.incrementAndGet();
                    }
                    socket.shutdownOutput();
                } catch (IOException e) {
                    // the test is over, or fails by what it reads
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        /** How many messages had been written when no more were for a while. */
        long awaitStandstill() throws InterruptedException {
            long before = -1;
            while (written.get() != before || before == 0) {
                before = written.get();
                Thread.sleep(1500);
            }
            return before;
        }
    }

    // ---- broker

    @Test
    void brokerThatStandsStill_senderHasToWaitAndNothingIsLost(@TempDir Path directory) throws Exception {
        assumeTrue(isThere("nats-server"), "nats-server is not installed");
        try (Program broker =
                Program.of("nats-server", "-js", "-a", "127.0.0.1", "-p", "-1", "-sd", directory.toString())) {
            String line = broker.readUntil(each -> each.contains("Listening for client connections on"));
            broker.readUntil(each -> each.contains("Server is ready"));
            String url = "nats://127.0.0.1:" + line.replaceAll(".*:", "");
            try (Program gateway =
                            Program.java(List.of("-Xmx64m"), BrokerGateway.class, "--port", "0", "--broker", url);
                    Socket sender = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
                DataOutputStream out = new DataOutputStream(sender.getOutputStream());
                DataInputStream in = new DataInputStream(sender.getInputStream());
                out.writeInt(5);
                out.writeBytes("hello");
                assertThat(in.readInt()).isEqualTo(8);
                assertThat(in.readLong()).isEqualTo(1);

                broker.signal("STOP");
                int messages = 20_000;
                byte[] frame = new byte[4 + 1000];
                frame[2] = (byte) (1000 >> 8);
                frame[3] = (byte) 1000;
                Writer writer = new Writer(messages, i -> frame);
                writer.start(sender);
                assertThat(writer.awaitStandstill()).isLessThan(messages / 2);

                broker.signal("CONT");
                for (int i = 0; i < messages; i++) {
                    assertThat(in.readInt()).isEqualTo(8);
                    assertThat(in.readLong()).isEqualTo(2 + i);
                }
                assertThat(in.read()).isEqualTo(-1);
                gateway.stop();
            }
        }
    }

    // ---- WebFlux

    @Test
    void webFlux_eachFrameIsAnsweredWhileTheRequestGoesOn() throws Exception {
        try (Program server = Program.java(WebFluxEndpoint.class, "--port", "0")) {
            int port = server.port();
            try (Socket socket = post(port)) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream();
                writeChunk(out, HexFormat.of().parseHex("000000026869" + "000000"));
                assertThat(readHead(in)).startsWith("HTTP/1.1 200").contains("transfer-encoding: chunked");
                assertThat(readChunk(in)).isEqualTo("000000024849");
                writeChunk(out, HexFormat.of().parseHex("0361"));
                writeChunk(out, HexFormat.of().parseHex("6263"));
                assertThat(readChunk(in)).isEqualTo("00000003414243");
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(readChunk(in)).isEmpty();
            }
            // clients that go away in the middle leave no buffer behind: stop() sees to that
            for (int i = 0; i < 20; i++) {
                try (Socket socket = post(port)) {
                    writeChunk(socket.getOutputStream(), HexFormat.of().parseHex("000000026869" + "000000"));
                    assertThat(readHead(new DataInputStream(socket.getInputStream())))
                            .startsWith("HTTP/1.1 200");
                    socket.setSoLinger(true, 0);
                }
            }
            server.stop();
        }
    }

    private static Socket post(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream()
                .write(("POST /frames HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void writeChunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static String readHead(DataInputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    private static String readChunk(DataInputStream in) throws IOException {
        StringBuilder size = new StringBuilder();
        while (size.indexOf("\r\n") < 0) {
            size.append((char) in.readUnsignedByte());
        }
        byte[] chunk = in.readNBytes(Integer.parseInt(size.toString().trim(), 16));
        in.readNBytes(2);
        return HexFormat.of().formatHex(chunk);
    }

    // ---- finder

    private static final String MQTT =
            "100e00044d5154540402003c00026869" + "20020000" + "300a0003612f6268656c6c6f" + "c000";

    @Test
    void capture_framingIsFoundInADumpAndInBytes(@TempDir Path directory) throws Exception {
        Path raw = Files.write(directory.resolve("capture"), HexFormat.of().parseHex(MQTT));
        String found = run(FindFraming.class, raw.toString());
        assertThat(found).startsWith("34 bytes, ");
        assertThat(found.lines())
                .containsSubsequence(
                        "Protocols.mqtt()",
                        "    4 frames; reads 1 of 40 shuffles of these bytes as well",
                        "Varint.leb128().before(1)");
        try (Program program = Program.java(FindFraming.class, "--as", "hex")) {
            assertThat(program.type(MQTT).ends(0)).isEqualTo(found);
        }
        try (Program program = Program.java(FindFraming.class, "--as", "hex")) {
            assertThat(program.type("not a dump").ends(2)).startsWith("the dump has ");
        }
        Path packets = Files.write(directory.resolve("pcap"), HexFormat.of().parseHex("d4c3b2a1020004000000"));
        try (Program program = Program.java(FindFraming.class, packets.toString())) {
            assertThat(program.ends(2)).startsWith("this is a capture of packets, not of a stream");
        }
    }

    // ----

    private static String run(Class<?> main, String... arguments) throws Exception {
        try (Program program = Program.java(main, arguments)) {
            return program.ends(0);
        }
    }

    private static long[] numbers(String text) {
        Matcher matcher = Pattern.compile("\\d+").matcher(text);
        return matcher.results()
                .mapToLong(result -> Long.parseLong(result.group()))
                .toArray();
    }

    private static boolean isThere(String command) {
        // in CI what is named in CONTRIBUTING is installed
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }
}

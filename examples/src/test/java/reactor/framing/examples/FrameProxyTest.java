package reactor.framing.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proxy as a program between sockets. */
@Timeout(120)
class FrameProxyTest {

    private static final byte[] SSL_REQUEST = HexFormat.of().parseHex("0000000804d2162f");
    private static final byte[] STARTUP = HexFormat.of().parseHex("000000090003000000");
    private static final byte[] READY = HexFormat.of().parseHex("5a0000000549");

    private final ServerSocket server = listen();

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Program proxy(String framing) throws IOException {
        return Program.java(
                FrameProxy.class, "--target", "" + server.getLocalPort(), "--port", "0", "--framing", framing);
    }

    /** One end of a connection. */
    private record End(Socket socket, DataInputStream in, DataOutputStream out) implements AutoCloseable {

        static End of(Socket socket) throws IOException {
            return new End(
                    socket,
                    new DataInputStream(socket.getInputStream()),
                    new DataOutputStream(socket.getOutputStream()));
        }

        void gets(byte[] bytes) throws IOException {
            assertThat(in.readNBytes(bytes.length)).isEqualTo(bytes);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static End connect(Program proxy) throws IOException {
        String line = proxy.readLine();
        assertThat(line).matches("listening on 127\\.0\\.0\\.1:\\d+, framing .*");
        int port = Integer.parseInt(line.replaceAll(".*:(\\d+),.*", "$1"));
        return End.of(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    private End accept() throws IOException {
        return End.of(server.accept());
    }

    @ParameterizedTest
    @ValueSource(strings = {"length4", "bytes"})
    void framesOfAllLengths_passBothWays(String framing) throws Exception {
        try (Program proxy = proxy(framing);
                End client = connect(proxy);
                End target = accept()) {
            Random random = new Random(5);
            for (int length : new int[] {0, 1, 100, 4095, 4096, 4097, 65_536, 70_000, 3_000_000}) {
                byte[] frame = new byte[length];
                random.nextBytes(frame);
                transfer(client, target, frame);
                transfer(target, client, frame);
            }
        }
    }

    private static void transfer(End from, End to, byte[] frame) throws Exception {
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                from.out.writeInt(frame.length);
                from.out.write(frame);
                from.out.flush();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(to.in.readInt()).isEqualTo(frame.length);
        to.gets(frame);
        sent.get();
    }

    @Test
    void answersAfterTheClientsEnd_arrive() throws Exception {
        try (Program proxy = proxy("length4");
                End client = connect(proxy);
                End target = accept()) {
            client.out.write(new byte[] {0, 0, 0, 1, 7});
            client.socket.shutdownOutput();

            assertThat(target.in.readAllBytes()).containsExactly(0, 0, 0, 1, 7);
            target.out.write(new byte[] {0, 0, 0, 1, 8});
            target.close();
            assertThat(client.in.readAllBytes()).containsExactly(0, 0, 0, 1, 8);
        }
    }

    @Test
    void frameThatIsTooLong_isNotPassedOn() throws Exception {
        try (Program proxy = proxy("length4");
                End client = connect(proxy);
                End target = accept()) {
            client.out.write("\0\0\0\1aGET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

            assertThat(target.in.readAllBytes()).containsExactly(0, 0, 0, 1, 'a');
            assertThat(client.in.readAllBytes()).isEmpty();
            assertThat(proxy.readLine())
                    .contains("conversation ended by")
                    .contains("FrameTooLongException")
                    .contains("'GET / HTTP");
        }
    }

    @Test
    void postgres_tlsRefused_goesOnInPlainText() throws Exception {
        try (Program proxy = proxy("postgres");
                End client = connect(proxy);
                End target = accept()) {
            client.out.write(SSL_REQUEST);
            target.gets(SSL_REQUEST);
            target.out.write('N');
            client.gets(new byte[] {'N'});
            client.out.write(STARTUP);
            target.gets(STARTUP);
            target.out.write(READY);
            client.gets(READY);
        }
    }

    @Test
    void postgres_tlsAccepted_passesRecordsOn() throws Exception {
        byte[] hello = new byte[5 + 300];
        Arrays.fill(hello, (byte) 'Q');
        hello[0] = 22;
        hello[1] = 3;
        hello[2] = 1;
        hello[3] = 1;
        hello[4] = 300 - 256;
        try (Program proxy = proxy("postgres");
                End client = connect(proxy);
                End target = accept()) {
            client.out.write(SSL_REQUEST);
            target.gets(SSL_REQUEST);
            target.out.write('S');
            client.gets(new byte[] {'S'});
            client.out.write(hello);
            target.gets(hello);
            target.out.write(hello);
            client.gets(hello);
        }
    }

    @Test
    void help_tellsTheUsage() throws Exception {
        try (Program program = Program.java(FrameProxy.class, "--help")) {
            assertThat(program.ends(0))
                    .startsWith("usage: FrameProxy --target PORT")
                    .contains("amqp, cassandra, dns, ", "postgres");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--port 0, '--target is missing'",
        "--target 0, '--target must be 1 to 65535, was 0'",
        "--target 1 --framing x, '--framing must be bytes or one of amqp, cassandra, dns, '",
        "--target 1 --max-frame-length 0, '--max-frame-length must be 1 to 2147483647, was 0'",
        "--target 1 --host 8.8.8.8, '--host must be a loopback address, was 8.8.8.8'",
        "--target 1 --port -1, '--port must be 0 to 65535, was -1'"
    })
    void badArguments_areRefusedWithTheUsage(String arguments, String message) throws Exception {
        try (Program program = Program.java(FrameProxy.class, arguments.split(" "))) {
            assertThat(program.ends(2)).startsWith(message).contains("\nusage: FrameProxy");
        }
    }
}

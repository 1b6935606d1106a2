package reactor.framing.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.TestBytes;

/**
 * Conversations with real servers and clients, on loopback. {@code src/test/peers/run.sh} starts them and says on which
 * ports they are; without it every test here is skipped.
 */
@Tag("campaign")
@Timeout(60)
class RealPeersTest {

    @Test
    void postgres_queryWithManyAndLargeRows() throws IOException {
        try (Peer peer = new Peer("postgres", Protocols.postgres())) {
            peer.send(hex("0000000804d2162f"));
            assertThat(peer.socket.getInputStream().read()).isEqualTo('S');
        }
        try (Peer peer = new Peer("postgres", Protocols.postgres())) {
            peer.send(message("", 4, hex("00030000"), ascii("user\0postgres\0database\0postgres\0\0")));
            List<byte[]> greeting = peer.readTo(frame -> frame[0] == 'Z');
            assertThat(greeting.get(0)).containsExactly(hex("520000000800000000"));
            assertThat(types(greeting)).contains("S", "K");

            peer.send(message("Q", 4, ascii("SELECT i, repeat('x', i) FROM generate_series(1, 2000) i\0")));
            List<byte[]> rows = peer.readTo(frame -> frame[0] == 'Z');
            assertThat(types(rows)).startsWith("T", "D").endsWith("D", "C", "Z").hasSize(2003);
            for (int i = 1; i <= 2000; i++) {
                assertThat(rows.get(i)).hasSize(5 + 2 + 4 + String.valueOf(i).length() + 4 + i);
            }

            peer.send(message("Q", 4, ascii("SELECT repeat('x', 5000000)\0")), message("Q", 4, ascii("nonsense\0")));
            List<byte[]> large = peer.readTo(frame -> frame[0] == 'Z');
            assertThat(large.get(1)).hasSize(5 + 2 + 4 + 5_000_000);
            assertThat(types(peer.readTo(frame -> frame[0] == 'Z'))).containsExactly("E", "Z");

            peer.send(message("X", 4));
            peer.expectEnd();
        }
    }

    private static List<String> types(List<byte[]> messages) {
        return messages.stream()
                .map(message -> String.valueOf((char) message[0]))
                .toList();
    }

    @Test
    void nsd_pipelinedQueriesAndZoneTransfer() throws IOException {
        try (Peer peer = new Peer("nsd", Protocols.dns())) {
            for (int id = 1; id <= 200; id++) {
                peer.send(query(id, "host" + id, 16));
            }
            Set<Integer> ids = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                ByteBuffer answer = ByteBuffer.wrap(peer.read());
                assertThat(answer.getShort(2) & 0x800F).isEqualTo(0x8000);
                assertThat(answer.getShort(6)).isEqualTo((short) 1);
                ids.add((int) answer.getShort(0));
            }
            assertThat(ids).hasSize(200);

            peer.send(query(999, "", 252));
            int records = 0;
            int messages = 0;
            while (records < 3004) {
                records += ByteBuffer.wrap(peer.read()).getShort(6) & 0xFFFF;
                messages++;
            }
            assertThat(records).isEqualTo(3004);
            assertThat(messages).isGreaterThan(5);
        }
    }

    private static byte[] query(int id, String host, int type) {
        byte[] label = ascii(host);
        ByteBuffer query = ByteBuffer.allocate(512);
        query.putShort((short) id)
                .putShort((short) 0)
                .putShort((short) 1)
                .putInt(0)
                .putShort((short) 0);
        if (label.length > 0) {
            query.put((byte) label.length).put(label);
        }
        query.put((byte) 7)
                .put(ascii("example"))
                .put((byte) 0)
                .putShort((short) type)
                .putShort((short) 1);
        return TestBytes.bytes(query.flip());
    }

    @Test
    void mosquitto_publishedPacketsOfAllLengthsComeBack() throws IOException {
        try (Peer peer = new Peer("mosquitto", Protocols.mqtt())) {
            peer.send(hex("10 0d 0004 4d515454 04 02 003c 0001 61"));
            assertThat(peer.read()).containsExactly(hex("20 02 00 00"));
            peer.send(hex("82 06 0001 0001 74 00"));
            assertThat(peer.read()).containsExactly(hex("90 03 0001 00"));
            int[] lengths = {0, 1, 124, 125, 16_380, 16_381, 2_097_148, 2_097_149};
            for (int length : lengths) {
                byte[] packet = publish(length);
                peer.send(packet);
                assertThat(peer.read()).isEqualTo(packet);
            }
            for (int i = 0; i < 500; i++) {
                peer.send(publish(i));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(peer.read()).isEqualTo(publish(i));
            }
            peer.send(hex("c0 00"));
            assertThat(peer.read()).containsExactly(hex("d0 00"));
            peer.send(hex("e0 00"));
            peer.expectEnd();
        }
    }

    private static byte[] publish(int payload) {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0x30);
        int length = 3 + payload;
        do {
            packet.write(length & 0x7F | (length > 0x7F ? 0x80 : 0));
            length >>>= 7;
        } while (length > 0);
        packet.writeBytes(hex("0001 74"));
        packet.writeBytes(new byte[payload]);
        return packet.toByteArray();
    }

    @Test
    void rabbitmq_handshakeAndMessage() throws IOException {
        try (Peer peer = new Peer("rabbitmq", Protocols.amqp())) {
            peer.send(hex("414d5150 00000901"));
            assertThat(method(peer.read())).isEqualTo("10.10");
            byte[] login = ascii("\0guest\0guest");
            peer.send(method(
                    0,
                    "000a000b 00000000 05" + hexOf(ascii("PLAIN")) + "0000000c" + hexOf(login) + "05"
                            + hexOf(ascii("en_US"))));
            byte[] tune = peer.read();
            assertThat(method(tune)).isEqualTo("10.30");
            peer.send(method(0, "000a001f 07ff 00020000 0000"), method(0, "000a0028 012f 00 00"));
            assertThat(method(peer.read())).isEqualTo("10.41");
            peer.send(method(1, "0014000a 00"));
            assertThat(method(peer.read())).isEqualTo("20.11");
            // an exclusive queue "q", a message of 200,000 bytes in frames of at most 131,072, and the message back
            peer.send(method(1, "0032000a 0000 0171 0c 00000000"));
            assertThat(method(peer.read())).isEqualTo("50.11");
            byte[] first = new byte[131_064];
            byte[] second = new byte[200_000 - first.length];
            new Random(1).nextBytes(first);
            new Random(2).nextBytes(second);
            peer.send(
                    method(1, "003c0028 0000 00 0171 00"),
                    amqp(2, 1, hex("003c 0000 0000000000030d40 0000")),
                    amqp(3, 1, first),
                    amqp(3, 1, second));
            peer.send(method(1, "003c0014 0000 0171 00 02 00000000"));
            List<byte[]> delivery = new ArrayList<>();
            assertThat(method(peer.read())).isEqualTo("60.21");
            for (int length = 0; length < 200_000; ) {
                byte[] frame = peer.read();
                delivery.add(frame);
                length += frame[0] == 3 ? frame.length - 8 : 0;
                if (delivery.size() == 1) {
                    assertThat(method(frame)).isEqualTo("60.60");
                }
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            delivery.stream().filter(frame -> frame[0] == 3).forEach(frame -> body.write(frame, 7, frame.length - 8));
            assertThat(body.toByteArray()).startsWith(first).endsWith(second).hasSize(200_000);
            peer.send(method(0, "000a0032 0000 00 0000 0000"));
            assertThat(method(peer.read())).isEqualTo("10.51");
        }
    }

    private static byte[] method(int channel, String arguments) {
        return amqp(1, channel, hex(arguments));
    }

    private static byte[] amqp(int type, int channel, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
        frame.put((byte) type)
                .putShort((short) channel)
                .putInt(payload.length)
                .put(payload)
                .put((byte) 0xCE);
        return frame.array();
    }

    private static String method(byte[] frame) {
        assertThat(frame[0]).isEqualTo((byte) 1);
        ByteBuffer payload = ByteBuffer.wrap(frame, 7, 4);
        return payload.getShort() + "." + payload.getShort();
    }

    @Test
    void mariadb_packetOf16MiBGoesOnInTheNext() throws IOException {
        try (Peer peer = new Peer("mariadb", Protocols.mysql())) {
            byte[] handshake = peer.read();
            assertThat(handshake[3]).isZero();
            assertThat(handshake[4]).isEqualTo((byte) 10);
            // protocol 4.1, secure connection; packets of 64 MiB, utf8mb4, user root without a password
            peer.send(hex("eeeeee 01 00820000 00000004 2d" + "00".repeat(23) + hexOf(ascii("root")) + "00 00"));
            assertThat(peer.read()).startsWith(hex("070000 02 00"));

            peer.send(hex("eeeeee 00 03" + hexOf(ascii("SELECT REPEAT('x', 17000000)"))));
            assertThat(peer.read()).containsExactly(hex("010000 01 01"));
            assertThat(peer.read()[3]).isEqualTo((byte) 2);
            assertThat(peer.read()).startsWith(hex("050000 03 fe"));
            byte[] row = peer.read();
            assertThat(row).startsWith(hex("ffffff 04 fe")).hasSize(4 + 0xFFFFFF);
            assertThat(peer.read()).hasSize(4 + 9 + 17_000_000 - 0xFFFFFF).startsWith(hex("4a6603 05"));
            assertThat(peer.read()).startsWith(hex("050000 06 fe"));

            peer.send(hex("010000 00 01"));
            peer.expectEnd();
        }
    }

    @Test
    void git_protocolVersion2_flushAndDelimiterPackets() throws IOException {
        try (Peer peer = new Peer("git", Protocols.gitPktLine())) {
            peer.send(ascii("eeeegit-upload-pack /repo\0host=localhost\0\0version=2\0"));
            List<String> capabilities = texts(peer.readTo(frame -> frame.length == 4));
            assertThat(capabilities).startsWith("000eversion 2\n").endsWith("0000");
            assertThat(capabilities).anyMatch(line -> line.contains("ls-refs"));

            peer.send(ascii("eeeecommand=ls-refs\n"), ascii("0001"), ascii("eeeepeel\n"), ascii("0000"));
            List<String> refs = texts(peer.readTo(frame -> frame.length == 4));
            assertThat(refs).hasSize(501).endsWith("0000");
            assertThat(refs.get(0)).matches("00..[0-9a-f]{40} refs/heads/branch\\d+\n");

            peer.send(ascii("0000"));
            peer.expectEnd();
        }
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(frame -> new String(frame, US_ASCII)).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--octet-count", "--rfc5424", "--rfc3164"})
    void logger_messagesInEitherFraming(String option) throws IOException {
        String logger = System.getProperty("peer.logger");
        assumeTrue(logger != null, "-Dpeer.logger names the command");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Process process = new ProcessBuilder(
                            logger, "--tcp", option, "-n", "127.0.0.1", "-P", String.valueOf(server.getLocalPort()))
                    .start();
            try (OutputStream lines = process.getOutputStream()) {
                for (int i = 1; i <= 300; i++) {
                    lines.write(ascii("message " + i + " " + "x".repeat(i) + "\n"));
                }
            }
            try (Peer peer = new Peer(server.accept(), Protocols.syslog())) {
                for (int i = 1; i <= 300; i++) {
                    assertThat(new String(peer.read(), US_ASCII))
                            .startsWith("<13>")
                            .endsWith("message " + i + " " + "x".repeat(i));
                }
                peer.expectEnd();
            }
        }
    }

    // ---- a connection

    private static final class Peer implements AutoCloseable {

        private final Socket socket;
        private final FrameCodec codec;
        private final Sinks.Many<ByteBuffer> frames = Sinks.many().unicast().onBackpressureBuffer();
        private final Random random = new Random(4);
        private Iterator<ByteBuffer> received = List.<ByteBuffer>of().iterator();
        private boolean reading;

        Peer(String name, Framing framing) throws IOException {
            this(connect(name), framing);
        }

        Peer(Socket socket, Framing framing) throws IOException {
            this.socket = socket;
            codec = FrameCodec.of(framing).maxFrameLength(1 << 25);
            OutputStream out = socket.getOutputStream();
            frames.asFlux().transform(codec::encode).subscribe(bytes -> {
                try {
                    out.write(TestBytes.bytes(bytes));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }

        private static Socket connect(String name) throws IOException {
            String port = System.getProperty("peer." + name);
            assumeTrue(port != null, "-Dpeer." + name + " names the port");
            return new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
        }

        void send(byte[]... all) {
            for (byte[] frame : all) {
                frames.emitNext(ByteBuffer.wrap(frame), Sinks.EmitFailureHandler.FAIL_FAST);
            }
        }

        byte[] read() throws IOException {
            assertThat(iterator().hasNext()).as("another frame").isTrue();
            return TestBytes.bytes(received.next());
        }

        List<byte[]> readTo(Predicate<byte[]> last) throws IOException {
            List<byte[]> all = new ArrayList<>();
            do {
                all.add(read());
            } while (!last.test(all.get(all.size() - 1)));
            return all;
        }

        /** The peer closes, and not inside a frame. */
        void expectEnd() throws IOException {
            assertThat(iterator().hasNext()).as("another frame").isFalse();
        }

        /** Reads, from the first frame that is asked for, in chunks of all sizes. */
        private Iterator<ByteBuffer> iterator() throws IOException {
            if (!reading) {
                reading = true;
                InputStream in = socket.getInputStream();
                received = Flux.<ByteBuffer>generate(sink -> {
                            try {
                                byte[] bytes = new byte[1 + random.nextInt(random.nextBoolean() ? 9 : 1 << 17)];
                                int n = in.read(bytes);
                                if (n < 0) {
                                    sink.complete();
                                } else {
                                    sink.next(ByteBuffer.wrap(bytes, 0, n));
                                }
                            } catch (IOException e) {
                                sink.error(e);
                            }
                        })
                        .transform(codec::decode)
                        .subscribeOn(Schedulers.boundedElastic())
                        .toIterable(1)
                        .iterator();
            }
            return received;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A message of a type, if there is one, a length that the encoder fills in, and parts. */
    private static byte[] message(String type, int lengthSize, byte[]... parts) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(ascii(type));
        message.writeBytes(new byte[lengthSize]);
        for (byte[] part : parts) {
            message.writeBytes(part);
        }
        return message.toByteArray();
    }

    private static byte[] hex(String hex) {
        return TestBytes.hex(hex);
    }

    private static String hexOf(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }
}

package reactor.framing.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.TestBytes;
import reactor.framing.format.Delimiter;
import reactor.framing.format.FixedLength;
import reactor.framing.format.Protocols;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;

/**
 * Conversations with real servers, on loopback, through {@link FramedConnection}. {@code src/test/peers/run.sh} starts
 * them and says on which ports they are; without it every test here is skipped.
 */
@Tag("campaign")
@Timeout(60)
@ExtendWith(NoBlocking.class)
class RealConversationsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private static final Framing CRLF = Delimiter.of("\r\n");

    /** Holds a conversation with a server. */
    private static <T> T converse(
            String name, Framing reading, Framing writing, Function<FramedConnection, Mono<? extends T>> conversation) {
        String port = System.getProperty("peer." + name);
        assumeTrue(port != null, "-Dpeer." + name + " names the port");
        TcpClient client = TcpClient.newConnection().host("127.0.0.1").port(Integer.parseInt(port));
        return Objects.requireNonNull(FramedConnection.<T>connect(
                        client,
                        FrameCodec.of(reading).maxFrameLength(1 << 25),
                        FrameCodec.of(writing).maxFrameLength(1 << 25),
                        conversation)
                .block(PATIENCE));
    }

    private static SslProvider tls() {
        return SslProvider.builder().sslContext(Transport.Tls.client("TLSv1.3")).build();
    }

    // ---- DNS: questions with ids

    @Test
    void nsd_questionsByIdWithSomeCancelled_eachGetsItsOwnAnswer() {
        int questions = 20_000;
        Set<Integer> answered = new HashSet<>();
        converse("nsd", Protocols.dns(), Protocols.dns(), connection -> {
            Requests requests = connection.requests(frame -> frame.getShort(0));
            return Flux.range(1, questions)
                    .flatMap(
                            i -> {
                                int host = 1 + i % 3000;
                                Mono<ByteBuffer> answer = requests.request(dnsQuery(i, "host" + host));
                                if (i % 97 == 0) {
                                    // given up right after it has been asked
                                    return answer.timeout(Duration.ZERO, Mono.empty());
                                }
                                return answer.doOnNext(frame -> {
                                    assertThat(dnsName(frame)).isEqualTo("host" + host);
                                    assertThat(frame.getShort(6)).isEqualTo((short) 1);
                                });
                            },
                            256)
                    .doOnNext(frame -> answered.add(frame.getShort(0) & 0xFFFF))
                    .then(Mono.just(true));
        });
        assertThat(answered).hasSizeGreaterThanOrEqualTo(questions - questions / 97);
        for (int i = 1; i <= questions; i++) {
            assertThat(i % 97 == 0 || answered.contains(i))
                    .as("answer to %d", i)
                    .isTrue();
        }
    }

    private static ByteBuffer dnsQuery(int id, String host) {
        return ByteBuffer.allocate(64)
                .putShort((short) id)
                .putShort((short) 0)
                .putShort((short) 1)
                .putInt(0)
                .putShort((short) 0)
                .put((byte) host.length())
                .put(host.getBytes(US_ASCII))
                .put((byte) 7)
                .put("example".getBytes(US_ASCII))
                .put((byte) 0)
                .putShort((short) 16)
                .putShort((short) 1)
                .flip();
    }

    /** The first label of the question. */
    private static String dnsName(ByteBuffer frame) {
        byte[] label = new byte[frame.get(12)];
        frame.get(13, label);
        return new String(label, US_ASCII);
    }

    // ---- Redis: answers in the order of the questions

    @Test
    void redis_questionsInOrderWithSomeCancelled_eachGetsItsOwnAnswer() {
        int questions = 20_000;
        List<String> answers = converse(
                "redis",
                Protocols.resp(),
                Protocols.resp(),
                connection -> Flux.range(0, questions)
                        .flatMapSequential(
                                i -> {
                                    Mono<String> answer = connection
                                            .request(resp("ECHO", "value " + i))
                                            .map(RealConversationsTest::text);
                                    return i % 97 == 0 ? answer.timeout(Duration.ZERO, Mono.just("given up")) : answer;
                                },
                                256)
                        .collectList());
        assertThat(answers).hasSize(questions);
        for (int i = 0; i < questions; i++) {
            String own = "$" + ("value " + i).length() + "\r\nvalue " + i + "\r\n";
            if (i % 97 == 0) {
                assertThat(answers.get(i)).isIn("given up", own);
            } else {
                assertThat(answers.get(i)).isEqualTo(own);
            }
        }
    }

    // ---- PostgreSQL: TLS, asked for by a question with an answer of its own

    @Test
    void postgres_fromSslRequestToQueryByTls() {
        List<String> rows = converse(
                "postgres",
                Protocols.postgres(),
                Protocols.postgres(),
                connection -> connection
                        .request(ByteBuffer.wrap(hex("00000008 04d2162f")), FrameCodec.of(FixedLength.of(1)))
                        .doOnNext(answer -> assertThat(text(answer)).isEqualTo("S"))
                        .then(connection.startTls(tls()))
                        .then(connection.send(Mono.just(startup())))
                        .thenMany(connection.receive().takeUntil(frame -> frame.get(0) == 'Z'))
                        .doOnNext(frame -> assertThat(frame.get(0)).isNotEqualTo((byte) 'E'))
                        .then(connection.send(
                                Mono.just(query("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() UNION ALL"
                                        + " SELECT repeat('x', 300000)"))))
                        .thenMany(connection.receive().takeUntil(frame -> frame.get(0) == 'Z'))
                        .filter(frame -> frame.get(0) == 'D')
                        .map(frame -> text(frame.slice(11, frame.remaining() - 11)))
                        .collectList());
        assertThat(rows).containsExactly("TLSv1.3", "x".repeat(300_000));
    }

    private static ByteBuffer startup() {
        byte[] parameters = "user\0postgres\0database\0postgres\0\0".getBytes(US_ASCII);
        return ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(0x30000)
                .put(parameters)
                .flip();
    }

    private static ByteBuffer query(String sql) {
        byte[] text = (sql + "\0").getBytes(US_ASCII);
        return ByteBuffer.allocate(5 + text.length)
                .put((byte) 'Q')
                .putInt(4 + text.length)
                .put(text)
                .flip();
    }

    // ---- mail: STARTTLS

    @Test
    void dovecot_startTlsThenLoginAndMessageWithLiteral() {
        String message = "Subject: frames\r\n\r\nbody\r\n.\r\n";
        List<String> lines = new ArrayList<>();
        converse(
                "dovecot",
                CRLF,
                CRLF,
                connection -> Flux.concat(
                                connection.next().map(RealConversationsTest::text),
                                imap(connection, "a", "STARTTLS"),
                                connection.startTls(tls()).then(Mono.empty()),
                                imap(connection, "b", "LOGIN reader secret"),
                                imap(connection, "c", "SELECT INBOX"),
                                // the literal follows when the server says so
                                connection
                                        .send(Mono.just(line("d APPEND INBOX {" + message.length() + "}")))
                                        .then(connection.next().map(RealConversationsTest::text)),
                                answerTo(
                                        "d",
                                        connection,
                                        Stream.concat(message.lines(), Stream.of(""))
                                                .map(RealConversationsTest::line)),
                                imap(connection, "e", "FETCH * BODY[]"),
                                imap(connection, "f", "LOGOUT"),
                                connection.receive().map(RealConversationsTest::text))
                        .doOnNext(lines::add)
                        .then(Mono.just(true)));
        assertThat(lines.get(0)).startsWith("* OK").contains("STARTTLS");
        assertThat(lines)
                .anyMatch(line -> line.startsWith("a OK"))
                .anyMatch(line -> line.startsWith("b OK"))
                .anyMatch(line -> line.startsWith("c OK"))
                .anyMatch(line -> line.startsWith("+ "))
                .anyMatch(line -> line.startsWith("d OK"))
                .containsSubsequence("Subject: frames", "", "body", ".", ")")
                .anyMatch(line -> line.startsWith("f OK"));
    }

    private static Flux<String> imap(FramedConnection connection, String tag, String command) {
        return answerTo(tag, connection, Stream.of(line(tag + " " + command)));
    }

    /** Sends lines, and reads to the line that ends the answer. */
    private static Flux<String> answerTo(String tag, FramedConnection connection, Stream<ByteBuffer> lines) {
        return connection
                .send(Flux.fromStream(lines))
                .thenMany(connection
                        .receive()
                        .map(RealConversationsTest::text)
                        .takeUntil(text -> text.startsWith(tag + " ")));
    }

    @Test
    void exim_startTlsThenMail() {
        List<String> lines = new ArrayList<>();
        converse(
                "exim",
                CRLF,
                CRLF,
                connection -> Flux.concat(
                                smtp(connection, null),
                                smtp(connection, "EHLO localhost"),
                                smtp(connection, "STARTTLS"),
                                connection.startTls(tls()).then(Mono.empty()),
                                smtp(connection, "EHLO localhost"),
                                smtp(connection, "MAIL FROM:<root@localhost>"),
                                smtp(connection, "RCPT TO:<root@localhost>"),
                                smtp(connection, "DATA"),
                                connection
                                        .send(Flux.just("Subject: frames", "", "body", "..a dot")
                                                .map(RealConversationsTest::line))
                                        .then(Mono.empty()),
                                smtp(connection, "."),
                                smtp(connection, "QUIT"),
                                connection.receive().map(RealConversationsTest::text))
                        .doOnNext(lines::add)
                        .then(Mono.just(true)));
        assertThat(lines.get(0)).startsWith("220 ");
        assertThat(lines).containsOnlyOnce("250-STARTTLS");
        assertThat(lines.stream().filter(line -> line.charAt(3) == ' ').map(line -> line.substring(0, 3)))
                .containsExactly("220", "250", "220", "250", "250", "250", "354", "250", "221");
    }

    /** Sends a command, if there is one, and reads to the line that ends its answer. */
    private static Flux<String> smtp(FramedConnection connection, String command) {
        Mono<Void> sent = command == null ? Mono.empty() : connection.send(Mono.just(line(command)));
        return sent.thenMany(
                connection.receive().map(RealConversationsTest::text).takeUntil(text -> text.charAt(3) == ' '));
    }

    // ---- signs of life

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void mosquitto_keepsConnection_onlyWithHeartbeat(boolean heartbeat) {
        AtomicInteger pongs = new AtomicInteger();
        // the broker waits one and a half of these 2 seconds
        boolean alive = converse(
                "mosquitto",
                Protocols.mqtt(),
                Protocols.mqtt(),
                connection -> connection
                        .request(ByteBuffer.wrap(hex("10 0f 0004 4d515454 04 02 0002 0003 616161")))
                        .doOnNext(answer -> assertThat(TestBytes.bytes(answer)).isEqualTo(hex("20 02 00 00")))
                        .thenMany(Flux.defer(() -> {
                            if (heartbeat) {
                                connection.heartbeat(Duration.ofMillis(300), () -> ByteBuffer.wrap(hex("c0 00")));
                                connection.idleTimeout(Duration.ofSeconds(20));
                            }
                            return connection.receive();
                        }))
                        .doOnNext(frame -> {
                            assertThat(TestBytes.bytes(frame)).isEqualTo(hex("d0 00"));
                            pongs.incrementAndGet();
                        })
                        .then(Mono.just(false))
                        .timeout(Duration.ofSeconds(heartbeat ? 8 : 45), Mono.just(true)));
        assertThat(alive).isEqualTo(heartbeat);
        assertThat(pongs.get()).isBetween(heartbeat ? 4 : 0, heartbeat ? 27 : 0);
    }

    @Test
    void mosquitto_thatSaysNothing_endsByIdleTimeout() {
        Throwable end = converse(
                "mosquitto",
                Protocols.mqtt(),
                Protocols.mqtt(),
                connection -> connection
                        .idleTimeout(Duration.ofSeconds(1))
                        .request(ByteBuffer.wrap(hex("10 0f 0004 4d515454 04 02 0000 0003 626262")))
                        .thenMany(connection.receive())
                        .then(Mono.<Throwable>empty())
                        .onErrorResume(Mono::just));
        assertThat(end).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rabbitmq_keepsConnection_onlyWithHeartbeat(boolean heartbeat) {
        ByteBuffer beat = ByteBuffer.wrap(hex("08 0000 00000000 ce"));
        AtomicInteger beats = new AtomicInteger();
        boolean alive = converse(
                "rabbitmq",
                Protocols.amqp(),
                Protocols.amqp(),
                connection -> connection
                        .request(ByteBuffer.wrap(hex("414d5150 00000901")))
                        .then(connection.request(method(
                                "000a000b 00000000 05 504c41494e 0000000c 00 6775657374 00 6775657374 05 656e5f5553")))
                        .then(connection.send(Mono.just(method("000a001f 07ff 00020000 0001"))))
                        .then(connection.request(method("000a0028 012f 00 00")))
                        .thenMany(Flux.defer(() -> {
                            if (heartbeat) {
                                connection.heartbeat(Duration.ofMillis(300), beat::duplicate);
                                connection.idleTimeout(Duration.ofSeconds(20));
                            }
                            return connection.receive();
                        }))
                        .filter(frame -> frame.get(0) == 8)
                        .doOnNext(frame -> beats.incrementAndGet())
                        .then(Mono.just(false))
                        .onErrorReturn(IOException.class, false)
                        .timeout(Duration.ofSeconds(heartbeat ? 8 : 45), Mono.just(true)));
        assertThat(alive).isEqualTo(heartbeat);
        assertThat(beats).hasValueGreaterThanOrEqualTo(1);
    }

    private static ByteBuffer method(String arguments) {
        byte[] payload = hex(arguments);
        return ByteBuffer.allocate(8 + payload.length)
                .put((byte) 1)
                .putShort((short) 0)
                .putInt(payload.length)
                .put(payload)
                .put((byte) 0xCE)
                .flip();
    }

    // ---- bytes

    private static ByteBuffer resp(String... words) {
        StringBuilder command = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            command.append('$')
                    .append(word.length())
                    .append("\r\n")
                    .append(word)
                    .append("\r\n");
        }
        return line(command.toString());
    }

    private static ByteBuffer line(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String text(ByteBuffer frame) {
        return US_ASCII.decode(frame.duplicate()).toString();
    }

    private static byte[] hex(String hex) {
        return TestBytes.hex(hex);
    }
}

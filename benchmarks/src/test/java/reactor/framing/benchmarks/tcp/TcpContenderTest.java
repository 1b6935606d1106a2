package reactor.framing.benchmarks.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every contender, in this process, and a peer that must not be fooled. */
@Timeout(30)
class TcpContenderTest {

    private static final int PERIODS = 2;

    private Server server;

    @AfterEach
    void close() throws Exception {
        server.close();
    }

    private static Stream<Arguments> arguments(Cell.Mode mode, Predicate<TcpContender> which) {
        return Stream.of(64, 1 << 16, 1 << 20)
                .flatMap(length -> Arrays.stream(TcpContender.values())
                        .filter(contender -> which.test(contender) && contender.takesPartIn(new Cell(mode, length)))
                        .map(contender -> Arguments.of(contender, length)));
    }

    static Stream<Arguments> ingesting() {
        return arguments(Cell.Mode.INGEST, contender -> true);
    }

    static Stream<Arguments> sending() {
        return arguments(Cell.Mode.SEND, contender -> true);
    }

    static Stream<Arguments> echoing() {
        return arguments(Cell.Mode.ECHO, contender -> !contender.asks());
    }

    static Stream<Arguments> asking() {
        return arguments(Cell.Mode.ECHO, TcpContender::asks);
    }

    @ParameterizedTest
    @MethodSource("ingesting")
    void ingest_everyFrameComes(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Received received = new Received(messages, PERIODS, true);
        Peer.Window window = new Peer(messages).ingest(server.ingest(received), PERIODS);
        assertThat(received.fault()).isEmpty();
        assertThat(window.frames()).isEqualTo(PERIODS * messages.count());
    }

    @ParameterizedTest
    @MethodSource("sending")
    void send_everyByteComesAndThenTheEnd(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Outgoing outgoing = new Outgoing(messages, PERIODS, true);
        Peer.Window window = new Peer(messages).send(server.send(outgoing), PERIODS);
        assertThat(window.frames()).isEqualTo(PERIODS * messages.count()).isEqualTo(outgoing.taken());
    }

    @ParameterizedTest
    @MethodSource("echoing")
    void echo_everyByteComesBack(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Peer.Window window = new Peer(messages).echo(server.echo(), 3, 16, 40);
        assertThat(window.frames()).isEqualTo(3 * 40);
    }

    @ParameterizedTest
    @MethodSource("asking")
    void ask_everyQuestionIsAnswered(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Received answers = new Received(messages, PERIODS, true);
        Outgoing questions = new Outgoing(messages, PERIODS, true);
        Peer.Window window = new Peer(messages).answer(server.ask(questions, answers, 16), PERIODS);
        assertThat(answers.fault()).isEmpty();
        assertThat(window.frames()).isEqualTo(PERIODS * messages.count()).isEqualTo(questions.taken());
    }

    @Test
    void answersAreMissing_isAFault() throws Exception {
        server = TcpContender.REQUEST.newServer();
        Messages messages = Messages.ofLength(64);
        Received answers = new Received(messages, PERIODS + 1, false);
        Outgoing questions = new Outgoing(messages, PERIODS + 1, false);
        int port = server.ask(questions, answers, 16);
        assertThatThrownBy(() -> new Peer(messages).answer(port, PERIODS)).isInstanceOf(Exception.class);
        assertThat(answers.fault()).isNotEmpty();
    }

    @Test
    void contenderExpectsOtherFrames_isAFault() throws Exception {
        server = TcpContender.RAW.newServer();
        Received received = new Received(Messages.ofLength(128), PERIODS, false);
        int port = server.ingest(received);
        try {
            new Peer(Messages.ofLength(64)).ingest(port, 1);
        } catch (IOException e) {
            // closed while it was sending
        }
        assertThat(received.fault()).contains("frame 0");
    }

    @Test
    void contenderSendsOtherFrames_isFound() throws Exception {
        server = TcpContender.RAW.newServer();
        int port = server.send(new Outgoing(Messages.ofLength(128), PERIODS, false));
        assertThatThrownBy(() -> new Peer(Messages.ofLength(64)).send(port, PERIODS))
                .hasMessageContaining("another byte");
    }

    @Test
    void contenderSendsTooMany_isFound() throws Exception {
        Messages messages = Messages.ofLength(64);
        server = TcpContender.RAW.newServer();
        int port = server.send(new Outgoing(messages, PERIODS, false));
        assertThatThrownBy(() -> new Peer(messages).send(port, PERIODS - 1)).hasMessageContaining("more came");
    }

    @Test
    void contenderSendsTooFew_isFound() throws Exception {
        Messages messages = Messages.ofLength(64);
        server = TcpContender.RAW.newServer();
        int port = server.send(new Outgoing(messages, PERIODS, false));
        assertThatThrownBy(() -> new Peer(messages).send(port, PERIODS + 1)).hasMessageContaining("closed after");
    }
}

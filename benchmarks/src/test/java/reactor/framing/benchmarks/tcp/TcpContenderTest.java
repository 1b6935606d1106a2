package reactor.framing.benchmarks.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
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

    static Stream<Arguments> contendersAndLengths() {
        return Arrays.stream(TcpContender.values())
                .filter(contender -> contender != TcpContender.BYTES)
                .flatMap(contender -> Stream.of(64, 1 << 16, 1 << 20).map(length -> Arguments.of(contender, length)));
    }

    @ParameterizedTest
    @MethodSource("contendersAndLengths")
    void ingest_everyFrameComes(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Received received = new Received(messages, PERIODS, true);
        Peer.Window window = new Peer(messages).ingest(server.ingest(received), PERIODS);
        assertThat(received.fault()).isEmpty();
        assertThat(window.frames()).isEqualTo(PERIODS * messages.count());
    }

    @ParameterizedTest
    @MethodSource("contendersAndLengths")
    void send_everyByteComesAndThenTheEnd(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Outgoing outgoing = new Outgoing(messages, PERIODS, true);
        Peer.Window window = new Peer(messages).send(server.send(outgoing), PERIODS);
        assertThat(window.frames()).isEqualTo(PERIODS * messages.count()).isEqualTo(outgoing.taken());
    }

    @ParameterizedTest
    @MethodSource("contendersAndLengths")
    void echo_everyByteComesBack(TcpContender contender, int length) throws Exception {
        server = contender.newServer();
        Messages messages = Messages.ofLength(length);
        Peer.Window window = new Peer(messages).echo(server.echo(), 3, 16, 40);
        assertThat(window.frames()).isEqualTo(3 * 40);
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

package reactor.framing.benchmarks.tcp;

import java.io.EOFException;

/** What goes over the wire, one way or to and fro, and the length of its frames. */
record Cell(Mode mode, int length) {

    private static final int IN_FLIGHT = 16;

    /** Who does what; named after what the contender does. */
    enum Mode {
        /** The peer sends as fast as it can, the contender takes frames in. */
        INGEST("ingest", 1),
        /** The contender sends, the peer reads as fast as it can. */
        SEND("send", 1),
        /** The contender sends frames back, of which the peer has 16 under way on each connection. */
        ECHO("echo, 1 connection", 1),
        ECHO50("echo, 50 connections", 50);

        final String label;
        private final int connections;

        Mode(String label, int connections) {
            this.label = label;
            this.connections = connections;
        }

        /** 50 connections have no frames of 1 MiB: 800 MiB would be under way. */
        boolean has(int length) {
            return connections * length < 1 << 25;
        }
    }

    /** Has a contender take part for so many times the messages, and verifies what comes of it. */
    Peer.Window run(WorkerProcess worker, Messages messages, long periods, boolean everyByte) throws Exception {
        Peer peer = new Peer(messages);
        Peer.Window window = null;
        try {
            window = worker.watched(() -> switch (mode) {
                case INGEST -> peer.ingest(worker.ingest(length, periods, everyByte), periods);
                case SEND -> peer.send(worker.send(length, periods, false), periods);
                case ECHO, ECHO50 -> {
                    long frames = Math.max(1, periods * messages.count() / mode.connections);
                    yield peer.echo(worker.echo(), mode.connections, IN_FLIGHT, frames);
                }
            });
        } catch (EOFException e) {
            worker.closePorts(); // knows more about why, perhaps
            throw e;
        }
        worker.closePorts();
        return window;
    }
}

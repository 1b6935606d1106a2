package reactor.framing.benchmarks.tcp;

import java.io.EOFException;

/** What goes over the wire, one way or to and fro, and the length of its frames. */
record Cell(Mode mode, int length) {

    /** Who does what; named after what the contender does. */
    enum Mode {
        /** The peer sends as fast as it can, the contender takes frames in. */
        INGEST("ingest", 1, 0),
        /** The contender sends, the peer reads as fast as it can. */
        SEND("send", 1, 0),
        /**
         * The contender sends frames back, of which the peer has some under way on each connection; or it is the
         * contender that asks, with as many questions under way, and the peer sends them back as answers.
         */
        ECHO("echo, 1 connection, 16 under way", 1, 16),
        ECHO256("echo, 1 connection, 256 under way", 1, 256),
        ECHO50("echo, 50 connections, 16 under way on each", 50, 16);

        final String label;
        private final int connections;
        private final int underWay;

        Mode(String label, int connections, int underWay) {
            this.label = label;
            this.connections = connections;
            this.underWay = underWay;
        }

        /** Many frames under way are short ones. */
        boolean has(int length) {
            return this == ECHO256 ? length == 64 : connections * length < 1 << 25;
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
                case ECHO, ECHO256, ECHO50 -> {
                    if (worker.contender().asks()) {
                        yield peer.answer(worker.ask(length, periods, everyByte, mode.underWay), periods);
                    }
                    long frames = Math.max(1, periods * messages.count() / mode.connections);
                    yield peer.echo(worker.echo(), mode.connections, mode.underWay, frames);
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

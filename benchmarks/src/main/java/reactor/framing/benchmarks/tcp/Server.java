package reactor.framing.benchmarks.tcp;

import java.io.IOException;

/** A contender's server on loopback. Its connections share one event loop, if it has event loops. */
interface Server {

    /** Takes frames in, and closes the connection when all have come. Returns the port. */
    int ingest(Received received) throws IOException;

    /** Sends frames to the one who connects, and closes the connection behind the last one. Returns the port. */
    int send(Outgoing outgoing) throws IOException;

    /** Sends every frame back when it is whole. Returns the port. */
    int echo() throws IOException;

    /** Asks the one who connects, with so many questions under way, and closes the connection when all are answered. */
    int ask(Outgoing questions, Received answers, int underWay) throws IOException;

    /** Closes the ports and the connections. */
    void close() throws IOException;
}

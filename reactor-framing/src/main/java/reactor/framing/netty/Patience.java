package reactor.framing.netty;

import java.time.Duration;

/**
 * How long a conversation goes on after an end of the connection.
 *
 * @param lost one that neither reads nor sends, when the connection has been lost
 * @param shut the same, when the peer has shut its output: it may be working on something to send
 * @param look after what time the input of one that does not read is looked at: some transports tell of an end only
 *     then
 * @param dropping how long messages are dropped after the last look at a reader, for what the reader has handed on
 */
record Patience(Duration lost, Duration shut, Duration look, Duration dropping) {

    static final Patience USUAL =
            new Patience(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(5));
}

package reactor.framing.benchmarks.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.framing.FrameCodec;
import reactor.framing.benchmarks.HandWritten;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.framing.netty.Requests;
import reactor.netty.NettyInbound;

/**
 * Who is compared over TCP, and the code that each takes to take frames in, to send messages and to send frames back.
 */
enum TcpContender {
    RAW("raw blocking loop: the limit", RawServer::new),

    NETTY("plain Netty", NettyServer::new),

    REACTOR_NETTY(
            "Reactor Netty, Netty's handlers",
            () -> new ReactorNettyServer(
                    connection -> connection
                            .addHandlerLast(NettyServer.newDecoder())
                            .addHandlerLast(NettyServer.newEncoder()),
                    (in, out, received) -> received.takeBuffers(in.receive()),
                    (in, out, outgoing) -> out.send(outgoing.flux().map(message -> buffer(out.alloc(), message))),
                    (in, out) -> out.send(in.receive().retain()))),

    HAND_WRITTEN(
            "Reactor Netty, by hand",
            () -> new ReactorNettyServer(
                    connection -> {},
                    (in, out, received) -> received.take(decodedByHand(in)),
                    (in, out, outgoing) -> out.send(outgoing.flux().map(message -> prefixed(out.alloc(), message))),
                    (in, out) -> out.send(decodedByHand(in).map(frame -> prefixed(out.alloc(), frame))))),

    OPERATORS(
            "`decode`, `encode` on Reactor Netty",
            () -> new ReactorNettyServer(
                    connection -> {},
                    (in, out, received) ->
                            received.take(Codec.PLAIN.decode(in.receive().asByteBuffer())),
                    (in, out, outgoing) -> out.send(encoded(outgoing.flux())),
                    (in, out) ->
                            out.send(encoded(Codec.PLAIN.decode(in.receive().asByteBuffer()))))),

    CONNECTION(
            "`FramedConnection`",
            () -> framed(
                    (connection, received) -> received.take(connection.receive()),
                    (connection, outgoing) -> connection.send(outgoing.flux()),
                    connection -> connection.send(connection.receive()))),

    CONNECTION_BUFFERS(
            "`FramedConnection`, frames as `ByteBuf`",
            () -> framed(
                    (connection, received) -> received.takeOwnedBuffers(connection.receiveBuffers()),
                    (connection, outgoing) -> connection.sendBuffers(outgoing.flux()
                            .map(message ->
                                    buffer(connection.connection().channel().alloc(), message))),
                    connection -> connection.sendBuffers(connection.receiveBuffers()))),

    CONNECTION_LENT(
            "`FramedConnection`, lent and written",
            () -> framed(
                    (connection, received) -> received.drain(connection.receive(received::read)),
                    (connection, outgoing) ->
                            connection.send(outgoing.flux(), (message, frame) -> frame.put(message.array())),
                    connection -> connection.send(connection.receive()))),

    /** What a connection of Reactor Netty costs without frames. */
    BYTES(
            "Reactor Netty, bytes without frames",
            () -> ReactorNettyServer.echoing((in, out) -> out.send(in.receive().retain()))),

    REQUEST(
            "`FramedConnection`, `request`",
            () -> asking(
                    (connection, questions, underWay) -> questions.flatMapSequential(connection::request, underWay))),

    /** Messages begin with a random number, which is the id. */
    REQUEST_BY_ID(
            "`FramedConnection`, `requests(idOf)`",
            () -> asking((connection, questions, underWay) -> {
                Requests requests = connection.requests(frame -> frame.getLong(frame.position()));
                return questions.flatMapSequential(requests::request, underWay);
            }));

    static final int MAX_FRAME_LENGTH = 1 << 20;

    final String label;
    private final Supplier<Server> server;

    TcpContender(String label, Supplier<Server> server) {
        this.label = label;
        this.server = server;
    }

    /** Whether it asks questions, which the peer answers, and does nothing else. */
    boolean asks() {
        return this == REQUEST || this == REQUEST_BY_ID;
    }

    /** Whether it sends messages by itself. */
    boolean sends() {
        return this != BYTES && !asks();
    }

    /** Whether it has a way of its own to do that. Of long messages there are too few for as many ids. */
    boolean takesPartIn(Cell cell) {
        boolean isOneWay = cell.mode() == Cell.Mode.INGEST || cell.mode() == Cell.Mode.SEND;
        return switch (this) {
            case BYTES -> false;
            case CONNECTION_LENT -> isOneWay;
            case REQUEST, REQUEST_BY_ID -> !isOneWay && cell.mode() != Cell.Mode.ECHO50 && cell.length() == 64;
            default -> true;
        };
    }

    /** Starts nothing yet but event loops. */
    Server newServer() {
        return server.get();
    }

    private static final class Codec {

        static final FrameCodec PLAIN = FrameCodec.of(LengthField.ofSize(4)).maxFrameLength(MAX_FRAME_LENGTH);
        static final FrameCodec PACKING = PLAIN.coalesce(65536);
    }

    private static Flux<ByteBuf> encoded(Flux<ByteBuffer> frames) {
        return Codec.PACKING.encode(frames).map(Unpooled::wrappedBuffer);
    }

    private static Flux<ByteBuffer> decodedByHand(NettyInbound in) {
        return HandWritten.decode(in.receive().asByteBuffer(), HandWritten.Prefix::new);
    }

    /** A frame for Netty's prepender. */
    private static ByteBuf buffer(ByteBufAllocator allocator, ByteBuffer message) {
        return allocator.buffer(message.remaining()).writeBytes(message.array());
    }

    private static ByteBuf prefixed(ByteBufAllocator allocator, ByteBuffer message) {
        int length = message.remaining();
        return allocator.buffer(4 + length).writeInt(length).writeBytes(message.array());
    }

    /** Asks questions over a connection. */
    @FunctionalInterface
    private interface Asking {
        Flux<ByteBuffer> answers(FramedConnection connection, Flux<ByteBuffer> questions, int underWay);
    }

    private static Server asking(Asking asking) {
        return ReactorNettyServer.asking((in, out, questions, answers, underWay) -> FramedConnection.handler(
                        Codec.PLAIN, c -> answers.take(asking.answers(c, questions.flux(), underWay)))
                .apply(in, out));
    }

    private static Server framed(
            BiFunction<FramedConnection, Received, Publisher<Void>> ingest,
            BiFunction<FramedConnection, Outgoing, Publisher<Void>> send,
            Function<FramedConnection, Publisher<Void>> echo) {
        return new ReactorNettyServer(
                connection -> {},
                (in, out, received) -> FramedConnection.handler(Codec.PLAIN, c -> ingest.apply(c, received))
                        .apply(in, out),
                (in, out, outgoing) -> FramedConnection.handler(Codec.PLAIN, c -> send.apply(c, outgoing))
                        .apply(in, out),
                (in, out) -> FramedConnection.handler(Codec.PLAIN, echo).apply(in, out));
    }
}

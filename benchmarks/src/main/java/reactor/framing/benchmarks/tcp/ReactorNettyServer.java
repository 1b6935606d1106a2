package reactor.framing.benchmarks.tcp;

import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.reactivestreams.Publisher;
import reactor.netty.Connection;
import reactor.netty.DisposableChannel;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/** Reactor Netty with what a contender does on a connection. */
final class ReactorNettyServer implements Server {

    /** Takes frames in. */
    @FunctionalInterface
    interface Ingest {
        Publisher<Void> on(NettyInbound in, NettyOutbound out, Received received);
    }

    /** Sends messages. */
    @FunctionalInterface
    interface Send {
        Publisher<Void> on(NettyInbound in, NettyOutbound out, Outgoing outgoing);
    }

    /** Sends frames back. */
    @FunctionalInterface
    interface Echo {
        Publisher<Void> on(NettyInbound in, NettyOutbound out);
    }

    /** Asks questions. */
    @FunctionalInterface
    interface Ask {
        Publisher<Void> on(NettyInbound in, NettyOutbound out, Outgoing questions, Received answers, int underWay);
    }

    /** The event loop may be busy with sending. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final LoopResources eventLoop = LoopResources.create("contender", 1, 1, true);
    private final List<DisposableChannel> channels = new CopyOnWriteArrayList<>();
    private final Consumer<Connection> handlers;
    private final Ingest ingest;
    private final Send send;
    private final Echo echo;
    private final Ask ask;

    /** With handlers of Netty's in the pipeline. */
    ReactorNettyServer(Consumer<Connection> handlers, Ingest ingest, Send send, Echo echo) {
        this(handlers, ingest, send, echo, (in, out, questions, answers, underWay) -> unsupported());
    }

    private ReactorNettyServer(Consumer<Connection> handlers, Ingest ingest, Send send, Echo echo, Ask ask) {
        this.handlers = handlers;
        this.ingest = ingest;
        this.send = send;
        this.echo = echo;
        this.ask = ask;
    }

    static ReactorNettyServer echoing(Echo echo) {
        return new ReactorNettyServer(
                connection -> {}, (in, out, received) -> unsupported(), (in, out, outgoing) -> unsupported(), echo);
    }

    static ReactorNettyServer asking(Ask ask) {
        return new ReactorNettyServer(
                connection -> {},
                (in, out, received) -> unsupported(),
                (in, out, outgoing) -> unsupported(),
                (in, out) -> unsupported(),
                ask);
    }

    private static Publisher<Void> unsupported() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int ingest(Received received) {
        return open((in, out) -> ingest.on(in, out, received));
    }

    @Override
    public int send(Outgoing outgoing) {
        return open((in, out) -> send.on(in, out, outgoing));
    }

    @Override
    public int echo() {
        return open(echo::on);
    }

    @Override
    public int ask(Outgoing questions, Received answers, int underWay) {
        return open((in, out) -> ask.on(in, out, questions, answers, underWay));
    }

    private int open(BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> conversation) {
        DisposableServer server = TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .runOn(eventLoop, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .doOnConnection(connection -> {
                    channels.add(connection);
                    handlers.accept(connection);
                })
                .handle(conversation)
                .bindNow();
        channels.add(server);
        return server.port();
    }

    @Override
    public void close() {
        channels.forEach(channel -> channel.disposeNow(PATIENCE));
        channels.clear();
    }
}

package reactor.framing.examples;

import io.netty.buffer.ByteBuf;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * Stands before a server and passes frames on, both ways, without copying the bytes of a frame that lies in one read. Each
 * frame is seen whole: here is where a proxy would count, filter, route or log. With {@code --framing bytes} it passes on
 * chunks as they come, on plain Reactor Netty, to compare with.
 */
public final class FrameProxy {

    private static final String USAGE = """
            usage: FrameProxy --target PORT [--port 7000] [--framing bytes] [--max-frame-length N]
              --target            the port on 127.0.0.1 of the server that the frames go to
              --host              the loopback address to listen on
              --port              the port, 0 for a free one
              --framing           the protocol; bytes, which is none, unless given:
                                  %s
              --max-frame-length  in bytes; 256 MiB unless given""".formatted(ProxiedProtocol.names());

    private static final int MAX_FRAME_LENGTH = 256 << 20;

    private FrameProxy() {}

    /**
     * Runs the proxy until it is killed.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        String framing = options.choice("--framing", ProxiedProtocol.choices());
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle(handler(options, framing))
                .bindNow();
        System.out.printf("listening on %s:%d, framing %s%n", server.host(), server.port(), framing);
        server.onDispose().block();
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> handler(Options options, String framing) {
        // not pooled: a connection there is as long as its client's here
        options.required("--target");
        TcpClient target = TcpClient.newConnection().host("127.0.0.1").port(options.number("--target", 0, 1, 65_535));
        int maxFrameLength = options.number("--max-frame-length", MAX_FRAME_LENGTH, 1, Integer.MAX_VALUE);
        return framing.equals(ProxiedProtocol.NONE)
                ? bytes(target)
                : frames(target, ProxiedProtocol.named(framing), maxFrameLength);
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> frames(
            TcpClient target, ProxiedProtocol protocol, int maxFrameLength) {
        FrameCodec requests = FrameCodec.of(protocol.requests()).maxFrameLength(maxFrameLength);
        FrameCodec answers = FrameCodec.of(protocol.answers()).maxFrameLength(maxFrameLength);
        return FramedConnection.handler(
                requests,
                answers,
                client -> FramedConnection.connect(
                        target,
                        answers,
                        requests,
                        server -> protocol.opening(client, server)
                                .then(Mono.when(forward(client, server), forward(server, client)))));
    }

    /** Up to the end of what one side sends, which is then told to the other. */
    private static Mono<Void> forward(FramedConnection from, FramedConnection to) {
        return to.sendBuffers(from.receiveBuffers())
                .doOnDiscard(ByteBuf.class, ByteBuf::release)
                .then(to.shutdownOutput());
    }

    private static BiFunction<NettyInbound, NettyOutbound, Publisher<Void>> bytes(TcpClient target) {
        return (in, out) -> Mono.usingWhen(
                target.connect(),
                server -> Mono.firstWithSignal(
                        server.outbound().send(in.receive().retain()).then(),
                        out.send(server.inbound().receive().retain()).then()),
                server -> Mono.fromRunnable(server::dispose));
    }
}

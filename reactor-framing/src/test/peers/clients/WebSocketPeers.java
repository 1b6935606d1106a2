package reactor.framing.peers;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.WebsocketServerSpec;

/** The JDK's WebSocket client and a server of Reactor Netty's, which sends every frame back as it came. */
public final class WebSocketPeers {

    private static final int[] LENGTHS = {0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 1_000_000};

    private WebSocketPeers() {}

    /** The server's port, the port that the client connects to. */
    public static void main(String[] args) throws Exception {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(Integer.parseInt(args[0]))
                .route(routes -> routes.ws(
                        "/frames",
                        (in, out) -> out.sendObject(
                                in.aggregateFrames(1 << 24).receiveFrames().map(frame -> frame.retain())),
                        WebsocketServerSpec.builder()
                                .maxFramePayloadLength(1 << 24)
                                .build()))
                .bindNow();
        Listener listener = new Listener();
        WebSocket client = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + args[1] + "/frames"), listener)
                .get(60, TimeUnit.SECONDS);
        for (int length : LENGTHS) {
            client.sendBinary(ByteBuffer.wrap(Peers.bytes(length)), true).get(60, TimeUnit.SECONDS);
            Peers.same(listener.next(), Peers.bytes(length), "binary");
            String text = "\r\n\r\n\u00e9".repeat(length / 6);
            client.sendText(text, true).get(60, TimeUnit.SECONDS);
            Peers.check(new String(listener.next(), java.nio.charset.StandardCharsets.UTF_8).equals(text), "text");
        }
        client.sendText("HTTP/1.1 ", false).get(60, TimeUnit.SECONDS);
        client.sendText("200 OK", true).get(60, TimeUnit.SECONDS);
        Peers.same(listener.next(), "HTTP/1.1 200 OK".getBytes(), "fragments");
        client.sendPing(ByteBuffer.wrap(Peers.bytes(125))).get(60, TimeUnit.SECONDS);
        Peers.same(listener.next(), Peers.bytes(125), "pong");
        client.sendClose(WebSocket.NORMAL_CLOSURE, "bye").get(60, TimeUnit.SECONDS);
        Peers.same(listener.next(), "1000".getBytes(), "close");
        server.disposeNow();
    }

    private static final class Listener implements WebSocket.Listener {

        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        private final List<byte[]> parts = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        byte[] next() throws InterruptedException {
            byte[] message = messages.poll(60, TimeUnit.SECONDS);
            Peers.check(message != null, "nothing came");
            return message;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            parts.add(part);
            if (last) {
                ByteBuffer all = ByteBuffer.allocate(
                        parts.stream().mapToInt(each -> each.length).sum());
                parts.forEach(all::put);
                parts.clear();
                messages.add(all.array());
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            byte[] payload = new byte[data.remaining()];
            data.get(payload);
            messages.add(payload);
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            messages.add(String.valueOf(code).getBytes());
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            messages.add(error.toString().getBytes());
        }
    }
}

package reactor.framing.guide;

import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.reactivestreams.Publisher;
import reactor.framing.FrameCodec;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** What the samples are run with: servers and clients on loopback. */
final class Local {

    /** How long a test waits for what has to come. */
    static final Duration SOON = Duration.ofSeconds(30);

    /** How long a test waits to show that something does not come. */
    static final Duration A_WHILE = Duration.ofMillis(300);

    private static final SelfSignedCertificate CERTIFICATE = certificate();

    private Local() {}

    // tag::texts[]
    static ByteBuffer utf8(String text) {
        return StandardCharsets.UTF_8.encode(text);
    }

    static String text(ByteBuffer frame) {
        return StandardCharsets.UTF_8.decode(frame.duplicate()).toString();
    }
    // end::texts[]

    static DisposableServer serve(
            FrameCodec codec, Function<? super FramedConnection, ? extends Publisher<Void>> conversation) {
        return TcpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(FramedConnection.handler(codec, conversation))
                .bindNow();
    }

    static TcpClient client(DisposableServer server) {
        return TcpClient.create().host("127.0.0.1").port(server.port());
    }

    /** A client that does nothing by itself. */
    static Socket socket(DisposableServer server) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.port());
        socket.setSoTimeout((int) SOON.toMillis());
        return socket;
    }

    /** What the peer sends until it closes. */
    static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    static SslProvider serverTls() {
        try {
            return SslProvider.builder()
                    .sslContext(SslContextBuilder.forServer(CERTIFICATE.key(), CERTIFICATE.cert())
                            .build())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts everybody. */
    static SslProvider clientTls() {
        try {
            return SslProvider.builder()
                    .sslContext(SslContextBuilder.forClient()
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .endpointIdentificationAlgorithm(null)
                            .build())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SelfSignedCertificate certificate() {
        try {
            return new SelfSignedCertificate("localhost");
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }
}

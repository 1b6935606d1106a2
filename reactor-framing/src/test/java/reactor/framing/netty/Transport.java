package reactor.framing.netty;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.ssl.util.SelfSignedCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** What bytes travel over. */
enum Transport {
    EPOLL(true, null),
    NIO(false, null),
    TLS12(true, "TLSv1.2"),
    TLS13(true, "TLSv1.3"),
    NIO_TLS13(false, "TLSv1.3"),
    UNIX(true, null);

    private final boolean epoll;
    private final @Nullable String tls;

    Transport(boolean epoll, @Nullable String tls) {
        this.epoll = epoll;
        this.tls = tls;
    }

    boolean isTls() {
        return tls != null;
    }

    @Nullable
    String tlsVersion() {
        return tls;
    }

    /** Has an address of its own. */
    TcpServer server(LoopResources loops) {
        TcpServer server = TcpServer.create().runOn(loops, epoll);
        if (this == UNIX) {
            Path path = unixPath();
            return server.bindAddress(() -> new DomainSocketAddress(path.toFile()));
        }
        server = server.host("127.0.0.1").port(0);
        return tls == null ? server : server.secure(spec -> spec.sslContext(Tls.server(tls)));
    }

    TcpClient client(LoopResources loops, SocketAddress address) {
        TcpClient client = TcpClient.newConnection().runOn(loops, epoll).remoteAddress(() -> nettyAddress(address));
        return tls == null ? client : client.secure(spec -> spec.sslContext(Tls.client(tls)));
    }

    /** Where a peer listens. */
    SocketAddress listenAddress() {
        return this == UNIX
                ? UnixDomainSocketAddress.of(unixPath())
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** The address as the JDK has it. */
    static SocketAddress jdkAddress(SocketAddress address) {
        return address instanceof DomainSocketAddress unix ? UnixDomainSocketAddress.of(unix.path()) : address;
    }

    private static SocketAddress nettyAddress(SocketAddress address) {
        return address instanceof UnixDomainSocketAddress unix
                ? new DomainSocketAddress(unix.getPath().toFile())
                : address;
    }

    private static Path unixPath() {
        try {
            Path path = Files.createTempFile("ends", ".sock");
            Files.delete(path);
            path.toFile().deleteOnExit();
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Certificates that nobody checks. */
    static final class Tls {

        private static final char[] PASSWORD = "password".toCharArray();
        private static final SelfSignedCertificate CERTIFICATE;
        private static final SSLContext JDK;

        static {
            try {
                CERTIFICATE = new SelfSignedCertificate("localhost");
                KeyStore keys = KeyStore.getInstance("PKCS12");
                keys.load(null, null);
                keys.setKeyEntry("key", CERTIFICATE.key(), PASSWORD, new Certificate[] {CERTIFICATE.cert()});
                KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keyManagers.init(keys, PASSWORD);
                JDK = SSLContext.getInstance("TLS");
                JDK.init(keyManagers.getKeyManagers(), InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private Tls() {}

        /** For peers, on either side. */
        static SSLContext jdk() {
            return JDK;
        }

        static SslContext server(String version) {
            try {
                return SslContextBuilder.forServer(CERTIFICATE.key(), CERTIFICATE.cert())
                        .protocols(version)
                        .build();
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }

        static SslContext client(String version) {
            try {
                return SslContextBuilder.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .endpointIdentificationAlgorithm(null)
                        .protocols(version)
                        .build();
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

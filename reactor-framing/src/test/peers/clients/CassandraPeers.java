package reactor.framing.peers;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.simulacron.common.cluster.ClusterSpec;
import com.datastax.oss.simulacron.common.stubbing.PrimeDsl;
import com.datastax.oss.simulacron.server.BoundCluster;
import com.datastax.oss.simulacron.server.Server;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Cassandra's driver, and Simulacron, a server that speaks its protocol and answers as it was told. */
public final class CassandraPeers {

    private static final int[] LENGTHS = {0, 1, 100, 4_000, 70_000, 3_000_000};

    private CassandraPeers() {}

    /** The server's port, the port that the driver connects to, the version of the protocol. */
    public static void main(String[] args) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        DriverConfigLoader config = DriverConfigLoader.programmaticBuilder()
                .withString(DefaultDriverOption.PROTOCOL_VERSION, args[2])
                .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(60))
                .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(60))
                .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, false)
                .build();
        try (Server server = Server.builder().withAddressResolver(() -> address).build();
                BoundCluster cluster =
                        server.register(ClusterSpec.builder().withNodes(1).build())) {
            for (int length : LENGTHS) {
                cluster.prime(PrimeDsl.when(query(length))
                        .then(PrimeDsl.rows()
                                .row("data", ByteBuffer.wrap(Peers.bytes(length)))
                                .columnTypes("data", "blob")
                                .build()));
            }
            try (CqlSession session = CqlSession.builder()
                    .addContactPoint(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])))
                    .withLocalDatacenter("dc1")
                    .withConfigLoader(config)
                    .build()) {
                for (int round = 0; round < 20; round++) {
                    List<CompletionStage<byte[]>> answers = new ArrayList<>();
                    for (int length : LENGTHS) {
                        answers.add(session.executeAsync(query(length)).thenApply(result -> bytes(result.one())));
                    }
                    for (int i = 0; i < LENGTHS.length; i++) {
                        Peers.same(answers.get(i).toCompletableFuture().get(), Peers.bytes(LENGTHS[i]), "answer");
                    }
                }
                String padding = "x".repeat(500_000);
                Peers.check(
                        session.execute("SELECT '" + padding + "' FROM t").all().isEmpty(), "no rows");
            }
        }
    }

    private static String query(int length) {
        return "SELECT data FROM t WHERE length = " + length;
    }

    private static byte[] bytes(Row row) {
        ByteBuffer data = row.getByteBuffer("data");
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }
}

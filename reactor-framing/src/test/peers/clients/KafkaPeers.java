package reactor.framing.peers;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;

/** Kafka's broker, and its clients, to which it says that it is at another port. */
public final class KafkaPeers {

    private static final int[] LENGTHS = {0, 1, 100, 4_000, 70_000, 3_000_000, 12_000_000};

    private KafkaPeers() {}

    /** The broker's port, the port that the clients connect to, an empty directory, a port for the controller. */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[2]);
        Properties properties = new Properties();
        properties.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", "1"),
                Map.entry("controller.quorum.voters", "1@127.0.0.1:" + args[3]),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + args[0] + ",CONTROLLER://127.0.0.1:" + args[3]),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + args[1]),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", directory.resolve("log").toString()),
                Map.entry("message.max.bytes", "16000000"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "1"),
                Map.entry("group.initial.rebalance.delay.ms", "0")));
        Path file = directory.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        }
        int formatted = StorageTool.execute(
                new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
                new PrintStream(System.err));
        Peers.check(formatted == 0, "not formatted");
        KafkaRaftServer broker = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
        broker.startup();
        try {
            clients("127.0.0.1:" + args[1]);
        } finally {
            broker.shutdown();
        }
    }

    private static void clients(String address) throws Exception {
        Map<String, Object> common = Map.of("bootstrap.servers", address);
        try (Admin admin = Admin.create(common)) {
            admin.createTopics(List.of(
                            new NewTopic("frames", 1, (short) 1).configs(Map.of("max.message.bytes", "16000000"))))
                    .all()
                    .get();
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address, "max.request.size", 16_000_000),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int length : LENGTHS) {
                producer.send(new ProducerRecord<>("frames", Peers.bytes(length)))
                        .get();
            }
            for (int i = 0; i < 2_000; i++) {
                producer.send(new ProducerRecord<>("frames", Peers.bytes(i)));
            }
        }
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        address,
                        "group.id",
                        "frames",
                        "auto.offset.reset",
                        "earliest",
                        "max.partition.fetch.bytes",
                        16_000_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("frames"));
            int count = 0;
            long end = System.nanoTime() + 120_000_000_000L;
            while (count < LENGTHS.length + 2_000) {
                Peers.check(System.nanoTime() < end, count + " records");
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                    int length = count < LENGTHS.length ? LENGTHS[count] : count - LENGTHS.length;
                    Peers.same(each.value(), Peers.bytes(length), "record " + count);
                    count++;
                }
            }
        }
    }
}

package reactor.framing.peers;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.bson.types.Binary;

/** MongoDB's driver, and a server in memory that speaks its protocol. */
public final class MongoPeers {

    private static final int[] LENGTHS = {0, 1, 100, 4_000, 70_000, 3_000_000, 12_000_000};

    private MongoPeers() {}

    /** The server's port, the port that the driver connects to. */
    public static void main(String[] args) {
        MongoServer server = new MongoServer(new MemoryBackend());
        server.bind("127.0.0.1", Integer.parseInt(args[0]));
        try (MongoClient client = MongoClients.create("mongodb://127.0.0.1:" + args[1] + "/?maxPoolSize=4")) {
            MongoCollection<Document> documents = client.getDatabase("frames").getCollection("documents");
            for (int length : LENGTHS) {
                documents.insertOne(new Document("_id", length).append("data", new Binary(Peers.bytes(length))));
            }
            for (int length : LENGTHS) {
                Document found = documents.find(new Document("_id", length)).first();
                Peers.check(found != null, "no document of " + length);
                Peers.same(found.get("data", Binary.class).getData(), Peers.bytes(length), "document");
            }
            List<Document> many = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                many.add(new Document("_id", "n" + i).append("text", "x".repeat(i)));
            }
            documents.insertMany(many);
            int count = 0;
            for (Document each : documents
                    .find(new Document("text", new Document("$exists", true)))
                    .batchSize(100)) {
                Peers.check(
                        each.getString("text").length()
                                == Integer.parseInt(each.getString("_id").substring(1)),
                        "text of " + each.get("_id"));
                count++;
            }
            Peers.check(count == 2000, count + " documents");
        } finally {
            server.shutdownNow();
        }
    }
}

package reactor.framing.benchmarks.tcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel holds of connections to a port, as Linux tells it in {@code /proc/net/tcp}. */
final class SocketQueues {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));

    private SocketQueues() {}

    /** Bytes that were sent from the port and have not been read at the other end, which is on this machine, too. */
    static long bytesFrom(int port) throws IOException {
        long bytes = 0;
        for (Path table : TABLES) {
            if (Files.exists(table)) {
                bytes += bytesFrom(port, Files.readAllLines(table));
            }
        }
        return bytes;
    }

    static long bytesFrom(int port, List<String> table) {
        long bytes = 0;
        for (String line : table.subList(1, table.size())) {
            String[] columns = line.strip().split("\\s+");
            String[] queues = columns[4].split(":");
            if (columns[3].equals("01")) { // established
                bytes += port(columns[1]) == port ? Long.parseLong(queues[0], 16) : 0;
                bytes += port(columns[2]) == port ? Long.parseLong(queues[1], 16) : 0;
            }
        }
        return bytes;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}

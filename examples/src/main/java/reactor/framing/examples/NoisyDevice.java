package reactor.framing.examples;

import java.nio.ByteBuffer;
import java.util.Random;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.framing.FrameCodec;
import reactor.framing.examples.TelemetryGateway.Reading;
import reactor.netty.tcp.TcpClient;

/** Sends readings to {@link TelemetryGateway} over a line that damages some, and that is noisy between them. */
public final class NoisyDevice {

    private static final String USAGE = """
            usage: NoisyDevice [--host 127.0.0.1] [--port 7000] [--sensor 1] [--readings 1000] [--damaged 10] [--seed 1]
            Sends readings over a noisy line to TelemetryGateway.
              --host      the loopback address of the gateway
              --port      its port
              --sensor    the number of the sensor, 0 to 65535
              --readings  how many readings to send
              --damaged   percent of the telegrams that are damaged, and of the pauses that are noisy
              --seed      what the noise follows from""";

    private final Random random;
    private final int percent;
    private long damaged;
    private long noise;
    private long sent;

    private NoisyDevice(int percent, long seed) {
        this.percent = percent;
        random = new Random(seed);
    }

    /**
     * Runs the device.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        int sensor = options.number("--sensor", 1, 0, 65_535);
        int readings = options.number("--readings", 1000, 0, Integer.MAX_VALUE);
        NoisyDevice line = new NoisyDevice(
                options.number("--damaged", 10, 0, 100),
                options.number("--seed", 1, Integer.MIN_VALUE, Integer.MAX_VALUE));
        TcpClient client = TcpClient.create().host(options.host()).port(options.port());

        FrameCodec codec = FrameCodec.of(TelemetryGateway.TELEGRAM);
        Flux<byte[]> bytes = Flux.range(0, readings)
                .map(i -> new Reading(sensor, i, 20 + i % 10))
                .transform(all -> codec.write(all, Reading::write))
                .map(line::carry)
                .concatWith(Mono.fromSupplier(line::quiet));
        client.handle((in, out) -> out.sendByteArray(bytes))
                .connect()
                .flatMap(connection -> connection.onDispose())
                .block();
        System.out.printf(
                "%d readings sent, %d of them damaged; %d bytes of noise; %d bytes in all%n",
                readings, line.damaged, line.noise, line.sent);
    }

    private byte[] carry(ByteBuffer telegram) {
        byte[] before = new byte[chance() ? random.nextInt(1, 20) : 0];
        random.nextBytes(before);
        byte[] bytes = new byte[before.length + telegram.remaining()];
        System.arraycopy(before, 0, bytes, 0, before.length);
        telegram.get(telegram.position(), bytes, before.length, telegram.remaining());
        if (chance()) {
            damaged++;
            bytes[before.length + random.nextInt(telegram.remaining())] ^= (byte) random.nextInt(1, 256);
        }
        noise += before.length;
        sent += bytes.length;
        return bytes;
    }

    /** Zeros, in which a telegram ends that noise has made up. */
    private byte[] quiet() {
        noise += 64;
        sent += 64;
        return new byte[64];
    }

    private boolean chance() {
        return random.nextInt(100) < percent;
    }
}

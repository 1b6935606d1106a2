package reactor.framing.examples;

import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;
import reactor.framing.CorruptFrameException;
import reactor.framing.FrameCodec;
import reactor.framing.Framing;
import reactor.framing.FramingException;
import reactor.framing.format.Check;
import reactor.framing.format.Checked;
import reactor.framing.format.LengthField;
import reactor.framing.netty.FramedConnection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

/**
 * Collects readings from devices on noisy lines; {@link NoisyDevice} is one. Damaged telegrams, and noise between
 * telegrams, are passed over and counted.
 *
 * <pre>
 * +----+--------+--------+--------+-------+--------+
 * | 72 | length | sensor | number | value | CRC-16 |     the length counts what is behind it
 * |  1 |   2    |   2    |   4    |   4   |   2    |
 * +----+--------+--------+--------+-------+--------+
 * </pre>
 */
public final class TelemetryGateway {

    private static final String USAGE = """
            usage: TelemetryGateway [--host 127.0.0.1] [--port 7000]
            Collects readings from devices on noisy lines, and prints what came by each connection.
              --host  the loopback address to listen on
              --port  the port, 0 for a free one""";

    private static final int LONGEST = 32;

    /**
     * The marker tells where a telegram may begin, and the CRC whether it was one. A length that noise has made up is
     * refused at once, and the search goes on behind its marker: {@code maxFrameLength} alone would pass over all that
     * it announces.
     */
    static final Framing TELEGRAM = Checked.of(
            LengthField.ofSize(2)
                    .marker((byte) 0x72)
                    .checkHeader(header -> Short.toUnsignedInt(header.getShort(1)) <= LONGEST),
            Check.crc16Ccitt());

    private TelemetryGateway() {}

    /**
     * Runs the gateway.
     *
     * @param args see the usage
     */
    public static void main(String[] args) {
        Options options = Options.parse(USAGE, args);
        DisposableServer server = TcpServer.create()
                .host(options.host())
                .port(options.port())
                .handle((in, out) -> {
                    Counters counters = new Counters();
                    FrameCodec codec = FrameCodec.of(TELEGRAM).skipInvalid(counters::onSkipped);
                    return FramedConnection.handler(codec, device -> collect(device, counters))
                            .apply(in, out);
                })
                .bindNow();
        System.out.printf("listening on %s:%d, telegrams%n", server.host(), server.port());
        server.onDispose().block();
    }

    private static Mono<Void> collect(FramedConnection device, Counters counters) {
        return device.receive(Reading::read)
                .doOnNext(counters::onReading)
                .doFinally(signal -> System.out.println(counters))
                .then();
    }

    /** What a telegram says. */
    record Reading(int sensor, long number, float value) {

        static final int LENGTH = 10;

        /** The telegram is lent: it is read here and not kept. */
        static Reading read(ByteBuffer telegram) {
            if (telegram.remaining() != LENGTH) {
                throw new CorruptFrameException("a reading has 10 bytes, not " + telegram.remaining());
            }
            int sensor = Short.toUnsignedInt(telegram.getShort());
            long number = Integer.toUnsignedLong(telegram.getInt());
            return new Reading(sensor, number, telegram.getFloat());
        }

        void write(ByteBuffer telegram) {
            telegram.putShort((short) sensor).putInt((int) number).putFloat(value);
        }
    }

    /** Of one connection, which is read by one thread at a time. */
    private static final class Counters {

        private long readings;
        private long missing;
        private long faults;
        private long skippedBytes;
        private long next;

        void onReading(Reading reading) {
            readings++;
            missing += Math.max(0, reading.number() - next);
            next = reading.number() + 1;
        }

        void onSkipped(FramingException fault) {
            faults++;
            skippedBytes += fault.skippedBytes();
        }

        @Override
        public String toString() {
            return "%d readings, %d missing; passed over %d faults, %d bytes"
                    .formatted(readings, missing, faults, skippedBytes);
        }
    }
}

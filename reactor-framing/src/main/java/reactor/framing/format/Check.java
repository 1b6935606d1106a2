package reactor.framing.format;

import java.util.Objects;
import java.util.function.Supplier;
import java.util.zip.Adler32;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * How a number is made of bytes, that tells whether they arrived as they were sent: a cyclic redundancy check, a sum.
 * Where in a frame the number stands, and how it is written, is for {@link Checked} to say.
 *
 * <p>A check is immutable and shared by all streams. The numbers in this table are those of the nine bytes
 * {@code "123456789"}.
 *
 * <table>
 *   <caption>Checks</caption>
 *   <tr><th>check</th><th>bytes</th><th>number</th><th>where it is used</th></tr>
 *   <tr><td>{@link #crc32()}</td><td>4</td><td>cbf43926</td><td>Ethernet, ZIP, HDLC's longer FCS</td></tr>
 *   <tr><td>{@link #crc32c()}</td><td>4</td><td>e3069283</td><td>iSCSI, SCTP, Kafka's record batches</td></tr>
 *   <tr><td>{@link #crc16Modbus()}</td><td>2</td><td>4b37</td><td>Modbus RTU</td></tr>
 *   <tr><td>{@link #crc16X25()}</td><td>2</td><td>906e</td><td>HDLC's and PPP's FCS, X.25</td></tr>
 *   <tr><td>{@link #crc16Ccitt()}</td><td>2</td><td>29b1</td><td>what many call CCITT, or CCITT-FALSE</td></tr>
 *   <tr><td>{@link #crc16Xmodem()}</td><td>2</td><td>31c3</td><td>XMODEM, many trackers</td></tr>
 *   <tr><td>{@link #crc crc(...)}</td><td>1 to 8</td><td></td><td>every other CRC, by its parameters</td></tr>
 *   <tr><td>{@link #adler32()}</td><td>4</td><td>091e01de</td><td>zlib</td></tr>
 *   <tr><td>{@link #fletcher16()}</td><td>2</td><td>1ede</td><td>sums modulo 255</td></tr>
 *   <tr><td>{@link #fletcher8()}</td><td>2</td><td>15dd</td><td>sums modulo 256: RFC 1145, u-blox</td></tr>
 *   <tr><td>{@link #xor()}</td><td>1</td><td>31</td><td>NMEA 0183, JT/T 808, many serial protocols</td></tr>
 *   <tr><td>{@link #sum sum(1)}</td><td>1</td><td>dd</td><td>FIX, many serial protocols</td></tr>
 *   <tr><td>{@link #lrc()}</td><td>1</td><td>23</td><td>Modbus ASCII, Intel HEX</td></tr>
 * </table>
 */
public final class Check {

    private final String name;
    private final int bytes;
    private final Supplier<? extends Checksum> checksums;

    private Check(String name, int bytes, Supplier<? extends Checksum> checksums) {
        this.name = name;
        this.bytes = bytes;
        this.checksums = checksums;
    }

    /**
     * CRC-32 as in Ethernet and ZIP, of 4 bytes.
     *
     * @return the check
     */
    public static Check crc32() {
        return new Check("crc32()", 4, CRC32::new);
    }

    /**
     * CRC-32C (Castagnoli; RFC 3720, section 12.1), of 4 bytes.
     *
     * @return the check
     */
    public static Check crc32c() {
        return new Check("crc32c()", 4, CRC32C::new);
    }

    /**
     * The CRC of Modbus RTU, of 2 bytes, of which Modbus sends the lower one first.
     *
     * @return the check
     */
    public static Check crc16Modbus() {
        return new Check("crc16Modbus()", 2, Crc.of(16, 0x8005, 0xFFFF, true, 0));
    }

    /**
     * The frame check sequence of HDLC (ISO/IEC 13239), PPP (RFC 1662, appendix C) and X.25, of 2 bytes, of which these
     * send the lower one first.
     *
     * @return the check
     */
    public static Check crc16X25() {
        return new Check("crc16X25()", 2, Crc.of(16, 0x1021, 0xFFFF, true, 0xFFFF));
    }

    /**
     * The CRC with the polynomial of CCITT that begins with {@code ffff} and has the highest bit first, of 2 bytes.
     *
     * @return the check
     */
    public static Check crc16Ccitt() {
        return new Check("crc16Ccitt()", 2, Crc.of(16, 0x1021, 0xFFFF, false, 0));
    }

    /**
     * The CRC of XMODEM, with the polynomial of CCITT, that begins with 0 and has the highest bit first, of 2 bytes.
     *
     * @return the check
     */
    public static Check crc16Xmodem() {
        return new Check("crc16Xmodem()", 2, Crc.of(16, 0x1021, 0, false, 0));
    }

    /**
     * Any CRC, by the parameters that catalogues of them give.
     *
     * @param bits the width: 8, 16, 24 and so on up to 64
     * @param polynomial the polynomial, the highest power left out, written from the highest power to the lowest
     * @param initial what the register begins with
     * @param reflected whether the lowest bit of a byte comes first, and the number is reflected
     * @param xorOut the bits that are inverted at the end
     * @return the check
     * @throws IllegalArgumentException if the width is not one of these
     */
    public static Check crc(int bits, long polynomial, long initial, boolean reflected, long xorOut) {
        if (bits < 8 || bits > 64 || bits % 8 != 0) {
            throw new IllegalArgumentException("bits must be 8, 16, 24 and so on up to 64, was " + bits);
        }
        String name = "crc(%d, 0x%x, 0x%x, %s, 0x%x)".formatted(bits, polynomial, initial, reflected, xorOut);
        return new Check(name, bits / 8, Crc.of(bits, polynomial, initial, reflected, xorOut));
    }

    /**
     * Adler-32 (RFC 1950, section 8.2), of 4 bytes.
     *
     * @return the check
     */
    public static Check adler32() {
        return new Check("adler32()", 4, Adler32::new);
    }

    /**
     * Fletcher's checksum of 2 bytes, of sums modulo 255: the sum of sums in the upper byte.
     *
     * @return the check
     */
    public static Check fletcher16() {
        return new Check("fletcher16()", 2, () -> new Fletcher(255));
    }

    /**
     * The 8-bit Fletcher checksum of RFC 1145, of sums modulo 256: 2 bytes, with the sum of sums in the upper one.
     * u-blox sends the lower one first.
     *
     * @return the check
     */
    public static Check fletcher8() {
        return new Check("fletcher8()", 2, () -> new Fletcher(256));
    }

    /**
     * All bytes combined by an exclusive or, of 1 byte.
     *
     * @return the check
     */
    public static Check xor() {
        return new Check("xor()", 1, Xor::new);
    }

    /**
     * The sum of all bytes, as far as it fits.
     *
     * @param bytes how many bytes the sum has, 1 to 8
     * @return the check
     * @throws IllegalArgumentException if the number is out of range
     */
    public static Check sum(int bytes) {
        checkSize(bytes);
        return new Check("sum(" + bytes + ")", bytes, () -> new Sum(1));
    }

    /**
     * The longitudinal redundancy check: the byte that makes the sum of all bytes, and of itself, 0.
     *
     * @return the check
     */
    public static Check lrc() {
        return new Check("lrc()", 1, () -> new Sum(-1));
    }

    /**
     * A check of one's own.
     *
     * @param name its name, for messages
     * @param bytes how many bytes of {@link Checksum#getValue()} count, the lowest ones, 1 to 8
     * @param checksums makes what is given the bytes; called once for each stream
     * @return the check
     * @throws IllegalArgumentException if the number is out of range
     */
    public static Check of(String name, int bytes, Supplier<? extends Checksum> checksums) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(checksums, "checksums");
        checkSize(bytes);
        return new Check(name, bytes, checksums);
    }

    private static void checkSize(int bytes) {
        if (bytes < 1 || bytes > 8) {
            throw new IllegalArgumentException("bytes must be 1 to 8, was " + bytes);
        }
    }

    /** How many bytes the number has. */
    int bytes() {
        return bytes;
    }

    Checksum newChecksum() {
        return checksums.get();
    }

    @Override
    public String toString() {
        return "Check." + name;
    }

    private static final class Crc implements Checksum {

        private final int bits;
        private final boolean reflected;
        private final long[] table;
        private final long initial;
        private final long xorOut;
        private final long mask;
        private long register;

        private Crc(int bits, boolean reflected, long[] table, long initial, long xorOut, long mask) {
            this.bits = bits;
            this.reflected = reflected;
            this.table = table;
            this.initial = initial;
            this.xorOut = xorOut;
            this.mask = mask;
            register = initial;
        }

        static Supplier<Crc> of(int bits, long polynomial, long initial, boolean reflected, long xorOut) {
            long mask = -1L >>> 64 - bits;
            long[] table = new long[256];
            for (int i = 0; i < table.length; i++) {
                table[i] = reflected
                        ? reflectedEntry(i, Long.reverse(polynomial) >>> 64 - bits)
                        : entry(i, polynomial, bits) & mask;
            }
            long first = reflected ? Long.reverse(initial) >>> 64 - bits : initial & mask;
            return () -> new Crc(bits, reflected, table, first, xorOut, mask);
        }

        private static long reflectedEntry(int index, long polynomial) {
            long entry = index;
            for (int bit = 0; bit < 8; bit++) {
                entry = (entry & 1) == 0 ? entry >>> 1 : entry >>> 1 ^ polynomial;
            }
            return entry;
        }

        private static long entry(int index, long polynomial, int bits) {
            long entry = (long) index << bits - 8;
            for (int bit = 0; bit < 8; bit++) {
                entry = (entry >>> bits - 1 & 1) == 0 ? entry << 1 : entry << 1 ^ polynomial;
            }
            return entry;
        }

        @Override
        public void update(int value) {
            update(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            long[] table = this.table;
            long register = this.register;
            int to = from + length;
            if (reflected) {
                for (int i = from; i < to; i++) {
                    register = table[(int) (register ^ bytes[i]) & 0xFF] ^ register >>> 8;
                }
            } else {
                int shift = bits - 8;
                for (int i = from; i < to; i++) {
                    register = table[(int) (register >>> shift ^ bytes[i]) & 0xFF] ^ register << 8;
                }
                register &= mask;
            }
            this.register = register;
        }

        @Override
        public long getValue() {
            return register ^ xorOut;
        }

        @Override
        public void reset() {
            register = initial;
        }
    }

    private static final class Fletcher implements Checksum {

        private final int modulus;
        private int sum;
        private int sumOfSums;

        Fletcher(int modulus) {
            this.modulus = modulus;
        }

        @Override
        public void update(int value) {
            sum = (sum + (value & 0xFF)) % modulus;
            sumOfSums = (sumOfSums + sum) % modulus;
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            for (int i = from; i < from + length; i++) {
                update(bytes[i]);
            }
        }

        @Override
        public long getValue() {
            return sumOfSums << 8 | sum;
        }

        @Override
        public void reset() {
            sum = 0;
            sumOfSums = 0;
        }
    }

    private static final class Xor implements Checksum {

        private int value;

        @Override
        public void update(int value) {
            this.value ^= value;
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            for (int i = from; i < from + length; i++) {
                value ^= bytes[i];
            }
        }

        @Override
        public long getValue() {
            return value & 0xFF;
        }

        @Override
        public void reset() {
            value = 0;
        }
    }

    private static final class Sum implements Checksum {

        private final int sign;
        private long sum;

        Sum(int sign) {
            this.sign = sign;
        }

        @Override
        public void update(int value) {
            sum += value & 0xFF;
        }

        @Override
        public void update(byte[] bytes, int from, int length) {
            for (int i = from; i < from + length; i++) {
                sum += bytes[i] & 0xFF;
            }
        }

        @Override
        public long getValue() {
            return sign * sum;
        }

        @Override
        public void reset() {
            sum = 0;
        }
    }
}

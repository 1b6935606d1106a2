package reactor.framing.test;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import reactor.framing.FrameEncoder;
import reactor.framing.FramingException;

/** Makes frames that the format carries, and writes them. */
final class Frames {

    private static final int SHORT = 20;
    private static final int TRIES = 20;
    private static final int LEARNED_ROUNDS = 5;

    private final Settings settings;
    private final EncoderProof encoder;
    private final byte[] alphabet;

    Frames(Settings settings, EncoderProof encoder) {
        this.settings = settings;
        this.encoder = encoder;
        byte[] alphabet = settings.alphabet;
        this.alphabet = alphabet != null ? alphabet : learnAlphabet();
    }

    /** The bytes that mean something to the format. */
    byte[] alphabet() {
        return alphabet;
    }

    byte[] delivered(byte[] frame) {
        return settings.delivered.apply(frame.clone());
    }

    /** Writes frames that the encoder has to take. */
    byte[] wire(List<byte[]> frames) {
        FrameEncoder one = encoder.newEncoder();
        List<byte[]> wires = new ArrayList<>();
        for (byte[] frame : frames) {
            wires.add(encoder.write(one, frame));
        }
        return Bytes.join(wires);
    }

    byte @Nullable [] wireIfAccepted(List<byte[]> frames) {
        try {
            return wire(frames);
        } catch (FramingException refused) {
            return null;
        }
    }

    /** A frame of this length that is as plain as can be; null if none is known. */
    byte @Nullable [] plain(int length) {
        if (length < settings.minLength || length > settings.maxLength) {
            return null;
        }
        FrameGenerator generator = settings.generator;
        if (generator != null) {
            return generator.generate(new Random(0), length);
        }
        byte[] letters = letters(length);
        if (isAccepted(letters)) {
            return letters;
        }
        for (byte[] sample : settings.samples) {
            if (sample.length == length) {
                return sample;
            }
        }
        return settings.hasLengths ? letters : null;
    }

    /** Frames of this length, of different content; those that the encoder may refuse and does are left out. */
    List<byte[]> ofLength(Random random, int length) {
        if (length < settings.minLength || length > settings.maxLength) {
            return List.of();
        }
        FrameGenerator generator = settings.generator;
        if (generator != null) {
            return List.of(generator.generate(random, length));
        }
        List<byte[]> all = new ArrayList<>();
        for (byte[] frame : List.of(letters(length), anyBytes(random, length), meaningful(random, length))) {
            if (settings.isStrict() || isAccepted(frame)) {
                all.add(frame);
            }
        }
        return all;
    }

    /** A short frame; null if none is found. */
    byte @Nullable [] some(Random random) {
        boolean sample = !settings.samples.isEmpty() && (settings.generator == null || random.nextBoolean());
        if (sample && random.nextInt(4) != 0) {
            return settings.samples.get(random.nextInt(settings.samples.size()));
        }
        for (int i = 0; i < TRIES; i++) {
            int most = Math.min(SHORT, settings.maxLength - settings.minLength);
            List<byte[]> frames = ofLength(random, settings.minLength + random.nextInt(most + 1));
            if (!frames.isEmpty()) {
                return frames.get(random.nextInt(frames.size()));
            }
        }
        return settings.samples.isEmpty() ? null : settings.samples.get(random.nextInt(settings.samples.size()));
    }

    /** The shortest frame that is known; null if none is. */
    byte @Nullable [] shortest(Random random) {
        for (int i = 0; i <= SHORT; i++) {
            List<byte[]> frames = ofLength(random, (int) Math.min(settings.maxLength, (long) settings.minLength + i));
            if (!frames.isEmpty()) {
                return frames.get(0);
            }
        }
        return settings.samples.stream()
                .min((a, b) -> Integer.compare(a.length, b.length))
                .orElse(null);
    }

    boolean isAccepted(byte[] frame) {
        return wireIfAccepted(List.of(frame)) != null;
    }

    static byte[] letters(int length) {
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) ('a' + i % 26);
        }
        return letters;
    }

    private static byte[] anyBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Bytes of which most are of those that mean something to the format. */
    byte[] meaningful(Random random, int length) {
        byte[] bytes = anyBytes(random, length);
        for (int i = 0; i < length; i++) {
            if (random.nextInt(4) != 0) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
        }
        return bytes;
    }

    /** Looks at what is written around frames, and what is written for those bytes where they are in a frame. */
    private byte[] learnAlphabet() {
        BitSet learned = new BitSet();
        for (int usual : new int[] {0, 1, 2, 3, '\r', '\n', 0xFF}) {
            learned.set(usual);
        }
        for (int length : new int[] {0, 1, 2, 3, 5, 17}) {
            learn(learned, letters(length));
        }
        for (byte[] sample : settings.samples) {
            learn(learned, sample);
        }
        Random random = new Random(0);
        FrameGenerator generator = settings.generator;
        for (int i = 0; i < 4 && generator != null; i++) {
            int length = Math.min(settings.maxLength, settings.minLength + i);
            learn(learned, generator.generate(random, length));
        }
        for (int round = 0, before = 0; round < LEARNED_ROUNDS && learned.cardinality() != before; round++) {
            before = learned.cardinality();
            for (int value : learned.stream().toArray()) {
                learn(learned, new byte[] {(byte) value});
            }
        }
        byte[] alphabet = new byte[learned.cardinality()];
        int n = 0;
        for (int value : learned.stream().toArray()) {
            alphabet[n++] = (byte) value;
        }
        return alphabet;
    }

    private void learn(BitSet learned, byte[] frame) {
        byte[] wire = wireIfAccepted(List.of(frame));
        if (wire == null || wire.length > 64) {
            return;
        }
        for (byte value : wire) {
            if (frame.length < 2 || value < 'd' || value > 'z') {
                learned.set(value & 0xFF);
            }
        }
    }
}

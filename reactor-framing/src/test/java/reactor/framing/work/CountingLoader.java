package reactor.framing.work;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Loads the library's classes so that they count what they do. Of the JDK's methods on buffers, arrays and checksums,
 * those that go over many bytes count each of them, and the others are listed; {@link #unknown()} tells of the rest.
 */
final class CountingLoader extends ClassLoader {

    private static final String COUNT = Count.class.getName().replace('.', '/');
    private static final Set<String> NOT_COUNTED =
            Set.of(Count.class.getName(), Work.class.getName(), Work.Frames.class.getName());

    /** The last argument is how many bytes they go over. */
    private static final Set<String> OVER_SO_MANY = Set.of(
            "java/lang/System.arraycopy(Ljava/lang/Object;ILjava/lang/Object;II)V",
            "java/util/Arrays.copyOf([BI)[B",
            "java/util/Arrays.copyOf([II)[I",
            "java/util/Arrays.copyOf([JI)[J",
            "java/util/Arrays.equals([BII[BII)Z",
            "java/nio/ByteBuffer.allocate(I)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.get([BII)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.get(I[BII)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put([BII)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put(I[BII)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put(ILjava/nio/ByteBuffer;II)Ljava/nio/ByteBuffer;",
            "java/util/zip/CRC32.update([BII)V",
            "java/util/zip/Checksum.update([BII)V");

    /** The last argument, or the receiver if there is none, is the array or buffer that they go over. */
    private static final Set<String> OVER_THE_LAST = Set.of(
            "java/util/Arrays.equals([B[B)Z",
            "java/nio/ByteBuffer.compact()Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.compareTo(Ljava/nio/ByteBuffer;)I",
            "java/nio/ByteBuffer.equals(Ljava/lang/Object;)Z",
            "java/nio/ByteBuffer.get([B)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.get(I[B)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.mismatch(Ljava/nio/ByteBuffer;)I",
            "java/nio/ByteBuffer.put([B)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put(I[B)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put(Ljava/nio/ByteBuffer;)Ljava/nio/ByteBuffer;",
            "java/nio/charset/Charset.decode(Ljava/nio/ByteBuffer;)Ljava/nio/CharBuffer;",
            "java/util/zip/CRC32.update([B)V",
            "java/util/zip/CRC32.update(Ljava/nio/ByteBuffer;)V",
            "java/util/zip/Checksum.update([B)V",
            "java/util/zip/Checksum.update(Ljava/nio/ByteBuffer;)V");

    /** The last argument but one is the array that they go over; the last one takes one place on the stack. */
    private static final Set<String> OVER_THE_LAST_BUT_ONE =
            Set.of("java/util/Arrays.fill([BB)V", "java/lang/String.<init>([BLjava/nio/charset/Charset;)V");

    /** The last argument but one is where they stop. */
    private static final String FILL = "java/util/Arrays.fill([BIIB)V";

    /** What they return is an array that they have filled. */
    private static final Set<String> OVER_THE_RESULT =
            Set.of("java/util/Arrays.copyOfRange([BII)[B", "java/lang/String.getBytes(Ljava/nio/charset/Charset;)[B");

    /** What takes the same time whatever the number of bytes. */
    private static final Set<String> CONSTANT = Set.of(
            "array",
            "arrayOffset",
            "asReadOnlyBuffer",
            "capacity",
            "clear",
            "duplicate",
            "flip",
            "getInt",
            "getLong",
            "getShort",
            "getValue",
            "hasArray",
            "hasRemaining",
            "limit",
            "nanoTime",
            "order",
            "position",
            "putInt",
            "putLong",
            "putShort",
            "remaining",
            "reset",
            "slice",
            "wrap");

    private static final Set<String> CONSTANT_HERE = Set.of(
            "java/nio/ByteBuffer.get()B",
            "java/nio/ByteBuffer.get(I)B",
            "java/nio/ByteBuffer.put(B)Ljava/nio/ByteBuffer;",
            "java/nio/ByteBuffer.put(IB)Ljava/nio/ByteBuffer;",
            "java/util/zip/CRC32.<init>()V",
            "java/util/zip/CRC32.update(I)V",
            "java/util/zip/Checksum.update(I)V",
            // of what has been counted when it was decoded
            "java/nio/CharBuffer.toString()Ljava/lang/String;",
            // of options, names and the like, which a stream does not make longer
            "java/util/Arrays.binarySearch([II)I",
            "java/util/Arrays.fill([Ljava/lang/Object;Ljava/lang/Object;)V",
            "java/util/Arrays.stream([Ljava/lang/Object;)Ljava/util/stream/Stream;",
            "java/util/Arrays.asList([Ljava/lang/Object;)Ljava/util/List;");

    private final Set<String> unknown = new TreeSet<>();

    CountingLoader() {
        super(CountingLoader.class.getClassLoader());
    }

    /** Methods of the JDK of which nobody has said whether they go over many bytes. */
    Set<String> unknown() {
        return unknown;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            boolean counts = name.startsWith("reactor.framing.") && !NOT_COUNTED.contains(name);
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : counts ? define(name) : super.loadClass(name, resolve);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream bytes = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            ClassReader reader = new ClassReader(bytes);
            ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
            reader.accept(new Counting(writer), 0);
            byte[] counting = writer.toByteArray();
            return defineClass(name, counting, 0, counting.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Counting extends ClassVisitor {

        Counting(ClassVisitor writer) {
            super(Opcodes.ASM9, writer);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] exceptions) {
            return new CountingMethod(super.visitMethod(access, name, type, generic, exceptions));
        }
    }

    private final class CountingMethod extends MethodVisitor {

        CountingMethod(MethodVisitor writer) {
            super(Opcodes.ASM9, writer);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            count("step", "()V");
        }

        @Override
        public void visitJumpInsn(int opcode, Label label) {
            count("step", "()V");
            super.visitJumpInsn(opcode, label);
        }

        @Override
        public void visitIntInsn(int opcode, int operand) {
            if (opcode == Opcodes.NEWARRAY) {
                super.visitInsn(Opcodes.DUP);
                count("steps", "(I)V");
            }
            super.visitIntInsn(opcode, operand);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String type, boolean ofInterface) {
            String method = owner + "." + name + type;
            boolean overTheResult = OVER_THE_RESULT.contains(method);
            if (OVER_SO_MANY.contains(method)) {
                super.visitInsn(Opcodes.DUP);
                count("steps", "(I)V");
            } else if (OVER_THE_LAST.contains(method)) {
                super.visitInsn(Opcodes.DUP);
                count("steps", "(Ljava/lang/Object;)V");
            } else if (OVER_THE_LAST_BUT_ONE.contains(method)) {
                super.visitInsn(Opcodes.DUP2);
                super.visitInsn(Opcodes.POP);
                count("steps", "(Ljava/lang/Object;)V");
            } else if (method.equals(FILL)) {
                super.visitInsn(Opcodes.DUP2);
                super.visitInsn(Opcodes.POP);
                count("steps", "(I)V");
            } else if (!overTheResult
                    && isOverBytes(owner)
                    && !CONSTANT.contains(name)
                    && !CONSTANT_HERE.contains(method)) {
                unknown.add(method);
            }
            super.visitMethodInsn(opcode, owner, name, type, ofInterface);
            if (overTheResult) {
                super.visitInsn(Opcodes.DUP);
                count("steps", "(Ljava/lang/Object;)V");
            }
        }

        private boolean isOverBytes(String owner) {
            return owner.startsWith("java/nio/") && !owner.startsWith("java/nio/charset/") && owner.endsWith("Buffer")
                    || owner.equals("java/util/Arrays")
                    || owner.equals("java/lang/System")
                    || owner.startsWith("java/util/zip/");
        }

        private void count(String method, String type) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, COUNT, method, type, false);
        }
    }
}

package reactor.framing.build;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Compares the public and protected signatures with those written down in {@code src/api}, so that no change of the
 * public API goes unseen.
 */
class ApiTest {

    private static final Path CLASSES = Path.of("target", "classes");

    private static final Path WRITTEN_DOWN = Path.of("src", "api", "reactor-framing.api");

    private static final String UPDATE = "mvn test -pl reactor-framing -Dtest=ApiTest -Dapi.update=true";

    @Test
    void publicApi_isAsWrittenDown() throws IOException {
        Set<String> actual = new TreeSet<>();
        for (Class<?> type : apiTypes()) {
            describe(type, actual);
        }
        if (Boolean.getBoolean("api.update")) {
            Files.createDirectories(WRITTEN_DOWN.getParent());
            Files.write(WRITTEN_DOWN, actual);
        }
        List<String> expected = Files.exists(WRITTEN_DOWN) ? Files.readAllLines(WRITTEN_DOWN) : List.of();

        String diff = Stream.concat(
                        expected.stream().filter(line -> !actual.contains(line)).map(line -> "- " + line),
                        actual.stream().filter(line -> !expected.contains(line)).map(line -> "+ " + line))
                .sorted((a, b) -> a.substring(2).compareTo(b.substring(2)))
                .collect(joining("\n"));
        assertThat(diff)
                .as("public API against %s; if the change is meant, write it down with%n  %s%n", WRITTEN_DOWN, UPDATE)
                .isEmpty();
    }

    private static List<Class<?>> apiTypes() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .<Class<?>>map(ApiTest::load)
                    .filter(ApiTest::isVisible)
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return isVisible(type.getModifiers())
                && !type.isAnonymousClass()
                && !type.isLocalClass()
                && (outer == null || isVisible(outer));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static void describe(Class<?> type, Set<String> lines) {
        String name = type.getName();
        lines.add(name + ": "
                + words(
                        modifiers(type.getModifiers()
                                & ~(type.isInterface() ? Modifier.INTERFACE | Modifier.ABSTRACT : 0)),
                        type.isSealed() ? "sealed" : "",
                        type.isInterface()
                                ? "interface"
                                : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class",
                        typeParameters(type),
                        list("extends ", type.isInterface() ? new Type[0] : new Type[] {type.getGenericSuperclass()}),
                        list(type.isInterface() ? "extends " : "implements ", type.getGenericInterfaces())));
        for (Field field : type.getDeclaredFields()) {
            if (isApi(field)) {
                lines.add(name + "#" + field.getName() + ": "
                        + words(modifiers(field.getModifiers()), name(field.getAnnotatedType())));
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isApi(constructor)) {
                lines.add(name + "#<init>" + parameters(constructor) + ": "
                        + words(
                                modifiers(constructor.getModifiers() & Modifier.constructorModifiers()),
                                typeParameters(constructor),
                                list("throws ", constructor.getGenericExceptionTypes())));
            }
        }
        // Those inherited from a class that is not visible itself are part of the API, too.
        for (Class<?> owner = type;
                owner != null && (owner == type || !isVisible(owner));
                owner = owner.getSuperclass()) {
            for (Method method : owner.getDeclaredMethods()) {
                if (isApi(method)) {
                    lines.add(name + "#" + method.getName() + parameters(method) + ": "
                            + words(
                                    modifiers(method.getModifiers() & Modifier.methodModifiers()),
                                    method.isDefault() ? "default" : "",
                                    typeParameters(method),
                                    name(method.getAnnotatedReturnType()),
                                    list("throws ", method.getGenericExceptionTypes())));
                }
            }
        }
    }

    private static String words(String... words) {
        return Stream.of(words).filter(word -> !word.isEmpty()).collect(joining(" "));
    }

    private static String list(String keyword, Type... types) {
        return types.length == 0 ? "" : Stream.of(types).map(Type::getTypeName).collect(joining(", ", keyword, ""));
    }

    private static boolean isApi(Member member) {
        int modifiers = member.getModifiers();
        boolean inheritable = !Modifier.isFinal(member.getDeclaringClass().getModifiers());
        return !member.isSynthetic()
                && (Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers) && inheritable);
    }

    /** Without those that are no promise to a caller. */
    private static String modifiers(int modifiers) {
        return Modifier.toString(modifiers & ~(Modifier.SYNCHRONIZED | Modifier.NATIVE | Modifier.STRICT));
    }

    private static String typeParameters(GenericDeclaration declaration) {
        TypeVariable<?>[] variables = declaration.getTypeParameters();
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> variable.getName() + " extends "
                                + Arrays.stream(variable.getAnnotatedBounds())
                                        .map(ApiTest::name)
                                        .collect(joining(" & ")))
                        .collect(joining(", ", "<", ">"));
    }

    private static String parameters(Executable executable) {
        String names = Arrays.stream(executable.getAnnotatedParameterTypes())
                .map(ApiTest::name)
                .collect(joining(", "));
        return "(" + (executable.isVarArgs() ? names.substring(0, names.length() - 2) + "..." : names) + ")";
    }

    private static String name(AnnotatedType type) {
        String nullable = type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "";
        return type instanceof AnnotatedArrayType array
                ? name(array.getAnnotatedGenericComponentType()) + (nullable.isEmpty() ? "[]" : " @Nullable []")
                : nullable + type.getType().getTypeName();
    }
}

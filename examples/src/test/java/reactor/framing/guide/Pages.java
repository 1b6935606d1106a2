package reactor.framing.guide;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's pages in Markdown, and what is in them. */
final class Pages {

    static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern BLOCK = Pattern.compile("(?m)^```(\\w*)\n(.*?)^```", Pattern.DOTALL);

    private Pages() {}

    /** Every page of the project. */
    static List<Path> all() {
        return files(".md");
    }

    /** README and the guide, whose samples are those of tests and programs. */
    static List<Path> withSamples() {
        return all().stream()
                .filter(page -> page.getParent().equals(PROJECT) || page.startsWith(PROJECT.resolve("docs")))
                .toList();
    }

    static Path page(String name) {
        return PROJECT.resolve(name);
    }

    /** The blocks of the page in that language. */
    static List<String> blocks(Path page, String language) {
        return BLOCK.matcher(read(page))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    /** The page with everything gone that is shown as it is. */
    static String withoutCode(Path page) {
        String text = BLOCK.matcher(read(page)).replaceAll("");
        return text.replaceAll("`[^`\n]*`", "x");
    }

    /** The rows of the page's tables, as cells, without the heads. */
    static List<List<String>> rows(Path page) {
        List<List<String>> rows = new ArrayList<>();
        boolean inTable = false;
        for (String line : read(page).lines().toList()) {
            if (!line.startsWith("|")) {
                inTable = false;
            } else if (line.startsWith("|---")) {
                inTable = true;
            } else if (inTable) {
                String cells = line.substring(1, line.lastIndexOf('|')).replace("\\|", "\u0000");
                rows.add(Stream.of(cells.split("\\|"))
                        .map(cell -> cell.replace('\u0000', '|').strip())
                        .toList());
            }
        }
        return rows;
    }

    /** The Java sources that are compiled and run: those of tests and of the examples. */
    static List<Path> sources() {
        return files(".java").stream()
                .filter(file -> file.startsWith(PROJECT.resolve("examples"))
                        || PROJECT.relativize(file).toString().contains("src/test/"))
                .toList();
    }

    static List<MatchResult> matches(String regex, String text) {
        return Pattern.compile(regex, Pattern.DOTALL).matcher(text).results().toList();
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> files(String ending) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(PROJECT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    String name = directory.getFileName().toString();
                    return name.equals("target") || name.equals(".git") || name.equals("node_modules")
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (file.toString().endsWith(ending)) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return files;
    }
}

package reactor.framing.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.lsp4j.DidChangeTextDocumentParams;
import org.eclipse.lsp4j.DidOpenTextDocumentParams;
import org.eclipse.lsp4j.HoverParams;
import org.eclipse.lsp4j.InitializeParams;
import org.eclipse.lsp4j.InitializedParams;
import org.eclipse.lsp4j.MessageActionItem;
import org.eclipse.lsp4j.MessageParams;
import org.eclipse.lsp4j.Position;
import org.eclipse.lsp4j.PublishDiagnosticsParams;
import org.eclipse.lsp4j.Range;
import org.eclipse.lsp4j.ShowMessageRequestParams;
import org.eclipse.lsp4j.TextDocumentContentChangeEvent;
import org.eclipse.lsp4j.TextDocumentIdentifier;
import org.eclipse.lsp4j.TextDocumentItem;
import org.eclipse.lsp4j.VersionedTextDocumentIdentifier;
import org.eclipse.lsp4j.jsonrpc.Launcher;
import org.eclipse.lsp4j.launch.LSPLauncher;
import org.eclipse.lsp4j.services.LanguageClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Eclipse's language client, LSP4J, talks to the language server. */
@Timeout(120)
class LanguageServerTest {

    private static final int PATIENCE = 60;

    @Test
    void standardInputAndOutput() throws Exception {
        try (Program program = Program.java(LanguageServer.class)) {
            edit(program.output(), program.input());
            assertThat(program.ends(0)).isEmpty();
        }
    }

    @Test
    void tcp() throws Exception {
        try (Program program = Program.java(LanguageServer.class, "--port", "0")) {
            int port = program.port();
            for (int i = 0; i < 2; i++) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    edit(socket.getInputStream(), socket.getOutputStream());
                }
            }
            program.stop();
        }
    }

    private static void edit(InputStream in, OutputStream out) throws Exception {
        Editor editor = new Editor();
        Launcher<org.eclipse.lsp4j.services.LanguageServer> launcher =
                LSPLauncher.createClientLauncher(editor, in, out);
        Future<Void> listening = launcher.startListening();
        org.eclipse.lsp4j.services.LanguageServer server = launcher.getRemoteProxy();

        assertThat(server.initialize(new InitializeParams())
                        .get(PATIENCE, TimeUnit.SECONDS)
                        .getServerInfo()
                        .getName())
                .isEqualTo("TODO finder");
        server.initialized(new InitializedParams());

        String uri = "file:///notes.txt";
        server.getTextDocumentService()
                .didOpen(new DidOpenTextDocumentParams(
                        new TextDocumentItem(uri, "text", 1, "größe\nTODO one, TODO two\n" + "long ".repeat(50_000))));
        PublishDiagnosticsParams found = editor.next();
        assertThat(found.getUri()).isEqualTo(uri);
        assertThat(found.getDiagnostics())
                .extracting(org.eclipse.lsp4j.Diagnostic::getRange)
                .containsExactly(range(1, 0), range(1, 10));

        server.getTextDocumentService()
                .didChange(new DidChangeTextDocumentParams(
                        new VersionedTextDocumentIdentifier(uri, 2),
                        List.of(new TextDocumentContentChangeEvent("done"))));
        assertThat(editor.next().getDiagnostics()).isEmpty();

        assertThatThrownBy(() -> server.getTextDocumentService()
                        .hover(new HoverParams(new TextDocumentIdentifier(uri), new Position(0, 0)))
                        .get(PATIENCE, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("method not found");

        assertThat(server.shutdown().get(PATIENCE, TimeUnit.SECONDS)).isNull();
        server.exit();
        listening.get(PATIENCE, TimeUnit.SECONDS);
    }

    private static Range range(int line, int character) {
        return new Range(new Position(line, character), new Position(line, character + 4));
    }

    private static final class Editor implements LanguageClient {

        private final BlockingQueue<PublishDiagnosticsParams> diagnostics = new LinkedBlockingQueue<>();

        PublishDiagnosticsParams next() throws InterruptedException {
            PublishDiagnosticsParams next = diagnostics.poll(PATIENCE, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }

        @Override
        public void publishDiagnostics(PublishDiagnosticsParams found) {
            diagnostics.add(found);
        }

        @Override
        public void telemetryEvent(Object object) {}

        @Override
        public void showMessage(MessageParams message) {}

        @Override
        public CompletableFuture<MessageActionItem> showMessageRequest(ShowMessageRequestParams request) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void logMessage(MessageParams message) {}
    }
}

package reactor.framing.peers;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import quickfix.ApplicationAdapter;
import quickfix.DefaultMessageFactory;
import quickfix.FieldNotFound;
import quickfix.MemoryStoreFactory;
import quickfix.Message;
import quickfix.SLF4JLogFactory;
import quickfix.Session;
import quickfix.SessionFactory;
import quickfix.SessionID;
import quickfix.SessionNotFound;
import quickfix.SessionSettings;
import quickfix.SocketAcceptor;
import quickfix.SocketInitiator;
import quickfix.field.MsgType;
import quickfix.field.RawData;
import quickfix.field.RawDataLength;
import quickfix.field.Text;

/**
 * QuickFIX/J's acceptor and initiator. The acceptor sends every application message back. Some of them have data with
 * SOH in it, and data that reads like the end of a message and the start of another.
 */
public final class FixPeers {

    private static final List<String> DATA = List.of(
            "x",
            "\1",
            "a\00110=000\1b",
            "\00110=000\0018=FIX.4.4\0019=5\00135=0\00110=163\1",
            "8=FIX.4.4\0019=9999\00135=D\1".repeat(500));

    private FixPeers() {}

    /** The acceptor's port, the port that the initiator connects to. */
    public static void main(String[] args) throws Exception {
        BlockingQueue<Message> answers = new LinkedBlockingQueue<>();
        CountDownLatch loggedOn = new CountDownLatch(1);
        CountDownLatch loggedOut = new CountDownLatch(1);

        SessionSettings accepting = settings("SERVER", "CLIENT");
        accepting.setString(SessionFactory.SETTING_CONNECTION_TYPE, "acceptor");
        accepting.setString("SocketAcceptAddress", "127.0.0.1");
        accepting.setString("SocketAcceptPort", args[0]);
        SocketAcceptor acceptor = new SocketAcceptor(
                new Echo(),
                new MemoryStoreFactory(),
                accepting,
                new SLF4JLogFactory(accepting),
                new DefaultMessageFactory());
        acceptor.start();

        SessionSettings initiating = settings("CLIENT", "SERVER");
        initiating.setString(SessionFactory.SETTING_CONNECTION_TYPE, "initiator");
        initiating.setString("SocketConnectHost", "127.0.0.1");
        initiating.setString("SocketConnectPort", args[1]);
        SocketInitiator initiator = new SocketInitiator(
                new ApplicationAdapter() {
                    @Override
                    public void onLogon(SessionID session) {
                        loggedOn.countDown();
                    }

                    @Override
                    public void onLogout(SessionID session) {
                        loggedOut.countDown();
                    }

                    @Override
                    public void fromApp(Message message, SessionID session) {
                        answers.add(message);
                    }
                },
                new MemoryStoreFactory(),
                initiating,
                new SLF4JLogFactory(initiating),
                new DefaultMessageFactory());
        initiator.start();
        Peers.check(loggedOn.await(60, TimeUnit.SECONDS), "no logon");
        SessionID session = initiator.getSessions().get(0);
        for (int i = 0; i < 200; i++) {
            Session.sendToTarget(news(text(i), DATA.get(i % DATA.size())), session);
        }
        for (int i = 0; i < 200; i++) {
            Message answer = answers.poll(60, TimeUnit.SECONDS);
            Peers.check(answer != null, "no answer " + i);
            Peers.check(answer.getString(Text.FIELD).equals(text(i)), "text " + i);
            Peers.check(answer.getString(RawData.FIELD).equals(DATA.get(i % DATA.size())), "data " + i);
        }
        Session.lookupSession(session).logout();
        Peers.check(loggedOut.await(60, TimeUnit.SECONDS), "no logout");
        initiator.stop();
        acceptor.stop();
    }

    private static String text(int i) {
        return "order " + i + " " + "10=".repeat(i * i / 10);
    }

    private static Message news(String text, String data) {
        Message message = new Message();
        message.getHeader().setString(MsgType.FIELD, "B");
        message.setString(Text.FIELD, text);
        message.setInt(RawDataLength.FIELD, data.getBytes(StandardCharsets.ISO_8859_1).length);
        message.setString(RawData.FIELD, data);
        return message;
    }

    private static SessionSettings settings(String sender, String target) {
        SessionSettings settings = new SessionSettings();
        SessionID session = new SessionID("FIX.4.4", sender, target);
        settings.setString(session, "BeginString", "FIX.4.4");
        settings.setString(session, "SenderCompID", sender);
        settings.setString(session, "TargetCompID", target);
        for (String[] each : new String[][] {
            {"StartTime", "00:00:00"},
            {"EndTime", "00:00:00"},
            {"HeartBtInt", "30"},
            {"ReconnectInterval", "1"},
            {"UseDataDictionary", "Y"},
            {"DataDictionary", "FIX44.xml"},
            // it only tells where fields of data end
            {"ValidateIncomingMessage", "N"}
        }) {
            settings.setString(each[0], each[1]);
        }
        return settings;
    }

    private static final class Echo extends ApplicationAdapter {
        @Override
        public void fromApp(Message message, SessionID session) throws FieldNotFound {
            try {
                Session.sendToTarget(news(message.getString(Text.FIELD), message.getString(RawData.FIELD)), session);
            } catch (SessionNotFound e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

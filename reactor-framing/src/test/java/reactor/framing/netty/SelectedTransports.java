package reactor.framing.netty;

import java.lang.reflect.Method;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Skips a parameterized test over another transport than those that {@code -Dtransports='NIO|TLS13'} names. CI does so
 * on its second JDK.
 */
final class SelectedTransports implements InvocationInterceptor {

    private static final Pattern SELECTED = Pattern.compile(System.getProperty("transports", ".*"));

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext extensionContext)
            throws Throwable {
        for (Object argument : invocationContext.getArguments()) {
            if (argument instanceof Transport transport) {
                Assumptions.assumeTrue(SELECTED.matcher(transport.name()).matches(), "not selected");
            }
        }
        invocation.proceed();
    }
}

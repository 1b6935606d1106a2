/**
 * Message boundaries for Project Reactor: chunks of bytes in, whole frames out, with exact backpressure.
 *
 * <p>Reactor Netty and Netty are needed by {@link reactor.framing.netty} only, and Micrometer by
 * {@link reactor.framing.micrometer}. A module that uses one of these packages requires {@code reactor.netty.core} or
 * {@code micrometer.core} itself.
 */
module reactor.framing {
    requires static transitive org.jspecify;
    requires transitive org.reactivestreams;
    requires transitive reactor.core;

    // Not transitive: the compiler would then look for them in every module that requires this one.
    requires static io.netty.buffer;
    requires static io.netty.common;
    requires static io.netty.handler;
    requires static io.netty.transport;
    requires static micrometer.core;
    requires static reactor.netty.core;

    exports reactor.framing;
    exports reactor.framing.format;
    exports reactor.framing.micrometer;
    exports reactor.framing.netty;
}

/**
 * Frames over a connection of Reactor Netty. Needs {@code reactor-netty-core}, which is an optional dependency of this
 * library.
 */
@NullMarked
package reactor.framing.netty;

import org.jspecify.annotations.NullMarked;

/** Counts frames by Micrometer. Needs {@code micrometer-core}, which is an optional dependency of this library. */
@NullMarked
package reactor.framing.micrometer;

import org.jspecify.annotations.NullMarked;

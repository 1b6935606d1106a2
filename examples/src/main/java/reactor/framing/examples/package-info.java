/** Runnable programs that show the library at work. */
package reactor.framing.examples;

/** A page, served on loopback, that shows framing at work: every step of it is made by the real codec. */
package reactor.framing.studio;

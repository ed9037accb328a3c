package tests.server;

import javacard.framework.Shareable;

/** The shape of tests/fixtures/javacard/server.jca, for its export file. */
public interface Account extends Shareable {
	short credit(short n);

	short balance();
}

package tests.server;

import javacard.framework.*;

/** The shape of tests/fixtures/javacard/server.jca, for its export file. */
public class Server extends Applet implements Account {
	public static void install(byte[] x, short offset, byte length) {
		new Server().register();
	}

	public short credit(short n) {
		return n;
	}

	public short balance() {
		return 0;
	}

	public void process(APDU apdu) {
	}
}

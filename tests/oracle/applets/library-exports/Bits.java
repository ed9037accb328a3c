package tests.library;

/** The shape of tests/fixtures/javacard/library.jca, for its export file. */
public final class Bits {
	private Bits() {
	}

	public static short count(short n) {
		return 0;
	}

	public static boolean parity(short n) {
		return false;
	}
}

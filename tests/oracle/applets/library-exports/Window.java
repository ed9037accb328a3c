package tests.library;

/** The shape of tests/fixtures/javacard/library.jca, for its export file. */
public class Window {
	protected byte[] bytes;
	private short at;
	public static short made;

	public Window(short size) {
	}

	public void put(byte b) {
	}

	public byte get(short i) {
		return 0;
	}
}

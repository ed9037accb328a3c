package tests.amounts;

/** A class for other packages to extend and use. */
public class Amount {
	protected short value;
	public static final short LIMIT = 1000;
	public static short made = 0;

	public Amount(short value) {
		this.value = value;
		made++;
	}

	public short get() {
		return value;
	}

	public static short sum(short a, short b) {
		return (short) (a + b);
	}

	protected void twice() {
		value += value;
	}
}

package tests.shared;

import javacard.framework.Shareable;

/** What the server of this package lets others use. */
public interface Purse extends Shareable {
	byte CREDIT = 1;

	short credit(short amount);

	short debit(byte[] pin, short offset, short amount);

	boolean fill(byte[] out, short offset, short n, byte value);

	Purse again();

	Object secret();
}

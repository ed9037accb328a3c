package tests.shared;

import javacard.framework.*;

/** A server: its shareable object, and what it sees of its callers. */
public class Server extends Applet implements Purse {
	public static short calls;
	private short balance = 100;
	private byte[] last = new byte[16];
	private byte lastLength;
	private byte[] hidden = {1, 2, 3};

	public static void install(byte[] x, short offset, byte length) {
		new Server().register();
	}

	public Shareable getShareableInterfaceObject(AID client, byte parameter) {
		lastLength = client.getBytes(last, (short) 0);
		return parameter == CREDIT ? this : null;
	}

	public short credit(short amount) {
		calls++;
		if (amount < 0)
			ISOException.throwIt(ISO7816.SW_WRONG_DATA);
		JCSystem.beginTransaction();
		balance += amount;
		JCSystem.commitTransaction();
		AID caller = JCSystem.getPreviousContextAID();
		lastLength = caller == null ? 0 : caller.getBytes(last, (short) 0);
		return balance;
	}

	public short debit(byte[] pin, short offset, short amount) {
		if (pin[offset] != 0x31)
			ISOException.throwIt(ISO7816.SW_SECURITY_STATUS_NOT_SATISFIED);
		balance -= amount;
		return balance;
	}

	public boolean fill(byte[] out, short offset, short n, byte value) {
		Util.arrayFillNonAtomic(out, offset, n, value);
		return true;
	}

	public Purse again() {
		return this;
	}

	public Object secret() {
		return hidden;
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet())
			return;
		short at = Util.setShort(x, (short) 0, balance);
		at = Util.setShort(x, at, calls);
		at = Util.arrayCopyNonAtomic(last, (short) 0, x, at, lastLength);
		apdu.setOutgoingAndSend((short) 0, at);
	}
}

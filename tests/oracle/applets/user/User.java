package tests.user;

import javacard.framework.*;
import tests.amounts.Amount;
import tests.shared.Purse;

/** Uses a library, tests.amounts, and the server of tests.shared through the firewall. */
public class User extends Applet {
	private static final byte[] SERVER = {(byte) 0xF0, 0x49, 0x47, 0x4F, 0x05, 0x01};
	private byte[] mine = {0x31, 0x32, 0, 0, 0, 0, 0, 0};
	private byte[] shortLived;
	private Purse purse;
	private Money money;

	private static class Money extends Amount {
		Money(short v) {
			super((short) (v + 1));
		}

		public short get() {
			twice();
			return (short) (super.get() + LIMIT);
		}
	}

	public static void install(byte[] x, short offset, byte length) {
		new User().register();
	}

	private User() {
		shortLived = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_DESELECT);
		money = new Money((short) 4);
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet())
			return;
		short p = (short) (x[2] & 0xff), q = (short) (x[3] & 0xff), r = 0;
		byte thrown = 0;
		try {
			r = call(x, p, q);
		} catch (SecurityException e) {
			thrown = 1;
		} catch (NullPointerException e) {
			thrown = 2;
		} catch (ArrayIndexOutOfBoundsException e) {
			thrown = 3;
		} catch (ClassCastException e) {
			thrown = 4;
		}
		x[0] = thrown;
		Util.setShort(x, (short) 1, r);
		short at = Util.arrayCopyNonAtomic(mine, (short) 0, x, (short) 3, (short) 8);
		apdu.setOutgoingAndSend((short) 0, at);
	}

	private short call(byte[] x, short p, short q) {
		switch (x[1]) {
		case 0x01:
			AID server = JCSystem.lookupAID(SERVER, (short) 0, (byte) SERVER.length);
			purse = (Purse) JCSystem.getAppletShareableInterfaceObject(server, (byte) p);
			return (short) (purse == null ? 0 : 1);
		case 0x02:
			return purse.credit((short) (q - p));
		case 0x03:
			return purse.debit(x, (short) 2, q); /* the APDU buffer is everybody's */
		case 0x04:
			return purse.debit(mine, (short) 0, q); /* ours is not the server's */
		case 0x05:
			return purse.fill(x, (short) 5, q, (byte) p) ? x[5] : 0;
		case 0x06:
			return purse.fill(shortLived, (short) 0, q, (byte) p) ? shortLived[0] : 0;
		case 0x07:
			return purse.again() == purse ? (short) 1 : 0;
		case 0x08:
			return ((byte[]) purse.secret())[0];
		case 0x09:
			return purse.secret() == null ? (short) 0 : 1;
		case 0x0A:
			return Amount.sum(p, q);
		case 0x0B:
			return money.get();
		case 0x0C:
			Amount.made += p;
			return Amount.made;
		case 0x0D:
			return purse.equals(this) ? (short) 1 : 0;
		case 0x0E:
			return purse instanceof Applet ? (short) 1 : 0;
		case 0x0F:
			JCSystem.beginTransaction();
			mine[7]++;
			short r = purse.credit(p); /* begins another: TransactionException of the server's */
			JCSystem.commitTransaction();
			return r;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
			return 0;
		}
	}
}

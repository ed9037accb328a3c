package tests.calls;

import javacard.framework.*;

/** Methods of javacard.framework with arguments from the command: INS the method, data four shorts and then bytes.
 *  The answer: what was thrown (class and reason), the result, and the two arrays. */
public class Calls extends Applet {
	private static final short SIZE = 24;
	private byte[] a, b, transientBytes;
	private short[] shorts;
	private boolean[] flags;
	private Object[] objects;
	private OwnerPIN pin;
	private short field;

	private Calls() {
		a = new byte[SIZE];
		b = new byte[SIZE];
		transientBytes = JCSystem.makeTransientByteArray((short) 8, JCSystem.CLEAR_ON_DESELECT);
		shorts = JCSystem.makeTransientShortArray((short) 4, JCSystem.CLEAR_ON_RESET);
		flags = JCSystem.makeTransientBooleanArray((short) 3, JCSystem.CLEAR_ON_DESELECT);
		objects = JCSystem.makeTransientObjectArray((short) 2, JCSystem.CLEAR_ON_RESET);
		pin = new OwnerPIN((byte) 3, (byte) 8);
		register();
	}

	public static void install(byte[] x, short offset, byte length) {
		new Calls();
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet())
			return;
		short n = apdu.setIncomingAndReceive();
		if (n < 8)
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		short p = Util.getShort(x, (short) 5), q = Util.getShort(x, (short) 7), r = Util.getShort(x, (short) 9),
		      s = Util.getShort(x, (short) 11);
		byte ins = x[1];
		short thrown = 0, result = 0;
		if (x[2] != 1)
			reset(x, (short) (n - 8));
		try {
			result = call(ins, p, q, r, s);
		} catch (ISOException e) {
			if (e.getReason() == ISO7816.SW_INS_NOT_SUPPORTED)
				throw e;
			thrown = (short) (0x0100 + e.getReason());
		} catch (UserException e) {
			thrown = (short) (0x0200 + e.getReason());
		} catch (PINException e) {
			thrown = (short) (0x0300 + e.getReason());
		} catch (SystemException e) {
			thrown = (short) (0x0400 + e.getReason());
		} catch (TransactionException e) {
			thrown = (short) (0x0500 + e.getReason());
		} catch (APDUException e) {
			thrown = (short) (0x0600 + e.getReason());
		} catch (ArrayIndexOutOfBoundsException e) {
			thrown = 0x0700;
		} catch (NullPointerException e) {
			thrown = 0x0800;
		} catch (NegativeArraySizeException e) {
			thrown = 0x0900;
		} catch (ArrayStoreException e) {
			thrown = 0x0A00;
		} catch (ClassCastException e) {
			thrown = 0x0B00;
		} catch (ArithmeticException e) {
			thrown = 0x0C00;
		} catch (SecurityException e) {
			thrown = 0x0D00;
		} catch (IndexOutOfBoundsException e) {
			thrown = 0x0E00;
		} catch (RuntimeException e) {
			thrown = 0x0F00;
		}
		if (JCSystem.getTransactionDepth() != 0)
			JCSystem.abortTransaction();
		short at = Util.setShort(x, (short) 0, thrown);
		at = Util.setShort(x, at, result);
		at = Util.arrayCopyNonAtomic(a, (short) 0, x, at, SIZE);
		at = Util.arrayCopyNonAtomic(b, (short) 0, x, at, SIZE);
		at = Util.setShort(x, at, field);
		at = Util.arrayCopyNonAtomic(transientBytes, (short) 0, x, at, (short) 8);
		apdu.setOutgoingAndSend((short) 0, at);
	}

	private void reset(byte[] x, short n) {
		Util.arrayFillNonAtomic(a, (short) 0, SIZE, (byte) 0);
		for (short i = 0; i < SIZE; i++)
			b[i] = (byte) (i + 1);
		Util.arrayCopyNonAtomic(x, (short) 13, a, (short) 0, n < SIZE ? n : SIZE);
		field = 0;
	}

	private short call(byte ins, short p, short q, short r, short s) throws UserException {
		switch (ins) {
		case 0x01:
			return Util.arrayCopy(a, p, b, q, r);
		case 0x02:
			return Util.arrayCopyNonAtomic(a, p, b, q, r);
		case 0x03:
			return Util.arrayCopy(a, p, a, q, r);
		case 0x04:
			return Util.arrayFillNonAtomic(b, p, q, (byte) r);
		case 0x05:
			return Util.arrayCompare(a, p, b, q, r);
		case 0x06:
			return Util.makeShort((byte) p, (byte) q);
		case 0x07:
			return Util.getShort(a, p);
		case 0x08:
			return Util.setShort(b, p, q);
		case 0x09:
			return Util.arrayCopy(p == 0 ? null : a, (short) 0, q == 0 ? null : b, (short) 0, r);
		case 0x0A:
			return Util.arrayCompare(p == 0 ? null : a, (short) 0, q == 0 ? null : b, (short) 0, r);
		case 0x10:
			return aid(p, q, r);
		case 0x11:
			return JCSystem.isTransient(p == 0 ? null : p == 1 ? (Object) a : p == 2 ? (Object) transientBytes
						    : p == 3 ? (Object) shorts
							     : (Object) this);
		case 0x12:
			return (short) JCSystem.makeTransientByteArray(p, (byte) q).length;
		case 0x13:
			return (short) JCSystem.makeTransientShortArray(p, (byte) q).length;
		case 0x14:
			return (short) new byte[p].length;
		case 0x15:
			transientBytes[p] = (byte) q;
			shorts[r] += s;
			return shorts[r];
		case 0x16:
			flags[p] = q != 0;
			objects[r] = s == 0 ? null : this;
			return (short) ((flags[0] ? 1 : 0) + (objects[0] == null ? 0 : 2) + (objects[1] == this ? 4 : 0));
		default:
			return more(ins, p, q, r, s);
		}
	}

	private short aid(short p, short q, short r) {
		AID mine = JCSystem.getAID();
		switch (p) {
		case 0:
			return mine.getBytes(b, q);
		case 1:
			return mine.getPartialBytes(q, b, (short) 0, (byte) r);
		case 2:
			return new AID(a, q, (byte) r).equals(a, (short) 0, (byte) r) ? (short) 1 : 0;
		case 3:
			return mine.partialEquals(a, q, (byte) r) ? (short) 1 : 0;
		case 4:
			return mine.RIDEquals(new AID(a, q, (byte) r)) ? (short) 1 : 0;
		case 5:
			return mine.equals((Object) JCSystem.lookupAID(a, q, (byte) r)) ? (short) 1 : 0;
		case 6:
			return mine.equals(new AID(a, q, (byte) r)) ? (short) 1 : 0;
		case 7:
			return JCSystem.getPreviousContextAID() == null ? (short) 1 : 0;
		case 8:
			return mine.RIDEquals(null) || mine.equals(null) ? (short) 1 : 0;
		default:
			return JCSystem.getAppletShareableInterfaceObject(mine, (byte) q) == null ? (short) 1 : 0;
		}
	}

	private short more(byte ins, short p, short q, short r, short s) throws UserException {
		switch (ins) {
		case 0x20:
			pin.update(a, p, (byte) q);
			return pin.getTriesRemaining();
		case 0x21:
			return pin.check(a, p, (byte) q) ? (short) 1 : 0;
		case 0x22:
			return (short) (pin.getTriesRemaining() << 8 | (pin.isValidated() ? 1 : 0));
		case 0x23:
			pin.reset();
			return pin.getTriesRemaining();
		case 0x24:
			pin.resetAndUnblock();
			return pin.getTriesRemaining();
		case 0x25:
			return new OwnerPIN((byte) p, (byte) q).getTriesRemaining();
		case 0x26:
			return pin.check(null, (short) 0, (byte) 4) ? (short) 1 : 0;
		case 0x30:
			return transaction(p, q, r, s);
		case 0x31:
			JCSystem.beginTransaction();
			field = p;
			JCSystem.beginTransaction();
			return 1;
		case 0x32:
			JCSystem.commitTransaction();
			return 1;
		case 0x33:
			JCSystem.abortTransaction();
			return 1;
		case 0x34:
			JCSystem.beginTransaction();
			field = p;
			b[0] = (byte) q;
			ISOException.throwIt(r);
			return 1;
		case 0x40:
			ISOException.throwIt(p);
			return 0;
		case 0x41:
			UserException.throwIt(p);
			return 0;
		case 0x42:
			SystemException.throwIt(p);
			return 0;
		case 0x43:
			TransactionException.throwIt(p);
			return 0;
		case 0x44:
			PINException.throwIt(p);
			return 0;
		case 0x45:
			APDUException.throwIt(p);
			return 0;
		case 0x46:
			throw new SecurityException();
		case 0x47:
			CardRuntimeException.throwIt(p);
			return 0;
		case 0x48:
			register();
			return 0;
		case 0x49:
			new CardException(p);
			return 1;
		case 0x4A:
			return new ISOException(p).getReason();
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
			return 0;
		}
	}

	/** What of a transaction stays: arrays, fields, transient memory, OwnerPIN. */
	private short transaction(short how, short value, short at, short n) {
		byte depth;
		JCSystem.beginTransaction();
		depth = JCSystem.getTransactionDepth();
		field = value;
		transientBytes[0] = (byte) value;
		b[at] = (byte) value;
		Util.arrayCopy(a, (short) 0, b, at, n);
		Util.arrayFillNonAtomic(b, (short) 20, (short) 2, (byte) value);
		if (how == 0)
			JCSystem.abortTransaction();
		else if (how == 1)
			JCSystem.commitTransaction();
		return (short) (depth << 8 | JCSystem.getTransactionDepth());
	}
}

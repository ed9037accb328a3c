package tests.apdu;

import javacard.framework.*;

/** Class APDU: states and calls in every order. The data are a program, a byte a call; what was thrown where is answered
 *  (in one piece, or by the calls of the program themselves). */
public class Apdus extends Applet implements MultiSelectable {
	private byte[] program, log;
	private byte[] data;
	private short selections;

	public static void install(byte[] x, short offset, byte length) {
		new Apdus().register(x, (short) (offset + 1), x[offset]);
	}

	private Apdus() {
		program = JCSystem.makeTransientByteArray((short) 32, JCSystem.CLEAR_ON_RESET);
		log = JCSystem.makeTransientByteArray((short) 64, JCSystem.CLEAR_ON_RESET);
		data = new byte[200];
		for (short i = 0; i < 200; i++)
			data[i] = (byte) i;
	}

	public boolean select() {
		selections++;
		return selections != 5;
	}

	public boolean select(boolean active) {
		selections += 16;
		return true;
	}

	public void deselect(boolean active) {
		selections += 256;
	}

	public void deselect() {
		selections += 4096;
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet()) {
			if (x[3] == 0x0C)
				return;
			Util.setShort(x, (short) 0, selections);
			x[2] = apdu.getCurrentState();
			apdu.setOutgoingAndSend((short) 0, (short) 3);
			return;
		}
		switch (x[1]) {
		case 0x01: /* keep the program */
			short n = apdu.setIncomingAndReceive();
			Util.arrayFillNonAtomic(program, (short) 0, (short) 32, (byte) 0);
			Util.arrayCopyNonAtomic(x, (short) 5, program, (short) 0, n);
			return;
		case 0x02: /* run it */
		case 0x42:
			run(apdu);
			return;
		case 0x03: /* what it saw */
			Util.arrayCopyNonAtomic(log, (short) 0, x, (short) 0, (short) 64);
			apdu.setOutgoingAndSend((short) 0, (short) 64);
			return;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
		}
	}

	private void run(APDU apdu) {
		short at = 0;
		Util.arrayFillNonAtomic(log, (short) 0, (short) 64, (byte) 0xEE);
		for (short i = 0; i < 15; i++) {
			if (program[i] == 0)
				return;
			short r;
			try {
				r = step(apdu, program[i]);
			} catch (APDUException e) {
				r = (short) (0xA000 + e.getReason());
			} catch (ArrayIndexOutOfBoundsException e) {
				r = (short) 0xB000;
			} catch (SecurityException e) {
				r = (short) 0xB001;
			}
			at = Util.setShort(log, at, r);
			log[at++] = apdu.getCurrentState();
		}
	}

	private short step(APDU apdu, byte what) {
		byte[] x = apdu.getBuffer();
		switch (what) {
		case 1:
			return apdu.setIncomingAndReceive();
		case 2:
			return apdu.receiveBytes((short) 5);
		case 3:
			return apdu.receiveBytes((short) 100);
		case 4:
			return apdu.receiveBytes((short) 130);
		case 5:
			return apdu.receiveBytes((short) -1);
		case 6:
			return outgoing(x, apdu.setOutgoing());
		case 7:
			return outgoing(x, apdu.setOutgoingNoChaining());
		case 8:
			apdu.setOutgoingLength((short) 3);
			return 0;
		case 9:
			apdu.setOutgoingLength((short) 200);
			return 0;
		case 10:
			apdu.setOutgoingLength((short) 257);
			return 0;
		case 11:
			apdu.setOutgoingLength((short) -1);
			return 0;
		case 12:
			apdu.sendBytes((short) 0, (short) 3);
			return 0;
		case 13:
			apdu.sendBytes((short) 0, (short) 100);
			return 0;
		case 14:
			apdu.sendBytes((short) 120, (short) 20);
			return 0;
		case 15:
			apdu.sendBytesLong(data, (short) 0, (short) 200);
			return 0;
		case 16:
			apdu.sendBytesLong(data, (short) 150, (short) 60);
			return 0;
		case 17:
			apdu.setOutgoingAndSend((short) 0, (short) 4);
			return 0;
		case 18:
			apdu.waitExtension();
			return 0;
		case 19:
			return apdu.isCommandChainingCLA() ? (short) 1 : 0;
		case 20:
			return apdu.isSecureMessagingCLA() ? (short) 1 : 0;
		case 21:
			return APDU.getCLAChannel();
		case 22:
			return Util.getShort(x, (short) 0);
		default:
			return steps(apdu, what);
		}
	}

	/** What is in the buffer before data are received is the card's affair. */
	private static short outgoing(byte[] x, short le) {
		Util.arrayFillNonAtomic(x, (short) 4, (short) 129, (byte) 0x77);
		return le;
	}

	private short steps(APDU apdu, byte what) {
		byte[] x = apdu.getBuffer();
		switch (what) {
		case 24:
			return Util.getShort(x, (short) 4);
		case 27:
			apdu.setOutgoingLength((short) 0);
			return 0;
		case 28:
			return APDU.getCurrentAPDUBuffer() == x ? (short) 1 : 0;
		case 29:
			apdu.sendBytes((short) -1, (short) 3);
			return 0;
		case 30:
			apdu.sendBytesLong(data, (short) 10, (short) 3);
			return 0;
		case 31:
			apdu.sendBytes((short) 5, (short) 0);
			return 0;
		case 32:
			return JCSystem.isAppletActive(JCSystem.getAID()) ? JCSystem.getAssignedChannel() : (short) -1;
		default:
			return -1;
		}
	}
}

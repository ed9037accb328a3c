package tests.inherits;

import javacard.framework.*;
import javacard.security.RandomData;

/** Random numbers that are none. */
public class Inherits extends Applet {
	private RandomData data = new Dice((short) 7);

	public static void install(byte[] x, short offset, byte length) {
		new Inherits().register();
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet())
			return;
		switch (x[1]) {
		case 0x01:
			data.generateData(x, (short) 0, (short) (x[3] & 0xff));
			apdu.setOutgoingAndSend((short) 0, (short) (x[3] & 0xff));
			return;
		case 0x02:
			data.setSeed(x, (short) 2, (short) 2);
			return;
		case 0x03:
			Util.setShort(x, (short) 0, ((Dice) data).roll((short) 6, (byte) x[3]));
			apdu.setOutgoingAndSend((short) 0, (short) 2);
			return;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
		}
	}
}

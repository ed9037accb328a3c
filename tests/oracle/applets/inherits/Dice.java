package tests.inherits;

import javacard.framework.Util;
import javacard.security.RandomData;

/** Extends a class of the platform and adds a method; later versions of the platform gave its token to one of their own. */
class Dice extends RandomData {
	private short state;

	Dice(short seed) {
		state = seed;
	}

	public void generateData(byte[] out, short offset, short n) {
		for (short i = 0; i < n; i++)
			out[(short) (offset + i)] = (byte) roll((short) 251, (byte) 1);
	}

	public void setSeed(byte[] in, short offset, short n) {
		state = n < 2 ? in[offset] : Util.getShort(in, offset);
	}

	/** Another number of arguments than nextBytes, which has this token from 1.6 on. */
	public short roll(short sides, byte plus) {
		state = (short) (state * 25173 + 13849);
		return (short) ((state & 0x7fff) % sides + plus);
	}
}

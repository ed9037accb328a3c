package tests.language;

import javacard.framework.*;

/** The language: inheritance, interfaces, arrays, casts, arithmetic, branches, exceptions. */
public class Language extends Applet implements Shape {
	static final byte[] TABLE = {1, -2, 3, -4, 127, -128};
	static final short[] SHORTS = {0x1234, -1, 0x7fff, -0x8000};
	static byte counter = 5;
	static int wide = 0x12345678;
	static boolean flag = true;
	private Base[] bases;
	private int[] ints;
	private Object[] any;

	Language() {
		bases = new Base[] {new Base((short) 2), new Derived((short) 3), new Last()};
		ints = new int[4];
		any = new Object[] {new byte[2], new short[2], new Base[2], this, null, new Derived[1], new int[1], new boolean[1]};
		register();
	}

	public static void install(byte[] x, short offset, byte length) {
		new Language();
	}

	public short area(short k) {
		return (short) (k * 7);
	}

	public void process(APDU apdu) {
		byte[] x = apdu.getBuffer();
		if (selectingApplet())
			return;
		if (apdu.setIncomingAndReceive() != 8)
			ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
		int p = (Util.getShort(x, (short) 5) << 16) | (Util.getShort(x, (short) 7) & 0xffff);
		int q = (Util.getShort(x, (short) 9) << 16) | (Util.getShort(x, (short) 11) & 0xffff);
		int r;
		byte thrown = 0;
		try {
			r = run(x[1], p, q);
		} catch (ArithmeticException e) {
			thrown = 1;
			r = 0;
		} catch (ArrayStoreException e) {
			thrown = 2;
			r = 0;
		} catch (ClassCastException e) {
			thrown = 3;
			r = 0;
		} catch (ArrayIndexOutOfBoundsException e) {
			thrown = 4;
			r = 0;
		} catch (NullPointerException e) {
			thrown = 5;
			r = 0;
		} catch (NegativeArraySizeException e) {
			thrown = 6;
			r = 0;
		}
		x[0] = thrown;
		x[1] = (byte) (r >> 24);
		x[2] = (byte) (r >> 16);
		x[3] = (byte) (r >> 8);
		x[4] = (byte) r;
		apdu.setOutgoingAndSend((short) 0, (short) 5);
	}

	private int run(byte ins, int p, int q) {
		switch (ins) {
		case 0x01:
			return p + q;
		case 0x02:
			return p - q;
		case 0x03:
			return p * q;
		case 0x04:
			return p / q;
		case 0x05:
			return p % q;
		case 0x06:
			return p << q;
		case 0x07:
			return p >> q;
		case 0x08:
			return p >>> q;
		case 0x09:
			return (p & q) ^ (p | q);
		case 0x0A:
			return -p;
		case 0x0B:
			return compare(p, q);
		case 0x11:
			return (short) p + (short) q;
		case 0x12:
			return (short) ((short) p - (short) q);
		case 0x13:
			return (short) ((short) p * (short) q);
		case 0x14:
			return (short) ((short) p / (short) q);
		case 0x15:
			return (short) ((short) p % (short) q);
		case 0x16:
			return (short) ((short) p << (short) q);
		case 0x17:
			return (short) ((short) p >> (short) q);
		case 0x18:
			return (short) ((short) (p & 0x7fff) >>> (short) q);
		case 0x19:
			return (byte) p + (byte) (short) q;
		case 0x1A:
			return compareShorts((short) p, (short) q);
		default:
			return objects(ins, p, q);
		}
	}

	private static int compare(int p, int q) {
		int r = 0;
		if (p < q)
			r |= 1;
		if (p <= q)
			r |= 2;
		if (p > q)
			r |= 4;
		if (p >= q)
			r |= 8;
		if (p == q)
			r |= 16;
		if (p != q)
			r |= 32;
		if (p > 0 && q > 0 || p == 0)
			r |= 64;
		return r;
	}

	private static short compareShorts(short p, short q) {
		short r = 0;
		r += p < q ? 1 : 0;
		r += p <= q ? 2 : 0;
		r += p > q ? 4 : 0;
		r += p >= q ? 8 : 0;
		r += p == q ? 16 : 0;
		r += p != q ? 32 : 0;
		r += p < 0 ? 64 : 0;
		r += p <= 0 ? 128 : 0;
		r += q == 0 ? 256 : 0;
		return r;
	}

	private int objects(byte ins, int p, int q) {
		short i = (short) p, k = (short) q;
		switch (ins) {
		case 0x20:
			return bases[i].size(k);
		case 0x21:
			return ((Shape) (Object) (i < 3 ? (Object) bases[i] : this)).area(k);
		case 0x22:
			return (any[i] instanceof Shape ? 1 : 0) | (any[i] instanceof byte[] ? 2 : 0) | (any[i] instanceof Base[] ? 4 : 0) |
			    (any[i] instanceof Object[] ? 8 : 0) | (any[i] instanceof Derived[] ? 16 : 0) |
			    (any[i] instanceof int[] ? 32 : 0) | (any[i] instanceof boolean[] ? 64 : 0) |
			    (any[i] instanceof short[] ? 128 : 0) | (any[i] instanceof Shape[] ? 256 : 0);
		case 0x23:
			return ((Derived) bases[i]).extra();
		case 0x24:
			return ((Base[]) any[i]).length;
		case 0x25:
			((Object[]) any[i])[k] = q > 0xffff ? (Object) bases[1] : this;
			return 1;
		case 0x26:
			ints[i] += q;
			return ints[i]++ + ++ints[(short) (3 - i)];
		case 0x27:
			return TABLE[i] + SHORTS[k];
		case 0x28:
			counter += i;
			wide ^= q;
			flag = !flag;
			return counter + wide + (flag ? 1 : 0);
		case 0x29:
			return sparse(p);
		case 0x2A:
			return dense(i);
		case 0x2B:
			return finals(i, k);
		case 0x2C:
			return depth(i);
		case 0x2D:
			return loop(i, k);
		case 0x2E:
			return new int[i].length + new Base[k].length;
		case 0x2F:
			return bases[i].equals(bases[k]) ? 1 : 0;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
			return 0;
		}
	}

	private static int sparse(int p) {
		switch (p) {
		case -100000:
			return 1;
		case -1:
			return 2;
		case 0:
			return 3;
		case 70000:
			return 4;
		case 0x7fffffff:
			return 5;
		default:
			return 6;
		}
	}

	private static short dense(short i) {
		switch (i) {
		case 3:
			return 30;
		case 4:
			return 40;
		case 5:
		case 6:
			return 56;
		case 8:
			return 80;
		default:
			return -1;
		}
	}

	/** finally runs whatever happens; exceptions through several frames. */
	private static short finals(short i, short k) {
		short r = 0;
		try {
			try {
				r += TABLE[i];
				r = (short) (r / k);
			} catch (ArithmeticException e) {
				r += 100;
				throw e;
			} finally {
				r += 1000;
				counter++;
			}
			r += 1;
		} catch (RuntimeException e) {
			r += 2000;
			if (k == 7)
				throw e;
		}
		return r;
	}

	private static short depth(short n) {
		return n <= 0 ? 0 : (short) (1 + depth((short) (n - 1)));
	}

	private static int loop(short n, short step) {
		int sum = 0;
		outer:
		for (short i = 0; i < n; i++) {
			for (short j = i; j < n; j += step) {
				if (((i ^ j) & 3) == 3)
					continue outer;
				if (sum > 5000)
					break outer;
				sum += i * j;
			}
		}
		do {
			sum -= 3;
		} while (sum > 0 && (sum & 7) != 0);
		return sum;
	}
}

package tests.facts;

import javacard.framework.*;
import javacard.security.*;
import javacardx.crypto.Cipher;

/** What a card has: the INS asks for one fact, the answer is a value, or 01 and the reason of a CryptoException. */
public class Facts extends Applet {
	private byte[] scratch;

	public static void install(byte[] b, short offset, byte length) {
		new Facts().register();
	}

	public boolean select() {
		return true;
	}

	public void process(APDU apdu) {
		byte[] b = apdu.getBuffer();
		JCSystem.requestObjectDeletion();
		if (selectingApplet())
			return;
		short p1 = (short) (b[ISO7816.OFFSET_P1] & 0xff), p2 = (short) (b[ISO7816.OFFSET_P2] & 0xff), value;
		try {
			value = answer(b[ISO7816.OFFSET_INS], p1, p2);
			Util.setShort(b, (short) 1, value);
			b[0] = 0;
		} catch (CryptoException e) {
			b[0] = 1;
			Util.setShort(b, (short) 1, e.getReason());
		} catch (SystemException e) {
			b[0] = 2;
			Util.setShort(b, (short) 1, e.getReason());
		}
		apdu.setOutgoingAndSend((short) 0, (short) 3);
	}

	private short answer(byte ins, short p1, short p2) {
		switch (ins) {
		case 0x01:
			return runtime(p1);
		case 0x02:
			return buffer(p1);
		case 0x10:
			return Cipher.getInstance((byte) p1, false).getAlgorithm();
		case 0x11:
			return Signature.getInstance((byte) p1, false).getAlgorithm();
		case 0x12:
			return MessageDigest.getInstance((byte) p1, false).getLength();
		case 0x13:
			RandomData.getInstance((byte) p1);
			return 0;
		case 0x14:
			return KeyAgreement.getInstance((byte) p1, false).getAlgorithm();
		case 0x15:
			return Checksum.getInstance((byte) p1, false).getAlgorithm();
		case 0x16:
			return KeyBuilder.buildKey((byte) p1, (short) (p2 << 4), false).getSize();
		case 0x17:
			return KeyBuilder.buildKey((byte) p1, p2, false).getSize();
		case 0x18:
			new KeyPair((byte) p1, (short) (p2 << 4)).genKeyPair();
			return 0;
		case 0x19:
			new KeyPair((byte) p1, p2).genKeyPair();
			return 0;
		default:
			ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
			return 0;
		}
	}

	private short runtime(short what) {
		switch (what) {
		case 0:
			return JCSystem.getVersion();
		case 1:
			return JCSystem.getMaxCommitCapacity();
		case 2:
			return JCSystem.isObjectDeletionSupported() ? (short) 1 : 0;
		case 3:
		case 4:
		case 5:
			return JCSystem.getAvailableMemory((byte) (what - 3));
		case 6:
			return JCSystem.getUnusedCommitCapacity();
		case 7:
			return JCSystem.getAssignedChannel();
		default:
			return -1;
		}
	}

	private short buffer(short what) {
		switch (what) {
		case 0:
			return (short) APDU.getCurrentAPDUBuffer().length;
		case 1:
			return APDU.getInBlockSize();
		case 2:
			return APDU.getOutBlockSize();
		case 3:
			return APDU.getProtocol();
		case 4:
			return APDU.getCurrentAPDU().getNAD();
		case 5:
			return (short) (APDU.getCurrentAPDU().isISOInterindustryCLA() ? 1 : 0);
		default:
			return -1;
		}
	}
}

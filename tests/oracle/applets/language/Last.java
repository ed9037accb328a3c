package tests.language;

final class Last extends Derived {
	Last() {
		super((short) 8);
	}

	public short area(short k) {
		return (short) (super.area(k) + 1);
	}

	int extra() {
		return -super.extra();
	}
}

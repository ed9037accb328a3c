package tests.language;

class Derived extends Base {
	private int wide = 70000;
	private boolean odd;

	Derived(short edge) {
		super((short) (edge + 1));
		odd = (edge & 1) != 0;
	}

	short size(short k) {
		return (short) (super.size(k) * 2 + (odd ? 1 : 0));
	}

	int extra() {
		wide += edge;
		return wide;
	}
}

package tests.language;

class Base implements Shape {
	static final short UNIT = 11;
	protected short edge;
	private byte[] name = {'b'};

	Base(short edge) {
		this.edge = edge;
	}

	short size(short k) {
		return (short) (edge + k + name[0]);
	}

	public short area(short k) {
		return (short) (edge * k * UNIT);
	}

	public boolean equals(Object other) {
		return other instanceof Base && ((Base) other).edge == edge;
	}
}

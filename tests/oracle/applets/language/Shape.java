package tests.language;

interface Shape {
	short area(short k);
}

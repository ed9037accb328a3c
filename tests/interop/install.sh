#!/bin/sh
# The whole path through a real pcscd, for the chips with a card system of their own and Java Cards with SCP02 and SCP03:
# build, install, verify, read with somebody else's program, delete. And the same session again from its recording, but
# that of a secure channel, which never begins twice with the same challenge.
# Prints "ok NAME" and "not ok NAME". Everything it starts ends with it.
set -u
O=${O:-build}
case $O in /*) ;; *) O=$PWD/$O ;; esac
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${PCSC_INNER-}" ]; then
	port=$((36000 + $$ % 2000 * 2))
	PCSC_INNER=$port O=$O exec "$here/with-pcscd" "$port" "$here/install.sh"
fi

port=$PCSC_INNER
samples=$here/../../samples
. "$here/reader"
aid=D3921000310001FFFF01
# The recording has the masked commands, and neither 4071 nor 82610497 in ASCII.
clean() {
	grep -qE '^> (00DB|80F4).*[*][*]|^> 84E2' "$1" && ! grep -qE '34303731|3832363130343937' "$1" && echo clean
}
read_ef() {
	opensc-tool --reader 0 --card-driver default --send-apdu "00A4040C0A$aid" --send-apdu 00B0810000
}

"$O/apc" build "$samples/entrance-card/entrance-card.xml" --all-chips --allow-assumed --quiet \
	--sign "$samples/keys/public-test-key.pem" -o "$dir" >"$dir/out" 2>&1 || cat "$dir/out"
for chip in iso-compact-32k starcos-like-8k nxp-jcop241-j3a081 nxp-jcop4-j3r180; do
	image=$dir/entrance-card-1.0-$chip.apimg
	"$O/apsim" new --quiet --seed 1 --chip "$chip" "$dir/$chip.card"
	serve "$dir/$chip.card"
	real='--accept-test-signed --test-keys'
	perso="--perso $samples/entrance-card/cards.csv --row 1"
	try "$chip: install" '^installed entrance-card' "$O/apload" install "$image" --card "$reader" $real $perso \
		--record "$dir/$chip.rec"
	try "$chip: list" "^$aid .*operational|^$aid .*SELECTABLE" "$O/apload" list --card "$reader" --test-keys
	try "$chip: verify" '.' "$O/apload" verify "$image" --card "$reader" --accept-test-signed --level probe
	try "$chip: opensc-tool reads the card number" '2026000017' read_ef
	try "$chip: delete" '.' "$O/apload" delete "$image" --card "$reader" $real
	take_out
	rm -rf "$dir/state"
	try "$chip: the recording has no PIN and no PUK" '^clean$' clean "$dir/$chip.rec"
	case $chip in nxp-*) continue ;; esac
	try "$chip: the recording plays again" '^installed entrance-card' \
		"$O/apload" install "$image" --card "replay:$dir/$chip.rec" $real $perso
done
exit $failed

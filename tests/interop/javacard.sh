#!/bin/sh
# A CAP file through a real pcscd, on cards with SCP02 and SCP03: info, install, list, somebody else's program selects
# the applet, keys are changed, lock, delete. The loader finds out by itself what card it is.
# Prints "ok NAME" and "not ok NAME". Everything it starts ends with it.
set -u
O=${O:-build}
case $O in /*) ;; *) O=$PWD/$O ;; esac
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${PCSC_INNER-}" ]; then
	port=$((40000 + $$ % 2000 * 2))
	PCSC_INNER=$port O=$O exec "$here/with-pcscd" "$port" "$here/javacard.sh"
fi

port=$PCSC_INNER
. "$here/reader"
cp "$here/../fuzz/corpus/cap/tiny-2.1.cap" "$dir/tiny.cap"
echo '* gp version=41 key=000102030405060708090A0B0C0D0E0F' >"$dir/new" && chmod 600 "$dir/new"
echo '* gp key=FF0102030405060708090A0B0C0D0E0F' >"$dir/wrong" && chmod 600 "$dir/wrong"
applet=F04947410101
load() {
	"$O/apload" "$@" --card "$reader"
}
for chip in nxp-jcop4-j3r180 ibm-jcop21-v22; do
	"$O/apsim" new --quiet --seed 1 --chip "$chip" "$dir/$chip.card"
	serve "$dir/$chip.card"
	try "$chip: which card" "^chip: $chip" load info
	no "$chip: no key, no try" IG0856 load list
	no "$chip: a wrong key" IG1401 load list --keys "$dir/wrong"
	no "$chip: a wrong key is offered once" IG0858 load list --keys "$dir/wrong"
	try "$chip: install" '^installed package F049474101' load install "$dir/tiny.cap" --test-keys
	try "$chip: install again" 'IG0925' load install "$dir/tiny.cap" --test-keys
	try "$chip: list" "^$applet .*SELECTABLE" load list --test-keys
	try "$chip: another program selects it" 'SW1=0x90' opensc-tool --reader 0 --card-driver default \
		--send-apdu "00A4040006$applet"
	try "$chip: lock" '^locked' load lock "$applet" --test-keys
	try "$chip: diagnose" "application $applet: LOCKED" sh -c '! "$@"' sh "$O/apload" diagnose --card "$reader" --test-keys
	try "$chip: unlock" '^unlocked' load unlock "$applet" --test-keys
	try "$chip: put-key" '^the keys are on the card' load put-key --new-keys "$dir/new" --new-version 41 --test-keys
	try "$chip: the new keys" "^$applet " load list --keys "$dir/new" --key-version 41
	no "$chip: delete keeps what is needed" IG1416 load delete "$dir/tiny.cap" --keys "$dir/new" --key-version 41
	try "$chip: delete" '^deleted F049474101' load delete "$dir/tiny.cap" --force --keys "$dir/new" --key-version 41
	no "$chip: gone" IG1415 load delete "$dir/tiny.cap" --keys "$dir/new" --key-version 41
	take_out
done
exit $failed

#!/bin/sh
# A simulated card behind a real pcscd: what opensc-tool, scriptor and our own link see of it is what `apsim shell`
# sees of its twin; how long a command takes; and what happens when somebody else has the card or when it dies.
# Prints "ok NAME" and "not ok NAME". Everything it starts ends with it.
set -u
O=${O:-build}
case $O in /*) ;; *) O=$PWD/$O ;; esac
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${PCSC_INNER-}" ]; then
	# Other tests may run beside this one: a port of its own for each.
	port=$((36000 + $$ % 2000 * 2))
	PCSC_INNER=$port O=$O exec "$here/with-pcscd" "$port" "$here/pcsc.sh"
fi

port=$PCSC_INNER
reader='Igata Reader'
apsim=$O/apsim
probe=$O/tests/interop/pcsc_probe
dir=$(mktemp -d) || exit 2
serve=
other=
stop() {
	[ -n "$serve" ] && kill "$serve" 2>/dev/null && wait "$serve" 2>/dev/null
	[ -n "$other" ] && kill "$other" 2>/dev/null && wait "$other" 2>/dev/null
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 2' INT TERM HUP
failed=0
result() { # name, status of what was tried
	if [ "$2" -eq 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		failed=1
	fi
}
serve() {
	"$apsim" serve "$dir/a.card" --vpcd "127.0.0.1:$port" >"$dir/serve" 2>&1 &
	serve=$!
}
same() { # two files, equal and not empty; the difference is shown
	[ -s "$1" ] && diff "$1" "$2"
}
appears() { # text, file: wait until it is there, five seconds at most
	tries=0
	until grep -q "$1" "$2" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -gt 50 ] && return 1
		sleep 0.1
	done
}

"$apsim" new --chip iso-compact-32k --profiles "$here/../../chipprofiles" --seed 1 --quiet "$dir/a.card" &&
	cp "$dir/a.card" "$dir/twin.card"
result 'make a card' $?

# Commands with and without data and answers, refused and given.
apdus='00A4000C023F00 00A40000023F00 0084000008 0084000010 00A4020C020001 00B0000000 00B0000010 00200081
	0020008104FFFFFFFF 80E00000 FFFFFFFF 00A4040C10000102030405060708090A0B0C0D0E0F'
for a in $apdus; do echo "$a"; done | "$apsim" shell "$dir/twin.card" | sed 's/  .*//; s/ //g' >"$dir/want"
[ "$(wc -l <"$dir/want")" -eq "$(echo $apdus | wc -w)" ]
result 'the shell answers every command' $?

serve
"$probe" send "$reader" $apdus >"$dir/link"
same "$dir/want" "$dir/link"
result 'our link: answers as in the shell' $?
"$probe" list | grep -q "^$reader 00 00: card\$"
result 'our link: list of readers' $?

opensc-tool --list-readers | grep -q "0  *Yes  *.*$reader 00 00"
result 'opensc-tool: sees the card' $?
atr=$("$apsim" info "$dir/twin.card" | sed -n 's/^ATR: //p')
[ -n "$atr" ] && [ "$(opensc-tool --reader 0 --atr | tr -d ': \n' | tr a-f A-F)" = "$atr" ]
result 'opensc-tool: answer to reset' $?

# The twin's random numbers have gone on: only what does not depend on them.
fixed=$(for a in $apdus; do case $a in 0084*) ;; *) echo "$a" ;; esac; done)
for a in $fixed; do echo "$a"; done | "$apsim" shell "$dir/twin.card" | sed 's/  .*//; s/ //g' >"$dir/want"
sw() { sed 's/.*\(....\)$/\1/'; }
opensc-tool --reader 0 --card-driver default $(for a in $fixed; do echo "--send-apdu $a"; done) 2>/dev/null |
	sed -n 's/.*SW1=0x\(..\), SW2=0x\(..\).*/\1\2/p' >"$dir/opensc"
sw <"$dir/want" >"$dir/want.sw"
same "$dir/want.sw" "$dir/opensc"
result 'opensc-tool: status words as in the shell' $?
for a in $fixed; do echo "$a" | sed 's/../& /g'; done | scriptor -r "$reader 00 00" 2>/dev/null |
	sed -n 's/^< \([0-9A-F ]*\).*/\1/p' | tr -d ' ' >"$dir/scriptor"
same "$dir/want" "$dir/scriptor"
result 'scriptor: answers as in the shell' $?

# One command through pcscd: below a millisecond (the median; the machine may be busy).
set -- $("$probe" time "$reader" 2000) 9999 9999 9999
echo "an APDU through pcscd: median $1 us, 95% below $2 us, longest $3 us"
[ "$1" -lt 1000 ]
result 'below a millisecond for each command' $?

# One program at a time.
mkfifo "$dir/hold"
"$probe" hold "$reader" <"$dir/hold" >"$dir/held" &
other=$!
exec 3>"$dir/hold"
appears held "$dir/held"
"$probe" send "$reader" 00A4000C023F00 2>&1 | grep -q 'IG0804'
result 'a card in use is reported' $?
exec 3>&-
wait "$other"
other=
"$probe" send "$reader" 00A4000C023F00 >/dev/null
result 'and is free again afterwards' $?
"$apsim" shell "$dir/a.card" 2>&1 </dev/null | grep -q IG1005
result 'a card in the reader is not opened twice' $?

# The card process dies: loss of the card, not an error of the reader; put in again, it works.
"$probe" until-gone "$reader" >"$dir/gone" &
other=$!
appears going "$dir/gone"
kill -KILL "$serve"
wait "$serve" 2>/dev/null
wait "$other"
other=
grep -q '^gone$' "$dir/gone"
result 'a card that dies is gone' $?
# The service looks for the card a few times a second; a card that comes back in between would not be a new one to it.
tries=0
while "$probe" list | grep -q ': card$' && [ "$tries" -lt 50 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
serve
"$probe" send "$reader" 00A4000C023F00 >/dev/null
result 'and works when it is put in again' $?

kill -TERM "$serve"
wait "$serve"
result 'serve ends when told to' $?
serve=
"$probe" send "$reader" 00A4000C023F00 2>&1 | grep -qE 'IG080[23]'
result 'no card is reported' $?
exit $failed

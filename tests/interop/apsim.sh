#!/bin/sh
# apsim as people and scripts use it: exit statuses, text, JSON, Japanese. The reader is in pcsc.sh.
# Prints "ok NAME" and "not ok NAME".
cd "$(dirname "$0")/../.." || exit 2
apsim=${O:-build}/apsim
dir=$(mktemp -d) || exit 2
serve=
stop() {
	[ -n "$serve" ] && kill "$serve" 2>/dev/null && wait "$serve" 2>/dev/null
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 2' INT TERM HUP
export IGATA_PROFILES=chipprofiles
failed=0

# expect NAME STATUS PATTERN COMMAND...: the status, and (unless empty) a line of that pattern
expect() {
	name=$1 want=$2 pattern=$3
	shift 3
	"$@" >"$dir/out" 2>&1
	status=$?
	if [ "$status" -eq "$want" ] && { [ -z "$pattern" ] || grep -qE -e "$pattern" "$dir/out"; }; then
		echo "ok $name"
	else
		echo "not ok $name: status $status, not $want, or no line like $pattern"
		cat "$dir/out"
		failed=1
	fi
}
shell() { # arguments, then lines on standard input
	"$apsim" shell "$@" "$dir/a.card"
}

for chip in iso-compact-32k starcos-like-8k; do
	expect "new $chip" 0 "$chip" "$apsim" new --chip $chip --seed 1 "$dir/$chip.card"
	expect "info $chip" 0 '^ATR: 3B' "$apsim" info "$dir/$chip.card"
	expect "info $chip, JSON" 0 "\"result\":{\"chip\":\"$chip\",\"family\":\"native\",\"atr\":\"3B" \
		"$apsim" info --json "$dir/$chip.card"
done
mv "$dir/iso-compact-32k.card" "$dir/a.card"
expect 'a card file is its owner'\''s' 0 '^-rw-------' ls -l "$dir/a.card"
expect 'info in Japanese' 0 '^チップ: iso-compact-32k$' "$apsim" info --lang ja "$dir/a.card"
expect 'new: not over a file' 1 'IG1000' "$apsim" new --chip iso-compact-32k "$dir/a.card"
expect 'new: without a chip' 1 'IG1030' "$apsim" new "$dir/b.card"
expect 'new: unknown chip' 1 'iso-compact-32k' "$apsim" new --chip nothing "$dir/b.card"
expect 'new: where nothing can be written' 2 'IG1202' "$apsim" new --chip iso-compact-32k "$dir/no/b.card"
ap=samples/entrance-card
expect 'new --ap' 0 'not personalised' "$apsim" new --ap $ap/entrance-card.xml "$dir/fresh.card"
expect 'new --ap --perso' 0 'entrance-card$' "$apsim" new --ap $ap/entrance-card.xml --perso $ap/cards.csv --row 2 \
	"$dir/reference.card"
printf '00A4040C0AD3921000310001FFFF01\n00B0810000\n' >"$dir/in"
expect 'the reference card is personalised' 0 '^49474154412032303236303030303235 9000' \
	"$apsim" shell "$dir/reference.card" <"$dir/in"
expect 'the other is not' 0 '^6985' "$apsim" shell "$dir/fresh.card" <"$dir/in"
expect 'new --ap: a value of the wrong length' 1 'IG0835' "$apsim" new --ap $ap/entrance-card.xml \
	--perso $ap/cards.csv --set PIN=12 "$dir/b.card"
expect 'no card was made' 2 'IG1200' "$apsim" info "$dir/b.card"
expect 'new --ap: not a description' 1 'IG0' "$apsim" new --ap LICENSE "$dir/b.card"
for name in employee-card entrance-card library-card points-card type-a type-c type-d; do
	expect "prove $name" 0 '^full: .* 0 failed, 0 not run' "$apsim" prove samples/$name/$name.xml \
		--perso samples/$name/cards.csv --row 1
done
expect 'prove --coverage' 0 'present|pin' "$apsim" prove --coverage $ap/entrance-card.xml --perso $ap/cards.csv
expect 'prove --json' 0 '"full":' "$apsim" prove --json $ap/entrance-card.xml --perso $ap/cards.csv
expect 'prove: values are missing' 1 'IG0834' "$apsim" prove $ap/entrance-card.xml --set PIN=1234
cat >"$dir/forms.xml" <<END
<card-ap xmlns="urn:igata:card-ap:1" id="forms" version="1.0" area="extension"><aid rid="D392100031" pix="0001FFFF75"/>
<key id="sign" ref="1" algorithm="ec-p256" use="internal" suite="ecdsa-sha256" source="csv:SIGN"/>
<counter id="points" fid="0001" width="1" min="2" max="9" read="always" source="csv:POINTS"/></card-ap>
END
curve() { # its private key, PKCS#8 in hex
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$1" 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -outform DER |
		od -An -v -tx1 | tr -d ' \n'
}
good=$(curve P-256) other=$(curve secp256k1)
expect 'prove: values on the bounds' 0 '^full: .* 0 failed' "$apsim" prove "$dir/forms.xml" --set POINTS=09 --set SIGN="$good"
expect 'prove: below a counter' 1 'IG0843' "$apsim" prove "$dir/forms.xml" --set POINTS=01 --set SIGN="$good"
expect 'prove: above a counter' 1 'IG0843' "$apsim" prove "$dir/forms.xml" --set POINTS=0A --set SIGN="$good"
expect 'prove: a key of another curve' 1 'IG0844' "$apsim" prove "$dir/forms.xml" --set POINTS=02 --set SIGN="$other"
expect 'new --ap: a damaged key' 1 'IG0844' "$apsim" new --ap "$dir/forms.xml" --set POINTS=02 --set SIGN="FF${good#??}" \
	"$dir/b.card"
expect 'new: --ap and --chip' 1 'IG1223' "$apsim" new --ap $ap/entrance-card.xml --chip iso-compact-32k "$dir/b.card"

# Numbers by rule, and keys from master keys.
apc=${O:-build}/apc
cat >"$dir/club.xml" <<END
<card-ap xmlns="urn:igata:card-ap:1" id="club" version="1.0" area="extension"><aid rid="D392100031" pix="0001FFFF76"/>
<numbering id="members" prefix="50" from="1" to="99999" width="5" check="luhn"/>
<key id="proof" ref="1" algorithm="aes-128" use="internal" source="master:club"/>
<key id="desk" ref="2" algorithm="aes-128" use="mutual" source="master:club"/>
<file id="member" fid="0001" sfi="1" size="8" read="always" update="sm(enc+mac, desk)">
<field id="number" length="8" format="digits" source="numbering:members"/></file></card-ap>
END
own='<file id="o" fid="0002" size="16" read="always"><field id="own" length="16" format="binary" source="csv:OWN"/></file>'
sed "s/area=\"extension\"/& diversifier=\"own\"/; s|</card-ap>|$own&|" "$dir/club.xml" >"$dir/own.xml"
(
	umask 077
	echo 'club 000102030405060708090A0B0C0D0E0F # of the test' >"$dir/masters"
	echo 'club 00' >"$dir/short"
	echo 'club' >"$dir/line"
	echo 'other 000102030405060708090A0B0C0D0E0F' >"$dir/other"
	cat "$dir/masters" "$dir/masters" >"$dir/two"
)
cp "$dir/masters" "$dir/open" && chmod 644 "$dir/open"
club() { # arguments of prove
	"$apsim" prove "$dir/club.xml" --set NUMBER=50000017 "$@"
}
expect 'number: the first two' 0 '^50000025$' "$apc" number "$dir/club.xml" members --count 2
expect 'number: a CSV header' 0 '^NUMBER$' "$apc" number "$dir/club.xml" members
expect 'number: the last' 0 '^50999994$' "$apc" number "$dir/club.xml" members --start 99999
expect 'number: JSON' 0 '"result":\["50000017"\]' "$apc" number --json "$dir/club.xml" members
expect 'number: too many' 1 'IG0869' "$apc" number "$dir/club.xml" members --start 99999 --count 2
expect 'number: half a run is not written' 1 '' grep -q '^5' "$dir/out"
expect 'number: no such rule' 1 'IG0174' "$apc" number "$dir/club.xml" visitors
expect 'number: no number to begin with' 1 'IG1218' "$apc" number "$dir/club.xml" members --start -1
expect 'prove: keys from a master key' 0 '^full: .* 0 failed, 0 not run' club --masters "$dir/masters" --serial 0A0B
expect 'prove: another prefix' 1 'IG0845' "$apsim" prove "$dir/club.xml" --masters "$dir/masters" \
	--serial 0A0B --set NUMBER=51000017
expect 'prove: outside the range' 1 'IG0846' "$apsim" prove "$dir/club.xml" --masters "$dir/masters" --serial 0A0B \
	--set NUMBER=50000000
expect 'prove: a wrong check digit' 1 'IG0847' "$apsim" prove "$dir/club.xml" --masters "$dir/masters" --serial 0A0B \
	--set NUMBER=50000018
expect 'prove: in Japanese' 1 '採番規則「members」.luhn.に合いません' "$apsim" prove "$dir/club.xml" --lang ja \
	--masters "$dir/masters" --serial 0A0B --set NUMBER=50000018
expect 'masters: no serial number' 1 'IG0868' club --masters "$dir/masters"
expect 'masters: no such label' 1 'IG0866' club --masters "$dir/other" --serial 0A0B
expect 'masters: no key' 1 'IG0864' club --masters "$dir/line" --serial 0A0B
expect 'masters: no AES key' 1 'IG0865' club --masters "$dir/short" --serial 0A0B
expect 'masters: one label twice' 1 'IG0853' club --masters "$dir/two" --serial 0A0B
expect 'masters: for all to read' 1 'IG0851' club --masters "$dir/open" --serial 0A0B
expect 'masters: no value of the field' 1 'IG0867' "$apsim" prove "$dir/own.xml" --set NUMBER=50000017 --masters "$dir/masters"
own=A0A1A2A3A4A5A6A7A8A9AAABACADAEAF
"$apsim" new --quiet --ap "$dir/own.xml" --set NUMBER=50000017 --set OWN=$own --masters "$dir/masters" "$dir/own.card"
# The card proves that it has the key that another library derives: SP 800-108 with the key's id and AID || diversifier.
key=$(openssl kdf -keylen 16 -mac CMAC -cipher AES-128-CBC -kdfopt hexkey:000102030405060708090A0B0C0D0E0F \
	-kdfopt salt:proof -kdfopt hexinfo:D3921000310001FFFF76$own -kdfopt use-separator:1 KBKDF | tr -d ':\n')
want=$(printf '\000\021\042\063\104\125\146\167\210\231\252\273\314\335\356\377' |
	openssl enc -aes-128-ecb -K "$key" -nopad | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)
printf '00A4040C0AD3921000310001FFFF76\n008800811000112233445566778899AABBCCDDEEFF00\n' >"$dir/in"
expect 'a derived key on the card' 0 "^${want:-nothing} 9000" "$apsim" shell "$dir/own.card" <"$dir/in"
expect 'no key is shown' 1 '' grep -qi "$key" "$dir/out"
expect 'info: not a card' 1 'IG1001' "$apsim" info LICENSE
expect 'info: no such file' 2 'IG1200' "$apsim" info "$dir/b.card"

printf '00A4000C023F00 # the MF\n\n; nothing\n 00 84 00 00 08\nreset\n' >"$dir/in"
expect 'shell: select' 0 '^9000  done$' shell <"$dir/in"
expect 'shell: data and status apart' 0 '^[0-9A-F]{16} 9000  done$' shell <"$dir/in"
expect 'shell: reset' 0 '^reset 3B' shell <"$dir/in"
expect 'shell: Japanese' 0 '^9000  正常終了$' shell --lang ja <"$dir/in"
expect 'shell: JSON' 0 '"command":"00A4000C023F00","data":"","sw":"9000","text":"done"' shell --json <"$dir/in"
printf '0020000104313233\n3\nhello\n00A4000C023F00\n' >"$dir/in"
expect 'shell: a line that is none' 1 'IG1031.*line 2' shell <"$dir/in"
expect 'shell: goes on behind it' 1 '^9000  done$' shell <"$dir/in"
printf '002000010431323334\n' >"$dir/in"
expect 'shell: a PIN is not shown' 0 '"command":"0020000104[*]{8}"' shell --json <"$dir/in"
head -c 200000 /dev/zero | tr '\0' 0 >"$dir/in"
expect 'shell: an endless line' 1 'IG1031' shell <"$dir/in"
: >"$dir/in"
expect 'shell: nothing' 0 '' shell <"$dir/in"
# Equal seeds give equal random numbers, others do not.
for n in 1 2 3; do
	"$apsim" new --quiet --chip iso-compact-32k --seed $((n / 2)) "$dir/seed$n.card"
	echo 0084000010 | "$apsim" shell "$dir/seed$n.card" >"$dir/random$n"
done
expect 'equal seeds' 0 '' cmp "$dir/random2" "$dir/random3"
expect 'other seeds' 1 'differ' cmp "$dir/random1" "$dir/random2"

expect 'serve: no such address' 1 'IG1020' "$apsim" serve "$dir/a.card" --vpcd 127.0.0.1:99999
expect 'serve: no reader' 2 'IG1021' "$apsim" serve "$dir/a.card" --vpcd 127.0.0.1:1 --wait 0
"$apsim" serve "$dir/a.card" --vpcd 127.0.0.1:1 --wait 60 &
serve=$!
tries=0
until grep -q a.card /proc/$serve/maps || [ $tries -gt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
expect 'a card that is served is in use' 1 'IG1005' "$apsim" info "$dir/a.card"
kill -INT $serve
wait $serve
expect 'serve: ends when told to' 0 '' [ $? -eq 0 ]
serve=
expect 'no command' 1 'IG1210' "$apsim"
expect 'help' 0 'serve' "$apsim" --help
exit $failed

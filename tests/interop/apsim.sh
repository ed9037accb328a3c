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

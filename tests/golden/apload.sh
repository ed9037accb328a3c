#!/bin/sh
# apload as people and scripts meet it: what it refuses and how it says so, in both languages and as JSON; that nothing
# secret is printed, recorded, journalled or left in the list of processes.
# Prints "ok NAME" and "not ok NAME".
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/golden/typed
aid=D3921000310001FFFF01
csv=$top/samples/entrance-card/cards.csv

cd "$work" || exit 2
apc build "$top/samples/entrance-card/entrance-card.xml" --all-chips --allow-assumed --quiet \
	--sign "$top/samples/keys/public-test-key.pem" -o . >out 2>&1 || cat out
apsim new --chip iso-compact-32k --seed 3 a.card >out 2>&1 || cat out
apsim new --chip starcos-like-8k --seed 3 b.card >out 2>&1 || cat out
image=entrance-card-1.0-iso-compact-32k.apimg
other=entrance-card-1.0-starcos-like-8k.apimg

# What is wrong with the arguments, before any card.
try 'no card' 1 'IG0940' apload list
try 'no image' 2 'IG1200' apload install none.apimg --card a.card
try 'row without file' 1 'IG0942' apload install $image --card a.card --row 1
try 'file without row' 1 'IG0943' apload install $image --card a.card --perso "$csv"
try 'row 0' 1 'IG0828' apload install $image --card a.card --perso "$csv" --row 0
try 'unknown level' 1 'IG0936' apload verify $image --card a.card --level all
try 'neither image nor AID' 1 'IG0941' apload delete D39210 --card a.card
try 'values are missing' 1 'IG0834.*PUK' apload install $image --card a.card --set PIN=4711
try 'a value of no hole' 1 'IG0832' apload install $image --card a.card --perso "$csv" --row 1 --set NUMBER=1
try 'Japanese' 1 'エラー IG0834: 「PUK」の値がありません' apload install $image --card a.card --set PIN=4711 --lang ja
try 'other chip' 1 'IG0882' apload install $other --card a.card --perso "$csv" --row 1
try 'a journal that others may write' 1 'IG0872' sh -c "mkdir -m 777 open; chmod 777 open; apload list --card a.card --journal open"
try 'no journal folder' 2 'IG0871' apload list --card a.card --journal /proc/none
try 'a key file for all' 1 'IG0851' sh -c "echo 'iso-compact-32k aes-128 00' >k; chmod 644 k; apload install $image --card a.card --keys k --perso $csv --row 1"

# Looking.
try 'info' 0 '^chip: iso-compact-32k' apload info --card a.card
try 'info of the other' 0 'loading key: 10 tries left' apload info --card sim:b.card
try 'empty list' 0 'no AP' apload list --card a.card
try 'list asks for an AID' 0 '"complete":false,"aps":\[\]' apload list $aid --card b.card --json
try 'not there' 1 'IG0930' apload verify $image --card a.card
try 'nothing to delete' 1 'IG0913' apload delete $aid --card a.card
try 'diagnose says what is missing' 1 'install it' apload diagnose $image --card a.card
try 'verify the image alone' 0 'digests good' apload verify $image --level image

# A dry run changes nothing and shows no secret.
sum=$(cksum <a.card)
try 'dry run' 0 'commands would be sent' apload install $image --card a.card --perso "$csv" --row 1 --dry-run
check 'dry run changes nothing' [ "$(cksum <a.card)" = "$sum" ]
check 'dry run hides the PIN' sh -c "! grep -q 34303731 out && grep -qE 'DB3FFF.*[*][*]' out"

# Installing on both, and what comes after.
for chip in iso-compact-32k:a starcos-like-8k:b; do
	card=${chip#*:}.card chip=${chip%:*}
	image=entrance-card-1.0-$chip.apimg
	try "$chip: install" 0 '"outcome":"installed"' \
		apload install $image --card $card --perso "$csv" --row 1 --json --record $card.record
	cp $card installed.card
	try "$chip: install again" 0 'IG0925' apload install $image --card $card --perso "$csv" --row 1
	try "$chip: of somebody else" 1 'IG0911' apload install $image --card $card --perso "$csv" --row 2
	try "$chip: list" 0 "$aid +operational" apload list --card $card
	try "$chip: diagnose" 0 '"fault":"none"' apload diagnose $image --card $card --json
	try "$chip: verify" 0 '^[0-9]+ dialogues: .* 0 failed, 0 not run' apload verify $image --card $card --perso "$csv" --row 1
	try "$chip: verify without values" 0 'IG1120' apload verify $image --card $card
	try "$chip: verify, other values" 1 'IG1122' apload verify $image --card $card --perso "$csv" --row 2
	try "$chip: full" 0 '0 failed, 0 not run' apload verify $image --card $card --perso "$csv" --row 1 --level full
	try "$chip: full again is not equal" 1 'NOT verified' apload verify $image --card $card --perso "$csv" --row 1 --level full
	try "$chip: trace" 0 'SELECT$' apload trace $card.record
	try "$chip: verified from a recording" 0 'verified: card' sh -c "cp installed.card c.card &&
		apload verify $image --card c.card --level card --record v.record >/dev/null 2>&1 &&
		apload verify $image --card replay:v.record --level card"
	try "$chip: delete by AID" 0 "deleted $aid" apload delete $aid --card $card
	try "$chip: gone" 0 'no AP' apload list --card $card
done
try 'no recording' 1 'IG0809' apload trace "$csv"

# A wrong key is tried once.
printf 'iso-compact-32k aes-128 FF0102030405060708090A0B0C0D0E0F\n' >k && chmod 600 k
image=entrance-card-1.0-iso-compact-32k.apimg
try 'wrong key' 1 'IG0861.*9 tries' apload install $image --card a.card --perso "$csv" --row 1 --keys k
try 'wrong key, not again' 1 'IG0858' apload install $image --card a.card --perso "$csv" --row 1 --keys k
try 'explained' 0 'locked for ever' apc explain-code IG0858

# Nothing secret anywhere: PIN 4071 and PUK 82610497 of row 1, the wrong key, in text or hex.
check 'no secret is kept' sh -c "! grep -rqE '\\b4071\\b|34303731|82610497|3832363130343937|FF0102030405060708090A' state *.record"
check 'the journal is for its owner only' [ "$(find state -perm /077 | wc -l)" -eq 0 ]

# Arguments are for all to see, but what stood in --set is not: the program waits here for the CSV.
mkfifo pipe
apload install $image --card a.card --set PIN=4071 --perso - --row 1 <pipe >/dev/null 2>&1 &
pid=$!
exec 3>pipe
n=0
# Until it has masked them: before that it may not even have become apload.
until tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -e '--set PIN=[*]' || [ "$n" -ge 200 ]; do
	n=$((n + 1))
	sleep 0.05
done
check 'no secret in the list of processes' sh -c "tr '\0' ' ' </proc/$pid/cmdline | grep -q -e '--set PIN=[*][*][*][*] '"
exec 3>&-
wait "$pid" 2>/dev/null
exit "$failed"

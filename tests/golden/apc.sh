#!/bin/sh
# apc as a user meets it: exit statuses, what is written and what is not, and other programs as witnesses of its images.
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
apc=$top/${O:-build}/apc
work=$(mktemp -d) || exit 2
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 IGATA_PROFILES="$top/chipprofiles"
key=$top/samples/keys/public-test-key.pem
certificate=$top/samples/keys/public-test-certificate.pem
cp samples/entrance-card/entrance-card.xml "$work/ap.xml"
cd "$work" || exit 2

# A neighbour of the sample with a rule that asks for either of two PINs: one chip cannot carry it.
sed -e 's|<rule id="present" when="pin(holder)"/>|<pin id="guard" ref="2" format="digits" length="6" tries="3" initial="personal" source="csv:GUARD" change="old-and-new"><puk format="digits" length="8" tries="10" source="csv:GUARD-PUK" reset="with-new"/></pin><rule id="present" when="pin(holder) or pin(guard)"/>|' \
	-e 's|id="entrance-card"|id="two-pins"|' ap.xml >two.xml
sed 's|size="16"|size="5"|' ap.xml >broken.xml
# A neighbour with a key that signs.
sed 's|<file id="card"|<key id="signs" ref="9" algorithm="rsa-2048" use="internal" suite="rsa-pkcs1-sha256" source="caller:SIGNS"/>&|' ap.xml >signs.xml

run() { # status, words of the output or -, command...: name is the command
	want=$1 word=$2
	shift 2
	"$@" >out 2>&1 </dev/null
	got=$?
	name=$(echo "$*" | sed "s,$apc,apc,; s,$top/,,g")
	if [ "$got" -eq "$want" ] && { [ "$word" = - ] || grep -qF -- "$word" out; }; then
		echo "ok $name"
	else
		echo "not ok $name: status $got, expected $want and '$word'"
		head -20 out
	fi
}
check() { # name, command...
	name=$1
	shift
	if "$@" >out 2>&1; then echo "ok $name"; else echo "not ok $name"; head -20 out; fi
}
nothing() { # folder: there is no image in it
	[ -z "$(ls "$1" 2>/dev/null)" ]
}

# new: what it makes is right without a warning, and nothing is overwritten
run 0 'apc check new-ap.xml' "$apc" new new-ap.xml
run 0 'new-ap 1.0' "$apc" check new-ap.xml
if "$apc" check new-ap.xml 2>&1 | grep -q 'warning IG'; then echo 'not ok a new description has no warning'; else echo 'ok a new description has no warning'; fi
cp new-ap.xml kept.xml
run 1 IG1240 "$apc" new new-ap.xml --from "$top/samples/type-a/type-a.xml"
check 'it is not overwritten' cmp new-ap.xml kept.xml
run 0 '"rid":"D392100031","pix":"0001FFFF55"' "$apc" new --json a.xml --id town-a --rid D392100031 --pix 0001FFFF55 --from type-a
run 0 '"aid":"D3921000310001FFFF55"' "$apc" check a.xml --json
check 'comments are copied' grep -q 'A transport PIN: it opens nothing' a.xml
check 'titles are not' sh -c '! grep -q "type A (records)</title>" a.xml && grep -q ">town-a</title>" a.xml'
sed 's/id="town-a"/id="type-a"/; s/0001FFFF55/0001FFFF0A/; s/>town-a</>x</' a.xml >one-way
sed 's/<title\(.*\)>.*</<title\1>x</' "$top/samples/type-a/type-a.xml" >other-way
check 'the rest is a copy' cmp one-way other-way
for sample in "$top"/samples/*/README.md; do
	ap=$(basename "$(dirname "$sample")")
	run 0 '"exit":0' "$apc" new "copy-of-$ap.xml" --from "$ap" --json
	run 0 "copy-of-$ap 1.0" "$apc" check "copy-of-$ap.xml"
done
printf '<card-ap xmlns="urn:igata:card-ap:1" id="derived" version="3.0" base="a.xml"><aid rid="D392100031" pix="56"/></card-ap>' >derived.xml
run 0 '"exit":0' "$apc" new from-derived.xml --from derived.xml --json
check 'a copy needs no base' sh -c '! grep -q base= from-derived.xml && grep -q user-data from-derived.xml'
run 0 'from-derived 1.0' "$apc" check from-derived.xml
run 1 IG1241 "$apc" new '日本.xml'
run 1 IG1242 "$apc" new b.xml --rid D3921000
run 1 IG1242 "$apc" new b.xml --pix 1
run 1 "did you mean 'type-a'" "$apc" new b.xml --from type-aa
run 1 IG1243 "$apc" new b.xml --from nothing-like-it
run 1 broken.xml "$apc" new b.xml --from broken.xml
run 2 IG1202 "$apc" new no/such/folder/b.xml
check 'nothing is written when there is an error' test ! -e b.xml

# A program finds what comes with it from where it stands: in its build tree, and installed.
mkdir -p away/bin away/share/igata && cp "$apc" away/bin/apc
cp -r "$top/chipprofiles" "$top/samples" away/share/igata
run 0 iso-compact-32k env -u IGATA_PROFILES away/bin/apc chips
run 0 '"exit":0' env -u IGATA_PROFILES away/bin/apc new moved.xml --from type-c --json
case $apc in "$top"/build*) run 0 iso-compact-32k env -u IGATA_PROFILES "$apc" chips ;; esac

# check
run 0 'no errors, warnings 0' "$apc" check ap.xml
run 0 'エラーなし、警告 0' "$apc" check ap.xml --lang ja
run 0 '"id":"entrance-card"' "$apc" check ap.xml --json
run 1 'broken.xml:' "$apc" check broken.xml
run 1 '"exit":1' "$apc" check broken.xml --json
run 2 IG1200 "$apc" check missing.xml
head -c 1100000 /dev/zero | tr '\0' ' ' >big.xml
run 1 IG1203 "$apc" check big.xml

# format
run 0 '<aid rid="D392100031"' "$apc" format ap.xml
run 0 '"text":"<?xml' "$apc" format ap.xml --json
run 1 'broken.xml:' "$apc" format broken.xml

# build: nothing is written when there is an error
run 1 IG1225 "$apc" build ap.xml
run 1 IG1223 "$apc" build ap.xml --chip a --all-chips
run 1 IG0605 "$apc" build ap.xml --chip iso-compact-32k --chip starcos-like-8k -o none
check 'nothing is written where every chip refuses' nothing none
run 1 broken.xml "$apc" build broken.xml --all-chips --allow-assumed -o none
check 'nothing is written for a broken description' nothing none
run 1 IG0730 "$apc" build ap.xml --all-chips --allow-assumed --sign "$certificate" -o none
check 'nothing is written without the key' nothing none
run 1 'no-such-chip' "$apc" build ap.xml --chip iso-compact-32k --chip no-such-chip --allow-assumed -o none
check 'nothing is written when one of two named chips fails' nothing none
run 2 IG1226 "$apc" build ap.xml --all-chips --allow-assumed -o no/such/folder
run 0 'entrance-card-1.0-iso-compact-32k.apimg' "$apc" build ap.xml --all-chips --allow-assumed --sign "$key" -o one
check 'an image for each chip' test "$(ls one | wc -l)" -eq "$(grep -c 'apimg$' out)" -a "$(ls one | wc -l)" -ge 35

run 0 'write one/entrance-card-1.0-starcos-like-8k.apimg' "$apc" build ap.xml --all-chips --allow-assumed --sign "$key" \
	-o one --trace

# build: a chip that cannot carry the AP
run 1 IG0693 "$apc" build signs.xml --chip nxp-jcop4-j3r180 --allow-assumed -o none
run 0 '{"chip":"starcos-like-8k","code":"IG0633"}' "$apc" build two.xml --all-chips --allow-assumed -o two --json
check 'the others are built' test -f two/two-pins-1.0-iso-compact-32k.apimg
run 1 starcos-like-8k "$apc" build two.xml --all-chips --allow-assumed --strict -o none
run 1 starcos-like-8k "$apc" build two.xml --chip starcos-like-8k --allow-assumed -o none
check 'nothing is written for a named chip that refuses' nothing none

# The same input gives the same bytes, wherever and whenever.
mkdir -p elsewhere/deep && cp ap.xml elsewhere/deep/other-name.xml
(
	cd elsewhere/deep && umask 077
	TZ=Asia/Tokyo LC_ALL=ja_JP.UTF-8 LANG=ja "$apc" build other-name.xml --all-chips --allow-assumed --sign "$key" -q
) >out 2>&1
for f in one/*.apimg; do
	check "$(basename "$f") is equal everywhere" cmp "$f" elsewhere/deep/"$(basename "$f")"
done

# inspect
image=one/entrance-card-1.0-iso-compact-32k.apimg
run 0 'CN=Igata PUBLIC TEST KEY - worthless' "$apc" inspect $image
run 0 'igata-script 1' "$apc" inspect $image
run 0 '"trust":"test-key"' "$apc" inspect $image --json
run 0 'PIN holder' "$apc" inspect $image --lang ja
run 0 '"format":1' "$apc" inspect $image --entry access.json
run 1 IG0711 "$apc" inspect $image --entry nothing
run 1 IG0708 "$apc" inspect $image --trust "$certificate"
run 2 IG1200 "$apc" inspect missing.apimg
run 1 IG0700 "$apc" inspect ap.xml

# inspect of a CAP file
cap=$top/tests/fuzz/corpus/cap/tiny-2.2.cap
run 0 'package tests/tiny F049474101 1.0' "$apc" inspect "$cap"
run 0 'invokevirtual #4 javacard/framework/Applet.selectingApplet()Z' "$apc" inspect "$cap"
run 0 '必要な版: Java Card 2.1.1' "$apc" inspect "$cap" --lang ja
run 0 '"op":"invokestatic","operands":"#5 javacard/framework/ISOException.throwIt(S)V"' "$apc" inspect "$cap" --json
run 1 IG1215 "$apc" inspect "$cap" --trust "$certificate"
run 1 IG1215 "$apc" inspect "$cap" --entry suite/full
run 2 IG1200 "$apc" inspect missing.cap

# verify-cap
run 0 'verified: 1 classes, 3 methods, 6 constants' "$apc" verify-cap "$cap"
run 0 '検証済み(クラス 1、メソッド 3、定数 6)' "$apc" verify-cap "$cap" --lang ja
run 0 '"methods":3' "$apc" verify-cap "$cap" --json
run 0 verified "$apc" verify-cap "$cap" --library "$cap"
set --
for n in $(seq 65); do set -- "$@" --library "$cap"; done
run 1 IG1335 "$apc" verify-cap "$cap" "$@"
run 1 IG1300 "$apc" verify-cap ap.xml
run 2 IG1200 "$apc" verify-cap "$cap" --library missing.cap
cp ap.xml ap.cap
run 1 IG1300 "$apc" inspect ap.cap
# One byte of the code, behind the archive's checksums: what names the package is shown all the same.
cp "$top/tests/fuzz/corpus/cap/tiny-2.1.bare" wrong.cap
at=$(LC_ALL=C grep -obUaP '\x8d\x00\x05' wrong.cap | cut -d: -f1)
printf '\377' | dd of=wrong.cap bs=1 seek=$((at + 2)) conv=notrunc 2>/dev/null
run 1 IG1316 "$apc" inspect wrong.cap
run 1 'F04947410101  install @12' "$apc" inspect wrong.cap
cp $image changed.apimg
printf X | dd of=changed.apimg bs=1 seek=3000 conv=notrunc 2>/dev/null
run 1 IG0701 "$apc" inspect changed.apimg
unzip -q $image -d parts && (cd parts && echo x >>suite/probe && rm -f ../zip.apimg && zip -q0X ../zip.apimg \
	manifest.json payload/script template.json access.json suite/probe suite/full signature.p7s) 2>/dev/null
if [ -f zip.apimg ]; then run 1 IG0701 "$apc" inspect zip.apimg; fi

# Other programs agree.
check 'unzip finds a sound archive' unzip -tq $image
"$apc" inspect $image --entry manifest.json >manifest.json
"$apc" inspect $image --entry signature.p7s >signature.p7s
check 'openssl verifies the signature' openssl cms -verify -binary -purpose any -inform DER -in signature.p7s \
	-content manifest.json -CAfile "$certificate" -out verified
check 'openssl verified the manifest' cmp manifest.json verified
printf ' ' >>manifest.json
if openssl cms -verify -binary -purpose any -inform DER -in signature.p7s -content manifest.json -CAfile "$certificate" \
	-out verified >out 2>&1; then echo 'not ok openssl refuses another manifest'; else echo 'ok openssl refuses another manifest'; fi

# chips, explain, explain-code
run 0 starcos-like-8k "$apc" chips
run 0 '"name":"starcos-like-8k"' "$apc" chips --json
run 0 'pin.counts-first' "$apc" chips iso-compact-32k
run 0 '"source":' "$apc" chips iso-compact-32k --json
run 1 iso-compact-32k "$apc" chips iso-compact
run 1 IG1227 "$apc" chips --profiles elsewhere
run 1 IG1227 "$apc" build ap.xml --all-chips --profiles elsewhere
run 0 emulated "$apc" explain ap.xml --chip iso-compact-32k
run 0 '"way":"refused"' "$apc" explain two.xml --json
run 1 broken.xml "$apc" explain broken.xml
run 1 no-such-chip "$apc" explain ap.xml --chip no-such-chip
run 0 '対処' "$apc" explain-code IG0701 --lang ja
run 0 '"severity":"error"' "$apc" explain-code IG0701 --json
run 1 IG1224 "$apc" explain-code IG9999
run 1 IG1212 "$apc" chekc ap.xml
run 0 usage: "$apc" --help
run 0 'apc (Igata)' "$apc" --version

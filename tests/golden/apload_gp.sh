#!/bin/sh
# apload on GlobalPlatform cards as people and scripts meet it: what it does, what it refuses and how it says so, in both
# languages and as JSON; that no key is printed, recorded, journalled or planned.
# Prints "ok NAME" and "not ok NAME".
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/golden/typed

cp tests/fuzz/corpus/cap/tiny-2.1.cap "$work/tiny.cap"
cd "$work" || exit 2
mkdir state
applet=F04947410101
apsim new --quiet --seed 3 --chip nxp-jcop4-j3r180 j.card
apsim new --quiet --seed 3 --chip iso-compact-32k native.card

# Options, before any card is asked.
try 'an AID of two bytes' 1 "IG1417: 'F049' is not a value for --instance" apload install tiny.cap --card j.card --instance F049
try 'unknown privilege' 1 "IG1417: 'card-look' is not a value for --privileges" apload install tiny.cap --card j.card --privileges card-lock,card-look
try 'parameters are not repeated' 1 "IG1417: '…' is not a value for --params" apload install tiny.cap --card j.card --params 31323X
try 'unknown level' 1 'IG1417.*--security' apload list --card j.card --security mac
try 'unknown protocol' 1 'IG1417.*--scp' apload list --card j.card --scp 02:99
try 'key version 00' 1 'IG1417.*--new-version' apload put-key --card j.card --new-keys k --new-version 00
try 'no new keys' 1 'IG1417.*--new-keys' apload put-key --card j.card --new-version 41
echo 'PIN' >v.csv
try 'values are for images' 1 'IG1429: --perso does nothing for a CAP file' apload install tiny.cap --card j.card --perso v.csv --row 1
check 'each option is named' grep -q 'IG1429: --row' out
try 'in Japanese: --set' 1 'IG1429: --set は CAP ファイル には使えません' apload install tiny.cap --card j.card --set PIN=1234 --lang ja
check 'not its value' sh -c '! grep -q 1234 out'
try 'applets are for CAP files' 1 'IG1429: --applet does nothing for an image' apload install x.apimg --card j.card --applet F04947410101
try 'a native card' 1 "IG1422.*iso-compact-32k" apload lock card --card native.card
try 'a CAP file on a native card' 1 IG1422 apload install tiny.cap --card native.card

# A dry run: what would be sent, nothing of it sent.
try 'dry run' 0 '^3 commands would be sent' apload install tiny.cap --card j.card --dry-run --params CAFEBABE
check 'dry run masks parameters' sh -c "! grep -q CAFEBABE out"
try 'dry run changed nothing' 0 '^A0000001515350 ' apload list --card j.card
check 'no package yet' sh -c "! grep -q F049474101 out"

try 'install' 0 '^installed package F049474101 with 1 applications' apload install tiny.cap --card j.card --record install.record
try 'JSON' 0 '"outcome":"installed","package":"F049474101","instances":\["F04947410102"\]' \
	apload install tiny.cap --card j.card --instance F04947410102 --force --json
try 'list as JSON' 0 '"kind":"package","aid":"F049474101","life-cycle":"LOADED"' apload list --card j.card --json
try 'list in Japanese' 0 'パッケージ  LOADED  版 1.0' apload list --card j.card --lang ja
try 'info as JSON' 0 '"secure-channels":\["03:70"\]' apload info --card j.card --json
try 'an applet that is not in it' 1 IG1412 apload install tiny.cap --card j.card --applet F0494741FF
try 'the package is there' 1 'IG1407.*version 1.0' apload install tiny.cap --card j.card
try 'in Japanese' 1 'IG1407: パッケージ F049474101' apload install tiny.cap --card j.card --lang ja
try 'explained by command' 1 'IG1400: the card refuses SET STATUS: 6A88 \(it is not there\)' apload lock F049474177 --card j.card
try 'no way back without asking' 1 'IG1421.*secured' apload set-status card secured --card j.card
try 'no termination by accident' 1 'IG1421.*terminated' apload set-status card terminated --card j.card --permanent
try 'unknown state' 1 "IG1417: 'asleep'" apload set-status card asleep --card j.card
try 'the issuer domain stays' 1 IG1425 apload delete A000000151000000 --card j.card

# Security domains.
domain=D392100031000001
try 'make-domain' 0 . apload make-domain $domain --card j.card --privileges security-domain,authorized-management
try 'move' 0 . apload move F049474101 --to $domain --card j.card
try 'a domain in use' 1 "IG1430: 1 applications and packages belong to the security domain $domain" apload delete $domain --card j.card
try 'move back' 0 . apload move F049474101 --to A000000151000000 --card j.card
try 'an empty domain goes' 0 "^deleted $domain" apload delete $domain --card j.card

# Keys.
echo '* gp version=30 key=C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF' >k && chmod 600 k
try 'put-key' 0 '^the keys are on the card' apload put-key --card j.card --new-keys k --new-version 30 --record put.record
try 'that version is there' 1 IG1418 apload put-key --card j.card --key-version 31 --new-keys k --new-version 30
try 'the new keys' 0 F04947410102 apload list --card j.card --keys k --key-version 30
try 'keys of another version' 1 'IG1424.*31' apload list --card j.card --keys k --key-version 31
echo '* gp key=FFC1C2C3C4C5C6C7C8C9CACBCCCDCECF' >w && chmod 600 w
try 'a wrong key' 1 'IG1401.*30, SCP03' apload list --card j.card --keys w --key-version 30
try 'a wrong key again' 1 IG0858 apload list --card j.card --keys w --key-version 30
try 'a key file for all' 1 IG0851 sh -c 'chmod 644 w; apload list --card j.card --keys w --key-version 30'
check 'no key is kept' sh -c "! grep -rqiE 'C0C1C2C3|FFC1C2C3|40414243' state *.record all"
check 'records are masked' grep -qE '^> 84D80081[0-9A-F]+[*]+' put.record
try 'trace names the commands' 0 'PUT KEY' apload trace put.record

try 'delete needs more' 1 'IG1416: 1 applications' apload delete tiny.cap --card j.card --key-version 31
try 'delete' 0 '^deleted F049474101' apload delete tiny.cap --card j.card --force --key-version 31
try 'gone' 1 IG1415 apload delete F049474101 --card j.card --key-version 31

# A product that nobody can load.
for chip in $(grep -l 'gp.loading" value="closed' "$top"/chipprofiles/*.xml | head -1); do
	chip=$(basename "$chip" .xml)
	apsim new --quiet --chip "$chip" closed.card
	try 'a closed product' 1 "IG1426: nothing can be loaded onto '$chip'" apload install tiny.cap --card closed.card --chip "$chip"
done
exit $failed

#!/bin/sh
# The guides are checked: every example is compiled, the wrong ones give the code they name, "$" lines are run in one
# folder and must print what stands below them, every element and attribute of the language is spoken of, and both languages
# have the same examples.
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
suites=$top/${O:-build}/tests/unit/sample_suites
export PATH="$top/${O:-build}:$PATH" LC_ALL=C.UTF-8 IGATA_PROFILES=$top/chipprofiles XDG_STATE_HOME=$work/state

# The blocks of a guide as NNN.kind files; the words behind the fence are the first line.
split() { # guide, folder
	awk -v dir="$2" '
		/^```./ { n++; file = sprintf("%s/%03d", dir, n); print substr($0, 4) >file; inside = 1; next }
		/^```/ { inside = 0; close(file); next }
		inside { print >file }' "$1"
}

frame() { # file: a part of a description within its frame
	if grep -q '<card-ap' "$1"; then
		cat "$1"
	else
		echo '<card-ap xmlns="urn:igata:card-ap:1" id="part" version="1.0" area="extension">'
		echo '<aid rid="D392100031" pix="0001FFFF70"/>'
		cat "$1"
		echo '</card-ap>'
	fi
}

result() { # name, status, file with what was said
	if [ "$2" -eq 0 ]; then echo "ok $1"; else
		echo "not ok $1"
		cat "$3"
	fi
}

# Everything behind "$ " and "> " is one script; all other lines are what it prints.
console() { # block, name
	sed -n 's/^[$>] //p' "$1" >script
	sed '1d; /^[$>] /d' "$1" >want
	if env LC_ALL=$locale LANG=$locale sh -e script >got 2>said </dev/null && cmp -s want got; then echo "ok $2"; else
		echo "not ok $2"
		diff want got
		cat said
	fi
}

compile() { # block, name, "" or the code it must give
	sed 1d "$1" >body
	frame body >example.xml
	apc check example.xml --lang en >said 2>&1
	status=$?
	if [ -n "$3" ]; then
		grep -q "$3" said
		status=$?
	elif grep -v 'IG034[345]' said | grep -q 'warning IG'; then # parts leave those, as the guide says
		status=1
	fi
	result "$2" "$status" said
	# What is good runs its own suites on the reference card.
	if [ -z "$3" ] && [ "$status" -eq 0 ]; then
		"$suites" "$PWD/example.xml" >said 2>&1
		result "$2, its suites" $? said
	fi
}

for lang in en ja; do
	guide=samples/guide.$lang.md
	dir=$work/$lang
	case $lang in ja) locale=ja_JP.UTF-8 ;; *) locale=C.UTF-8 ;; esac
	mkdir "$dir" "$dir/blocks"
	split "$guide" "$dir/blocks"
	cd "$dir" || exit 2
	for block in blocks/*; do
		read -r kind word code <"$block"
		name="guide.$lang example $(basename "$block") $kind $word${code:+ $code}"
		case $kind in
		xml)
			compile "$block" "$name" "$code"
			case $word in *.xml) cp body "$word" ;; esac
			;;
		csv) sed 1d "$block" >"$word" ;;
		console) console "$block" "$name" ;;
		*) echo "not ok $name: a fence that nothing checks" ;;
		esac
	done
	cd "$top" || exit 2
	sed -nE 's/^(ELEMENT\([A-Z_]+|ATTRIBUTE\([A-Z_]+, [A-Z_]+), "([^"]+)".*/\2/p' compiler/description/grammar.def | sort -u |
		while read -r word; do
			grep -qF "\`$word\`" "$guide" || grep -qE "\`([a-z-]+ )*$word([= ][^\`]*)?\`" "$guide" || echo "$word"
		done >"$work/unspoken"
	if [ -s "$work/unspoken" ]; then
		echo "not ok guide.$lang speaks of everything; not of: $(tr '\n' ' ' <"$work/unspoken")"
	else
		echo "ok guide.$lang speaks of everything"
	fi
done
# What is printed may differ with the language, what is written may not.
for lang in en ja; do
	for block in "$work/$lang"/blocks/*; do
		case $(head -1 "$block") in console*) grep '^[$>] ' "$block" ;; *) cat "$block" ;; esac
	done >"$work/blocks.$lang"
done
diff -u "$work/blocks.en" "$work/blocks.ja" >"$work/differ"
result 'the guides have the same examples' $? "$work/differ"

#!/bin/sh
# The manuals are checked: mandoc finds nothing to say, every option of --help is described, and the examples do what
# they show. An example is a display in section EXAMPLES; "$ command" lines are run one after the other in a folder with
# the entrance-card sample, and lines below a command are what it must print.
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
bin=$top/${O:-build}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export PATH="$bin:$PATH" LC_ALL=C.UTF-8 LANG=C.UTF-8 IGATA_PROFILES=$top/chipprofiles XDG_STATE_HOME=$work/state

examples() { # page: "$ command" and expected lines of section EXAMPLES
	awk '/^\.Sh /{ on = ($2 == "EXAMPLES") } /^\.Bd/{ shown = on } /^\.Ed/{ shown = 0 } shown && !/^\.B/{ print }' "$1" |
		sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g'
}

run_examples() { # page, text file
	dir=$work/$(basename "$1")
	mkdir "$dir" && cp "$top"/samples/entrance-card/*.xml "$top"/samples/entrance-card/*.csv "$top"/samples/keys/*.pem "$dir"
	cp "$top/tests/fuzz/corpus/cap/tiny-2.1.cap" "$dir/tiny.cap"
	cd "$dir" || return
	command=
	: >want
	n=0
	check() {
		[ -n "$command" ] || return
		n=$((n + 1))
		sh -c "$command" >got 2>err </dev/null
		status=$?
		if [ "$status" -ne 0 ]; then
			echo "not ok $(basename "$1") example $n: $command: status $status"
			cat err
		elif [ -s want ] && ! cmp -s want got; then
			echo "not ok $(basename "$1") example $n: $command"
			diff want got
		else
			echo "ok $(basename "$1") example $n"
		fi
	}
	while IFS= read -r line; do
		case $line in
		'$ '*)
			check "$1"
			command=${line#??}
			: >want
			;;
		*) printf '%s\n' "$line" >>want ;;
		esac
	done <"$2"
	check "$1"
	[ "$n" -gt 0 ] || echo "not ok $(basename "$1") has an example"
	cd "$top" || exit 2
}

for page in compiler/apc.1 runtime/apload.1 runtime/apsim.1; do
	name=$(basename "$page" .1)
	if out=$(mandoc -Tlint -Wwarning "$page" 2>&1); then echo "ok $page lint"; else
		echo "not ok $page lint"
		echo "$out"
	fi
	# Every command and option that --help knows is in the page.
	mandoc -Tascii "$page" | sed 's/.\x08//g' >"$work/$name.txt"
	for command in $("$bin/$name" --help | awk '/^commands:/{ on = 1; next } /^$/{ on = 0 } on{ print $1 }'); do
		options=$("$bin/$name" "$command" --help | grep -oE -- '--[a-z-]+' | sort -u)
		missing=
		for word in "$command" $options; do
			grep -q -- "$word" "$work/$name.txt" || missing="$missing $word"
		done
		if [ -z "$missing" ]; then echo "ok $page describes $command"; else echo "not ok $page: $command:$missing"; fi
	done
	examples "$page" >"$work/$name.examples"
	run_examples "$page" "$work/$name.examples"
done

# The README's worked example: its xml and csv blocks are the files, its console block is what is typed.
block() { # language
	awk -v lang="$1" '$0 == "```" lang { on = 1; next } /^```$/{ on = 0 } on{ print }' "$top/README.md"
}
block console >"$work/readme.console"
mkdir "$work/readme" && cd "$work/readme" || exit 2
block xml >my-ap.xml
block csv >cards.csv
cd "$top" || exit 2
run_readme() {
	dir=$work/readme-run
	mkdir "$dir" && cp "$work"/readme/* "$dir" && cd "$dir" || exit 2
	ln -s "$bin" build && ln -s "$top/chipprofiles" chipprofiles && ln -s "$top/samples" samples && ln -s "$top/tests" tests
	n=0
	while IFS= read -r line; do
		case $line in
		'$ '*)
			n=$((n + 1))
			if out=$(sh -c "${line#??}" 2>&1 </dev/null); then echo "ok README step $n"; else
				echo "not ok README step $n: ${line#??}"
				echo "$out"
			fi
			;;
		esac
	done <"$work/readme.console"
	[ "$n" -gt 0 ] || echo "not ok README has an example"
	cd "$top" || exit 2
}
run_readme

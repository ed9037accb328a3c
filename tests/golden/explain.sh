#!/bin/sh
# What `apc explain` says of each sample, and of descriptions in tests/golden/explain with every construct of the language,
# in both languages, up to the tables of the chips: tests/golden/explain.
# BLESS=1 rewrites the files: review the difference.
cd "$(dirname "$0")/../.." || exit 2
apc=${O:-build}/apc
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 IGATA_PROFILES=chipprofiles

for xml in samples/*/*.xml tests/golden/explain/*.xml; do
	ap=$(basename "$xml" .xml)
	case $xml in "samples/$ap/$ap.xml" | tests/*) ;; *) continue ;; esac
	for lang in en ja; do
		golden=tests/golden/explain/$ap.$lang.txt
		if ! "$apc" explain "$xml" --chip iso-compact-32k --lang $lang >"$work/out" 2>"$work/err"; then
			echo "not ok explain $ap $lang"
			cat "$work/err"
			continue
		fi
		sed "/^$ap [0-9.]*: iso-compact-32k/,\$d" "$work/out" >"$work/said"
		[ -n "${BLESS-}" ] && cp "$work/said" "$golden"
		if diff -u "$golden" "$work/said"; then echo "ok explain $ap $lang"; else echo "not ok explain $ap $lang"; fi
	done
done

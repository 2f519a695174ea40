#!/usr/bin/env bats
# naughty: the Big List of Naughty Strings goes in and out byte for byte, or is refused
# with a reason, and none of it reaches a terminal raw

# bats sets it where a run has --separate-stderr.
# shellcheck disable=SC2154
load helper

# A string may be stored unless it holds a control character other than a tab.
# shellcheck disable=SC2016 # it is jq that expands
readonly GOOD='def good: explode | all(. == 9 or (. >= 32 and . < 127) or . >= 160);'

strings()
{
	LIST=$ROOT/../shared/data/torture/blns/blns.json
	[[ -f $LIST ]] || skip "the list is not here: $LIST"
	command -v jq >/dev/null || skip "no jq"
	store
	jq -c "$GOOD [.[] | select(good)]" "$LIST" >good.json
	[ "$(jq length good.json)" -gt 500 ]
}

# as FORMAT < a JSON array: each string as a name of its own, a text and a note.
as()
{
	case $1 in
	json) jq -c 'to_entries[] | { name: "n\(.key)", region: .value, notes: .value }' ;;
	csv) jq -r '["name", "region", "notes"], (to_entries[] | ["n\(.key)", .value, .value]) | @csv' ;;
	tsv) jq -r '["name", "region", "notes"], (to_entries[] | ["n\(.key)", .value, .value]) | @tsv' ;;
	esac
}

# holds FILE: the store's customers have the strings of that JSON array, in that order.
holds()
{
	bo-customer list -o json | jq -cs 'map(.region // "")' | cmp - "$1"
	bo-customer list -o json | jq -cs 'map(.notes // "")' | cmp - "$1"
}

@test "every string that may be stored comes in by CSV, TSV and JSON, byte for byte" {
	strings
	for format in csv tsv json; do
		rm -rf "$BO_STORE"
		store
		as $format <good.json | bo-customer add -q --in $format -
		holds good.json
	done
}

@test "what goes out by CSV, TSV and JSON comes in the same" {
	strings
	as json <good.json | bo-customer add -q -
	for format in csv tsv json; do
		for raw in '' --raw; do
			bo-customer list -f name,region,notes -o $format $raw >out.$format
			bo-init -q "other$raw.$format"
			BO_STORE=other$raw.$format bo-customer add -q --in $format - <out.$format
			BO_STORE=other$raw.$format holds good.json
		done
	done
}

@test "a spreadsheet gets every formula defused, and nothing else changed" {
	strings
	as json <good.json | bo-customer add -q -
	bo-customer list -f name,region,notes >plain.csv
	bo-customer list -f name,region,notes --spreadsheet >defused.csv
	[ "$(wc -l <plain.csv)" -eq "$(wc -l <defused.csv)" ]
	run -1 grep -E '^[^,]*,"?[=+@-]' defused.csv
	grep -qE '^[^,]*,"?[=+@-]' plain.csv
	bo-init -q other
	bo-customer -d other add -q - <defused.csv
	bo-customer -d other list -o json | jq -cs 'map(.region // "")' >back.json
	# shellcheck disable=SC2016 # it is jq that expands
	jq -ne --slurpfile a good.json --slurpfile b back.json \
	    '[$a[0], $b[0]] | transpose | all(.[1] == .[0] or .[1] == "'"'"'" + .[0])'
}

@test "the others are refused, each with its line and both of its fields" {
	strings
	for format in csv tsv json; do
		# shellcheck disable=SC2016 # it is jq that expands
		jq -r --argjson first "$([[ $format = json ]] && echo 1 || echo 2)" "$GOOD"'
			to_entries[] | select(.value | good | not) | ("region", "notes") as $field |
			"bo-customer: -:\(.key + $first): \($field): a control character"' "$LIST" >expected
		[ -s expected ]
		as $format <"$LIST" >in
		run -3 --separate-stderr bo-customer add --in $format - <in
		[ -z "$output" ]
		# JSON stops at the first fault of an object.
		[[ $format != json ]] || sed -i '/ notes: /d' expected
		diff expected - <<<"$stderr"
		[ -z "$(bo-customer list -o ids)" ]
	done
}

# tame FILE: what a terminal got is text, line ends and colours, nothing that turns the direction.
tame()
{
	sed -e 's/\r$//' -e 's/\x1b\[[0-9;]*m//g' "$1" >seen
	[ -s seen ]
	run -1 grep -nP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' seen
	run -1 grep -nP '\xd8\x9c|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6\xa7]' seen
}

@test "none of it reaches a terminal raw" {
	command -v script >/dev/null || skip "no script(1)"
	strings
	as json <good.json | bo-customer add -q -
	for command in list 'list -f region,notes --color=always' 'show C1 C100 C180 C200' 'log C170 C173' 'list -s region'; do
		script -qec "bo-customer $command" /dev/null </dev/null >typescript
		tame typescript
	done
}

@test "no message about it reaches a terminal raw" {
	strings
	jq -c '.[] | { name: "x", email: . }' "$LIST" >in.json
	split -l 90 in.json part.
	for part in part.*; do
		run -3 bo-customer add - <"$part"
		printf '%s\n' "$output" >typescript
		tame typescript
	done
}

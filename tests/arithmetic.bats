#!/usr/bin/env bats
# arithmetic: what bo makes of amounts is what bc makes of them
#
# Rounding half away from zero, numbers that do not fit, lines with discount and tax, rates
# of exchange, splits by largest remainder, in currencies of 0, 2 and 3 decimals.

load helper

# Thousands of cases from a seed: none differs.
agree() # SEED COUNT
{
	command -v bc >/dev/null || skip 'bc is not installed'
	"$BO_BUILD/tests/money/cases" "$1" "$2" >cases
	cut -f2 cases >ours
	{
		cat "$ROOT/tests/money/functions.bc"
		cut -f1 cases
	} | BC_LINE_LENGTH=0 bc -q >theirs
	[ "$(wc -l <ours)" -eq $(($2 * 8)) ]
	diff ours theirs >differences || {
		paste cases theirs | awk -F'\t' '$2 != $3' | head -n 5
		return 1
	}
}

@test "eight thousand cases" { agree 1 1000; }

@test "eight thousand others" { agree 20261127 1000; }

@test "numbers that do not fit are among them, and so are halves and ties" {
	"$BO_BUILD/tests/money/cases" 1 1000 >cases
	[ "$(grep -c "$(printf '\t')1000000000000000000000000000000\$" cases)" -gt 100 ]
	[ "$(grep -c '^r(-*[0-9]*500,[3-9],[0-9])' cases)" -gt 50 ]
	[ "$(grep -cE '^w\[0\]=7;w\[1\]=7;w\[2\]=7;' cases)" -gt 20 ]
}

@test "a wrong result is noticed" {
	command -v bc >/dev/null || skip 'bc is not installed'
	mkdir -p build/tests/money
	printf '#!/bin/sh\n"%s" "$@" | sed "100s/\\$/1/"\n' "$BO_BUILD/tests/money/cases" >build/tests/money/cases
	chmod +x build/tests/money/cases
	BO_BUILD=$PWD/build
	run -1 agree 1 1000
}

#!/usr/bin/env bats
# the judge of what the tests reach: each of its rules can fail

load helper

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p lib/store lib/base tests/coverage
	printf '%s\n' one '	if (a && b)' three '	if (a && b)' >lib/store/a.c
	printf '# nothing\n' >tests/coverage/reasons
}

# file NAME LINE...: a file of the report; LINE is NUMBER:COUNT:BRANCH,BRANCH...
file()
{
	jq -nc '{ file: $ARGS.positional[0], lines: [$ARGS.positional[1:][] | split(":") |
	    { line_number: (.[0] | tonumber), count: (.[1] | tonumber), "gcovr/noncode": (.[1] == "-1"),
	      branches: [.[2] | split(",")[] | { count: tonumber }] }] }' --args "$@"
}

# judge FILE...: the tool's word on a report of these files
judge()
{
	printf '%s\n' "$@" | jq -s '{ files: . }' >counts.json
	run "$ROOT/tests/tools/coverage" "$PWD/counts.json" .
	echo "$output"
}

# reason FILE NUMBER LINE REASON
reason()
{
	(IFS=$'\t' && printf '%s\n' "$*") >>tests/coverage/reasons
}

setup_file()
{
	command -v jq >/dev/null || skip 'there is no jq'
}

@test "where every outcome comes about all is well" {
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 1:1: 2:7:3,4)"
	[ "$status" -eq 0 ]
	[[ $output == *'lib/store/a.c                    2 of     2  100.0 %       2 of     2  100.0 %'* ]]
	[[ $output == *'0 outcomes in lib/store never come about, for 0 reasons'* ]]
}

@test "one that does not come about needs a reason" {
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'lib/store/a.c:2: 1 of 2 outcomes never come about, and no reason says why: if (a && b)' ]
	reason lib/store/a.c 1 'if (a && b)' 'b is always true'
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0)"
	[ "$status" -eq 0 ]
	[[ $output == *'1 outcomes in lib/store never come about, for 1 reasons'* ]]
}

@test "a reason is for so many outcomes, of one line" {
	reason lib/store/a.c 1 'if (a && b)' 'b is always true'
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0,0)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'lib/store/a.c:2: 2 outcomes never come about, the reason is for 1: if (a && b)' ]
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0 4:7:0,1)"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == 'lib/store/a.c:4: one reason can not be for two lines'* ]]
}

@test "a reason that is stale, there twice or makes no sense is a fault" {
	reason lib/store/a.c 1 'if (a && b)' 'b is always true'
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,4)"
	[ "$status" -eq 1 ]
	[[ ${lines[-1]} == 'tests/coverage/reasons: goes with nothing that is not reached: lib/store/a.c'* ]]
	reason lib/store/a.c 1 'if (a && b)' 'b is always true'
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'tests/coverage/reasons: twice: lib/store/a.c: if (a && b)' ]
	reason lib/store/a.c 1 'three'
	judge "$(file lib/base/b.c 1:1:)" "$(file lib/store/a.c 2:7:3,0)"
	[ "$status" -eq 1 ]
	[[ $output == *'not FILE, NUMBER, LINE, REASON: '* ]]
}

@test "counts of nothing are not enough" {
	judge "$(file lib/base/b.c 1:1:)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'nothing was counted in lib/store' ]
	judge "$(file lib/store/a.c 2:7:3,4)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'nothing was counted in the rest of lib' ]
}

@test "outside the store ninety lines in a hundred are to be reached, branches are only told" {
	judge "$(file lib/base/b.c 1:1:0,1 2:1: 3:1: 4:1: 5:1: 6:1: 7:1: 8:1: 9:1: 10:0: 11:-1:)" \
	    "$(file lib/store/a.c 1:1:)"
	[ "$status" -eq 0 ]
	judge "$(file lib/base/b.c 1:1: 2:1: 3:1: 4:1: 5:1: 6:1: 7:1: 8:1: 9:0:)" "$(file lib/store/a.c 1:1:)"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'less than 90 % of the lines of lib outside lib/store are reached' ]
}

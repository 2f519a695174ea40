#!/usr/bin/env bats
# how long files and functions may be

load helper

style()
{
	run "$ROOT/tests/tools/style" "$@"
	[ "$status" -ne 2 ] || skip "$output"
	echo "$output"
}

# A function NAME of LINES lines, its type on a line before.
function_of()
{
	printf 'int\n%s(int x)\n{\n' "$1"
	yes '	x++;' | head -n "$(($2 - 4))"
	printf '	return x;\n}\n'
}

@test "no file and no function of this tree is too long" {
	style "$ROOT"
	[ "$status" -eq 0 ]
}

@test "a function of 70 lines passes, one of 71 does not" {
	mkdir -p lib/base cmd tests
	{
		function_of fits 70
		function_of stretched 71
	} >lib/base/a.c
	style .
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == 'lib/base/a.c:'*': stretched has 71 lines, 70 at most' ]]
}

@test "a file of 600 lines passes, one of 601 does not" {
	mkdir -p lib/base cmd tests
	yes '/* line */' | head -n 600 >lib/base/fits.c
	yes '/* line */' | head -n 601 >cmd/bo-long.c
	style .
	[ "$status" -eq 1 ]
	[ "$output" = 'cmd/bo-long.c: 601 lines, 600 at most' ]
}

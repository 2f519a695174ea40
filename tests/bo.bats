#!/usr/bin/env bats
# bo: the front of all commands

# bats sets it where a run has --separate-stderr.
# shellcheck disable=SC2154
load helper

@test "bo alone and bo help list the commands with what they are about" {
	run -0 bo
	[ "$output" = "$(bo help)" ]
	[[ $output == *'bo-customer '*'who buys'* ]]
	[[ $output == *bo-config*bo-init*bo-record* ]]
}

@test "every command that is listed is there" {
	for command in $(bo | sed -n 's/^  \(bo-[a-z]*\) .*/\1/p'); do
		[ -x "$BO_BUILD/bin/$command" ]
	done
}

@test "bo NOUN VERB is bo-NOUN VERB" {
	store
	bo customer add -q name=Ann
	[ "$(bo customer list)" = "$(bo-customer list)" ]
	run -1 --separate-stderr bo customer show C9
	[ "$stderr" = 'bo-customer: no such customer: "C9"' ]
}

@test "a table of the store's own is a noun" {
	store
	bo-table add -q table=machine prefix=MA help=x
	bo-field add -q table=machine field=serial type=text flags='key required'
	run -0 bo machine add -f serial serial=K
	[ "${lines[1]}" = K ]
	run -0 bo help machine
	[[ $output == 'usage: bo-record '* ]]
	run -2 bo machina list
	[[ $output == *'no such noun: "machina"'* ]]
}

@test "it finds the commands beside itself, and else by PATH" {
	mkdir bin
	cp "$BO_BUILD/bin/bo" bin/
	run -0 env PATH="$PATH" bin/bo customer -V
	[[ $output == bo-customer* ]]
	printf '#!/bin/sh\necho mine\n' >bin/bo-customer
	chmod +x bin/bo-customer
	[ "$(bin/bo customer -V)" = mine ]
}

@test "bo help NOUN prints what -h prints where there is no terminal" {
	[ "$(bo help ticket)" = "$(bo-ticket -h)" ]
	run -2 bo help ticket solve
}

@test "an unknown noun is status 2, with what may be meant" {
	run -2 bo custmer list
	[[ $output == *'"custmer" (did you mean "bo-customer"?)' ]]
	run -2 bo ../bin/bo-customer list
	run -2 bo -x
}

@test "-h, -V, and output that can't be written" {
	run -0 bo -h
	[[ ${lines[0]} == 'usage: bo '* ]]
	run -0 bo --version
	[[ $output == 'bo (bo) '* ]]
	run -4 bash -c 'bo >/dev/full'
}

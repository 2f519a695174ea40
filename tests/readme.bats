#!/usr/bin/env bats
# the README: what it shows is what happens

# What stands in single quotes is for grep.
# shellcheck disable=SC2016

load helper

readme=$ROOT/README.md

@test "everything that the README shows to be typed works, and prints what it shows" {
	from "2026-03-02 09:00:00" "$ROOT/tests/tools/examples" "$readme"
}

@test "the README's table names every command that is built, and no other" {
	local built named

	built=$(cd "$BO_BUILD/bin" && printf '%s\n' bo* | sort)
	named=$(sed -n '/^## Commands/,/^## /p' "$readme" | grep '^| ' | cut -d '|' -f 2 | grep -o '`[^`]*`' |
	    tr -d '`' | sort)
	[ -n "$named" ]
	diff <(echo "$built") <(echo "$named")
}

@test "every file and folder that the README points to is there" {
	local path

	for path in $(grep -oE '`(share|lib|cmd|tests)/[a-z/._-]*`|\]\([^)]*\)' "$readme" | tr -d '`()]'); do
		[ -e "$ROOT/$path" ] || { echo "not there: $path"; return 1; }
	done
}

@test "no line of the README is longer than 110 characters" {
	run -1 grep -nE '^.{111,}$' "$readme"
}

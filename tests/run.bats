#!/usr/bin/env bats
# tests/run: what it counts, and how it ends

load helper

# A program that prints what a cmocka program would: program NAME STATUS LINE...
program()
{
	local name=$1 status=$2

	shift 2
	printf '#!/bin/sh\ncat <<"EOF"\n' >"$name"
	printf '%s\n' "$@" EOF "exit $status" >>"$name"
	chmod +x "$name"
}

# Writes a bats file from standard input, in which TEST stands for what bats would
# take for a test of this very file.
bats_file()
{
	sed 's/^[[:space:]]*TEST/@test/' >"$1"
}

# runs EXPECTED-STATUS EXPECTED-LAST-LINE FILE...
runs()
{
	local status=$1 last=$2

	shift 2
	run "-$status" "$ROOT/tests/run" -b "$PWD/build" "$@"
	echo "$output"
	[ "${lines[-1]}" = "$last" ]
}

@test "tests that pass are counted, the line of a group is not" {
	program good 0 1..2 'ok 1 - one' 'ok 2 - two' '# ok - group'
	runs 0 '2 passed, 0 failed' good
	[[ $output != *'--- output'* ]]
}

@test "a test that fails is counted and its output shown in full" {
	program bad 1 1..2 'ok 1 - one' 'not ok 2 - two' '# because of this'
	runs 1 '1 passed, 1 failed' bad
	[[ $output == *'# because of this'* ]]
}

@test "a failed test is not counted twice for the status of its program" {
	program bad 3 1..1 'not ok 1 - one'
	runs 1 '0 passed, 1 failed' bad
}

@test "cmocka's way to skip is a skip" {
	program skips 0 1..2 'ok 1 - one' 'not ok 2 # SKIP two'
	runs 0 '1 passed, 0 failed, 1 skipped' skips
}

@test "a planned test that is missing counts as failed" {
	program short 0 1..3 'ok 1 - one'
	runs 1 '1 passed, 2 failed' short
}

@test "the plans of several groups add up" {
	program groups 0 1..1 'ok 1 - one' 1..2 'ok 1 - two'
	runs 1 '2 passed, 1 failed' groups
}

@test "a failed group set-up, which has number 0, counts as failed" {
	program group 1 1..1 'not ok 0 - group [  FAILED  ] GROUP SETUP'
	runs 1 '0 passed, 1 failed' group
}

@test "a program that dies counts as failed" {
	printf '#!/bin/sh\necho 1..1; echo "ok 1 - one"; kill -SEGV $$\n' >dies
	chmod +x dies
	runs 1 '1 passed, 1 failed' dies
	[[ $output == *'status 139'* ]]
}

@test "a program that says nothing counts as failed" {
	printf '#!/bin/sh\n' >silent
	chmod +x silent
	runs 1 '0 passed, 1 failed' silent
}

@test "a unit test that was not built counts as failed" {
	runs 1 '0 passed, 1 failed' tests/unit/test_absent.c
}

@test "tests/unit/test_x.c stands for its program" {
	mkdir -p build/tests
	program build/tests/test_x 0 1..1 'ok 1 - one'
	runs 0 '1 passed, 0 failed' tests/unit/test_x.c
}

@test "a program that never ends is stopped and counts as failed" {
	printf '#!/bin/sh\necho 1..1; sleep 60\n' >sleeps
	chmod +x sleeps
	runs 1 '0 passed, 1 failed' -t 1 sleeps
	[[ $output == *'stopped after 1 seconds'* ]]
}

@test "a sanitizer's report counts as failed even when all tests passed" {
	# shellcheck disable=SC2016 # the program expands it
	printf '%s\n' '#!/bin/sh' 'echo 1..1; echo "ok 1 - one"' \
	    'file=${ASAN_OPTIONS#*log_path=}; echo heap-buffer-overflow >"${file%%:*}.1"' >reports
	chmod +x reports
	runs 1 '1 passed, 1 failed' reports
	[[ $output == *heap-buffer-overflow* ]]
}

@test "when nothing ran, that is a failure" {
	program none 0 1..1 'not ok 1 # SKIP one'
	runs 1 '0 passed, 0 failed, 1 skipped' none
}

@test "bats files: passed, failed, skipped" {
	bats_file three.bats <<-'EOF'
	TEST "passes" { true; }
	TEST "fails" { echo the reason; false; }
	TEST "skips" { skip "no time"; }
	EOF
	runs 1 '1 passed, 1 failed, 1 skipped' three.bats
	[[ $output == *'the reason'* ]]
}

@test "a failing bats test can't pass for a skip by its name" {
	echo 'TEST "one # SKIP" { false; }' | bats_file sly.bats
	runs 1 '0 passed, 1 failed' sly.bats
}

@test "a bats file that does not parse counts as failed" {
	echo 'TEST "one" { if; }' | bats_file broken.bats
	run ! "$ROOT/tests/run" -b "$PWD/build" broken.bats
	[[ ${lines[-1]} =~ ^0\ passed,\ [1-9][0-9]*\ failed$ ]]
}

@test "a bats file without tests counts as failed" {
	touch empty.bats
	runs 1 '0 passed, 1 failed' empty.bats
}

@test "several files are added up, however many run at a time" {
	for i in 1 2 3 4 5; do
		program "p$i" 0 1..1 'ok 1 - one'
	done
	program bad 1 1..1 'not ok 1 - one'
	runs 1 '5 passed, 1 failed' -j 1 p1 p2 bad p3 p4 p5
	runs 1 '5 passed, 1 failed' -j 3 p1 p2 bad p3 p4 p5
}

@test "tests get a clean environment with the build first in the path" {
	bats_file look.bats <<-'EOF'
	TEST "environment" {
		[ "$LC_ALL$TZ" = CUTC ]
		[ -z "${BO_SHARE-}${BO_STORE-}${XDG_CACHE_HOME-}${LC_TIME-}" ]
		[[ $PATH == *"$BO_BUILD/bin:"* ]]
		[ "$HOME" != /somewhere ] && [ -d "$HOME" ]
		[ "$(umask)" = 0022 ]
	}
	EOF
	export BO_SHARE=/x BO_STORE=/x XDG_CACHE_HOME=/x LC_TIME=C HOME=/somewhere
	umask 077
	runs 0 '1 passed, 0 failed' look.bats
}

#!/usr/bin/env bats
# fuzz: thousands of inputs that nobody would write, always the same ones

load helper

fuzz()
{
	[[ -x $BO_BUILD/tests/fuzz/$1 ]] || skip "not built: $1"
	(cd "$ROOT" && "$BO_BUILD/tests/fuzz/$1" -n "$2")
}

@test "CSV, TSV and ids are read or refused, the same with and without libcsv, and go round" {
	fuzz fuzz_csv 50000
}

@test "JSON lines are read or refused, and go round" {
	fuzz fuzz_json 50000
}

@test "expressions have an answer for every record, or are refused" {
	fuzz fuzz_expr 20000
}

@test "audit logs and checkpoints are taken or refused, and what was taken goes round" {
	fuzz fuzz_audit 50000
}

@test "numbers, dates, spans and all other values have one spelling, or are refused" {
	fuzz fuzz_value 200000
}

@test "schemas, flows and what a store defines are loaded or refused, and go round" {
	fuzz fuzz_schema 10000
}

@test "the corpus of each is what it was" {
	for name in csv json expr audit schema value; do
		(cd "$ROOT" && "$BO_BUILD/tests/fuzz/fuzz_$name" "tests/fuzz/corpus/$name"/*)
	done
}

@test "libFuzzer finds nothing in five seconds each" {
	without_sanitizer # it has its own
	run "$ROOT/tests/fuzz/run" -t 5
	[ "$status" -ne 77 ] || skip "$output"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c 'nothing found: [1-9]' <<<"$output")" -eq 6 ]
}

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

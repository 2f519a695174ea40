#!/usr/bin/env bats
# the tour that `make demo` shows

load helper

# As bare as it gets: no home, no variables but where temporary files go.
demo() # DIRECTORY [COMMAND...]
{
	local directory=$1

	shift
	env -i PATH="$BO_BUILD/bin:/usr/bin:/bin" HOME= TMPDIR="$directory" "$@" "$ROOT/share/demo/run"
}

@test "it works without a home and without any variable, and leaves nothing behind" {
	mkdir tmp
	run -0 demo "$PWD/tmp"
	[ -z "$(ls tmp)" ]
}

@test "it works for a user who is not root" {
	[ "$(id -u)" -eq 0 ] || skip "this is no root: all tests are such tests"
	command -v setpriv >/dev/null || skip "no setpriv"
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

	"${nobody[@]}" test -x "$BO_BUILD/bin/bo" -a -r "$ROOT/share/demo/run" || skip "others can't come here"
	run -0 demo /tmp "${nobody[@]}"
	[[ $output == *'bo-audit verify'* ]]
}

@test "it shows what it is meant to show" {
	run -0 demo "$BATS_TEST_TMPDIR"
	[[ $output == *'INV-'*'-000003'* ]]
	[[ $output == *'refused, nothing was written'* ]]
	[[ $output == *'bo-customer: -:3: country: not a country: "Atlantis"'* ]]
	[[ $output == *'table,id,field,old,new'*'item,I1,tax_rate,7,19'* ]]
	[[ $output == *'"sku":"ESP-1K"'* ]]
	[[ $output == *'田中珈琲店'*'Кофейня «Север»'* ]]
}

@test "the same price list again changes nothing" {
	run -0 demo "$BATS_TEST_TMPDIR"
	[ "$(grep -c '^FIL-250,Filter “Sidama” 250 g,9.2$' <<<"$output")" -eq 1 ]
	[ "$(grep -c '[$] bo-item put --match sku' <<<"$output")" -eq 2 ]
}

@test "it takes less than 20 seconds" {
	without_sanitizer
	local begin=$SECONDS

	demo "$BATS_TEST_TMPDIR" >/dev/null
	[ $((SECONDS - begin)) -lt 20 ]
}

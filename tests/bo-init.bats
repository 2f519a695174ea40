#!/usr/bin/env bats
# bo-init: a new store

load helper

@test "makes a store with the company and its first location, and prints where" {
	run -0 bo-init books
	[ "$output" = books ]
	[ "$(stat -c %a books)" = 2770 ]
	[ "$(stat -c %a books/audit.csv)" = 660 ]
	[ "$(bo-config -d books get name)" = books ]
	[ "$(bo-config -d books get location.code)" = MAIN ]
	[ "$(bo-location -d books list --no-header -f id,code,name)" = L1,MAIN,Main ]
	[ "$(bo-audit -d books log -f tx,command --no-header)" = 1,init ]
}

@test "takes fields of the company" {
	run -0 bo-init -q books name='Tea & Co' currency=CHF timezone=Europe/Zurich
	[ -z "$output" ]
	[ "$(bo-config -d books get name)" = 'Tea & Co' ]
	[ "$(bo-config -d books get currency)" = CHF ]
	[ "$(bo-config -d books get terms)" = 30d ]
}

@test "names the company after the directory, also when it is called ." {
	mkdir kestrel
	cd kestrel
	bo-init . >/dev/null
	[ "$(bo-config get name)" = kestrel ]
}

@test "a bad value leaves nothing behind" {
	for bad in currency=XXQ timezone=Europe/Nowhere fiscal_year=02-30 fiscal_year=1-1 terms=soon location=L9; do
		TMPDIR=$PWD run -3 bo-init books "$bad"
		[[ $output == "bo-init: ${bad%%=*}: "* ]]
		[ ! -e books ]
	done
	run -2 bo-init books nmae=x
	run -2 bo-init books name
	run -2 bo-init books name=a name=b
	[ ! -e books ]
	[ -z "$(ls -d bo-init-* 2>/dev/null)" ]
}

@test "goes on with a store that a killed bo-init made, and only once" {
	bo-init -q made
	mkdir books
	head -n 1 made/audit.csv >books/audit.csv
	cp made/bo.format books/
	run -0 bo-init books currency=CHF
	[ "$(bo-config -d books get currency)" = CHF ]
	[ "$(bo-audit -d books log -f tx,command --no-header)" = 1,init ]
	run -3 bo-init books
	[[ $output == *'is a store already' ]]
}

@test "-n is refused: there is no plan of a store" {
	run -2 bo-init -n books name=x
	[ ! -e books ]
}

@test "a store that is there, or a directory with something in it, stays as it is" {
	bo-init books >/dev/null
	cp -r books before
	run -3 bo-init books
	diff -r before books
	mkdir full
	touch full/file
	run -3 bo-init full
	[ "$(ls full)" = file ]
}

@test "output that can't be written: 6, and the store is there" {
	run -6 bash -c 'bo-init books name=Acme >/dev/full'
	[[ $output == *'done, but not reported'*'No space left on device'* ]]
	[ "$(BO_STORE=books bo-config get name)" = Acme ]
}

@test "without a directory it says so" {
	run -2 bo-init
	[[ $output == *missing* ]]
}

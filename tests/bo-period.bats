#!/usr/bin/env bats
# bo-period: months and years that take entries, or take none any more

load helper

books()
{
	store
	bo-account add -q code=bank name=Bank kind=asset
	bo-account add -q code=rent name=Rent kind=expense
}

enter() # DATE [OPTION...]
{
	local date=$1

	shift
	bo-ledger enter "$@" text=Rent date="$date" : account=rent amount=8 : account=bank amount=-8
}

@test "a period is a month or a year" {
	books
	bo-period add -q code=2026-02
	bo-period add -q code=2027
	for code in 2026-13 2026-1 26-01 2026-00 soon 2026-02-01 0000; do
		run -3 bo-period add code="$code"
		[[ $output == *'neither a month'* ]]
	done
}

@test "what is closed wants a reason, what is locked takes nothing" {
	books
	bo-period add -q code=2026-01
	enter 2026-01-31 -q
	bo-period close -q 2026-01
	run -3 enter 2026-01-01
	[[ $output == *'date: 2026-01-01 is in 2026-01, which is closed: that wants a reason (-m)'* ]]
	enter 2026-01-01 -q -m 'came late'
	enter 2026-02-01 -q
	bo-period reopen -q 2026-01
	enter 2026-01-02 -q
	bo-period lock -q 2026-01
	run -3 enter 2026-01-31 -m 'please'
	[[ $output == *'is in 2026-01, which is closed for ever'* ]]
	run -3 bo-period reopen 2026-01
	enter 2026-02-01 -q
	bo-audit check
}

@test "a locked month in a closed year stays locked, and imports are held to it" {
	books
	printf 'code\n2026-01\n2026\n' | bo-period add -q -
	bo-period lock -q 2026-01
	bo-period close -q 2026
	printf '%s\n' n,date,text,posting.account,posting.amount 1,2026-03-01,a,rent,1 1,2026-03-01,a,bank,-1 \
	    2,2026-01-09,b,rent,2 2,2026-01-09,b,bank,-2 >entries.csv
	run -3 bo-ledger enter -m late --group n - <entries.csv
	[[ $output == *'-:4: date: 2026-01-09 is in 2026-01, which is closed for ever'* ]]
	[ -z "$(bo-ledger list -o ids)" ]
	sed -i 's/2026-01-09/2026-04-09/' entries.csv
	run -3 bo-ledger enter --group n - <entries.csv
	bo-ledger enter -q -m late --group n - <entries.csv
}

@test "a draft is only held to it when it is posted" {
	books
	bo-period add -q code=2026-01
	bo-period lock -q 2026-01
	bo-ledger draft -q text=Rent date=2026-01-05 : account=rent amount=8 : account=bank amount=-8
	run -3 bo-ledger post E1
	bo-ledger set -q E1 date=2026-02-05
	bo-ledger post -q E1
}

#!/usr/bin/env bats
# bo-budget: what is planned, and what came of it

load helper

# Two offices that rent and sell, in two currencies.
books()
{
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-account add -q code=expense:rent:cellar name=Cellar kind=expense
	RENT=$(bo-account list -w code=expense:rent -o ids)
	bo-ledger enter -q --group n - <<-'CSV'
		n,date,text,posting.account,posting.amount,posting.currency,posting.tags
		1,2026-01-31,Rent,expense:rent,800,EUR,north
		1,2026-01-31,Rent,expense:rent:cellar,50,EUR,cold north
		1,2026-01-31,Rent,assets:bank,-850,EUR,
		2,2026-02-28,Rent,expense:rent,700,EUR,south
		2,2026-02-28,Rent,assets:bank,-700,EUR,
		3,2026-02-28,Rent abroad,expense:rent,90,USD,north
		3,2026-02-28,Rent abroad,assets:bank,-90,USD,
		4,2026-02-01,Sale,assets:bank,1000,EUR,
		4,2026-02-01,Sale,income:sales,-1000,EUR,
		5,2025-12-31,Rent,expense:rent,11,EUR,north
		5,2025-12-31,Rent,assets:bank,-11,EUR,
	CSV
}

compared() { bo-ledger budget --no-header -f account,tags,currency,plan,actual,difference "$@"; }

@test "a plan is of an account and a period, and there once" {
	books
	run -0 bo-budget add account=expense:rent period=2026-01 amount=700 --no-header -f code,account.code,amount,currency
	[ "$output" = "$RENT-2026-01,expense:rent,700.00,EUR" ]
	run -3 bo-budget add account=expense:rent period=2026-01 amount=800
	bo-budget add -q account=expense:rent period=2026-01 amount=800 tags=north
	bo-budget add -q account=expense:rent period=2026-01 amount=800 currency=USD
	[ "$(bo-budget list --no-header -f code | paste -sd';')" = "$RENT-2026-01;$RENT-2026-01 north;$RENT-2026-01 USD" ]
	bo-budget set -q "$RENT"-2026-01 amount=750
	for period in 2026-13 soon 2026-1 ''; do
		run -3 bo-budget add account=expense:rent period="$period" amount=1
		[[ $output == *period:* ]]
	done
	run -3 bo-budget add account=nothing period=2026 amount=1
	run -3 bo-budget set "$RENT"-2026-01 period=2026-02
	run -3 bo-budget add code=x account=expense:rent period=2026 amount=1
	[[ $output == *"code: is not made of account and period, as $RENT-2026 is"* ]]
	bo-audit check
}

@test "what came of a plan, with all that is part of its account, in its currency" {
	books
	bo-budget add -q - <<-CSV
		account,period,amount,currency
		expense,2026-01,1000,EUR
		expense:rent,2026-01,800,EUR
		income:sales,2026-02,900,EUR
		expense:rent,2026-02,100,USD
	CSV
	run -0 compared --period 2026-01
	[ "$output" = 'expense,,EUR,1000.00,850.00,-150.00
expense:rent,,EUR,800.00,850.00,50.00' ]
	run -0 compared --period 2026-02
	[ "$output" = 'expense:rent,,USD,100.00,90.00,-10.00
income:sales,,EUR,900.00,1000.00,100.00' ]
	[ -z "$(compared --period 2026-03)" ]
}

@test "months add up to their year, and a year is shared among its months to the cent" {
	books
	bo-budget add -q - <<-CSV
		account,period,amount
		expense:rent,2026-01,800
		expense:rent,2026-02,700.01
		income:sales,2026,1000.07
	CSV
	run -0 compared --period 2026
	[ "$output" = 'expense:rent,,EUR,1500.01,1550.00,49.99
income:sales,,EUR,1000.07,1000.00,-0.07' ]
	[ "$(compared --on 2026-06-30)" = "$output" ]
	sum=0
	for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
		share=$(bo-ledger budget --period 2026-$month --no-header -f account,plan | sed -n 's/^income:sales,//p')
		[[ $share = 83.34 || $share = 83.33 ]]
		sum=$(bc <<<"$sum + $share")
	done
	[ "$sum" = 1000.07 ]
	run -0 compared --period 2026-Q1
	[[ $output == *'expense:rent,,EUR,1500.01,'*'income:sales,,EUR,250.02,1000.00,'* ]]
	[[ $(compared --period 2026-02..2026-03) == *'expense:rent,,EUR,700.01,'*'income:sales,,EUR,166.68,'* ]]
	[[ $(compared --period 2025-12..2027-01) == *'income:sales,,EUR,1000.07,1000.00,-0.07' ]]
	run -3 bo-budget add account=expense:rent period=2026-Q1 amount=1
	[[ $output == *'neither a month'* ]]
}

@test "a plan with words is for postings that have all of them" {
	books
	bo-budget add -q - <<-CSV
		account,period,amount,tags
		expense:rent,2026-01,1,north
		expense:rent,2026-01,2,north cold
		expense:rent,2026-01,3,south
		expense:rent,2026-01,4,
	CSV
	run -0 compared --period 2026-01
	[ "$output" = 'expense:rent,,EUR,4.00,850.00,846.00
expense:rent,cold north,EUR,2.00,50.00,48.00
expense:rent,north,EUR,1.00,850.00,849.00
expense:rent,south,EUR,3.00,0.00,-3.00' ]
}

@test "what closes a year is no result, and a plan that was put away none" {
	books
	bo-budget add -q account=expense:rent period=2025 amount=12
	bo-budget add -q account=expense:fees period=2025 amount=12
	bo-budget list -w 'account.code = expense:fees' -o ids | bo-budget archive -q -
	bo-ledger close-year -q 2025
	run -0 compared --period 2025
	[ "$output" = expense:rent,,EUR,12.00,11.00,-1.00 ]
	run -2 bo-ledger budget --period soon
	[[ $output == *'--period: not a month'* ]]
	run -2 bo-ledger budget 2025
	[[ $output != *--period:* ]]
}

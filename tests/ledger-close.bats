#!/usr/bin/env bats
# ledger-close: what is entered when a month or a year ends

load helper

books()
{
	store
	bo-ledger chart generic | bo-account put -q --match code -
}

# 100 USD and 10000 JPY that customers owe, converted at 0.9 and 0.6 for 100; by the end of March
# they are worth 0.95 and 0.5.
abroad()
{
	books
	bo-rate add -q - <<-CSV
		currency,date,rate,units
		USD,2026-02-01,0.9,1
		JPY,2026-02-01,0.6,100
		USD,2026-03-30,0.95,1
		JPY,2026-03-31,0.5,100
	CSV
	bo-customer add -q code=ALI name=Ali
	bo-invoice add -q customer=ALI currency=USD date=2026-02-10 : description=x price=100
	bo-invoice add -q customer=ALI currency=JPY date=2026-02-11 : description=x price=10000
	bo-invoice issue -q V1 V2
}

of() { bo-ledger balance "$1" --on "$2" --no-header -f currency,balance | paste -sd' '; }

@test "what other currencies gained is entered for a day and taken back on the next" {
	abroad
	run -0 bo-ledger revalue --on 2026-03-31 --no-header -f date,kind,reverses,notes
	# 100 × (0.95 − 0.9) + 10000 × (0.005 − 0.006)
	[ "$output" = '2026-03-31,entry,,10000 JPY = 50.00 EUR; 100.00 USD = 95.00 EUR
2026-04-01,reversal,E3,' ]
	[ "$(of income:fx 2026-03-31)" = 'EUR,5.00' ]
	[ "$(of income:fx 2026-04-01)" = 'EUR,0.00' ]
	# what there is in other currencies is worth what the conversion account says
	[ "$(of equity:conversion 2026-03-31)" = 'EUR,145.00 JPY,-10000 USD,-100.00' ]
	[ "$(of equity:conversion 2026-04-01)" = 'EUR,150.00 JPY,-10000 USD,-100.00' ]
	bo-audit check
}

@test "revaluing a day again enters nothing, and after a late entry only what lacks" {
	abroad
	bo-ledger revalue -q --on 2026-03-31
	before=$(bo-audit log -o csv | wc -l)
	[ -z "$(bo-ledger revalue --on 2026-03-31 --no-header)" ]
	[ "$(bo-audit log -o csv | wc -l)" -eq "$before" ]
	bo-invoice add -q customer=ALI currency=USD date=2026-03-01 : description=x price=20
	bo-invoice issue -q V3
	bo-ledger revalue -q --on 2026-03-31
	[ "$(of income:fx 2026-03-31)" = 'EUR,4.00' ] # 20 × 0.05 more, on the credit side
	[ "$(of income:fx 2026-04-01)" = 'EUR,0.00' ]
	[ -z "$(bo-ledger revalue --on 2026-03-31 --no-header)" ]
	bo-ledger revalue -q --on 2026-04-30
	[ "$(of income:fx 2026-04-30)" = 'EUR,4.00' ]
}

@test "when nothing is left in another currency the gain stays" {
	abroad
	bo-payment receive -q customer=ALI amount=100 currency=USD date=2026-04-10 : invoice=V1
	bo-payment receive -q customer=ALI amount=10000 currency=JPY date=2026-04-10 : invoice=V2
	bo-ledger enter -q text='changed at the bank' date=2026-04-10 \
	    : account=assets:bank currency=EUR amount=97 : account=equity:conversion currency=EUR amount=-97 \
	    : account=equity:conversion currency=USD amount=100 : account=assets:bank currency=USD amount=-100 \
	    : account=assets:bank currency=EUR amount=52 : account=equity:conversion currency=EUR amount=-52 \
	    : account=equity:conversion currency=JPY amount=10000 : account=assets:bank currency=JPY amount=-10000
	run -0 bo-ledger revalue --on 2026-04-30 --no-header -f date,kind,text
	[ "$output" = '2026-04-30,entry,gain on exchanged currencies' ]
	[ "$(of income:fx 2026-05-01)" = 'EUR,1.00' ]
	[ "$(of equity:conversion 2026-05-01)" = 'EUR,0.00 JPY,0 USD,0.00' ]
	[ -z "$(bo-ledger revalue --on 2026-05-31 --no-header)" ]
	bo-audit check
}

@test "revaluing wants rates, and accounts, and says which" {
	abroad
	run -2 bo-ledger revalue 2026-03-31
	[ -z "$(bo-ledger revalue --on 2026-01-31 --no-header)" ] # there was nothing yet
	bo-rate archive -q USD-2026-02-01 JPY-2026-02-01
	run -3 bo-ledger revalue --on 2026-03-01
	[[ $output == *'what JPY was worth on 2026-03-01 is not known'* && $output == *'what USD was'* ]]
	bo-account set -q income:fx use=
	run -3 bo-ledger revalue --on 2026-03-31
	[[ $output == *'no account has the use "fx"'* ]]
}

# Three years of sales and rent, the second with a loss.
years()
{
	books
	bo-ledger enter -q --group n - <<-'CSV'
		n,date,text,posting.account,posting.amount
		1,2024-05-01,Sales,assets:bank,1000
		1,2024-05-01,Sales,income:sales,-1000
		2,2024-12-31,Rent,expense:rent,300
		2,2024-12-31,Rent,assets:bank,-300
		3,2025-01-01,Sales,assets:bank,100
		3,2025-01-01,Sales,income:sales,-100
		4,2025-06-01,Rent,expense:rent,250
		4,2025-06-01,Rent,assets:bank,-250
		5,2026-01-01,Sales,assets:bank,7
		5,2026-01-01,Sales,income:sales,-7
	CSV
}

@test "a year's profit is carried forward, and profit and loss do not see it" {
	years
	profit=$(bo-ledger pl --on 2024-12-31)
	run -0 bo-ledger close-year 2024 --no-header -f date,kind,status
	[ "$output" = 2024-12-31,close,posted ]
	[ "$(bo-ledger pl --on 2024-12-31)" = "$profit" ]
	[ "$(of equity:retained 2024-12-31)" = EUR,-700.00 ]
	[ "$(of income:sales 2024-12-31)" = EUR,0.00 ]
	bo-ledger close-year -q 2025
	[ "$(of equity:retained 2025-12-31)" = EUR,-550.00 ]
	[ "$(bo-ledger pl --on 2025-12-31 --no-header -f amount | tail -n 1)" = -150.00 ]
	[ "$(bo-ledger pl --on 2026-01-31 --no-header -f amount | tail -n 1)" = 7.00 ]
	# what is not closed yet is this year's alone
	[ "$(bo-ledger balance-sheet --on 2026-01-31 --no-header -f name,amount | grep 'not closed')" = 'profit not closed yet,7.00' ]
	bo-audit check
}

@test "closing a year again enters nothing, and after a late entry only what lacks" {
	years
	bo-ledger close-year -q 2024
	before=$(bo-audit log -o csv | wc -l)
	[ -z "$(bo-ledger close-year 2024 --no-header)" ]
	[ "$(bo-audit log -o csv | wc -l)" -eq "$before" ]
	bo-ledger enter -q text=Late date=2024-12-30 : account=expense:fees amount=5 : account=assets:bank amount=-5
	bo-ledger close-year -q 2024
	[ "$(of equity:retained 2024-12-31)" = EUR,-695.00 ]
	[ "$(bo-ledger pl --on 2024-12-31 --no-header -f amount | tail -n 1)" = 695.00 ]
}

@test "a fiscal year is closed on its own last day, every currency by itself" {
	years
	bo-config set -q fiscal_year=03-01
	bo-ledger enter -q text='Fees in dollars' date=2024-03-01 : account=expense:fees amount=3 currency=USD : account=assets:bank amount=-3 currency=USD
	bo-ledger close-year -q 2024
	[ "$(bo-ledger list --no-header -w kind=close -f date)" = 2025-02-28 ]
	[ "$(of equity:retained 2025-02-28)" = 'EUR,-800.00 USD,3.00' ]
	bo-ledger close-year -q 2023 # nothing
	[ "$(bo-ledger list -o ids -w kind=close | wc -l)" -eq 1 ]
}

@test "an account that is out of use by then is closed all the same" {
	years
	bo-account archive -q expense:rent
	bo-ledger close-year -q 2024
	[ "$(of expense:rent 2024-12-31)" = EUR,0.00 ]
	run -3 bo-ledger enter text=x : account=expense:rent amount=1 : account=assets:bank amount=-1
}

@test "a year that is not over, or locked, is not closed" {
	years
	run -3 at '2026-03-02 09:00:00' bo-ledger close-year 2026
	[[ $output == *'2026 is not over before the end of 2026-12-31 (--force)'* ]]
	at '2026-03-02 09:00:00' bo-ledger close-year -q 2026 --force
	bo-period add -q code=2024
	bo-period close -q 2024
	run -3 bo-ledger close-year 2024
	[[ $output == *'which is closed: that wants a reason (-m)'* ]]
	bo-ledger close-year -q 2024 -m 'the books of 2024'
	bo-period lock -q 2024
	[ -z "$(bo-ledger close-year 2024 --no-header)" ]
	run -2 bo-ledger close-year
	run -2 bo-ledger close-year 2024-01
	run -2 bo-ledger close-year last
}

#!/usr/bin/env bats
# currency: documents in other currencies than the books'

load helper

# Books in euro, with what other currencies were worth at the beginning of the year.
books()
{
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-rate add -q - <<-CSV
		currency,date,rate,units
		USD,2026-01-01,0.9,1
		JPY,2026-01-01,0.611546,100
		KWD,2026-01-01,2.987654,1
	CSV
	bo-customer add -q code=ALI name=Ali
}

# A draft of lines PRICE[/TAX] in a currency, dated.
sale() # CURRENCY DATE PRICE[/TAX]...
{
	local line words=(customer=ALI currency="$1" date="$2")

	for line in "${@:3}"; do
		words+=(: qty=1 description=x "price=${line%/*}")
		[[ $line != */* ]] || words+=("tax_rate=${line#*/}")
	done
	bo-invoice add -q "${words[@]}"
}

# What each currency comes to over all accounts.
nothing() { bo-ledger balance --no-header -f currency,balance | awk -F, '{ sum[$1] += $2 } END { for (c in sum) if (sum[c] > 0.0001 || sum[c] < -0.0001) exit 1 }'; }

@test "what is owed stays in its currency, income and tax are in the books'" {
	books
	sale USD 2026-02-01 100/20
	bo-invoice issue -q V1
	[ "$(bo-invoice list --no-header -f currency,total,rate,rate_units)" = USD,120.00,0.9, ]
	run -0 bo-ledger balance --no-header -f account,currency,balance
	[ "$output" = 'assets:receivable,USD,120.00
equity:conversion,EUR,108.00
equity:conversion,USD,-120.00
income:sales,EUR,-90.00
liabilities:vat:output,EUR,-18.00' ]
	nothing
	bo-audit check
}

@test "what was rounded adds up, in currencies of none, two and three decimals" {
	books
	sale JPY 2026-02-01 1000/10 33/5 7
	sale KWD 2026-02-01 0.333/7 10.005
	sale USD 2026-02-01 0.01/19 0.02/7 0.03
	bo-invoice list -o ids | bo-invoice issue -q -
	[ "$(bo-invoice list --no-header -w 'currency = JPY' -f rate,rate_units)" = 0.611546,100 ]
	# all of it at once, rounded once: 1142 yen × 0.00611546
	[ "$(bo-ledger register equity:conversion --no-header -f entry,currency,amount | grep E1,EUR)" = E1,EUR,6.98 ]
	[ "$(bo-ledger register equity:conversion --no-header -f entry,currency,amount | grep E2,EUR)" = E2,EUR,30.96 ]
	nothing
	bo-audit check
}

@test "a rate that was agreed is kept, and makes sense" {
	books
	sale USD 2026-02-01 100
	bo-invoice set -q V1 rate=0.95
	bo-invoice issue -q V1
	[ "$(bo-ledger balance income --no-header -f currency,balance)" = EUR,-95.00 ]
	run -3 bo-invoice set V1 rate=0.9
	[[ $output == *'rate: '*'is issued and stands'* ]]
	sale USD 2026-02-01 100
	run -3 bo-invoice issue V2 rate=-1
	[[ $output == *'rate: not more than nothing: "-1"'* ]]
	sale EUR 2026-02-01 100
	run -3 bo-invoice issue V3 rate=2
	[[ $output == *"rate: is for documents in another currency"* ]]
	bo-invoice issue -q V3
	[ "$(bo-invoice list --no-header -w 'currency = EUR' -f currency,rate)" = EUR, ]
}

@test "a rate that is changed later changes nothing that was posted" {
	books
	sale USD 2026-02-01 100
	bo-invoice issue -q V1
	bo-rate set -q USD-2026-01-01 rate=0.5
	[ "$(bo-invoice list --no-header -f rate)" = 0.9 ]
	[ "$(bo-ledger balance income --no-header -f balance)" = -90.00 ]
}

@test "the rate is the newest of its day or before, however long ago" {
	books
	bo-rate add -q currency=USD date=2026-02-03 rate=0.8
	bo-rate add -q currency=USD date=2026-02-05 rate=0.7
	bo-rate archive -q USD-2026-02-05
	for date in 2026-02-02 2026-02-03 2026-02-09 2026-09-01; do
		sale USD $date 1
	done
	at '2026-10-01 09:00:00' bo-invoice issue -q V1 V2 V3 V4
	[ "$(bo-invoice list --no-header -f rate | paste -sd' ')" = '0.9 0.8 0.8 0.8' ]
}

@test "where no rate is known nothing is issued, and it is said how to enter one" {
	books
	sale CHF 2026-02-01 100
	run -3 bo-invoice issue V1
	[[ $output == *'rate: what CHF was worth on 2026-02-01 is not known (bo-rate add currency=CHF date=2026-02-01 rate=..., or bo-rate import)'* ]]
	sale USD 2025-12-31 100
	run -3 bo-invoice issue V2
	[[ $output == *'what USD was worth on 2025-12-31 is not known'* ]]
	[ ! -e store/entry.csv ]
	[ "$(bo-invoice list --no-header -f status | sort -u)" = draft ]
}

@test "without books there need be no rate, and one that is known is kept" {
	store
	bo-customer add -q code=ALI name=Ali
	bo-rate add -q currency=USD date=2026-01-01 rate=0.9
	sale CHF 2026-02-01 100
	sale USD 2026-02-01 100
	bo-invoice issue -q V1 V2
	[ "$(bo-invoice list --no-header -f currency,rate | paste -sd' ')" = 'CHF, USD,0.9' ]
}

@test "an account for exchanged currencies is wanted, and said so" {
	books
	bo-account set -q equity:conversion use=
	sale USD 2026-02-01 100
	run -3 bo-invoice issue V1
	[[ $output == *'no account has the use "conversion"'* ]]
	[ ! -e store/entry.csv ]
}

@test "an amount that grows beyond what can be held is refused" {
	books
	bo-rate add -q currency=USD date=2026-01-31 rate=9000000
	sale USD 2026-02-01 9000000000
	run -3 bo-invoice issue V1
	[[ $output == *'makes more of it than an amount can hold'* || $output == *'is more than'* ]]
	[ ! -e store/entry.csv ]
}

@test "a credit note takes back exactly what its invoice has put where" {
	books
	sale JPY 2026-02-01 1000/10 33/5 7
	bo-invoice issue -q V1
	bo-rate add -q currency=JPY date=2026-02-15 rate=0.7 units=100
	bo-invoice add -q kind=credit corrects=V1 customer=ALI currency=JPY date=2026-03-01 : qty=-1 description=x price=1000 tax_rate=10 \
	    : qty=-1 description=x price=33 tax_rate=5 : qty=-1 description=x price=7
	bo-invoice issue -q V2
	[ "$(bo-invoice list --no-header -f rate,rate_units | sort -u)" = 0.611546,100 ]
	[ "$(bo-ledger balance --no-header -f balance | sort -u | paste -sd' ')" = '0 0.00' ]
	bo-audit check
}

@test "a bill in another currency, to the accounts that its lines name" {
	books
	bo-supplier add -q code=ACME name=Acme
	bo-bill add -q supplier=ACME number=7 currency=USD date=2026-02-01 : description=x price=100 tax_rate=20 : description=desk price=1.11 account=assets:fixed:cost
	bo-bill post -q B1
	run -0 bo-ledger balance --no-header -f account,currency,balance
	[ "$output" = 'assets:fixed:cost,EUR,1.00
assets:vat:input,EUR,18.00
equity:conversion,EUR,-109.00
equity:conversion,USD,121.11
expense:purchases,EUR,90.00
liabilities:payable,USD,-121.11' ]
	nothing
	bo-audit check
}

@test "an entry that converts by another rate than its document keeps is found" {
	books
	sale USD 2026-02-01 100/20
	bo-invoice issue -q V1
	bo-audit check -q
	# Nobody but another program can write this.
	sed -i 's/,0.9,/,0.8,/' store/invoice.csv
	run -1 bo-audit check exchange --no-header
	[ "$output" = 'exchange,entry,E1,source,converts other than by the rate that V1 keeps' ]
}

@test "the books can be read in one currency, at the rates of a day, and still come to nothing" {
	books
	bo-ledger enter -q text=capital date=2026-01-01 : account=assets:bank amount=1000 : account=equity:capital amount=-1000
	sale USD 2026-02-01 100.01/20
	sale JPY 2026-02-02 999
	sale KWD 2026-02-03 1.237
	bo-invoice list -s date | bo-invoice issue -q -
	bo-rate add -q currency=USD date=2026-03-01 rate=0.95
	run -0 bo-ledger balance-sheet --valued --on 2026-03-01 --no-header -f kind,account,currency,amount
	# 120.01 USD x 0.95 + 999 JPY x 0.00611546 + 1.237 KWD x 2.987654
	[[ $output == *'asset,assets:receivable,EUR,123.82'* ]]
	[[ $output != *USD* && $output != *JPY* && $output != *KWD* ]]
	for day in 2026-02-01 2026-02-28 2026-03-01; do
		run -0 bo-ledger balance --valued --on $day --no-header -f currency,balance
		[ "$(awk -F, '{ sum += $2 } END { printf "%.2f", sum }' <<<"$output")" = 0.00 ] ||
			[ "$(awk -F, '{ sum += $2 } END { printf "%.2f", sum }' <<<"$output")" = -0.00 ]
	done
	# What is not exchanged yet has gained on the day that the rate is higher.
	before=$(bo-ledger balance equity:conversion --valued --on 2026-02-28 --no-header -f balance)
	after=$(bo-ledger balance equity:conversion --valued --on 2026-03-01 --no-header -f balance)
	[ "$(awk -v a="$after" -v b="$before" 'BEGIN { printf "%.2f", b - a }')" = 6.00 ]
	bo-rate list -w 'currency = KWD' | bo-rate archive -q -
	run -3 bo-ledger balance-sheet --valued --on 2026-03-01
	[[ $output == *'what KWD was worth'* ]]
}

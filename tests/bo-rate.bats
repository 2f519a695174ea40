#!/usr/bin/env bats
# bo-rate: rates by hand and as the ECB publishes them

load helper

# As the ECB writes them: the day's file, and the history.
day() { printf '%s\n' 'Date, USD, JPY, BGN, GBP, IDR, ' '27 February 2026, 1.0856, 163.52, 1.9558, 0.85955, 17012.33, '; }
history()
{
	printf '%s\n' Date,USD,JPY,CYP,GBP,IDR, 2026-03-02,1.1000,164.00,N/A,0.87000,17000.00, \
	    2026-02-27,1.0856,163.52,N/A,0.85955,17012.33, 2007-12-31,1.4721,164.93,0.585274,0.73335,N/A,
}

@test "there is one rate for each currency and day" {
	store
	run -0 bo-rate add currency=USD date=2026-03-02 rate=0.9 --no-header -f code,currency,date,rate,units
	[ "$output" = USD-2026-03-02,USD,2026-03-02,0.9,1 ]
	run -3 bo-rate add currency=USD date=2026-03-02 rate=0.91
	[[ $output == *'USD-2026-03-02'* ]]
	bo-rate set -q USD-2026-03-02 rate=0.91
	run -3 bo-rate set USD-2026-03-02 date=2026-03-03
	printf 'code,currency,date,rate\nUSD-2026-03-02,USD,2026-03-02,0.92\n' | bo-rate put -q --match code -
	[ "$(bo-rate list --no-header -f rate)" = 0.92 ]
	run -3 bo-rate add code=x currency=CHF date=2026-03-02 rate=1
	[[ $output == *'code: is not made of currency and day, as CHF-2026-03-02 is'* ]]
}

@test "a rate is of another currency, and more than nothing" {
	store
	run -3 bo-rate add currency=EUR rate=1
	[[ $output == *'EUR is the currency of the books'* ]]
	run -3 bo-rate add currency=USD rate=0
	[[ $output == *'rate: not more than nothing'* ]]
	run -3 bo-rate add currency=USD rate=-1 units=0
	[[ $output == *'rate: not more'* && $output == *'units: not more'* ]]
	run -3 bo-rate add currency=USD rate=90000000000000
	[[ $output == *'rate: too large'* ]]
	run -3 bo-rate add currency=USD
	[[ $output == *'rate: missing'* ]]
	[ ! -e store/rate.csv ]
}

@test "the ECB's file of the day is read" {
	store
	day >eurofxref.csv
	run -0 bo-rate import eurofxref.csv --no-header -f code,rate,units,source
	[ "$output" = 'USD-2026-02-27,0.92115,1,ECB
JPY-2026-02-27,0.611546,100,ECB
GBP-2026-02-27,1.163399,1,ECB
IDR-2026-02-27,0.587809,10000,ECB' ]
}

@test "the ECB's history is read, whatever is not in use any more passed over, from a day on if asked" {
	store
	history | bo-rate import -q -
	[ "$(bo-rate list -o ids | wc -l)" -eq 11 ]
	[ -z "$(bo-rate list -o ids -w 'currency = CYP' 2>/dev/null)" ]
	rm -r store
	store
	history | bo-rate import -q --from 2026-03-01 -
	[ "$(bo-rate list --no-header -f code | sort | paste -sd' ')" = 'GBP-2026-03-02 IDR-2026-03-02 JPY-2026-03-02 USD-2026-03-02' ]
	run -2 bo-rate import --from never -
}

@test "a file that was imported before changes nothing, and one that was mended only what it mends" {
	store
	history >hist.csv
	bo-rate import -q hist.csv
	before=$(bo-audit log -o csv | wc -l)
	bo-rate import hist.csv --no-header >said
	[ ! -s said ]
	day | bo-rate import -q -
	[ "$(bo-rate list -o ids | wc -l)" -eq 11 ]
	sed -i 's/^2026-03-02,1.1000/2026-03-02,1.2500/' hist.csv
	[ "$(bo-rate import hist.csv --no-header -f code,rate)" = USD-2026-03-02,0.8 ]
	[ "$(bo-audit log -o csv | wc -l)" -eq $((before + 1)) ]
	bo-audit check
}

@test "books in another currency get cross rates" {
	bo-init -q "$BATS_TEST_TMPDIR/store" currency=GBP
	export BO_STORE=$BATS_TEST_TMPDIR/store
	day | bo-rate import -q -
	for rate in $(bo-rate list --no-header -f currency,rate,units); do
		IFS=, read -r currency rate units <<<"$rate"
		case $currency in
		EUR) per=1 ;; USD) per=1.0856 ;; JPY) per=163.52 ;; IDR) per=17012.33 ;;
		*) false ;;
		esac
		# half a millionth, no more
		[ "$(bc <<<"scale=12; d = 0.85955 * $units / $per - $rate; d < 0.000000501 && d > -0.000000501")" = 1 ]
	done
	[ "$(bo-rate list -o ids | wc -l)" -eq 4 ]
	bo-init -q "$BATS_TEST_TMPDIR/zambia" currency=ZMW
	run -3 bo-rate -d "$BATS_TEST_TMPDIR/zambia" import - < <(day)
	[[ $output == *'has no column ZMW, the currency of the books'* ]]
}

@test "what is no such file is refused whole, with all that is wrong" {
	store
	printf '%s\n' Date,USD,GBP 2026-03-02,1.1,x 2026-02-30,1.1,0.8 2026-03-01,-1,0.8 2026-03-04,1.1 >bad.csv
	run -3 bo-rate import bad.csv
	[[ $output == *'bad.csv:2: GBP: not a rate: "x"'* ]]
	[[ $output == *'bad.csv:3: Date: not a date: "2026-02-30"'* ]]
	[[ $output == *'bad.csv:4: USD: not a rate: "-1"'* ]]
	[[ $output == *'bad.csv:5: '*'2 values where the header has 3'* ]]
	[ "$(wc -l <<<"$output")" -eq 4 ]
	run -3 bo-rate import - <<<'code,name'
	[[ $output == *'not the ECB'* && $output == *'not a currency: "name"'* ]]
	run -3 bo-rate import - </dev/null
	run -2 bo-rate import
	run -4 bo-rate import nowhere.csv
	[ ! -e store/rate.csv ]
}

@test "the newest rate of each currency applies, as of a day" {
	store
	history | bo-rate import -q -
	bo-rate add -q currency=CHF date=2026-03-05 rate=1.06
	run -0 bo-rate current --on 2026-03-01 --no-header -f currency,date
	[ "$output" = 'GBP,2026-02-27
IDR,2026-02-27
JPY,2026-02-27
USD,2026-02-27' ]
	[ "$(bo-rate current --on 2026-03-31 --no-header -f currency,date -s date | tail -n 1)" = CHF,2026-03-05 ]
	bo-rate archive -q CHF-2026-03-05
	[ "$(bo-rate current --on 2026-03-31 --no-header | wc -l)" -eq 4 ]
	[ -z "$(bo-rate current --on 1999-01-01 --no-header)" ]
}

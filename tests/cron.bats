#!/usr/bin/env bats
# share/cron: what runs by itself, twice, for a year

load helper

cron=$ROOT/share/cron

# A company with customers whose invoices come again and again.
office()
{
	store
	bo-config set currency=EUR timezone=Europe/Berlin -q
	bo-ledger chart generic | bo-account add - -q
	bo-customer add code=ALI name='علی اینڈ سنز' terms=14d -q
	bo-customer add code=BOB name=Bob terms=30d -q
	bo-item add sku=HOST name='主机 hosting' kind=service price=10 tax_rate=19 -q
}

library=$(find /usr/lib /usr/lib64 /usr/local/lib -name libfaketime.so.1 2>/dev/null | head -n 1)

# at_second SECOND SCRIPT: as cron runs it: no home, hardly an environment.
at_second()
{
	local now

	[[ -n $library ]] || skip 'no libfaketime'
	printf -v now '%(%s)T' -1
	# Sanitizers want to be told that another library comes first.
	env -i PATH="$BO_BUILD/bin:/usr/bin:/bin" BO_STORE="$BO_STORE" LD_PRELOAD="$library" \
	    ASAN_OPTIONS="${ASAN_OPTIONS-}" \
	    FAKETIME="$(printf %+ds $(($1 - now)))" FAKETIME_DONT_FAKE_MONOTONIC=1 sh "$cron/$2"
}

as_cron() # DATE TIME SCRIPT
{
	at_second "$(date -ud "$1 $2" +%s)" "$3"
}

# run_year YEAR: every night and every month of it, each twice; what they say goes to `said`.
run_year()
{
	local second last day

	second=$(date -ud "$1-01-01 01:05" +%s)
	last=$(date -ud "$1-12-31 23:59" +%s)
	for (( ; second < last; second += 86400)); do
		TZ=UTC printf -v day '%(%F)T' "$second"
		for _ in 1 2; do
			at_second "$second" nightly || echo "nightly $day: exit $?"
			[[ $day != *-02 ]] || at_second $((second + 7200)) monthly || echo "monthly $day: exit $?"
		done
	done >>said 2>&1
}

@test "a year by itself: every turn billed once, every month closed, not a word" {
	without_sanitizer # it is long, and shorter ones follow
	office
	bo-recurring add customer=ALI text=hosting start=2027-01-31 -q : item=HOST
	bo-recurring add customer=BOB text=support start=2027-01-15 every=3mo -q : description=Support price=99.95 tax_rate=19
	bo-recurring add customer=BOB text=paper start=2027-03-01 every=1mo until=2027-08-31 -q : description=Paper price=8 tax_rate=7
	bo-record -t reminder_level add -q - <<-'END'
		level,days,fee,interest,terms
		1,7,,,14d
		2,21,5.00,late,14d
		3,35,40.00,late,7d
	END
	bo-record -t interest_rate add -q kind=late date=2027-01-01 rate=10
	run_year 2027
	[ ! -s said ] || { cat said; return 1; }

	run -0 bo-invoice list --no-header -w 'recurring = RI1' -f date,period,total
	[ "$output" = "2027-01-31,2027-01-31,11.90
2027-02-28,2027-02-28,11.90
2027-03-31,2027-03-31,11.90
2027-04-30,2027-04-30,11.90
2027-05-31,2027-05-31,11.90
2027-06-30,2027-06-30,11.90
2027-07-31,2027-07-31,11.90
2027-08-31,2027-08-31,11.90
2027-09-30,2027-09-30,11.90
2027-10-31,2027-10-31,11.90
2027-11-30,2027-11-30,11.90
2027-12-31,2027-12-31,11.90" ]
	run -0 bo-invoice list --no-header -w 'recurring = RI2' -f date,total
	[ "$output" = $'2027-01-15,118.94\n2027-04-15,118.94\n2027-07-15,118.94\n2027-10-15,118.94' ]
	[ "$(bo-invoice list --count --no-header -w 'recurring = RI3')" -eq 6 ]
	[ "$(bo-invoice list --count --no-header -w 'kind = invoice')" -eq 22 ]
	[ "$(bo-invoice list --count --no-header -w 'status != issued')" -eq 0 ]

	# Three levels each, one a run, never on the same day; what is not old enough has fewer.
	bo-record -t reminder list --no-header -w 'invoice.recurring = RI1' -f invoice.period,level,date >reminders
	[ "$(grep -c ,1, reminders)" -eq 11 ]
	[ "$(head -n 1 reminders)" = 2027-01-31,1,2027-02-21 ]
	grep -qx 2027-01-31,2,2027-03-08 reminders
	grep -qx 2027-01-31,3,2027-03-23 reminders
	[ "$(cut -d , -f 1,2 reminders | sort | uniq -d | wc -l)" -eq 0 ]
	[ "$(cut -d , -f 1,3 reminders | sort | uniq -d | wc -l)" -eq 0 ]
	[ "$(bo-record -t reminder list --no-header --count -w 'fee > 0')" -eq "$(bo-invoice list --no-header --count -w 'kind = charge')" ]
	owed=$(bo-ledger balance assets:receivable --on 2027-12-31 --no-header -f balance)
	[ "$(bo-invoice list --on 2027-12-31 --sum open --no-header | cut -d , -f 2)" = "$owed" ]
	# 12 x 11.90 + 4 x 118.94 + 6 x 8.56, and what being late costs
	charged=$(bo-invoice list --no-header --sum total -w 'kind = charge' | cut -d , -f 2)
	[ "$(echo "669.92 + $charged" | bc)" = "$owed" ]
	# December of the year before, and January to November: each is closed on the 2nd.
	run -0 bo-period list --no-header -f code,status
	[ "$(wc -l <<<"$output")" -eq 12 ]
	[ "${lines[0]}" = 2026-12,soft ]
	[ "${lines[11]}" = 2027-11,soft ]
	[ "$(bo-period list --count --no-header -w 'status = soft')" -eq 12 ]
	run -0 bo-audit check
	run -0 bo-audit verify
}

@test "nights that were missed are told of until somebody catches up" {
	office
	bo-recurring add customer=ALI text=hosting start=2027-01-01 every=1d -q : item=HOST
	as_cron 2027-01-01 01:05:00 nightly
	run -1 as_cron 2027-01-04 01:05:00 nightly
	[[ $output == *'RI1: 3 turns from 2027-01-02 to 2027-01-04 have no invoice: --catch-up makes them all'* ]]
	[ "$(wc -l <<<"$output")" -eq 1 ]
	at '2027-01-04 09:00:00' bo-invoice recur --catch-up --issue -q
	run -0 as_cron 2027-01-05 01:05:00 nightly
	[ -z "$output" ]
	[ "$(bo-invoice list --count --no-header)" -eq 5 ]
}

@test "a night that finds the store altered says so, and exits 1" {
	office
	sed -i 's/Bob/Rob/' "$BO_STORE/customer.csv"
	run -1 as_cron 2027-01-04 01:05:00 nightly
	[[ $output == *customer.csv* ]]
}

@test "books that contradict each other stay open" {
	office
	as_cron 2027-02-02 03:00:00 monthly
	[ "$(bo-period list --no-header -f code,status)" = 2027-01,soft ]
	bo-ledger enter text=x date=2027-02-15 : account=assets:bank amount=1 : account=equity:capital amount=-1 -q -m test
	sed 's/,1\.00,/,2.00,/' "$BO_STORE/posting.csv" >altered
	cat altered >"$BO_STORE/posting.csv"
	run as_cron 2027-03-02 03:00:00 monthly
	[ "$status" -ne 0 ]
	[ -n "$output" ]
	[ "$(bo-period list --no-header -f code)" = 2027-01 ]
}

@test "the month that is closed is the company's, not the machine's" {
	office
	bo-config set timezone=Pacific/Auckland -q
	as_cron 2027-03-31 13:00:00 monthly
	[ "$(bo-period list --no-header -f code,status)" = 2027-03,soft ]
}

@test "a month that is locked stays locked" {
	office
	bo-period add code=2027-01 -q
	bo-period lock 2027-01 -q
	run -0 as_cron 2027-02-02 03:00:00 monthly
	[ -z "$output" ]
	[ "$(bo-period list --no-header -f code,status)" = 2027-01,hard ]
}

@test "without a store they say so" {
	run -2 env -i PATH=/usr/bin:/bin sh "$cron/nightly"
	[[ $output == *'BO_STORE: which store?'* ]]
	run -2 env -i PATH=/usr/bin:/bin sh "$cron/monthly"
}

@test "they find the commands beside them, without any path of the user's" {
	office
	mkdir -p away/share/bo
	cp -r "$ROOT"/share/* away/share/bo
	cp -rL "$BO_BUILD/bin" away/bin
	run -0 env -i BO_STORE="$BO_STORE" away/share/bo/cron/nightly
	[ -z "$output" ]
	run -0 env -i BO_STORE="$BO_STORE" away/share/bo/cron/monthly
	[ "$(bo-period list --count --no-header)" -eq 1 ]
}

@test "what was paid is allocated, and nobody is reminded of it" {
	office
	bo-record -t reminder_level add level=1 days=7 -q
	bo-recurring add customer=ALI text=hosting start=2027-01-01 -q : item=HOST
	as_cron 2027-01-01 01:05:00 nightly
	bo-payment receive customer=ALI amount=20 date=2027-01-14 --on 2027-01-14 -q
	as_cron 2027-01-22 01:05:00 nightly
	[ "$(bo-payment list --on 2027-01-22 --no-header -f unallocated)" = 8.10 ]
	[ "$(bo-record -t reminder list --count --no-header)" -eq 0 ]
	as_cron 2027-02-01 01:05:00 nightly
	[ "$(bo-payment list --on 2027-02-01 --no-header -f unallocated)" = 0.00 ]
	as_cron 2027-02-22 01:05:00 nightly
	[ "$(bo-record -t reminder list --no-header -f invoice.period,open)" = 2027-02-01,3.80 ]
	bo-audit check
}

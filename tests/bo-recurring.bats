#!/usr/bin/env bats
# bo-recurring, and bo-invoice recur: invoices that come again and again
# shellcheck disable=SC2016 # a back quote is part of a message

load helper

office()
{
	store
	bo-config set currency=EUR timezone=UTC -q
	bo-customer add code=ALI name='علی اینڈ سنز' terms=14d -q
	bo-customer add code=USA name='Chai & Co' currency=USD -q
	bo-item add sku=HOST name='主机 hosting' kind=service price=10 tax_rate=20 -q
}

# template FIELD=VALUE...: one of hosting for ALI.
template()
{
	bo-recurring add customer=ALI text=hosting "$@" : item=HOST -o ids
}

# periods: the turns that have invoices.
periods()
{
	bo-invoice list -a --no-header -f period -w 'recurring != ""' | paste -sd ' '
}

@test "a template of the 31st has its turns on the last days of shorter months" {
	office
	template start=2027-12-31 >/dev/null
	bo-invoice recur --on 2028-07-01 --catch-up -q
	[ "$(periods)" = '2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30 2028-05-31 2028-06-30' ]
}

@test "turns are counted from the start, however late the runs" {
	office
	template start=2026-01-30 >/dev/null
	bo-invoice recur --on 2026-02-11 -q
	bo-invoice recur --on 2026-03-09 -q
	bo-invoice recur --on 2026-03-30 -q
	[ "$(periods)" = '2026-01-30 2026-02-28 2026-03-30' ]
}

@test "days, weeks, quarters and years are turns as well" {
	office
	for every in 14d 2w 3mo 1y; do
		template start=2024-02-29 every=$every until=2026-03-01 >/dev/null
	done
	bo-invoice recur RI3 RI4 --on 2026-11-30 --catch-up -q
	[ "$(periods)" = "2024-02-29 2024-05-29 2024-08-29 2024-11-29 2025-02-28 2025-05-29 2025-08-29 2025-11-29 2026-02-28 2024-02-29 2025-02-28 2026-02-28" ]
	run -0 bo-recurring list --no-header -f next
	[ "$output" = $'2024-02-29\n2024-02-29\n""\n""' ]
	bo-invoice recur RI1 --on 2024-03-14 --catch-up -q
	bo-invoice recur RI2 --on 2024-03-14 --catch-up -q
	run -0 bo-invoice list --no-header -f period -w 'recurring = RI1'
	[ "$output" = $'2024-02-29\n2024-03-14' ]
	[ "$(bo-recurring list --no-header -f next -w 'id = RI2')" = 2024-03-28 ]
}

@test "a second run does nothing" {
	office
	template start=2026-03-01 >/dev/null
	run -0 bo-invoice recur --on 2026-03-02 --issue --no-header -f number,customer.code,date,due,period,total
	[ "$output" = INV-2026-000001,ALI,2026-03-02,2026-03-16,2026-03-01,12.00 ]
	head=$(bo-audit head)
	run -0 --separate-stderr bo-invoice recur --on 2026-03-02 --issue --no-header
	[ -z "$output$stderr" ]
	[ "$(bo-audit head)" = "$head" ]
}

@test "twelve at a time make each turn once" {
	office
	for _ in 1 2 3; do template start=2026-01-31 >/dev/null; done
	for _ in {1..12}; do bo-invoice recur --on 2026-05-31 --catch-up --issue -q & done
	wait
	[ "$(bo-invoice list --count --no-header)" -eq 15 ]
	[ "$(bo-invoice list --no-header -f recurring,period | sort -u | wc -l)" -eq 15 ]
	run -0 bo-audit check
}

@test "turns that were missed are made when somebody says so" {
	office
	template start=2026-01-31 >/dev/null
	template start=2026-03-15 >/dev/null
	head=$(bo-audit head)
	run -3 bo-invoice recur --on 2026-03-31
	[ "$output" = 'bo-invoice: RI1: 3 turns from 2026-01-31 to 2026-03-31 have no invoice: --catch-up makes them all' ]
	[ "$(bo-audit head)" = "$head" ]
	run -0 bo-invoice recur --on 2026-03-31 --catch-up --no-header -f recurring,period
	[ "$output" = $'RI1,2026-01-31\nRI1,2026-02-28\nRI1,2026-03-31\nRI2,2026-03-15' ]
}

@test "no turn is billed before it is there" {
	office
	template start=2026-04-01 >/dev/null
	bo-invoice recur --on 2026-03-31 -q
	[ -z "$(periods)" ]
	run -2 bo-invoice recur --on 2026-03-31 --until 2026-04-01
	[[ $output == *'--until: 2026-04-01 is yet to come'* ]]
	run -2 bo-invoice recur --until soon
	[[ $output == *'--until: not a date: "soon"'* ]]
	bo-invoice recur --on 2026-06-30 --until 2026-04-30 -q
	[ "$(periods)" = 2026-04-01 ]
}

@test "what a template leaves open is the item's and the customer's at each turn" {
	office
	id=$(template start=2026-01-01 notes=$'شکریہ\nthanks' reference=PO-7 terms=7d)
	bo-record -t recurring_line add recurring="$id" description=domain price=1.255 qty=3 discount=10 tax_rate=0 -q
	bo-invoice recur --on 2026-01-01 --issue -q
	bo-item set HOST price=11 name=Hosting -q
	bo-invoice recur --on 2026-02-01 --issue -q
	run -0 bo-invoice list -o json -f number,reference,terms,due,notes,total
	[ "$(jq -rs 'map([.reference, .due, .total] | join(" ")) | join(";")' <<<"$output")" = 'PO-7 2026-01-08 15.39;PO-7 2026-02-08 16.59' ]
	[ "$(jq -rs '.[1].notes' <<<"$output")" = $'شکریہ\nthanks' ]
	run -0 bo-record -t invoice_line list --no-header -f invoice,description,qty,price,amount
	[ "$output" = $'V1,主机 hosting,1,10,10.00\nV1,domain,3,1.255,3.39\nV2,Hosting,1,11,11.00\nV2,domain,3,1.255,3.39' ]
}

@test "a store's own field goes over when both tables have it" {
	office
	bo-field add table=recurring field=x_team type=text -q
	bo-field add table=invoice field=x_team type=text -q
	template start=2026-01-01 x_team=ops >/dev/null
	run -0 bo-invoice recur --on 2026-01-01 --no-header -f x_team
	[ "$output" = ops ]
}

@test "a line that can't be billed refuses the run, and says whose it is" {
	office
	bo-recurring add customer=USA text=a start=2026-01-01 : item=HOST -q
	template start=2026-01-01 >/dev/null
	bo-recurring add customer=ALI text=b start=2026-01-01 -q
	run -3 bo-invoice recur --on 2026-01-01
	[[ ${lines[0]} == "bo-invoice: RI1: price: the item's is in EUR, the invoice in USD: say what it is" ]]
	[ "${lines[1]}" = 'bo-invoice: RI3: has no lines' ]
	[ "${#lines[@]}" -eq 2 ]
	[ -z "$(periods)" ]
	run -0 bo-invoice recur RI2 --on 2026-01-01 --no-header -f currency,total
	[ "$output" = EUR,12.00 ]
}

@test "a turn that was voided as a draft is not made again" {
	office
	template start=2026-01-31 >/dev/null
	bo-invoice recur --on 2026-01-31 -o ids | bo-invoice void - -q
	run -0 bo-invoice recur --on 2026-01-31 --no-header
	[ -z "$output" ]
	[ "$(bo-recurring list --no-header -f next)" = 2026-02-28 ]
}

@test "an archived template has no more turns" {
	office
	template start=2026-01-31 >/dev/null
	bo-recurring archive RI1 -q
	run -0 bo-invoice recur --on 2026-01-31 --no-header
	[ -z "$output" ]
	run -3 bo-invoice recur RI1 --on 2026-01-31
	[[ $output == *'RI1: is archived: it has no more turns'* ]]
	[ "$(bo-recurring list -a --no-header -f next)" = '""' ]
}

@test "an invoice by hand may be a turn, once" {
	office
	template start=2026-01-31 >/dev/null
	bo-invoice add customer=ALI recurring=RI1 period=2026-02-28 : item=HOST price=9 -q
	run -3 bo-invoice add customer=ALI recurring=RI1 period=2026-02-28 : item=HOST
	[[ $output == *'turn: "RI1 2026-02-28" is taken by V1'* ]]
	run -3 bo-invoice add customer=ALI recurring=RI1 period=2026-03-30 : item=HOST
	[[ $output == *'period: 2026-03-30 is no turn of RI1'* ]]
	run -3 bo-invoice add customer=ALI recurring=RI1 : item=HOST
	[[ $output == *'period: goes with `recurring`, and that with it'* ]]
	run -3 bo-invoice add customer=ALI period=2026-01-31 : item=HOST
	run -3 bo-invoice set V1 period=2026-01-31
	bo-invoice recur --on 2026-02-28 -q
	[ "$(periods)" = '2026-02-28 2026-01-31' ]
}

@test "templates that make no sense are refused" {
	office
	for every in 0d 36h -1mo 1mo-1d 5min; do
		run -3 bo-recurring add customer=ALI text=x every=$every
		[[ $output == *'every: not a number of days, months or years'* ]]
	done
	run -3 bo-recurring add customer=ALI text=x start=2026-02-01 until=2026-01-31
	[[ $output == *'until: before it starts'* ]]
	id=$(template start=2026-01-31)
	run -3 bo-recurring set "$id" start=2026-01-30
	run -3 bo-recurring set "$id" every=1y
	bo-recurring set "$id" until=2026-01-31 -q
}

@test "at the end of the calendar turns end too" {
	office
	template start=9999-11-30 >/dev/null
	bo-invoice recur --on 9999-12-30 --catch-up -q
	[ "$(periods)" = '9999-11-30 9999-12-30' ]
	[ "$(bo-recurring list --no-header -f next)" = '""' ]
	template start=9999-12-31 every=1d >/dev/null
	bo-invoice recur RI2 --on 9999-12-31 -q
	[ "$(periods)" = '9999-11-30 9999-12-30 9999-12-31' ]
}

@test "no such template is an answer, and changes nothing" {
	office
	template start=2026-01-31 >/dev/null
	run -1 bo-invoice recur RI1 RI7 --on 2026-01-31
	[ "$output" = 'bo-invoice: no such recurring: "RI7"' ]
	[ -z "$(periods)" ]
}

@test "a plan of turns can be looked at, and applied" {
	office
	template start=2026-01-31 >/dev/null
	bo-invoice recur --on 2026-01-31 -n >plan.csv
	[ -z "$(periods)" ]
	grep -q '^invoice,+1,period,,2026-01-31$' plan.csv
	bo-apply -q <plan.csv
	[ "$(periods)" = 2026-01-31 ]
	run -3 bo-apply <plan.csv
}

@test "who may not add invoices makes no turns" {
	office
	template start=2026-01-31 >/dev/null
	bo-role add name=reader -q : table=customer verbs=set
	bo-role add name=admin -q : table='*' verbs='*'
	printf 'login,roles\nsomebody,admin\n%s,reader\n' "$(id -un)" | bo-user add -q -
	run -3 bo-invoice recur --on 2026-01-31
	[[ $output == *'may not add invoices'* ]]
}

@test "who is billed again and again is not erased, until that has an end" {
	office
	template start=2026-01-31 >/dev/null
	run -3 bo-customer erase ALI -m 'asked for it'
	[ "$output" = "bo-customer: C1 can't be erased: it is billed again and again by RI1 (archive that)" ]
	bo-recurring archive RI1 -q
	bo-customer erase ALI -q -m 'asked for it'
}

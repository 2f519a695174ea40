#!/usr/bin/env bats
# list --count, --sum, --min, --max, --avg, --by

# bats sets it where a run has --separate-stderr.
# shellcheck disable=SC2154
load helper

# A table of amounts in a store whose clock is Berlin's.
ledger()
{
	bo-init store country=DE currency=EUR timezone=Europe/Berlin >/dev/null
	export BO_STORE=$BATS_TEST_TMPDIR/store
	bo-table add -q table=sale prefix=SA
	bo-table add -q table=detail prefix=SAD parent=sale flags=child
	bo-field add -q - <<-'CSV'
		table,field,type
		sale,day,date
		sale,at,time
		sale,who,ref(customer)
		sale,kind,enum(rent wages beans)
		sale,qty,qty
		sale,pieces,int
		sale,amount,money
		sale,currency,currency
		sale,open,bool
		sale,term,span
		detail,sale,ref(sale)
		detail,part,money
	CSV
	bo-customer add -q - <<-'CSV'
		code,name,country
		HARBOUR,Harbour,DE
		TANAKA,Tanaka,JP
		SOFIA,"Sofia, the ""second""",GR
	CSV
}

entries()
{
	ledger
	bo-record -t sale add -q - <<-'CSV'
		day,at,who.code,kind,qty,pieces,amount,currency,open,term
		2026-01-01,2025-12-31T23:30:00Z,HARBOUR,rent,1.5,2,100.10,EUR,true,10d
		2026-01-31,2026-01-31T22:59:59Z,HARBOUR,beans,2.25,10,-0.10,EUR,false,2d
		2026-03-31,2026-03-31T22:00:00Z,TANAKA,wages,,9,0.01,EUR,true,1mo
		2026-04-01,2026-03-31T21:59:59Z,SOFIA,wages,0.000001,,7.00,EUR,,
		2026-12-31,,,beans,3,-3,1.00,EUR,true,
	CSV
}

sums() { bo-record -t sale list -o csv "$@"; }

@test "--count alone is one record with the count" {
	entries
	[ "$(sums --count)" = $'count\n5' ]
	[ "$(sums --count -w 'kind = beans')" = $'count\n2' ]
	[ "$(sums --count -w 'amount > 1000')" = $'count\n0' ]
	[ "$(sums --count -o json)" = '{"count":5}' ]
	[ "$(sums --count --no-header)" = 5 ]
	run -1 sums --count -e -w 'amount > 1000'
	[ "$output" = $'count\n0' ]
}

@test "sums are exact, and spelled like the field" {
	entries
	[ "$(sums --sum amount,qty,pieces,open)" = $'count,sum_amount,sum_qty,sum_pieces,sum_open\n5,108.01,6.750001,18,3' ]
	[ "$(sums --sum amount,pieces -o json)" = '{"count":5,"sum_amount":"108.01","sum_pieces":18}' ]
	[ "$(sums --sum amount -w 'kind = wages')" = $'count,sum_amount\n2,7.01' ]
	# Of nothing there is a sum, but no least and no average.
	[ "$(sums --sum amount,qty --min amount --avg qty -w 'amount > 1000')" = \
	    $'count,sum_amount,sum_qty,min_amount,avg_qty\n0,0.00,0,,' ]
}

@test "columns come in the order in which they are asked for" {
	entries
	[ "$(sums --max day --by kind --sum amount --avg pieces --min day --count)" = \
	    "kind,count,max_day,sum_amount,avg_pieces,min_day
rent,1,2026-01-01,100.10,2,2026-01-01
wages,2,2026-04-01,7.01,9,2026-03-31
beans,2,2026-12-31,0.90,3.5,2026-01-31" ]
}

@test "averages are rounded half away from zero, of what is not empty" {
	entries
	# 18 / 4; 6.750001 / 4 = 1.68750025; 108.01 / 5 = 21.602
	[ "$(sums --avg pieces,qty,amount)" = $'count,avg_pieces,avg_qty,avg_amount\n5,4.5,1.6875,21.60' ]
	bo-record -t sale add -q amount=0.01 qty=0.000001
	bo-record -t sale add -q amount=0.02 qty=-0.000002
	[ "$(sums --avg amount -w 'id in (SA6 SA7)' --no-header)" = 2,0.02 ]
	[ "$(sums --avg qty -w 'id in (SA6 SA7)' --no-header)" = 2,-0.000001 ]
	[ "$(sums --avg amount -w 'id in (SA3 SA6 SA7)' --no-header)" = 3,0.01 ]
}

@test "groups are in the order of their type, what is empty first" {
	entries
	[ "$(sums --by kind --no-header)" = $'rent,1\nwages,2\nbeans,2' ]
	[ "$(sums --by pieces --no-header)" = $',1\n-3,1\n2,1\n9,1\n10,1' ]
	[ "$(sums --by who --no-header)" = $',1\nC1,2\nC2,1\nC3,1' ]
	[ "$(sums --by term --no-header)" = $',2\n2d,1\n10d,1\n1mo,1' ]
	[ "$(sums --by id -s -id --no-header --limit 1)" = SA5,1 ]
}

@test "--by follows references, takes several fields, and may be repeated" {
	entries
	[ "$(sums --by who.country,open --sum amount --no-header)" = ',true,1,1.00
DE,false,1,-0.10
DE,true,1,100.10
GR,,1,7.00
JP,true,1,0.01' ]
	diff <(sums --by who.country,open) <(sums --by who.country --by open)
	[ "$(sums --by who.name --no-header -w who=SOFIA)" = '"Sofia, the ""second""",1' ]
	[ "$(sums --min who.name --max who --no-header)" = '5,Harbour,C3' ]
}

@test "dates fall into days, weeks, months, quarters and years" {
	entries
	[ "$(sums --by day:year --no-header)" = 2026,5 ]
	[ "$(sums --by day:quarter --no-header)" = $'2026-Q1,3\n2026-Q2,1\n2026-Q4,1' ]
	[ "$(sums --by day:month --no-header)" = $'2026-01,2\n2026-03,1\n2026-04,1\n2026-12,1' ]
	[ "$(sums --by day:week --no-header)" = $'2026-W01,1\n2026-W05,1\n2026-W14,2\n2026-W53,1' ]
	[ "$(sums --by day:day --limit 1)" = $'day:day,count\n2026-01-01,1' ]
	bo-record -t sale add -q day=2027-01-03
	bo-record -t sale add -q day=2024-12-30
	[ "$(sums --by day:week -w 'day > 2026-12-01 or day < 2025-01-01' --no-header)" = $'2025-W01,1\n2026-W53,2' ]
}

@test "times fall into days by the company's clock" {
	entries
	# 23:30 in London is the new year in Berlin; the last of March ends an hour sooner than in winter.
	[ "$(sums --by at:month --no-header)" = $',1\n2026-01,2\n2026-03,1\n2026-04,1' ]
	[ "$(sums --by at:day --no-header)" = $',1\n2026-01-01,1\n2026-01-31,1\n2026-03-31,1\n2026-04-01,1' ]
	bo-config set -q timezone=UTC
	[ "$(sums --by at:month --no-header)" = $',1\n2025-12,1\n2026-01,1\n2026-03,2' ]
	bo-config set -q timezone=America/St_Johns
	# The clock there went from 00:01 back to 23:01 of the day before.
	bo-record -t sale add -q at=2006-10-29T02:30:30Z
	bo-record -t sale add -q at=2006-10-29T02:31:30Z
	bo-record -t sale add -q at=2006-10-29T03:29:59Z
	bo-record -t sale add -q at=2006-10-29T03:30:00Z
	[ "$(sums --by at:day -w 'at < 2007-01-01' --no-header)" = $'2006-10-28,2\n2006-10-29,2' ]
}

@test "money of several currencies is not added up" {
	entries
	bo-record -t sale add -q kind=rent amount=5 currency=USD
	run -3 --separate-stderr sums --sum amount
	[ -z "$output" ]
	[ "$stderr" = 'bo-record: --sum amount: amounts in EUR and USD do not add up (add --by currency)' ]
	run -3 sums --by kind --max amount
	[ "$output" = 'bo-record: --max amount: amounts in EUR and USD do not compare (add --by currency)' ]
	[ "$(sums --sum amount --by currency --no-header)" = $'EUR,5,108.01\nUSD,1,5.00' ]
	[ "$(sums --sum amount -w currency=USD --no-header)" = 1,5.00 ]
	# Groups that have one each are fine.
	[ "$(sums --sum amount --by kind -w 'kind != rent or currency = USD' --no-header)" = \
	    $'rent,1,5.00\nwages,2,7.01\nbeans,2,0.90' ]
	# No amount, no currency; none of its own, the company's.
	bo-record -t sale add -q kind=wages currency=JPY
	bo-record -t sale add -q kind=wages amount=1
	[ "$(sums --sum amount --by kind -w 'kind = wages' --no-header)" = wages,4,8.01 ]
	bo-record -t sale add -q kind=beans amount=3 currency=JPY
	[ "$(sums --sum amount --avg amount --by currency -w currency=JPY --no-header)" = JPY,2,3,3 ]
}

@test "an amount in a line has the currency of its document" {
	entries
	bo-record -t sale add -q amount=1 : part=0.50 : part=0.25
	bo-record -t sale add -q amount=1 currency=JPY : part=7
	run -3 bo-record -t detail list --sum part
	[ "$output" = 'bo-record: --sum part: amounts in EUR and JPY do not add up (add --by sale.currency)' ]
	[ "$(bo-record -t detail list --sum part --by sale.currency)" = $'sale.currency,count,sum_part\n,2,0.75\nJPY,1,7' ]
}

@test "sums heed -a, --as-of, -f, -s and --limit" {
	entries
	bo-record -t sale archive -q SA1
	[ "$(sums --sum amount --no-header)" = 4,7.91 ]
	[ "$(sums --sum amount --no-header -a)" = 5,108.01 ]
	tx=$(tail -n 1 store/audit.csv | cut -d, -f1)
	bo-record -t sale set -q SA2 amount=1000
	[ "$(sums --sum amount --no-header --as-of "$tx")" = 4,7.91 ]
	[ "$(sums --sum amount --by kind -s -sum_amount -f sum_amount,kind --limit 1)" = $'sum_amount,kind\n1001.00,beans' ]
	[ -z "$(sums --count -q)" ]
	[ "$(sums --by kind -o tsv --no-header | head -n 1)" = $'wages\t2' ]
	[[ $(sums --by kind -o table) == *wages*2* ]]
}

@test "derived fields can be counted and summed up" {
	store
	bo-item add -q sku=A name=A
	bo-item add -q sku=B name=B
	bo-stock receive -q item=A qty=4
	bo-stock receive -q item=B qty=4
	bo-stock receive -q item=A qty=0.5
	[ "$(bo-item list --sum on_hand --max on_hand --by on_hand --no-header)" = $'4,1,4,4\n4.5,1,4.5,4.5' ]
	[ "$(bo-item list --sum on_hand -o csv)" = $'count,sum_on_hand\n2,8.5' ]
}

@test "what can't be counted or added up is told before anything is read" {
	entries
	refused() # MESSAGE OPTION...
	{
		run -2 --separate-stderr sums "${@:2}"
		[ -z "$output" ]
		[ "$stderr" = "bo-record: $1" ] || { echo "$stderr"; return 1; }
	}
	refused '--sum: no such field: "amunt" (did you mean "amount"?)' --sum amunt
	refused '--sum: not a number: "kind"' --sum amount,kind
	refused '--avg: not a number: "term"' --avg term
	refused '--by: neither a date nor a time: "kind"' --by kind:month
	refused '--by: neither day, week, month, quarter nor year: "mnth" (did you mean "month"?)' --by day:mnth
	refused '--max: a second column of that name: "max_day"' --max day --max day
	refused '--by: a second column of that name: "kind"' --by kind,kind
	refused '-s: no such column: "sum_amunt" (did you mean "sum_amount"?)' --sum amount -s sum_amunt
	refused '-f: no such column: "amount" (did you mean "count"?)' --by kind -f amount
	refused '--by: has no ids to print (-o ids)' --by kind -o ids
	run -2 bo-record -t sale set --sum amount SA1 amount=1
	[ "$output" = 'bo-record: --sum: only what is listed can be counted and summed up' ]
	run -2 bo-audit log --count
	[ "$output" = 'bo-audit: --count: only what is listed can be counted and summed up' ]
}

@test "sums of the largest numbers are exact" {
	ledger
	bo-record -t sale add -q pieces=9223372036854775807
	bo-record -t sale add -q pieces=9223372036854775807
	[ "$(sums --sum pieces --avg pieces --no-header)" = 2,18446744073709551614,9223372036854775807 ]
}

# alone COMMAND...: on one processor, so by one thread.
alone() { taskset -c "$(taskset -cp $$ | sed 's/.*[:,-] *//')" "$@"; }

@test "several threads count what one counts, and what awk counts" {
	ledger
	awk 'BEGIN {
		print "day,at,kind,qty,pieces,amount,currency"
		split("rent wages beans", kind, " ")
		for (i = 1; i <= 60000; i++)
			printf "%d-%02d-%02d,2026-%02d-%02dT%02d:30:00Z,%s,%d.%d,%d,%s%d.%02d,%s\n", 2020 + i % 7, i % 12 + 1, i % 28 + 1,
			    i % 12 + 1, i % 28 + 1, i % 24, kind[i % 3 + 1], i % 100, i % 10, i % 1013,
			    i % 5 ? "" : "-", i * 7919 % 100000, i % 100, i % 4 ? "EUR" : "USD"
	}' >entries.csv
	bo-record -t sale add -q - <entries.csv
	[ "$(stat -c %s store/sale.csv)" -gt 2200000 ]
	for options in '--count' '--by kind --sum qty,pieces' '--by currency,day:month --sum amount --avg amount --min amount --max amount' \
	    '--by pieces --max at --min day' '--by at:week --avg qty' '--by id --limit 3' \
	    '--by currency --sum amount -w kind=beans' '--min kind,day,at,amount --by currency'; do
		# shellcheck disable=SC2086
		diff <(sums $options) <(alone bo-record -t sale list -o csv $options)
	done
	diff <(sums --by currency,kind --sum amount --no-header | sort) <(awk -F, 'NR > 1 {
		gsub(/[.]/, "", $6); sum[$7 "," $3] += $6; n[$7 "," $3]++
	} END { for (i in n) printf "%s,%d,%.2f\n", i, n[i], sum[i] / 100 }' entries.csv | sort)
	diff <(sums --by day:month --no-header) <(awk -F, 'NR > 1 { n[substr($1, 1, 7)]++ }
	    END { for (i in n) print i "," n[i] }' entries.csv | sort)
	run -3 sums --sum amount
	[ "$output" = 'bo-record: --sum amount: amounts in EUR and USD do not add up (add --by currency)' ]
}

# A filter has every record read; without one most are summed up by a glance at their lines.
@test "what a glance sums up is what records sum up" {
	ledger
	awk 'BEGIN {
		print "name,city,country,phone"
		for (i = 1; i <= 4000; i++)
			printf "%s,%s,%s,\n", i % 7 ? "N" i : "\"N, \"\"" i "\"\"\"", i % 5 ? "C" i % 11 : "\"C, " i % 11 "\"",
			    i % 3 ? "DE" : i % 2 ? "" : "PK"
	}' | bo-customer add -q -
	bo-customer list -w 'tx > 0' --limit 50 -f id | bo-customer archive -q -
	for i in 60 61 70; do
		bo-customer erase -q -m gone "C$i"
	done
	bo-field add -q table=customer field=x_rank type=int
	bo-customer list --limit 900 -f id | bo-customer set -q - x_rank=7
	for what in '--count --by city' '--count --by city,country' '--sum x_rank --by country' \
	    '--avg x_rank --by country,city' '--min x_rank --max city --by country' '--sum x_rank' '--count --by archived'; do
		for all in '' -a; do
			# shellcheck disable=SC2086 # words
			bo-customer list $all -o csv $what >glanced
			# shellcheck disable=SC2086
			bo-customer list $all -o csv $what -w 'tx > 0' >looked_at
			[ "$(wc -l <glanced)" -gt 1 ]
			diff glanced looked_at
		done
	done
}

#!/usr/bin/env bats
# ledger-report: balances by time and by words, and where money came from

load helper

shop()
{
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-account add -q code=assets:bank:savings name=Savings kind=asset
	bo-ledger enter -q --group n - <<-'CSV'
		n,date,text,posting.account,posting.amount,posting.currency,posting.tags
		1,2025-12-31,Capital,assets:bank,1000,EUR,
		1,2025-12-31,Capital,equity:capital,-1000,EUR,
		2,2026-01-31,Rent,expense:rent,80,EUR,north
		2,2026-01-31,Rent,assets:bank,-80,EUR,
		3,2026-02-10,Sale,assets:receivable,119,EUR,C1
		3,2026-02-10,Sale,income:sales,-100,EUR,north web
		3,2026-02-10,Sale,liabilities:vat:output,-19,EUR,
		4,2026-02-20,Paid less discount,assets:bank,115,EUR,
		4,2026-02-20,Paid less discount,expense:discount,4,EUR,
		4,2026-02-20,Paid less discount,assets:receivable,-119,EUR,C1
		5,2026-02-21,Put by,assets:bank:savings,50,EUR,
		5,2026-02-21,Put by,assets:bank,-50,EUR,
		6,2026-04-01,Rent,expense:rent,90,EUR,south
		6,2026-04-01,Rent,assets:cash,-90,EUR,
		7,2026-04-02,Changed,assets:bank,-45,EUR,
		7,2026-04-02,Changed,equity:conversion,45,EUR,
		7,2026-04-02,Changed,equity:conversion,-50,USD,
		7,2026-04-02,Changed,assets:bank,50,USD,
	CSV
}

@test "balances by month, quarter and year go on from one to the next" {
	shop
	run -0 bo-ledger balance assets:bank --by month --on 2026-12-31 --no-header -f account,month,currency,before,debit,credit,balance
	[ "$output" = 'assets:bank,2025-12,EUR,0.00,1000.00,0.00,1000.00
assets:bank,2026-01,EUR,1000.00,0.00,80.00,920.00
assets:bank,2026-02,EUR,920.00,115.00,50.00,985.00
assets:bank,2026-04,EUR,985.00,0.00,45.00,940.00
assets:bank,2026-04,USD,0.00,50.00,0.00,50.00
assets:bank:savings,2026-02,EUR,0.00,50.00,0.00,50.00' ]
	run -0 bo-ledger balance expense:rent --by quarter --on 2026-12-31 --no-header -f quarter,before,balance
	[ "$output" = '2026-Q1,0.00,80.00
2026-Q2,80.00,170.00' ]
	run -0 bo-ledger balance assets:bank --by year --from 2026-01-01 --on 2026-02-28 --no-header -f account,year,before,balance
	[ "$output" = 'assets:bank,2026,1000.00,985.00
assets:bank:savings,2026,0.00,50.00' ]
}

@test "the last of every account by month is its balance" {
	shop
	diff <(bo-ledger balance --on 2026-12-31 --no-header -f account,currency,balance | sort) \
	    <(bo-ledger balance --by month --on 2026-12-31 --no-header -f account,currency,month,balance |
		awk -F, '{ last[$1 "," $2] = $4 } END { for (a in last) print a "," last[a] }' | sort)
}

@test "balances by the words of postings" {
	shop
	run -0 bo-ledger balance expense income assets:receivable --by tag --on 2026-12-31 --no-header -f account,tag,debit,credit,balance
	[ "$output" = 'assets:receivable,C1,119.00,119.00,0.00
expense:discount,,4.00,0.00,4.00
expense:rent,north,80.00,0.00,80.00
expense:rent,south,90.00,0.00,90.00
income:sales,north,0.00,100.00,-100.00
income:sales,web,0.00,100.00,-100.00' ]
	run -0 bo-ledger balance expense:rent --by tag --from 2026-02-01 --on 2026-12-31 --no-header -f tag,before,debit,balance
	[ "$output" = 'north,80.00,0.00,80.00
south,0.00,90.00,90.00' ]
}

# alone COMMAND...: on one processor, so by one thread.
alone() { taskset -c "$(taskset -cp $$ | sed 's/.*[:,-] *//')" "$@"; }

@test "several threads sum by time and words as one does, and as awk does" {
	shop
	awk 'BEGIN {
		print "n,date,text,posting.account,posting.amount,posting.tags"
		split("north south,web,,east web,north,w1,w2", tags, ","); split("expense:rent assets:cash income:sales", account, " ")
		for (i = 1; i <= 20000; i++) {
			date = sprintf("%d-%02d-%02d", 2021 + i % 5, i % 12 + 1, i % 28 + 1)
			printf "%d,%s,T,%s,%d.%02d,%s\n", i, date, account[i % 3 + 1], i % 977, i % 100, i < 9000 ? "" : tags[i % 7 + 1]
			printf "%d,%s,T,assets:bank,-%d.%02d,\n", i, date, i % 977, i % 100
		}
	}' >many.csv
	bo-ledger enter -q --group n - <many.csv
	[ "$(wc -l <store/posting.csv)" -gt 40000 ]
	for by in month quarter year tag; do
		for options in '' '--from 2022-08-09' 'assets:bank --on 2024-02-03'; do
			# shellcheck disable=SC2086 # words
			diff <(bo-ledger balance --by $by $options) <(alone bo-ledger balance --by $by $options)
		done
	done
	diff <(bo-ledger balance expense:rent --by year --on 2025-12-31 --no-header -f year,debit) <(awk -F, '
		$4 == "expense:rent" { gsub(/[.]/, "", $5); sum[substr($2, 1, 4)] += $5 }
		END { for (y in sum) printf "%s,%.2f\n", y, sum[y] / 100 }' many.csv | sort)
	diff <(bo-ledger balance assets:cash --by tag --on 2025-12-31 --no-header -f tag,debit) <(awk -F, '
		$4 == "assets:cash" { gsub(/[.]/, "", $5); n = split($6, tag, " ")
			if (n == 0) sum[""] += $5
			for (i = 1; i <= n; i++) sum[tag[i]] += $5 }
		END { for (t in sum) printf "%s,%.2f\n", t, sum[t] / 100 }' many.csv | sort)
}

@test "what can't be summed by is said" {
	shop
	run -2 bo-ledger balance --by account
	[[ $output == *'--by: one of tag, month, quarter and year, not "account"'* ]]
	run -2 bo-ledger balance --by month --by tag
	run -2 bo-ledger balance --by month --tree
	run -2 bo-ledger balance --sum amount
	run -2 bo-ledger register --by month
}

@test "cash flow: by the other side, moves between money do not show, what there was and is does" {
	shop
	run -0 bo-ledger cash-flow --on 2026-12-31 --no-header
	[ "$output" = ',opening,EUR,,,1000.00
assets:receivable,Receivables from customers,EUR,119.00,0.00,119.00
equity:conversion,Exchanged currencies,EUR,0.00,45.00,-45.00
expense:discount,Discounts given,EUR,0.00,4.00,-4.00
expense:rent,Rent,EUR,0.00,170.00,-170.00
,closing,EUR,,,900.00
,opening,USD,,,0.00
equity:conversion,Exchanged currencies,USD,50.00,0.00,50.00
,closing,USD,,,50.00' ]
	run -0 bo-ledger cash-flow --period 2026-02 --no-header -f account,name,net
	[ "$output" = ',opening,920.00
assets:receivable,Receivables from customers,119.00
expense:discount,Discounts given,-4.00
,closing,1035.00' ]
	run -2 bo-ledger cash-flow assets:bank
}

@test "what a report begins with and comes to keeps its place, whatever it is sorted by" {
	shop
	run -0 bo-ledger cash-flow --period 2026-02 --no-header -f account,name,net -s net
	[ "$output" = ',opening,920.00
expense:discount,Discounts given,-4.00
assets:receivable,Receivables from customers,119.00
,closing,1035.00' ]
	run -0 bo-ledger cash-flow --period 2026-02 --no-header -f name,net --limit 1
	[ "$output" = 'opening,920.00
Receivables from customers,119.00
closing,1035.00' ]
	bo-ledger pl --on 2026-12-31 --no-header -f kind,name,amount | grep ',total,' >totals
	[ -s totals ]
	bo-ledger pl --on 2026-12-31 --no-header -f kind,name,amount -s -amount >sorted
	tail -n "$(wc -l <totals)" sorted | diff - totals
	[ "$(bo-ledger balance-sheet --on 2026-12-31 --no-header -f name --limit 1 | grep -cv total)" = 1 ]
}

@test "cash flow adds up to what money there is, and to the balance of its accounts" {
	shop
	bo-ledger cash-flow --from 2025-01-01 --on 2026-03-31 --no-header -f name,currency,net |
	    awk -F, '$1 == "opening" { sum[$2] = $3; next } $1 == "closing" { if (sum[$2] - $3 > 0.001 || $3 - sum[$2] > 0.001) exit 1; next } { sum[$2] += $3 }'
	[ "$(bo-ledger balance assets:bank assets:cash --on 2026-03-31 --no-header -f balance | paste -sd+ - | bc)" = \
	    "$(bo-ledger cash-flow --on 2026-03-31 --no-header -f name,net | sed -n 's/^closing,//p')" ]
	store=$BATS_TEST_TMPDIR/none
	bo-init -q "$store"
	[ -z "$(bo-ledger -d "$store" cash-flow --no-header)" ]
}

@test "what postings say in quotes, or in columns that came later, is read all the same" {
	shop
	bo-field add -q table=posting field=x_project type=text
	bo-ledger enter -q text='with, "quotes"' date=2026-05-01 : account=assets:bank amount=7 text='a, "b"' tags=north \
	    : account=income:other amount=-7 x_project='p, q'
	bo-ledger enter -q text=plain date=2026-05-02 : account=assets:bank amount=1 : account=income:other amount=-1 x_project=r
	[ "$(bo-ledger balance income:other --on 2026-12-31 --no-header -f balance)" = -8.00 ]
	run -0 bo-ledger register assets:bank --from 2026-05-01 --on 2026-12-31 --no-header -f text,amount
	[ "$output" = '"a, ""b""",7.00
plain,1.00' ]
	[ "$(bo-ledger balance assets:bank --by tag --on 2026-12-31 --no-header -f tag,currency,debit | grep ^north)" = north,EUR,7.00 ]
	[ "$(bo-ledger balance --on 2026-12-31 --no-header -f balance | paste -sd+ - | bc)" = 0 ]
}

@test "-w chooses from the rows of a report, which then have no sums" {
	shop
	run -0 bo-ledger register assets:bank --on 2026-12-31 -f date,text,amount --no-header \
	    -w 'amount > 100' -w 'date < 2026-02-21'
	[ "$output" = '2025-12-31,Capital,1000.00
2026-02-20,Paid less discount,115.00' ]
	run -0 bo-ledger register --on 2026-12-31 -f date,account --no-header -w 'date in 2026-01 and account ~ "^exp"'
	[ "$output" = 2026-01-31,expense:rent ]
	run -0 bo-ledger balance --on 2026-12-31 -f account,balance --no-header -w 'kind = expense' -w 'balance > 4'
	[ "$output" = expense:rent,170.00 ]
	run -0 bo-ledger cash-flow --on 2026-12-31 -f account,in --no-header -w 'in > 100'
	[ "$output" = assets:receivable,119.00 ]
	run -0 bo-ledger pl --on 2026-12-31 -f account --no-header -w 'kind = income' -s account
	[ "$output" = income:sales ]
	run -1 bo-ledger balance-sheet --on 2026-12-31 -e -w 'amount > 1000000'
	[ "$output" = kind,account,name,currency,amount ]
	[ "$(bo-ledger balance --by month --on 2026-12-31 --no-header -f account -w 'month = 2026-04' -w 'debit > 60')" = expense:rent ]
}

@test "what can't be chosen by is said, and by what is meant" {
	shop
	run -2 bo-ledger balance -w 'balanse > 1'
	[ "$output" = 'bo-ledger: -w: column 1: no such field: "balanse" (did you mean "balance"?)' ]
	run -2 bo-ledger balance -w 'id = 1'
	[ "$output" = 'bo-ledger: -w: column 1: no such field: "id"' ]
	run -2 bo-ledger register -w 'text > 2026-02-30 and date > 2026-02-30'
	[ "$output" = 'bo-ledger: -w: column 30: not a date: "2026-02-30"' ]
	run -2 bo-ledger export -w 'amount > 1'
	[ "$output" = 'bo-ledger: -w: means nothing to export, which does not choose' ]
	run -2 bo-customer show C1 -w 'name = x'
	[ "$output" = 'bo-customer: -w: means nothing to show, which does not choose' ]
	run -2 bo-customer archive C1 -w 'name = x'
	[ "$output" = 'bo-customer: -w: only what is listed can be chosen from (bo-customer list -w ... | bo-customer archive -)' ]
	run -2 bo-ticket solve -w 'name = x'
	[ "$output" = 'bo-ticket: -w: only what is listed can be chosen from (bo-ticket list -w ... | bo-ticket solve -)' ]
	run -2 bo-customer add name=x -w 'name = x'
	[ "$output" = 'bo-customer: -w: means nothing to add, which does not choose' ]
	run -2 bo-store index drop -w 'table = x'
	[ "$output" = 'bo-store: -w: means nothing to index drop, which is about all' ]
	[ "$(bo-store index status --no-header -f table -w 'table = entry')" = entry ]
	[ "$(bo-ledger fields --no-header -f field -w 'type = date')" = date ]
	[ "$(bo-audit who E1 --no-header -f id -w 'time > -1d')" = E1 ]
}

@test "a regular expression that takes too long ends a report, too" {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-ledger enter -q date=2026-01-01 text="$(printf 'a%.0s' {1..60})!" : account=assets:bank amount=1 : account=income:other amount=-1
	run -3 bo-ledger register -w 'text ~ "^(a+a+)+$"'
	[[ ${lines[-1]} == *'a regular expression takes too long'* ]]
}

#!/usr/bin/env bats
# bo-ledger: entries that balance, and what they come to

load helper

books()
{
	store
	bo-ledger chart generic | bo-account put -q --match code -
}

# Two months of a small shop.
shop()
{
	books
	bo-ledger enter -q --group n - <<-'CSV'
		n,date,text,posting.account,posting.amount
		1,2026-01-02,Capital paid in,assets:bank,10000
		1,2026-01-02,Capital paid in,equity:capital,-10000
		2,2026-01-31,"Rent; ""January""",expense:rent,800
		2,2026-01-31,"Rent; ""January""",assets:bank,-800
		3,2026-02-10,बिक्री 🫖,assets:receivable,119
		3,2026-02-10,बिक्री 🫖,income:sales,-100
		3,2026-02-10,बिक्री 🫖,liabilities:vat:output,-19
	CSV
}

@test "an entry that does not balance is refused, by how much it says" {
	books
	run -3 bo-ledger enter text=x : account=assets:bank amount=8 : account=expense:rent amount=-7.5
	[[ $output == *'does not balance: its postings come to 0.5 EUR, not to nothing'* ]]
	run -3 bo-ledger enter text=x : account=assets:bank amount=8
	[[ $output == *'one posting: an entry takes two postings at least'* ]]
	run -3 bo-ledger enter text=x
	[[ $output == *'no postings'* ]]
	run -3 bo-ledger enter text=x : account=assets:bank amount=0 : account=assets:cash amount=0
	[[ $output == *'amount: is nothing'* ]]
	[ ! -e store/entry.csv ]
}

@test "an amount that the books can't reckon with is refused, not taken for nothing" {
	books
	run -3 bo-ledger enter text=x : account=assets:bank amount=10000000000000 : account=assets:cash amount=-50000000000000
	[[ $output == *'amount: is more than the books can hold'* ]]
	[ ! -e store/entry.csv ]
	bo-ledger enter -q text=x : account=assets:bank amount=9000000000000 : account=assets:cash amount=-9000000000000
	[ "$(bo-ledger balance assets:bank --no-header -f balance)" = 9000000000000.00 ]
}

@test "each currency balances by itself" {
	books
	run -3 bo-ledger enter text=x : account=assets:bank amount=8 currency=USD : account=assets:cash amount=-8
	[[ $output == *'come to 8 USD'* && $output == *'come to -8 EUR'* ]]
	bo-ledger enter -q text=x : account=assets:bank amount=8 currency=USD : account=equity:conversion amount=-8 currency=USD \
	    : account=equity:conversion amount=7.10 : account=assets:cash amount=-7.1
	run -0 bo-ledger balance --no-header -f account,currency,balance
	[ "$output" = 'assets:bank,USD,8.00
assets:cash,EUR,-7.10
equity:conversion,EUR,7.10
equity:conversion,USD,-8.00' ]
	bo-ledger enter -q currency=JPY text=y : account=assets:bank amount=800 : account=assets:cash amount=-800
	run -3 bo-ledger enter currency=JPY text=y : account=assets:bank amount=8.5 : account=assets:cash amount=-8.5
}

@test "an account with a currency takes no other" {
	books
	bo-account set -q assets:cash currency=EUR
	run -3 bo-ledger enter currency=USD text=x : account=assets:bank amount=8 : account=assets:cash amount=-8
	[[ $output == *'currency: assets:cash takes EUR, not USD'* ]]
	bo-account archive -q assets:cash
	run -3 bo-ledger enter text=x : account=assets:bank amount=8 : account=assets:cash amount=-8
	[[ $output == *'account: assets:cash is archived'* ]]
}

@test "a draft may be anything and counts nowhere until it is posted" {
	books
	bo-ledger draft -q text=Sale date=2026-02-01 : account=assets:receivable amount=119 : account=income:sales amount=-100
	[ -z "$(bo-ledger balance --no-header)" ]
	run -3 bo-ledger post E1
	[[ $output == *'E1 does not balance'* ]]
	bo-ledger set -q E1 : account=liabilities:vat:output amount=-19
	bo-ledger set -q E1 date=2026-02-03
	bo-ledger post -q E1
	[ "$(bo-record -t posting list --no-header -f date | sort -u)" = 2026-02-03 ]
	run -0 bo-ledger balance --no-header -f account,balance
	[ "$output" = 'assets:receivable,119.00
income:sales,-100.00
liabilities:vat:output,-19.00' ]
}

@test "what is posted stands" {
	shop
	run -3 bo-ledger set E1 text=other
	[[ $output == *'text: E1 is posted and stands'* ]]
	run -3 bo-ledger archive E1
	run -3 bo-ledger set E1 : account=assets:bank amount=1
	[[ $output == *'E1 is posted: its postings stand'* ]]
	run -3 bo-record -t posting set P1 amount=1
	run -3 bo-record -t posting archive P1
	run -3 bo-record -t posting add entry=E1 account=assets:bank amount=5
	bo-ledger set -q E1 notes=seen
	bo-audit check balance periods
}

@test "reversing puts every amount to the other side, once" {
	shop
	run -0 bo-ledger reverse E3 --date 2026-03-01 -m 'sent back' --no-header -f id,date,kind,reverses,status
	[ "$output" = E4,2026-03-01,reversal,E3,posted ]
	run -0 bo-ledger balance income assets:receivable liabilities --no-header -f account,debit,credit,balance
	[ "$output" = 'assets:receivable,119.00,119.00,0.00
income:sales,100.00,100.00,0.00
liabilities:vat:output,19.00,19.00,0.00' ]
	run -3 bo-ledger reverse E3
	[[ $output == *'E3 was taken back already, by E4'* ]]
	bo-ledger draft -q text=d
	run -3 bo-ledger reverse E5
	[[ $output == *'E5 is a draft'* ]]
	run -1 bo-ledger reverse E99
	run -2 bo-ledger reverse
	bo-audit check
}

@test "balances of a time, of accounts, and with what is part of them" {
	shop
	run -0 bo-ledger balance assets:bank --from 2026-01-15 --on 2026-01-31 --no-header
	[ "$output" = 'assets:bank,Bank,asset,EUR,10000.00,0.00,800.00,9200.00' ]
	run -0 bo-ledger balance --period 2026-02 --no-header -f account,debit,credit
	[[ $output == *'assets:receivable,119.00,0.00'* && $output == *'assets:bank,0.00,0.00'* ]]
	run -0 bo-ledger balance --tree assets --no-header -f account,balance
	[ "$output" = 'assets,9319.00
assets:bank,9200.00
assets:receivable,119.00' ]
	[ "$(bo-ledger balance --as-of 2)" = "$(bo-ledger balance --on 2025-12-31)" ]
	run -2 bo-ledger balance --period 2026-02 --from 2026-01-01
	for verb in balance register pl cash-flow export; do
		[ "$(bo-ledger $verb --period 2026-Q1)" = "$(bo-ledger $verb --from 2026-01-01 --on 2026-03-31)" ]
		[ "$(bo-ledger $verb --period 2026-02..2026-Q1)" = "$(bo-ledger $verb --from 2026-02-01 --on 2026-03-31)" ]
		run -2 bo-ledger $verb --period febr
		run -2 bo-ledger $verb --period 2026-03..2026-02
	done
	run -1 bo-ledger balance nothing
}

@test "numbered accounts are part of what their parent says" {
	store
	bo-ledger chart fr-pcg | bo-account put -q --match code -
	bo-ledger enter -q text=Vente : account=411 amount=120 : account=707 amount=-100 : account=44571 amount=-20
	run -0 bo-ledger balance --tree 4 --no-header -f account,balance
	[ "$output" = '4,100.00
411,120.00
44571,-20.00' ]
}

@test "a register runs by date, whatever the order of entry" {
	shop
	bo-ledger enter -q text=Early date=2026-01-10 : account=assets:bank amount=5 : account=income:other amount=-5
	run -0 bo-ledger register assets:bank --no-header -f date,entry,amount,balance
	[ "$output" = '2026-01-02,E1,10000.00,10000.00
2026-01-10,E4,5.00,10005.00
2026-01-31,E2,-800.00,9205.00' ]
	run -0 bo-ledger register assets:bank --from 2026-01-31 --no-header -f amount,balance
	[ "$output" = -800.00,9205.00 ]
}

@test "profit and loss, and a balance sheet that balances" {
	shop
	run -0 bo-ledger pl --on 2026-12-31 --no-header -f kind,account,name,amount
	[ "$output" = 'income,income:sales,Sales,100.00
income,,total,100.00
expense,expense:rent,Rent,800.00
expense,,total,800.00
profit,,total,-700.00' ]
	run -0 bo-ledger balance-sheet --on 2026-12-31 --no-header -f kind,name,amount
	[[ $output == *'asset,total,9319.00'* && $output == *'liability,total,19.00'* && $output == *'equity,total,9300.00'* ]]
	bo-ledger enter -q kind=close text='Year 2026' date=2026-12-31 : account=income:sales amount=100 \
	    : account=expense:rent amount=-800 : account=equity:retained amount=700
	[ "$(bo-ledger pl --on 2026-12-31 --no-header -f amount | tail -n 1)" = -700.00 ]
	run -0 bo-ledger balance-sheet --on 2026-12-31 --no-header -f kind,name,amount
	[[ $output == *'equity,Profit carried forward,-700.00'* && $output == *'equity,total,9300.00'* ]]
	bo-config set -q fiscal_year=02-01
	[ "$(bo-ledger pl --on 2026-03-01 --no-header -f amount | tail -n 1)" = 100.00 ]
}

@test "checks find an entry that does not balance and a locked period that grew" {
	shop
	run -0 bo-audit check --list --no-header -f check
	[[ $output == *balance* && $output == *periods* ]]
	# Nobody but another program can write this.
	sed -i '/^P2,/s/-10000.00/-10000.01/' store/posting.csv
	run -1 bo-audit check balance --no-header
	[[ $output == *'balance,entry,E1,status,"posted, and its postings come to -0.01 EUR"'* ]]
	sed -i '/^P2,/s/-10000.01/-1000x.01/' store/posting.csv
	run -1 bo-audit check balance --no-header
	[[ $output == *'balance,posting,P2,amount,can not be reckoned with'* ]]
}

@test "a posting that names no account there is, is no posting, to any report" {
	shop
	sed -i '/^P2,/s/,A[0-9][0-9],/,A99,/' store/posting.csv
	for verb in balance 'balance --tree' 'balance --by tag' 'balance assets' register 'register assets:bank' pl balance-sheet cash-flow; do
		# shellcheck disable=SC2086 # words
		run -4 bo-ledger $verb
		[[ $output == *'posting.csv: P2 is no posting'* ]]
	done
}

@test "with an index, without one and while it is behind, reports are the same" {
	shop
	bo-ledger reverse -q E3
	for report in 'balance' 'balance assets:bank' 'balance --tree assets' 'register' 'register assets income:sales'; do
		# shellcheck disable=SC2086 # words
		BO_INDEX=off bo-ledger $report --on 2026-12-31 >without
		# shellcheck disable=SC2086 # words
		BO_INDEX=always bo-ledger $report --on 2026-12-31 | diff without -
	done
	bo-ledger enter -q text=more date=2026-02-01 : account=assets:bank amount=3 : account=income:sales amount=-3
	for report in 'balance assets:bank' 'register assets income:sales'; do
		# shellcheck disable=SC2086 # words
		BO_INDEX=off bo-ledger $report --on 2026-12-31 >without
		# shellcheck disable=SC2086 # words
		BO_INDEX=always bo-ledger $report --on 2026-12-31 | diff without -
	done
}

sale() # TAX_RATE
{
	bo-customer add -q code=ALI name='علی'
	bo-item add -q sku=CHAI name=Chai price=100 tax_rate="$1"
	bo-invoice add -q customer=ALI : item=CHAI qty=2
}

@test "an issued invoice is in the books, in the same transaction" {
	books
	sale 19
	bo-invoice issue -q V1
	run -0 bo-ledger list --no-header -f tx,date,status,text,source
	[ "$output" = "$(bo-invoice list --no-header -f tx,date),posted,invoice INV-$(date +%Y)-000001,V1" ]
	run -0 bo-ledger balance --no-header -f account,balance
	[ "$output" = 'assets:receivable,238.00
income:sales,-200.00
liabilities:vat:output,-38.00' ]
	[ "$(bo-record -t posting list --no-header -f tags -w 'amount > 0')" = C1 ]
	bo-audit check
	run -1 grep 'علی' store/entry.csv store/posting.csv
	run -3 bo-ledger set E1 text=x
	run -3 bo-ledger reverse E1
	[[ $output == *'E1 is what V1 put into the books: that stands, and so does this'* ]]
}

@test "one bad entry of many is named with all that is wrong, or goes into the rejects" {
	books
	printf '%s\n' n,date,text,posting.account,posting.amount 1,2026-01-01,fine,assets:bank,5 1,2026-01-01,fine,assets:cash,-5 \
	    2,2026-01-02,off,assets:bank,5 2,2026-01-02,off,assets:cash,-4 3,2026-01-03,gone,assets:bank,5 \
	    3,2026-01-03,gone,assets:nowhere,-5 >entries.csv
	run -3 bo-ledger enter --group n - <entries.csv
	[[ $output == *'-:4: the entry does not balance: its postings come to 1 EUR'* && $output == *'-:7: account: no such account'* ]]
	[ ! -e store/entry.csv ]
	bo-ledger enter -q --group n --rejects bad.csv - <entries.csv 2>said
	[ "$(bo-ledger list --no-header -f text)" = fine ]
	grep -q '4 rows not taken' said
	[ "$(grep -c off bad.csv)" -eq 2 ]
	[ "$(grep -c gone bad.csv)" -eq 2 ]
	bo-audit check
}

@test "an export and a balance are of the same days" {
	shop
	[ "$(bo-ledger export --period 2026-01 | grep -c '^2026')" -eq 2 ]
	[ "$(bo-ledger export --on 2026-01-15 | grep -c '^2026')" -eq 1 ]
	[ "$(bo-ledger export --from 2026-02-01 | grep -c '^2026')" -eq 1 ]
	run -2 bo-ledger balance-sheet --from 2026-01-01
}

@test "without accounts, or without tax, no more is posted than there is" {
	store
	sale 0
	bo-invoice issue -q V1
	[ ! -e store/entry.csv ]
	bo-ledger chart generic | bo-account put -q --match code -
	bo-invoice add -q customer=ALI : item=CHAI qty=1
	bo-invoice issue -q V2
	run -0 bo-ledger balance --no-header -f account,balance
	[ "$output" = 'assets:receivable,100.00
income:sales,-100.00' ]
	bo-audit check balance documents
}

@test "an invoice that the books can't take is not issued" {
	books
	sale 19
	bo-account set -q liabilities:vat:output use=
	run -3 bo-invoice issue V1
	[[ $output == *'no account has the use "tax-output"'* ]]
	bo-account set -q liabilities:vat:output use=tax-output
	bo-period add -q code="$(date +%Y)"
	bo-period lock -q "$(date +%Y)"
	run -3 bo-invoice issue V1
	[[ $output == *'closed for ever'* ]]
	[ "$(bo-invoice list --no-header -f status)" = draft ]
	[ ! -e store/series.csv ]
}

@test "checks find an entry that is not what its invoice comes to, or there twice" {
	books
	sale 19
	bo-invoice issue -q V1
	bo-ledger enter -q text=again source=V1 : account=assets:receivable amount=5 : account=income:sales amount=-5
	run -1 bo-audit check documents --no-header
	[[ $output == *'documents,entry,E2,source,V1 is posted by E1 already'* ]]
	[[ $output == *'another amount to what is owed than V1 is about'* ]]
}

# What another program makes of the books, as "account amount" lines in their order.
compare() # COMMAND...
{
	"$@" | awk '{ printf "%s %.2f\n", $1, $2 }' | LC_ALL=C sort >theirs
	bo-ledger balance --on 2026-12-31 --no-header -f account,balance | tr ',' ' ' | grep -v ' 0.00$' | LC_ALL=C sort >ours
	[ -s ours ]
	diff ours theirs
}

with_ledger() { ledger -f books.ledger balance --flat --no-total --format '%(account) %(quantity(scrub(display_total)))\n'; }
with_hledger() { LC_ALL=C.UTF-8 hledger -f books.hledger balance --flat -N -O csv | tr -d '"' | sed '1d; s/ EUR$//; s/,/ /'; }

# Some hundreds of entries with amounts of all sizes, the same ones every time.
many()
{
	books
	awk '
	function amount(cents,   size) {
		size = cents < 0 ? -cents : cents
		return sprintf("%s%d.%02d", (cents < 0 ? "-" : ""), size / 100, size % 100)
	}
	function row(account, cents) { print n "," day ",entry " n "," account "," amount(cents) }
	BEGIN {
		srand(7)
		names = split("assets:bank assets:cash assets:receivable income:sales expense:rent liabilities:payable", a, " ")
		print "n,date,text,posting.account,posting.amount"
		for (n = 1; n <= 300; n++) {
			day = sprintf("2026-%02d-%02d", int(rand() * 12) + 1, int(rand() * 28) + 1)
			sum = 0
			for (i = int(rand() * 3); i >= 0; i--) {
				cents = int((rand() - 0.5) * 10 ^ (int(rand() * 6) + 1))
				if (cents == 0 || sum + cents == 0)
					cents = 7
				sum += cents
				row(a[int(rand() * names) + 1], cents)
			}
			row("equity:capital", -sum)
		}
	}' | bo-ledger enter -q --group n -
}

@test "ledger comes to the same balances" {
	command -v ledger >/dev/null || skip 'ledger is not installed'
	many
	bo-ledger export --on 2026-12-31 --format ledger >books.ledger
	compare with_ledger
}

@test "hledger comes to the same balances" {
	command -v hledger >/dev/null || skip 'hledger is not installed'
	many
	bo-ledger export --on 2026-12-31 >books.hledger
	LC_ALL=C.UTF-8 hledger -f books.hledger check --strict
	compare with_hledger
}

@test "beancount comes to the same balances" {
	command -v bean-query >/dev/null || skip 'beancount is not installed'
	many
	bo-ledger export --on 2026-12-31 --format beancount >books.beancount
	bean-check books.beancount
	bean-query -f csv books.beancount 'select account, sum(position) group by account order by account' | tr -d ' \r"' |
	    sed '1d; s/EUR$//; s/,/ /' | grep -v ' $' >theirs
	bo-ledger balance --on 2026-12-31 --no-header -f account,balance | grep -v ',0.00$' | sed 's/^expense/expenses/' |
	    awk -F, '{ n = split($1, part, ":"); name = ""
		for (i = 1; i <= n; i++) name = name (i > 1 ? ":" : "") toupper(substr(part[i], 1, 1)) substr(part[i], 2)
		print name, $2 }' | LC_ALL=C sort >ours
	[ -s ours ]
	diff ours <(LC_ALL=C sort theirs)
}

@test "hledger is told what accounts are that are called by numbers" {
	for chart in fr-pcg es-pgc; do
		rm -rf store
		store
		bo-ledger chart $chart | bo-account put -q --match code -
		of() { bo-account list -w "use = $1" -f code --no-header; }
		bo-account add -q code=9x name='Banque [2]: "à vue"; x' kind=asset parent="$(of bank)"
		bo-ledger enter -q text=a : account="$(of bank)" amount=100 text='date: [x]' : account="$(of sales)" amount=-100
		bo-ledger enter -q text=b : account=9x amount=-30 : account="$(bo-account list -w "kind = expense" -f code --no-header | sed -n 1p)" amount=30
		bo-ledger enter -q text=c : account="$(of conversion)" amount=5 : account="$(of receivable)" amount=-5
		for format in ledger hledger beancount; do bo-ledger export --format $format >books.$format; done
		grep -qx "account 9x  ; type: C" books.hledger
		grep -qx "account $(of conversion)  ; type: V" books.hledger
		grep -qx "account $(of sales)  ; type: R" books.hledger
		grep -qx '    ; Banque (2), "à vue", x' books.hledger
		grep -qxF '  name: "Banque [2]: \"à vue\"; x"' books.beancount
		! command -v ledger >/dev/null || ledger -f books.ledger balance >/dev/null
		! command -v bean-check >/dev/null || bean-check books.beancount
		command -v hledger >/dev/null || continue
		export LC_ALL=C.UTF-8
		hledger -f books.hledger check --strict
		[[ $(hledger -f books.hledger is) =~ Revenues.*' 100.00 EUR'.*Expenses.*' 30.00 EUR'.*Net:.*' 70.00 EUR' ]]
		[[ $(hledger -f books.hledger bs) == *Assets*' 65.00 EUR'* ]]
		[[ $(hledger -f books.hledger cf) == *' 70.00 EUR'* ]]
	done
}

@test "an export that is odd in every way is still read" {
	shop
	bo-account add -q code='(odd; name)' name=Odd kind=asset
	bo-ledger enter -q text=$'*! "quoted" ; | \\ text' : account='(odd; name)' amount=1 text='a; b' : account=assets:cash amount=-1
	bo-ledger export --format ledger >books.ledger
	bo-ledger export --format hledger >books.hledger
	bo-ledger export --format beancount >books.beancount
	! command -v ledger >/dev/null || ledger -f books.ledger balance >/dev/null
	! command -v hledger >/dev/null || LC_ALL=C.UTF-8 hledger -f books.hledger check
	! command -v bean-check >/dev/null || bean-check books.beancount
	grep -q '^    _odd_ name)  1.00 EUR' books.ledger
	run -2 bo-ledger export --format quicken
}

#!/usr/bin/env bats
# ledger-export: ledger, hledger and beancount come to the same balances, on a company's whole data
#
# Northwind as a company whose books are in euro and whose customers pay in seven currencies,
# and four days of a British web shop with its credit notes, revalued, reversed and closed.

load helper

data()
{
	DATA=$ROOT/../shared/data
	[[ -d $DATA/northwind && -d $DATA/online-retail ]] || skip "the data is not here: $DATA"
	command -v sqlite3 >/dev/null || skip 'no sqlite3 to join with'
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# made STORE BUILDER: a store is built once for all tests of this file, and copied.
made()
{
	local kept=$BATS_FILE_TMPDIR/$1

	export BO_STORE=$BATS_TEST_TMPDIR/$1
	if [[ ! -d $kept ]]; then
		"$2"
		bo-store -q copy "$kept"
	else
		export BO_STORE=$kept
	fi
}

# A rate for each currency and quarter, of which no two are the same.
rates()
{
	echo currency,date,rate,units
	for year in 1996 1997 1998; do
		for month in 01 04 07 10; do
			awk -v date="$year-$month-01" -v n="$((year * 4 + 10#$month / 3))" 'BEGIN {
			    printf "USD,%s,%.6f,1\nGBP,%s,%.6f,1\nJPY,%s,%.6f,100\nCHF,%s,%.6f,1\nBRL,%s,%.6f,1\nKWD,%s,%.6f,1\n",
				date, 0.8 + n % 17 / 89, date, 1.3 + n % 13 / 83, date, 0.7 + n % 7 / 91, date, 0.6 + n % 11 / 71,
				date, 0.4 + n % 5 / 97, date, 2.9 + n % 19 / 79 }'
		done
	done
}

# Everybody pays in the money of some place.
northwind()
{
	bo-init -q "$BO_STORE" name='Northwind Traders' currency=EUR country=US
	bo-ledger chart generic | bo-account put -q --match code -
	rates | bo-rate add -q -
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Customers.csv c" \
	    "select CustomerID as code, CompanyName as name, Country as country, case Country when 'USA' then 'USD'
	    when 'UK' then 'GBP' when 'Switzerland' then 'CHF' when 'Brazil' then 'BRL' when 'Venezuela' then 'KWD'
	    when 'Mexico' then 'JPY' else 'EUR' end as currency from c;" | bo-customer -q add -
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Products.csv p" \
	    'select ProductID as sku, ProductName as name, UnitPrice as price, 7 + CategoryID as tax_rate from p;' | bo-item -q add -
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Orders.csv o" ".import --csv $DATA/northwind/Order_Details.csv d" \
	    'select o.OrderID as reference, CustomerID as customer, OrderDate as date, RequiredDate as due,
	    ProductID as "line.item", Quantity as "line.qty", UnitPrice as "line.price",
	    cast(round(Discount * 100) as integer) as "line.discount"
	    from o join d using (OrderID) order by cast(o.OrderID as integer), d.rowid;' |
	    bo-invoice add - --group reference --date-format M/D/YYYY -o ids | bo-invoice issue -q -
	bo-ledger enter -q text='Rent' date=1997-03-31 : account=expense:rent amount=1200.50 : account=assets:bank amount=-1200.50
	bo-ledger list -w text=Rent -o ids | xargs bo-ledger reverse -q --date 1997-04-02
	for day in 1996-12-31 1997-06-30 1997-12-31; do
		bo-ledger revalue -q --on $day
	done
	bo-ledger close-year -q 1996
	bo-ledger close-year -q 1997
}

# What begins with C is a credit note; free goods come to nothing and are not issued.
retail()
{
	local day

	bo-init -q "$BO_STORE" name='A British shop' currency=GBP country=GB
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer -q add code=WEB name='Web customer'
	for day in 2010-12-01 2010-12-02 2010-12-03 2011-01-18; do
		sqlite3 -csv -header :memory: ".import --csv $DATA/online-retail/$day.csv r" \
		    "select InvoiceNo as reference, 'WEB' as customer, '$day' as date,
		    case when InvoiceNo like 'C%' then 'credit' else 'invoice' end as kind, Description as \"line.description\",
		    Quantity as \"line.qty\", UnitPrice as \"line.price\", 20 as \"line.tax_rate\"
		    from r where InvoiceNo in (select InvoiceNo from r group by 1 having sum(Quantity * UnitPrice) <> 0);" |
		    bo-invoice add - --group reference -o ids | bo-invoice issue -q -
	done
	bo-ledger close-year -q 2010
}

# What is not nothing, as "ACCOUNT CURRENCY AMOUNT" with all decimals.
tidy() { awk '$3 != 0 { printf "%s %s %.3f\n", $1, $2, $3 }' | LC_ALL=C sort; }

ours() { bo-ledger balance --on 2020-12-31 --no-header -f account,currency,balance | tr ',' ' ' | tidy; }
currencies() { bo-ledger balance --on 2020-12-31 --no-header -f currency | sort -u; }

by_ledger()
{
	bo-ledger export --on 2020-12-31 --format ledger >books
	for currency in $(currencies); do
		ledger -f books balance --flat --no-total --limit "commodity == \"$currency\"" \
		    --format "%(account) $currency %(quantity(scrub(display_total)))\\n"
	done | tidy
}

by_hledger()
{
	bo-ledger export --on 2020-12-31 >books
	for currency in $(currencies); do
		LC_ALL=C.UTF-8 hledger -f books balance --flat -N -O csv "cur:$currency" | tr -d '",' | sed "1d; s/ *$currency\$//" |
		    awk -v currency="$currency" '{ print $1, currency, $2 }'
	done | sed 's/^\([^ ]*[a-z]\)\(-*[0-9.]*\) \([A-Z]*\) $/\1 \3 \2/' | tidy
}

# Names are spelled as beancount wants them: ours likewise.  Numbers bare, since it shows all with as many decimals.
by_beancount()
{
	bo-ledger export --on 2020-12-31 --format beancount >books
	bean-query -f csv books 'select account, currency, str(sum(number)) as n group by account, currency' | tr -d ' \r"' |
	    sed "1d; s/Decimal('\(.*\)')/\1/" | tr ',' ' ' | tidy
}

capital() { awk '{ n = split($1, part, ":"); name = ""; for (i = 1; i <= n; i++) name = name (i > 1 ? ":" : "") toupper(substr(part[i], 1, 1)) substr(part[i], 2)
	sub(/^Expense/, "Expenses", name); print name, $2, $3 }' | LC_ALL=C sort; }

@test "ledger and Northwind" { data ledger; made northwind northwind; diff <(ours) <(by_ledger); }
@test "hledger and Northwind" { data hledger; made northwind northwind; diff <(ours) <(by_hledger); LC_ALL=C.UTF-8 hledger -f books check --strict; }
@test "beancount and Northwind" { data bean-query; made northwind northwind; diff <(ours | capital) <(by_beancount); bean-check books; }

@test "ledger and the web shop" { data ledger; made retail retail; diff <(ours) <(by_ledger); }
@test "hledger and the web shop" { data hledger; made retail retail; diff <(ours) <(by_hledger); LC_ALL=C.UTF-8 hledger -f books check --strict; }
@test "beancount and the web shop" { data bean-query; made retail retail; diff <(ours | capital) <(by_beancount); bean-check books; }

@test "all that matters is among it, and holds" {
	data ledger
	made northwind northwind
	[ "$(currencies | paste -sd' ')" = 'BRL CHF EUR GBP JPY KWD USD' ]
	[ "$(ours | grep -c '^equity:conversion')" -eq 7 ]
	[ "$(bo-ledger list -o ids -w kind=close | wc -l)" -eq 2 ]
	[ "$(bo-ledger list -o ids -w kind=reversal | wc -l)" -eq 4 ]
	[ "$(bo-ledger list -o ids -w kind=entry | wc -l)" -eq 834 ]
	bo-audit check
	made retail retail
	[ "$(bo-invoice list -o ids -w kind=credit -w status=issued | wc -l)" -gt 40 ]
	bo-audit check
}

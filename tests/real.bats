#!/usr/bin/env bats
# real: a company's whole data goes in and comes out to the cent.
#
# Northwind: customers, suppliers, products and stock, then 830 orders with 2,155 lines
# become invoices by one pipeline; a day of a British web shop with its credit lines.

load helper

data()
{
	DATA=$ROOT/../shared/data
	[[ -d $DATA/northwind ]] || skip "the data is not here: $DATA/northwind"
	command -v sqlite3 >/dev/null || skip "no sqlite3 to join and to check with"
}

# The parties and products; each file as it is, its columns renamed.
import_masters()
{
	bo-init "$BATS_TEST_TMPDIR/nw" name='Northwind Traders' currency=USD country=US >/dev/null
	export BO_STORE=$BATS_TEST_TMPDIR/nw
	local party=(--map CompanyName=name --map ContactName=contact --map ContactTitle=title --map Address=address
	    --map City=city --map Region=region --map PostalCode=postcode --map Country=country --map Phone=phone
	    --map Fax=fax)

	bo-customer -q add - --map CustomerID=code "${party[@]}" <"$DATA/northwind/Customers.csv"
	bo-supplier -q add - --map SupplierID=code --map HomePage=notes "${party[@]}" <"$DATA/northwind/Suppliers.csv"
	bo-item -q add - --map ProductID=sku --map ProductName=name --map SupplierID=supplier --map CategoryID=category \
	    --map QuantityPerUnit=unit --map UnitPrice=price --map UnitsInStock= --map UnitsOnOrder= \
	    --map ReorderLevel=reorder_level --map Discontinued=archived <"$DATA/northwind/Products.csv"
}

# Orders joined with their lines; discounts in percent.
orders()
{
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Orders.csv o" \
	    ".import --csv $DATA/northwind/Order_Details.csv d" \
	    'select o.OrderID as reference, CustomerID as customer, OrderDate as date, RequiredDate as due,
	    ProductID as "line.item", Quantity as "line.qty", UnitPrice as "line.price",
	    cast(round(Discount * 100) as integer) as "line.discount"
	    from o join d using (OrderID) order by cast(o.OrderID as integer), d.rowid;'
}

import_orders()
{
	orders | bo-invoice add - --group reference --date-format M/D/YYYY -o ids | bo-invoice issue - -o csv >issued.csv
}

# Σ of a column of money as cents, by awk alone.
cents()
{
	awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next }
	    { sign = $c ~ /^-/ ? -1 : 1; sub(/^-/, "", $c); split($c, part, "."); sum += sign * (part[1] * 100 + part[2]) }
	    END { printf "%d\n", sum }'
}

@test "Northwind: parties and products come in whole" {
	data
	import_masters
	[[ $(bo-customer list -o ids | wc -l) -eq 91 ]]
	[[ $(bo-supplier list -o ids | wc -l) -eq 29 ]]
	[[ $(bo-item list -a -o ids | wc -l) -eq 77 ]]
	[[ $(bo-item list -o ids | wc -l) -eq 69 ]]
	[[ $(bo-customer list -f country --no-header -w code=ALFKI) = DE ]]
	[[ $(bo-item list -a -f supplier.name --no-header -w sku=11) = "Cooperativa de Quesos 'Las Cabras'" ]]
}

@test "Northwind: what is in stock agrees with the products file" {
	data
	import_masters
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Products.csv p" \
	    'select ProductID as item, UnitsInStock as qty, UnitPrice as cost from p where UnitsInStock > 0;' |
	    bo-stock -q receive -
	[[ $(bo-stock level -f qty --no-header | awk '{ sum += $1 } END { print sum }') -eq 3119 ]]
	[[ $(bo-item list -a -f on_hand --no-header -w sku=1) = 39 ]]
	# at list price, in hundredths of a cent to stay with integers
	[[ $(bo-item list -a -f on_hand,price --no-header | awk -F, '{ sum += $1 * $2 * 100 } END { printf "%.0f", sum }') -eq 7405085 ]]
}

@test "Northwind: 830 orders with 2,155 lines become invoices by one pipeline" {
	data
	import_masters
	import_orders
	[[ $(bo-invoice list -w status=issued -o ids | wc -l) -eq 830 ]]
	[[ $(bo-record -t invoice_line list -o ids | wc -l) -eq 2155 ]]
	# two transactions: all drafts, all numbers
	[[ $(bo-audit log -o csv | tail -n 2 | cut -d, -f4 | tr '\n' ' ') = 'invoice add invoice issue ' ]]
	bo-audit verify
}

@test "Northwind: totals agree to the cent with the known figures" {
	data
	import_masters
	import_orders
	bo-invoice list -o csv -f net,total >net.csv
	[[ $(cents net <net.csv) -eq 126579329 ]]
	[[ $(cents total <net.csv) -eq 126579329 ]]
	[[ $(bo-invoice list -f net --no-header -w reference=10248) = 440.00 ]]
	[[ $(bo-invoice list -f net --no-header -w reference=10249) = 1863.40 ]]
	[[ $(bo-invoice list -f net --no-header -w reference=10250) = 1552.60 ]]
}

@test "Northwind: every line agrees with an independent sum" {
	data
	import_masters
	import_orders
	# price has at most 2 decimals here: price × qty × (100 − percent) in integers, half away from zero
	orders | tail -n +2 | tr -d '"\r' | awk -F, '{ split($7, p, "."); price = p[1] * 100 + substr(p[2] "00", 1, 2)
	    ten = price * $6 * (100 - $8); line = int((ten + 50) / 100); sum[$1] += line }
	    END { for (o in sum) printf "%s,%d.%02d\n", o, sum[o] / 100, sum[o] % 100 }' | sort >expected
	bo-invoice list --no-header -f reference,net | sort >got
	diff expected got
}

@test "Northwind: per customer as the notes say" {
	data
	import_masters
	import_orders
	for want in QUICK,110277.305 ERNSH,104874.9785 SAVEA,104361.95; do
		got=$(bo-invoice list -f net -w "customer.code = ${want%,*}" -o csv | cents net)
		# the notes do not round: within half a cent a line
		awk -v got="$got" -v want="${want#*,}" 'BEGIN { d = got / 100 - want; exit !(d < 0.6 && d > -0.6) }'
	done
	[[ -z $(bo-invoice list -o ids -w 'customer.code in (PARIS, FISSA)') ]]
}

@test "Northwind: invoice numbers are gapless within each year" {
	data
	import_masters
	import_orders
	for year in 1996,152 1997,408 1998,270; do
		bo-invoice list --no-header -f number -w "number ~ '^INV-${year%,*}-'" | sort >got
		seq -f "INV-${year%,*}-%06.0f" "${year#*,}" >expected
		diff expected got
	done
}

@test "Northwind: the second run of the same file changes nothing" {
	data
	import_masters
	local before
	before=$(bo-audit log -o csv | wc -l)
	sqlite3 -csv -header :memory: ".import --csv $DATA/northwind/Customers.csv c" \
	    'select CustomerID as code, CompanyName as name, City as city from c;' >again.csv
	bo-customer put --match code - <again.csv
	[[ $(bo-audit log -o csv | wc -l) -eq $before ]]
}

@test "Online retail: one day's documents agree with the known figures" {
	data
	[[ -d $DATA/online-retail ]] || skip "the data is not here: $DATA/online-retail"
	bo-init "$BATS_TEST_TMPDIR/shop" name='A British shop' currency=GBP country=GB >/dev/null
	export BO_STORE=$BATS_TEST_TMPDIR/shop
	bo-customer -q add code=WEB name='Web customer'
	sqlite3 -csv -header :memory: ".import --csv $DATA/online-retail/2010-12-01.csv r" \
	    "select InvoiceNo as reference, 'WEB' as customer, Description as \"line.description\",
	    Quantity as \"line.qty\", UnitPrice as \"line.price\" from r;" |
	    bo-invoice -q add - --group reference
	[[ $(bo-invoice list -o ids | wc -l) -eq 143 ]]
	[[ $(bo-record -t invoice_line list -o ids | wc -l) -eq 3108 ]]
	[[ $(bo-invoice list -f net | cents net) -eq 5863556 ]]
	[[ $(bo-invoice list --no-header -f net -w reference=C536379) = -27.50 ]]
}

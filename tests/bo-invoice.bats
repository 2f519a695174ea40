#!/usr/bin/env bats
# bo-invoice: from draft to document
# shellcheck disable=SC2154,SC2001 # bats sets stderr; sed says it in one line

load helper

# A company that reckons in euros, a customer and two items.
office()
{
	store
	bo-config set name='Teehandel 茶' currency=EUR timezone=UTC -q
	bo-customer add code=ALI name='علی اینڈ سنز' terms=14d -q
	bo-customer add code=USA name='Chai & Co' currency=USD -q
	bo-item add sku=CHAI name='चाय मसाला 🫖' price=19.99 tax_rate=20 unit=kg -q
	bo-item add sku=HOUR name='Beratung' kind=service price=80 tax_rate=19 unit=h -q
}

# field FIELD ID: one value of an invoice.
field()
{
	bo-invoice list -a --no-header -w "id = $2" -f "$1"
}

# issued DATE: a new invoice, issued on that day; prints its number.
issued()
{
	local id

	id=$(bo-invoice add customer=ALI : item=CHAI -o ids)
	bo-invoice issue "$id" --on "$1" --no-header -f number
}

@test "a line takes description, unit, price and tax rate from its item" {
	office
	bo-invoice add customer=ALI : item=CHAI qty=3 -q
	run -0 bo-record -t invoice_line list --no-header -f description,qty,unit,price,tax_rate,amount,tax
	[ "$output" = 'चाय मसाला 🫖,3,kg,19.99,20,59.97,11.99' ]
}

@test "what a line says itself comes before its item" {
	office
	bo-invoice add customer=ALI : item=CHAI price=5 tax_rate=0 unit=bag description='نمونہ' -q
	run -0 bo-record -t invoice_line list --no-header -f description,unit,price,tax_rate,amount,tax
	[ "$output" = 'نمونہ,bag,5,0,5.00,0.00' ]
}

@test "a line without a price is refused" {
	office
	bo-item add sku=FREE name=free -q
	run -3 --separate-stderr bo-invoice add customer=ALI : item=FREE
	[[ $stderr == *'price: neither the line nor the item has one'* ]]
	run -0 bo-invoice list --no-header
	[ -z "$output" ]
}

@test "a discount is percent off, and more than all of it is refused" {
	office
	bo-invoice add customer=ALI : item=CHAI qty=10 discount=12.5 -q
	[ "$(field net V1)" = 174.91 ]
	run -3 bo-invoice add customer=ALI : item=CHAI discount=101
	[[ $output == *'discount: not between 0 and 100 percent'* ]]
}

@test "the totals of a draft follow its lines" {
	office
	bo-invoice add customer=ALI : item=CHAI qty=3 : item=HOUR qty=2.5 -q
	[ "$(field net,tax,total V1)" = 259.97,49.99,309.96 ]
	bo-record -t invoice_line set VL2 qty=1 -q
	[ "$(field net,tax,total V1)" = 139.97,27.19,167.16 ]
	bo-record -t invoice_line archive VL1 -q
	[ "$(field net,tax,total V1)" = 80.00,15.20,95.20 ]
}

@test "one transaction holds an invoice, its lines and its totals" {
	office
	run -0 bo-invoice add customer=ALI : item=CHAI : item=HOUR --no-header -f tx,total
	run -0 bo-audit show "${output%%,*}" --no-header -f table,id,field,new
	[[ $output == *'invoice_line,VL2,amount,80.00'* ]]
	[[ $output == *'invoice,V1,total,119.19'* ]]
	run -0 bo-invoice log V1 --no-header -f tx
	[ "$(sort -u <<<"$output" | wc -l)" -eq 1 ]
}

@test "rounding by line and once for all differ, as the invoice says" {
	office
	for rounding in line document; do
		bo-invoice add customer=ALI rounding=$rounding \
		    : description=a price=0.125 tax_rate=19 : description=b price=0.125 tax_rate=19 \
		    : description=c price=0.125 tax_rate=19 -q
	done
	[ "$(field net,tax,total V1)" = 0.39,0.06,0.45 ]
	[ "$(field net,tax,total V2)" = 0.38,0.07,0.45 ]
}

@test "a draft that rounds differently from now on is reckoned anew" {
	office
	bo-invoice add customer=ALI : description=a price=0.125 tax_rate=19 \
	    : description=b price=0.125 tax_rate=19 : description=c price=0.125 tax_rate=19 -q
	bo-invoice set V1 rounding=document -q
	[ "$(field net,tax,total V1)" = 0.38,0.07,0.45 ]
	run -0 bo-record -t invoice_line list --no-header -f amount,tax
	[ "${lines[0]}" = 0.13, ]
	bo-invoice set V1 rounding=line -q
	[ "$(field net,tax,total V1)" = 0.39,0.06,0.45 ]
}

@test "a thousand random invoices add up as bc says" {
	command -v bc >/dev/null || skip 'no bc'
	office
	awk 'BEGIN { srand(7); print "reference,invoice_line.qty,invoice_line.price,invoice_line.discount,invoice_line.tax_rate"
	    for (i = 1; i <= 2000; i++)
		printf "R%d,%d.%d,%d.%02d,%d,%d\n", int((i + 1) / 2), rand() * 99, rand() * 10, rand() * 999,
		    rand() * 100, rand() * 30, rand() * 25 }' >lines.csv
	bo-invoice add - --group reference customer=ALI -q <lines.csv
	bo-invoice list --no-header -f net,tax,total >got
	awk -F, 'BEGIN { print "scale=0\ndefine r(n, d) { auto p; p = 10^d; return (n + p / 2) / p; }" }
	    NR > 1 { gsub(/\./, "", $3); gsub(/\./, "", $2)
		printf "a=r(%s*%s*(100-%s),3);n+=a;t+=r(a*%s,2)\n", $2, $3, $4, $5
		if (NR % 2 == 1) print "scale=2;n/100;t/100;(n+t)/100;scale=0;n=0;t=0" }' lines.csv |
	    bc | paste -d, - - - | sed 's/^\./0./; s/,\./,0./g; s/^0,/0.00,/; s/,0,/,0.00,/; s/,0$/,0.00/' >wanted
	cmp got wanted
}

@test "an invoice is in its customer's currency, else in the company's" {
	office
	bo-invoice add customer=ALI -q
	bo-invoice add customer=USA -q
	bo-invoice add customer=ALI currency=JPY : description=x price=333.5 tax_rate=10 qty=3 -q
	run -0 bo-invoice list --no-header -f currency,total
	[ "$output" = $'EUR,0.00\nUSD,0.00\nJPY,1101' ]
}

@test "an item's price is not taken for another currency's" {
	office
	run -3 bo-invoice add customer=USA : item=CHAI
	[[ $output == *"price: the item's is in EUR, the invoice in USD: say what it is"* ]]
	bo-invoice add customer=USA : item=CHAI price=22 -q
	[ "$(field total V1)" = 26.40 ]
}

@test "issuing gives number, date, terms and due date" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	run -0 bo-invoice issue V1 --on 2026-11-22 --no-header -f number,status,date,terms,due,total
	[ "$output" = INV-2026-000001,issued,2026-11-22,14d,2026-12-06,23.99 ]
}

@test "the day of issue is the company's day" {
	office
	bo-config set timezone=Asia/Kolkata -q
	bo-invoice add customer=ALI : item=CHAI -q
	run -0 --separate-stderr at '2026-11-22 20:00:00' bo-invoice issue V1 --no-header -f date
	[ "$output" = 2026-11-23 ]
}

@test "without terms of the customer's the company's hold" {
	office
	bo-config set terms=10d -q
	bo-invoice add customer=USA : item=CHAI price=1 -q
	run -0 bo-invoice issue V1 --on 2026-02-20 --no-header -f due
	[ "$output" = 2026-03-02 ]
}

@test "a given due date stands, unless it is before the invoice's" {
	office
	bo-invoice add customer=ALI date=2026-05-05 due=2026-05-04 : item=CHAI -q
	run -3 bo-invoice issue V1
	[[ $output == *'due: before the date of the invoice, 2026-05-05'* ]]
	bo-invoice set V1 due=2026-05-05 -q
	run -0 bo-invoice issue V1 --no-header -f due
	[ "$output" = 2026-05-05 ]
}

@test "numbers are gapless, and each year begins anew" {
	office
	[ "$(issued 2026-12-30)" = INV-2026-000001 ]
	[ "$(issued 2026-12-31)" = INV-2026-000002 ]
	run -1 bo-invoice issue V9
	bo-invoice add customer=ALI -q
	run -3 bo-invoice issue V3
	[ "$(issued 2026-12-31)" = INV-2026-000003 ]
	[ "$(issued 2027-01-01)" = INV-2027-000001 ]
}

@test "many are issued at once in the order they are named" {
	office
	for i in 1 2 3; do bo-invoice add customer=ALI reference=r$i : item=CHAI -q; done
	bo-invoice issue V3 V1 V2 -q
	run -0 bo-invoice list --no-header -f id,number -s number
	[ "$(sed 's/INV-....-//' <<<"$output")" = $'V3,000001\nV1,000002\nV2,000003' ]
}

@test "twenty at a time get twenty numbers" {
	office
	for i in {1..20}; do bo-invoice add customer=ALI : item=CHAI -q; done
	for i in {1..20}; do bo-invoice issue "V$i" -q & done
	wait
	run -0 bo-invoice list --no-header -f number -s number
	[ "$(sed 's/INV-....-0*//' <<<"$output")" = "$(seq 20)" ]
}

@test "one that can't be issued refuses all, and no number is lost" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	bo-invoice add customer=ALI -q
	run -3 bo-invoice issue V1 V2
	[[ $output == *'has no lines'* ]]
	[ "$(field status V1)" = draft ]
	run -0 bo-invoice issue V1 --no-header -f number
	[[ $output == *-000001 ]]
}

@test "dates follow numbers: none is issued before the newest of its series" {
	office
	[ "$(issued 2026-11-20)" = INV-2026-000001 ]
	bo-invoice add customer=ALI date=2026-11-19 : item=CHAI -q
	run -3 bo-invoice issue V2
	[[ $output == *'date: before 2026-11-20, the date of INV-2026-000001: numbers follow dates'* ]]
	bo-invoice set V2 date=2025-12-31 -q
	run -0 bo-invoice issue V2 --no-header -f number
	[ "$output" = INV-2025-000001 ]
}

@test "the company says how numbers look" {
	office
	bo-config set invoice_number='发票{yy}{month}/{number:3}' -q
	[ "$(issued 2026-01-05)" = '发票2601/001' ]
	[ "$(issued 2026-02-05)" = '发票2602/001' ]
}

@test "numbers that can't be made are refused before anybody needs one" {
	office
	run -3 bo-config set invoice_number=INV
	[[ $output == *'invoice_number: no {number} in it'* ]]
	run -3 bo-config set invoice_number='INV-{day}-{number}'
	run -3 bo-config set invoice_number='V{number:4}'
	[[ $output == *'invoice_number: makes numbers that look like the id of a record'* ]]
}

@test "a series may go on from another program's numbers" {
	office
	bo-record -t series add code='INV-2026-#' first=457 -q
	[ "$(issued 2026-11-20)" = INV-2026-000457 ]
	[ "$(issued 2026-11-20)" = INV-2026-000458 ]
}

@test "nobody sets a number or a total by hand" {
	office
	run bo-invoice add customer=ALI number=INV-2026-000099
	[ "$status" -eq 3 ]
	run bo-invoice add customer=ALI total=1
	[ "$status" -eq 3 ]
	issued 2026-11-20 >/dev/null
	run bo-record -t series set NS1 last=7
	[ "$status" -eq 3 ]
	run bo-record -t series set NS1 first=7
	[ "$status" -eq 3 ]
}

@test "an invoice is found by its number wherever an id is" {
	office
	issued 2026-11-22 >/dev/null
	run -0 bo-invoice show INV-2026-000001 -o json
	[ "$(jq -r .id <<<"$output")" = V1 ]
	run -0 bo-invoice set INV-2026-000001 notes='شکریہ 谢谢' --no-header -f notes
	[ "$output" = 'شکریہ 谢谢' ]
}

@test "an issued invoice stands: only its notes may change" {
	office
	issued 2026-11-22 >/dev/null
	run -3 bo-invoice set V1 due=2030-01-01
	[[ $output == *'due: INV-2026-000001 is issued and stands: what is wrong with it wants a credit note'* ]]
	run -3 bo-invoice set V1 customer=USA
	run -3 bo-invoice set V1 currency=USD
	run -3 bo-invoice set V1 reference=x
	bo-invoice set V1 notes='danke' -q
}

@test "the lines of an issued invoice stand too" {
	office
	issued 2026-11-22 >/dev/null
	run -3 bo-record -t invoice_line set VL1 qty=2
	[[ $output == *'V1 is issued: its lines stand'* ]]
	run -3 bo-record -t invoice_line archive VL1
	run -3 bo-record -t invoice_line add invoice=V1 item=CHAI
	[ "$(field total V1)" = 23.99 ]
}

@test "what changes nothing is no change, of an issued invoice too" {
	office
	issued 2026-11-22 >/dev/null
	run -0 bo-invoice set V1 customer=ALI
	run -0 bo-record -t invoice_line set VL1 qty=1
}

@test "an issued invoice can't be archived, voided or issued again" {
	office
	issued 2026-11-22 >/dev/null
	run -3 bo-invoice archive V1
	[[ $output == *"INV-2026-000001 is issued: it can't be archived"* ]]
	run -3 bo-invoice void V1
	run -3 bo-invoice issue V1
}

@test "a draft is dropped by void, and takes no number" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	bo-invoice void V1 -q
	run -3 bo-invoice issue V1
	run -3 bo-invoice set V1 reference=x
	[[ $output == *'V1 is void and stays as it is'* ]]
	[ "$(issued 2026-11-22)" = INV-2026-000001 ]
}

@test "an archived draft is not issued" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	bo-invoice archive V1 -q
	run -3 bo-invoice issue V1
	[[ $output == *'is archived'* ]]
}

@test "nothing is worth an invoice, less than nothing is not" {
	office
	bo-invoice add customer=ALI : description=gift price=0 -q
	bo-invoice add customer=ALI : description=back price=10 qty=-1 tax_rate=20 -q
	bo-invoice issue V1 -q
	[ "$(field total V2)" = -12.00 ]
	run -3 bo-invoice issue V2
	[[ $output == *'total: is negative: that wants a credit note (kind=credit)'* ]]
}

@test "an amount that is too large is refused, not wrapped" {
	office
	run -3 bo-invoice add customer=ALI : description=x price=9000000000000 qty=9000000000000
	[[ $output == *'amount: comes to more than an amount can hold'* ]]
	run -3 bo-invoice add customer=ALI : description=x price=9000000000000 qty=9000 \
	    : description=x price=9000000000000 qty=9000
	[[ $output == *'comes to more than an amount can hold'* ]]
}

@test "a plan of issuing can be applied" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	bo-invoice issue V1 --on 2026-11-22 -n >plan.csv
	[ "$(field status V1)" = draft ]
	bo-apply -q <plan.csv
	[ "$(field number,status,due V1)" = INV-2026-000001,issued,2026-12-06 ]
}

@test "a retried issue with a key gives no second number" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	first=$(bo-invoice issue V1 -k night-1 --no-header -f number)
	again=$(bo-invoice issue V1 -k night-1 --no-header -f number)
	[ "$first" = "$again" ]
}

@test "foreign orders become invoices, with their own keys" {
	office
	cat >orders.csv <<-'END'
		order,customer.code,invoice_line.item.sku,invoice_line.qty
		10248,ALI,CHAI,12
		10248,ALI,HOUR,1
		10249,USA,HOUR,2
	END
	run -3 bo-invoice add - --group reference --map order=reference <orders.csv
	[[ $output == *'-:4: price: '* ]]
	sed -i 's/USA/ALI/' orders.csv
	run -0 bo-invoice add - --group reference --map order=reference --no-header -f reference,total <orders.csv
	[ "$output" = $'10248,383.06\n10249,190.40' ]
}

@test "json nests the lines in their invoice" {
	office
	bo-invoice add customer=ALI : item=CHAI qty=2 : item=HOUR -q
	run -0 bo-invoice list -o json
	[ "$(jq -r '.invoice_line | map(.amount) | join(" ")' <<<"$output")" = '39.98 80.00' ]
}

@test "an invoice is not dated ahead: one slip would stop all that come before it" {
	office
	bo-invoice add -q customer=ALI date=2026-12-31 : item=CHAI
	run -3 bo-invoice issue V1 --on 2026-03-01
	[[ $output == *'date: 2026-12-31 is yet to come'* ]]
	run -0 bo-invoice issue V1 date=2026-03-01 --on 2026-03-01 --no-header -f number
	[ "$output" = INV-2026-000001 ]
}

@test "an issued invoice says what the payer shall write (ISO 11649)" {
	office
	[ "$(issued 2026-11-22)" = INV-2026-000001 ]
	[ "$(field payment_reference V1)" = RF94INV2026000001 ]
	bo-config set invoice_number='发票{yy}{month}/{number:3}' -q
	[ "$(issued 2026-11-22)" = '发票2611/001' ]
	[ "$(field payment_reference V2)" = RF552611001 ]
	run -3 bo-invoice set V2 payment_reference=RF18539007547034
}

@test "a draft has nothing to pay by yet" {
	office
	bo-invoice add customer=ALI : item=CHAI -q
	[ "$(field payment_reference V1)" = '""' ]
}

@test "no two invoices are paid by the same reference" {
	office
	[ "$(issued 2026-11-22)" = INV-2026-000001 ]
	bo-config set invoice_number='INV{year}/{number:6}' -q
	bo-invoice add customer=ALI : item=CHAI -q
	run -3 bo-invoice issue V2 --on 2026-11-22
	[[ $output == *'payment_reference: "RF94INV2026000001" is taken by V1'* ]]
}

# delivering: goods leave with their invoice, and there are some.
delivering()
{
	office
	bo-config set deliver=invoice -q
	bo-location add code=SHOP name='دکان' -q
	bo-stock receive item=CHAI qty=10 date=2026-11-01 -q
	bo-stock receive item=CHAI qty=2 to=SHOP date=2026-11-01 -q
}

# level: what of CHAI is where.
level()
{
	bo-stock level CHAI -a --no-header -f place,qty | paste -sd ' '
}

@test "goods leave the stock apart from their invoice, unless the company says so" {
	office
	bo-stock receive item=CHAI qty=10 -q
	bo-invoice add customer=ALI : item=CHAI qty=3 -q
	bo-invoice issue V1 -q
	[ "$(level)" = MAIN,10 ]
	[ "$(field deliver V1)" = apart ]
}

@test "goods leave with their invoice: on its day, from the company's place or the line's" {
	delivering
	bo-invoice add customer=ALI date=2026-11-20 : item=CHAI qty=2.5 : item=HOUR qty=9 : description=x price=1 \
	    : item=CHAI qty=2 location=SHOP price=1 -q
	tx=$(bo-invoice issue V1 --on 2026-11-22 --no-header -f tx)
	run -0 bo-stock list --no-header -w 'source = V1' -f tx,date,kind,item.sku,qty,from.code
	[ "$output" = "$tx,2026-11-20,issue,CHAI,2.5,MAIN"$'\n'"$tx,2026-11-20,issue,CHAI,2,SHOP" ]
	[ "$(level)" = 'MAIN,7.5 SHOP,0' ]
	run -0 bo-audit check
}

@test "what is not there is not issued, and takes no number" {
	delivering
	bo-invoice add customer=ALI : item=CHAI qty=6 : item=CHAI qty=5 -q
	run -3 bo-invoice issue V1 --on 2026-11-22
	[ "$output" = 'bo-invoice: qty: stock of CHAI at MAIN would be -1 on 2026-11-22' ]
	[ "$(field status V1)" = draft ]
	[ "$(level)" = 'MAIN,10 SHOP,2' ]
	bo-record -t invoice_line set VL2 qty=4 -q
	run -0 bo-invoice issue V1 --on 2026-11-22 --no-header -f number
	[ "$output" = INV-2026-000001 ]
}

@test "an invoice dated back needs goods that were there then" {
	delivering
	bo-invoice add customer=ALI date=2026-10-31 : item=CHAI -q
	run -3 bo-invoice issue V1 --on 2026-11-22
	[[ $output == *'stock of CHAI at MAIN would be -1 on 2026-10-31'* ]]
}

@test "ten at a time sell no more than there is" {
	delivering
	for i in {1..10}; do bo-invoice add customer=ALI : item=CHAI qty=3 -q; done
	for i in {1..10}; do
		{ bo-invoice issue "V$i" --on 2026-11-22 -q || echo $? >>refused; } 2>/dev/null &
	done
	wait
	[ "$(sort -u refused)" = 3 ]
	[ "$(wc -l <refused)" -eq 7 ]
	[ "$(level)" = 'MAIN,1 SHOP,2' ]
	[ "$(bo-invoice list -w 'status = issued' --count --no-header)" -eq 3 ]
}

@test "what was disputed and is agreed to is not delivered again" {
	delivering
	bo-invoice add customer=ALI : item=CHAI qty=4 -q
	bo-invoice issue V1 --on 2026-11-22 -q
	bo-invoice dispute V1 -q
	bo-invoice settle V1 -q
	[ "$(level)" = 'MAIN,6 SHOP,2' ]
}

@test "one invoice may say otherwise than the company" {
	delivering
	bo-invoice add customer=ALI deliver=apart : item=CHAI qty=99 -q
	bo-invoice issue V1 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,10 SHOP,2' ]
	run -3 bo-invoice set V1 deliver=invoice
	bo-config set deliver=apart -q
	bo-invoice add customer=ALI deliver=invoice : item=CHAI qty=4 -q
	bo-invoice issue V2 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,6 SHOP,2' ]
}

@test "goods come back only when the document says so" {
	delivering
	bo-invoice add customer=ALI date=2026-11-21 : item=CHAI qty=2 -q
	bo-invoice issue V1 --on 2026-11-22 -q
	for deliver in '' invoice; do
		bo-invoice add customer=ALI kind=credit corrects=V1 deliver=$deliver : item=CHAI qty=-1 -q
	done
	[ "$(level)" = 'MAIN,8 SHOP,2' ]
	bo-invoice issue V2 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,8 SHOP,2' ]
	[ "$(field deliver V2)" = apart ]
	bo-invoice issue V3 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,9 SHOP,2' ]
	run -0 bo-stock list --no-header -w 'source = V3' -f kind,qty,to.code
	[ "$output" = receive,1,MAIN ]
}

@test "goods that are offset on an invoice stay where they are, unless it says so" {
	delivering
	for deliver in '' invoice; do
		bo-invoice add customer=ALI deliver=$deliver : item=CHAI qty=-1 : item=HOUR -q
	done
	bo-invoice issue V1 V2 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,11 SHOP,2' ]
	run -0 bo-stock list --no-header -w 'source = V2' -f kind,qty,to.code
	[ "$output" = receive,1,MAIN ]
}

@test "what is billed by another unit than it is kept by is delivered apart" {
	delivering
	bo-invoice add customer=ALI : item=CHAI unit=bag -q
	run -3 bo-invoice issue V1 --on 2026-11-22
	[ "$output" = 'bo-invoice: VL1 bills by bag what is kept by kg: deliver it apart' ]
}

@test "where there is no place the goods must name one" {
	delivering
	bo-config set location= -q
	bo-invoice add customer=ALI : item=CHAI -q
	run -3 bo-invoice issue V1 --on 2026-11-22
	[[ $output == *'from: '* ]]
	bo-record -t invoice_line set VL1 location=SHOP -q
	bo-invoice issue V1 --on 2026-11-22 -q
	[ "$(level)" = 'MAIN,10 SHOP,1' ]
}

@test "a plan of issuing delivers too" {
	delivering
	bo-invoice add customer=ALI : item=CHAI qty=4 -q
	bo-invoice issue V1 --on 2026-11-22 -n >plan.csv
	[ "$(level)" = 'MAIN,10 SHOP,2' ]
	bo-apply -q <plan.csv
	[ "$(level)" = 'MAIN,6 SHOP,2' ]
	[ "$(bo-stock list -w 'source = V1' --count --no-header)" -eq 1 ]
}

@test "two series that begin in one transaction, and go on by turns, can be read again" {
	store
	bo-customer add -q code=ALI name=Ali
	for qty in 1 -1 1; do
		bo-invoice add -q customer=ALI kind="$([ $qty = 1 ] && echo invoice || echo credit)" : description=x price=1 qty=$qty
	done
	bo-invoice issue -q V1 V2 V3
	[ "$(bo-record -t series list --no-header -f id,last | paste -sd' ')" = 'NS1,2 NS2,1' ]
	bo-audit verify -q
	bo-audit check -q
}

#!/usr/bin/env bats
# tax of documents: categories, classes, prices that hold it, rounding, what is withheld

load helper

# A company with books, customers at home and abroad, and rates.
company() # [FIELD=VALUE...]
{
	store
	bo-config set -q name=Kestrel country=DE taxid=DE136695976
	[[ $# -eq 0 ]] || bo-config set -q "$@"
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer add -q code=HOME name=Home country=DE
	bo-customer add -q code=FR name=Chez country=FR taxid=FR40303265045
	bo-supplier add -q code=SUP name=Supplier country=DE
	bo-tax rates DE | bo-tax put -q --match code -
}

# The rows of invoice_tax of one invoice, as CSV without a header.
taxes() # INVOICE
{
	bo-record -t invoice_tax list --no-header -f component,category,rate,base,tax,books_base,books_tax -w "invoice = $1"
}

# What the postings of a document come to, by account.
posted() # DOCUMENT
{
	bo-record -t posting list --no-header -f account.code,amount,currency -w "entry.source = $1"
}

@test "issuing writes the tax by category and rate, which adds up to the document's" {
	company
	bo-invoice add -q customer=HOME : description=a price=10.01 tax_rate=19 : description=b price=20.02 tax_rate=7 \
	    : description=c price=3.33 tax_rate=19 : description=d price=5
	[ -z "$(taxes V1)" ]
	run -0 bo-invoice issue V1 --no-header -f net,tax,total,payable
	[ "$output" = 38.36,3.93,42.29,42.29 ]
	[ "$(taxes V1)" = "$(printf '%s\n' VAT,S,7,20.02,1.40,20.02,1.4 VAT,S,19,13.34,2.53,13.34,2.53 VAT,Z,0,5.00,0.00,5,0)" ]
	[ "$(bo-record -t invoice_line list --no-header -f category | tr '\n' ' ')" = 'S S S Z ' ]
	bo-audit check -q
}

@test "nobody writes tax by hand" {
	company
	bo-invoice add -q customer=HOME : description=a price=10 tax_rate=19
	bo-invoice issue -q V1
	run -3 bo-record -t invoice_tax add invoice=V1 tax=1
	[[ $output == *'worked out by bo'* || $output == *'written by bo itself'* ]]
	run -3 bo-record -t invoice_tax archive VT1
	[[ $output == *'written by bo itself'* ]]
	run -2 bo-invoice add customer=HOME : base=1
	[[ $output == *'no such field'* ]]
}

@test "a rate makes S, none makes Z, and E AE K G O have none" {
	company
	bo-invoice add -q customer=FR : description=a price=10 tax_rate=19 : description=b price=10 \
	    : description=c price=10 tax_rate=19 category=K : description=d price=1 category=E exemption='Art. 132' \
	    : description=e price=1 category=Z tax_rate=7
	run -0 bo-record -t invoice_line list --no-header -f category,tax_rate,exemption
	[ "${lines[0]}" = S,19, ]
	[ "${lines[1]}" = Z,, ]
	[ "${lines[2]}" = 'K,0,Intra-Community supply' ]
	[ "${lines[3]}" = 'E,,Art. 132' ]
	[ "${lines[4]}" = Z,0, ]
	run -0 bo-record -t invoice_line set VL2 tax_rate=7 -f category --no-header
	[ "$output" = S ]
	run -0 bo-record -t invoice_line set VL2 tax_rate=0 -f category --no-header
	[ "$output" = Z ]
	run -0 bo-record -t invoice_line set VL3 category=S tax_rate=19 -f category,tax_rate,exemption --no-header
	[ "$output" = S,19, ]
	run -3 bo-record -t invoice_line set VL4 category=S
	[[ $output == *'S wants a rate'* ]]
	run -3 bo-record -t invoice_line set VL1 category=E
	[[ $output == *'category E wants the reason to be said'* ]]
	run -3 bo-record -t invoice_line set VL1 exemption=why
	[[ $output == *'category S has no reason'* ]]
}

@test "reverse charge and supply within the union want tax numbers, and O stands alone" {
	company taxid=
	bo-invoice add -q customer=HOME : description=a price=10 category=AE
	run -3 bo-invoice issue V1
	[[ $output == *"AE wants the company's tax number"* && $output == *"AE wants the customer's tax number"* ]]
	bo-config set -q taxid=DE136695976
	bo-invoice set -q V1 customer=FR
	bo-invoice issue -q V1
	[ "$(bo-record -t invoice_tax list --no-header -f category,base,tax,exemption)" = 'AE,10.00,0.00,Reverse charge' ]
	bo-invoice add -q customer=HOME : description=a price=10 category=O : description=b price=1 tax_rate=19
	run -3 bo-invoice issue V2
	[[ $output == *'category O'*'beside other lines'* ]]
}

@test "a class has the rate of the document's date, also when it is issued later" {
	company
	bo-item add -q sku=TEA name=Tea price=100 tax_class=standard
	bo-invoice add -q customer=HOME date=2020-06-30 : item=TEA : description=x price=100 tax_class=reduced
	[ "$(bo-record -t invoice_line list --no-header -f tax_rate | tr '\n' ' ')" = '19 7 ' ]
	bo-invoice set -q V1 date=2020-07-01
	[ "$(bo-record -t invoice_line list --no-header -f tax_rate,tax | tr '\n' ' ')" = '16,16.00 5,5.00 ' ]
	bo-invoice issue -q V1 date=2021-01-01
	[ "$(taxes V1)" = "$(printf '%s\n' VAT,S,7,100.00,7.00,100,7 VAT,S,19,100.00,19.00,100,19)" ]
	bo-audit check -q
	bo-tax rates FR | bo-tax put -q --match code -
	run -0 bo-invoice add customer=FR --no-header -f tax : description=x price=100 tax_class=FR:reduced
	[ "$output" = 5.50 ]
	run -3 bo-invoice add customer=HOME : description=x price=1 tax_class=wrong
	[[ $output == *'tax_class: no rate of "wrong" is known'* ]]
	run -3 bo-invoice add customer=HOME : description=x price=1 tax_class=standard tax_rate=7
	[[ $output == *'tax_rate: follows from the class "standard"'* ]]
}

@test "rounding: by line, once a rate (BR-CO-17), once a rate without rounding lines" {
	company
	for rounding in line rate document; do
		bo-invoice add -q customer=HOME rounding=$rounding : description=a price=0.125 tax_rate=19 \
		    : description=b price=0.125 tax_rate=19 : description=c price=0.125 tax_rate=19
	done
	bo-invoice list -o ids | bo-invoice issue -q -
	run -0 bo-invoice list --no-header -f net,tax,total
	[ "${lines[0]}" = 0.39,0.06,0.45 ]
	[ "${lines[1]}" = 0.39,0.07,0.46 ]
	[ "${lines[2]}" = 0.38,0.07,0.45 ]
	bo-audit check -q
}

@test "prices that hold the tax: the total is what they say, and the tax is taken out" {
	company
	for rounding in line rate; do
		bo-invoice add -q customer=HOME prices=gross rounding=$rounding : description=a price=9.99 tax_rate=19 \
		    : description=b price=9.99 tax_rate=19 : description=c price=9.99 tax_rate=19 account=income:other
	done
	bo-invoice list -o ids | bo-invoice issue -q -
	run -0 bo-invoice list --no-header -f net,tax,total
	[ "${lines[0]}" = 25.17,4.80,29.97 ]
	[ "${lines[1]}" = 25.18,4.79,29.97 ]
	[ "$(posted V1 | sort | tr '\n' ' ')" = \
	    'assets:receivable,29.97,EUR income:other,-8.39,EUR income:sales,-16.78,EUR liabilities:vat:output,-4.80,EUR ' ]
	bo-audit check -q
}

@test "cash rounding is an amount of its own, which is owed and posted" {
	company currency=CHF country=CH cash_rounding=0.05
	bo-invoice add -q customer=HOME : description=a price=99.53 tax_rate=8.1
	bo-invoice add -q customer=HOME cash_rounding=0 : description=a price=99.53 tax_rate=8.1
	bo-invoice add -q customer=HOME kind=credit : description=a price=99.53 tax_rate=8.1 qty=-1
	bo-invoice list -o ids | bo-invoice issue -q -
	run -0 bo-invoice list --no-header -f total,rounding_amount,payable
	[ "${lines[0]}" = 107.59,0.01,107.60 ]
	[ "${lines[1]}" = 107.59,0.00,107.59 ]
	[ "${lines[2]}" = -107.59,-0.01,-107.60 ]
	[ "$(posted V1 | sort | tr '\n' ' ')" = \
	    'assets:receivable,107.60,CHF expense:rounding,-0.01,CHF income:sales,-99.53,CHF liabilities:vat:output,-8.06,CHF ' ]
	bo-payment receive -q customer=HOME amount=107.60 reference="$(bo-invoice list --no-header -f number | head -n 1)"
	[ "$(bo-invoice list --no-header -f open | head -n 1)" = 0.00 ]
	bo-audit check -q
	run -3 bo-invoice add customer=HOME cash_rounding=0.001 : description=a price=1
	[[ $output == *'cash_rounding: not an amount that cash comes in'* ]]
}

@test "withholding: what is paid to the tax office instead is part of what is owed" {
	company
	bo-customer set -q HOME withholding=20
	bo-invoice add -q customer=HOME : description=a price=1000 tax_rate=19
	bo-invoice add -q customer=HOME withholding=0 : description=a price=1000 tax_rate=19
	bo-invoice issue -q V1
	bo-invoice issue -q V2
	run -0 bo-invoice list --no-header -f total,payable,withheld
	[ "${lines[0]}" = 1190.00,1190.00,200.00 ]
	[ "${lines[1]}" = 1190.00,1190.00,0.00 ]
	bo-payment receive -q customer=HOME amount=990 reference="$(bo-invoice list --no-header -f number -w 'id = V1')"
	[ "$(bo-record -t allocation list --no-header -f amount,deduction,reason)" = 990.00,200.00,withholding ]
	[ "$(bo-invoice list --no-header -f open | tr '\n' ' ')" = '0.00 1190.00 ' ]
	run -3 bo-invoice add customer=HOME withholding=101 : description=a price=1
	bo-audit check -q
}

@test "an early discount may be off the tax from the start" {
	company
	bo-invoice add -q customer=HOME discount_rate=2 discount_days=10d discount_tax=always : description=a price=100 tax_rate=20
	run -0 bo-invoice issue V1 --no-header -f net,tax,total
	[ "$output" = 100.00,19.60,119.60 ]
	[ "$(taxes V1)" = VAT,S,20,98.00,19.60,98,19.6 ]
	run -3 bo-invoice add customer=HOME prices=gross discount_rate=2 discount_tax=always : description=a price=1
	[[ $output == *'discount_tax: prices that hold the tax'* ]]
	bo-audit check -q
}

@test "GST: of state and union where it is supplied in the company's state, else of the union" {
	company country=IN currency=INR taxid=27AAPFU0939F1ZV region=Maharashtra tax_scheme=gst
	bo-customer add -q code=PUNE name=Pune country=IN region=maharashtra
	bo-customer add -q code=BLR name=Bengaluru country=IN taxid=29AAGCB7383J1Z4
	bo-customer add -q code=NOWHERE name=Nowhere country=IN
	for customer in PUNE BLR NOWHERE; do
		bo-invoice add -q customer=$customer rounding=rate : description=a price=100.05 tax_rate=18 : description=b price=10 tax_rate=5
	done
	bo-invoice issue -q V1
	bo-invoice issue -q V2
	run -3 bo-invoice issue V3
	[[ $output == *'place_of_supply: missing'* ]]
	bo-invoice set -q V3 place_of_supply=MAHARASHTRA
	bo-invoice issue -q V3
	[ "$(taxes V1)" = "$(printf '%s\n' CGST,S,2.5,10.00,0.25,10,0.25 SGST,S,2.5,10.00,0.25,10,0.25 \
	    CGST,S,9,100.05,9.00,100.05,9 SGST,S,9,100.05,9.00,100.05,9)" ]
	[ "$(taxes V2)" = "$(printf '%s\n' IGST,S,5,10.00,0.50,10,0.5 IGST,S,18,100.05,18.01,100.05,18.01)" ]
	[ "$(taxes V3)" = "$(taxes V1)" ]
	[ "$(bo-invoice list --no-header -f tax | tr '\n' ' ')" = '18.50 18.51 18.50 ' ]
	bo-account add -q code=cgst name=CGST kind=liability use=tax-output-cgst
	bo-invoice add -q customer=PUNE : description=a price=100 tax_rate=18
	bo-invoice issue -q V4
	[ "$(posted V4 | sort | tr '\n' ' ')" = \
	    'assets:receivable,118.00,INR cgst,-9.00,INR income:sales,-100.00,INR liabilities:vat:output,-9.00,INR ' ]
	bo-audit check -q
}

@test "tax in another currency is in that of the books as well, as it is posted" {
	company
	bo-rate add -q currency=USD date=2026-01-01 rate=0.9123
	bo-invoice add -q customer=FR currency=USD date=2026-01-02 : description=a price=33.33 tax_rate=19 : description=b price=11.11 tax_rate=7
	bo-invoice issue -q V1
	[ "$(taxes V1)" = "$(printf '%s\n' VAT,S,7,11.11,0.78,10.13,0.71 VAT,S,19,33.33,6.33,30.41,5.78)" ]
	[ "$(posted V1 | grep vat:output | tr '\n' ' ')" = 'liabilities:vat:output,-0.71,EUR liabilities:vat:output,-5.78,EUR ' ]
	bo-audit check -q
}

@test "bills have all of this too" {
	company
	bo-bill add -q supplier=SUP number=1 prices=gross : description=a price=119 tax_class=standard : description=b price=10 category=AE
	bo-bill post -q B1
	run -0 bo-record -t bill_tax list --no-header -f component,category,rate,base,tax
	[ "${lines[0]}" = VAT,S,19,100.00,19.00 ]
	[ "${lines[1]}" = VAT,AE,0,10.00,0.00 ]
	bo-audit check -q
}

@test "json nests the tax in its invoice, and a copy of one can be entered" {
	company
	bo-invoice add -q customer=HOME : description=a price=10 tax_rate=19
	bo-invoice issue -q V1
	[ "$(bo-invoice show -o json V1 | jq -r '.invoice_tax[0].tax')" = 1.90 ]
}

@test "a credit note has the rate that was, and gives back all of the tax" {
	company
	bo-invoice add -q customer=HOME date=2020-08-01 prices=gross : description=a price=116 tax_class=standard \
	    : description=b price=10 category=E exemption=books
	bo-invoice issue -q V1
	bo-invoice credit -q V1
	[ "$(bo-record -t invoice_line list --no-header -f tax_rate,category,exemption -w 'invoice = V2' | tr '\n' ' ')" = '16,S, ,E,books ' ]
	run -0 bo-invoice issue V2 --no-header -f net,tax,total
	[ "$output" = -110.00,-16.00,-126.00 ]
	[ "$(taxes V2)" = "$(printf '%s\n' VAT,S,16,-100.00,-16.00,-100,-16 VAT,E,0,-10.00,0.00,-10,0)" ]
	bo-audit check -q
}

@test "lines that say nothing of tax are in their customer's category" {
	store country=DE taxid=DE136695976
	bo-customer add -q code=PARIS name=Paris country=FR taxid=FR40303265045 tax_category=K
	bo-customer add -q code=HOME name=Home
	bo-item add -q sku=X name=x price=100 tax_rate=19
	bo-invoice add -q customer=PARIS : item=X : item=X tax_rate=19 : description=y price=1
	bo-invoice add -q customer=HOME : item=X
	run -0 bo-record -t invoice_line list --no-header -f invoice,category,tax_rate
	[ "$output" = "V1,K,0
V1,S,19
V1,K,
V2,S,19" ]
	run -3 bo-customer set HOME tax_category=Q
}

#!/usr/bin/env bats
# credit notes: what is given back of an invoice; and what is given up

load helper

books() {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer add -q code=ACME name='Acme 🏭'
	bo-customer add -q code=BETA name='بیٹا ٹریڈنگ'
	bo-item add -q sku=MUG name=mug price=10 tax_rate=20
	bo-item add -q sku=POT name=pot price=30 tax_rate=20
}

# V1: 4 mugs and 2 pots, 100 net, 120 with tax.
sale() {
	bo-invoice add -q customer=ACME : item=MUG qty=4 : item=POT qty=2
	bo-invoice issue -q V1
}

@test "a whole invoice is credited: a number of its own series, and nothing is open" {
	books
	sale
	run -0 bo-invoice credit V1 -f id,status,kind,corrects,net,tax,total --no-header
	[ "$output" = V2,draft,credit,V1,-100.00,-20.00,-120.00 ]
	run -0 bo-invoice issue V2 -f number,open --no-header
	[[ $output == CN-*-000001,0.00 ]]
	run -0 bo-invoice list --no-header -f id,open
	[ "$output" = "V1,0.00
V2,0.00" ]
	run -0 bo-ledger balance --no-header -f account,balance
	[ "$output" = "assets:receivable,0.00
income:sales,0.00
liabilities:vat:output,0.00" ]
	run -0 bo-audit check
}

@test "lines and parts of lines are credited, never more than there was" {
	books
	sale
	run -0 bo-invoice credit V1 VL1=1 -f total --no-header --issue
	[ "$output" = -12.00 ]
	run -3 bo-invoice credit V1 VL1=4
	[[ $output == *'of VL1 3 is left to credit'* ]]
	run -0 bo-invoice credit V1 VL1 -f total --no-header --issue
	[ "$output" = -36.00 ]
	run -3 bo-invoice credit V1 VL1
	[[ $output == *'of VL1 nothing is left to credit'* ]]
	# All of it is what is left of it.
	run -0 bo-invoice credit V1 -f total --no-header --issue
	[ "$output" = -72.00 ]
	run -3 bo-invoice credit V1
	[[ $output == *'nothing of V1 is left to credit'* ]]
	run -0 bo-invoice list -w 'open != 0' --no-header
	[ -z "$output" ]
	run -0 bo-audit check
}

@test "a credit note by hand is held to what it corrects" {
	books
	sale
	bo-invoice add -q customer=ACME kind=credit corrects=V1 : description=goodwill qty=-1 price=200
	run -3 bo-invoice issue V2
	[[ $output == *'gives back more than is left of V1, 120.00'* ]]
	bo-record -t invoice_line set -q VL3 price=50 tax_rate=20
	bo-invoice issue -q V2
	run -0 bo-invoice list -w 'id = V1' --no-header -f open
	[ "$output" = 60.00 ]
	bo-invoice add -q customer=BETA kind=credit corrects=V1 : description=goodwill qty=-1 price=1
	run -3 bo-invoice issue V3
	[[ $output == *'another customer or currency'* ]]
	bo-invoice add -q customer=ACME kind=credit corrects=V2 : description=goodwill qty=-1 price=1
	run -3 bo-invoice issue V4
	[[ $output == *'V2 is a credit note itself'* ]]
	bo-invoice add -q customer=ACME kind=credit : description=goodwill qty=1 price=1
	run -3 bo-invoice issue V5
	[[ $output == *'not negative'* ]]
}

@test "what was paid already is owed to the customer, and refunded" {
	books
	sale
	bo-payment receive -q customer=ACME amount=100 : invoice=V1
	bo-invoice credit V1 -q --issue
	run -0 bo-invoice list --no-header -f id,open
	[ "$output" = "V1,0.00
V2,-100.00" ]
	bo-payment refund -q customer=ACME amount=100 : invoice=V2
	run -0 bo-invoice list -w 'open != 0' --no-header
	[ -z "$output" ]
	run -0 bo-ledger balance assets:receivable --no-header -f balance
	[ "$output" = 0.00 ]
	run -0 bo-audit check
}

@test "drafts are not credited, and neither are credit notes" {
	books
	bo-invoice add -q customer=ACME : item=MUG
	run -3 bo-invoice credit V1
	[[ $output == *'V1 does not stand'* ]]
	bo-invoice issue -q V1
	bo-invoice credit V1 -q --issue
	run -3 bo-invoice credit V2
	run -1 bo-invoice credit V9
	run -1 bo-invoice credit V1 VL9
	run -2 bo-invoice credit
}

@test "a credit note is a draft that can be changed first; a plan of it writes nothing" {
	books
	sale
	run -0 bo-invoice credit V1 -n
	[[ $output == *corrects* ]]
	run -0 bo-invoice list --no-header -f id
	[ "$output" = V1 ]
	bo-invoice credit V1 -q
	bo-record -t invoice_line set -q VL3 price=5
	run -0 bo-invoice issue V2 --no-header -f total
	[ "$output" = -96.00 ]
}

@test "a supplier's credit note settles its bill" {
	books
	bo-supplier add -q code=TEA name=tea
	bo-bill add -q supplier=TEA number=1 : description=tea price=100
	bo-bill post -q B1
	bo-bill add -q supplier=TEA number=C1 kind=credit corrects=B1 : description=tea price=100 qty=-0.4
	bo-bill post -q B2
	run -0 bo-bill list --no-header -f id,open
	[ "$output" = "B1,60.00
B2,0.00" ]
	run -0 bo-audit check
}

@test "what nobody expects any more is written off, with a reason, and relief of tax where law grants it" {
	books
	sale
	run -3 bo-invoice write-off V1
	[[ $output == *'wants a reason (-m)'* ]]
	bo-payment receive -q customer=ACME amount=60 : invoice=V1
	run -0 bo-invoice write-off V1 --relief -m 'bankrupt' --no-header -f id,open
	[ "$output" = V1,0.00 ]
	run -0 bo-ledger balance expense:baddebt --no-header -f balance
	[ "$output" = 50.00 ]
	run -0 bo-ledger balance liabilities:vat:output --no-header -f balance
	[ "$output" = -10.00 ]
	run -3 bo-invoice write-off V1 -m again
	[[ $output == *'nothing of V1 is open'* ]]
	run -0 bo-audit check
}

@test "what was deducted or written off is not given back as well" {
	books
	sale
	bo-payment receive -q customer=ACME amount=117.60 : invoice=V1 amount=117.60 deduction=2.40 tax=0.40 reason=discount
	run -3 bo-invoice credit V1 --issue
	[[ $output == *'gives back more than is left of V1, 117.60: 2.40 of it was deducted (bo-payment unallocate'* ]]
	# Once the discount is taken back, all of it can be.
	bo-payment unallocate -q PY1
	bo-invoice credit V1 -q --issue
	run -0 bo-invoice list --no-header -f open
	[ "$output" = "0.00
0.00" ]
	run -0 bo-ledger balance liabilities:vat:output expense:discount --no-header -f balance
	[ "$output" = "0.00
0.00" ]
	run -0 bo-audit check
	bo-invoice add -q customer=BETA : item=MUG qty=4
	bo-invoice issue -q V3
	bo-invoice write-off -q V3 --relief -m bankrupt
	run -3 bo-invoice credit V3 --issue
	[[ $output == *'left of V3, 0.00: 48.00 of it was deducted'* ]]
}

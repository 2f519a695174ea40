#!/usr/bin/env bats
# bo-bill: what a supplier is owed for what was delivered

load helper

# A store with books, a supplier and an item.
books() {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-supplier add -q code=TEA name='大红袍茶业' address='北京路 1' city=Shanghai country=CN terms=14d
	bo-item add -q sku=LEAF name='tea leaves' cost=12.50 price=30 tax_rate=20 unit=kg
}

@test "a bill takes price and unit from what its item costs, terms from the supplier" {
	books
	run -0 bo-bill add supplier=TEA number=R-17 date=2026-03-01 : item=LEAF qty=4
	run -0 bo-bill post B1 -f number,status,date,due,net,tax,total --no-header
	[ "$output" = R-17,posted,2026-03-01,2026-03-15,50.00,10.00,60.00 ]
	run -0 bo-record -t bill_line list --no-header -f description,unit,price
	[ "$output" = 'tea leaves,kg,12.5' ]
}

@test "a bill is posted to payables, input tax and what was bought, or the accounts of its lines" {
	books
	bo-bill add -q supplier=TEA number=1 : item=LEAF qty=4 \
	    : description=flight qty=1 price=100 account=expense:travel
	bo-bill post -q B1
	run -0 bo-ledger balance --no-header -f account,balance
	[ "$output" = "assets:vat:input,10.00
expense:purchases,50.00
expense:travel,100.00
liabilities:payable,-160.00" ]
	run -0 bo-audit check
}

@test "a number is not entered twice for one supplier, however it is written" {
	books
	bo-supplier add -q code=MUG name=mugs
	bo-bill add -q supplier=TEA number='RE-2026/17' : description=a price=1
	run -3 bo-bill add supplier=TEA number='re 2026 17' : description=a price=1
	[[ $output == *'is taken by B1'* ]]
	run -0 bo-bill add -q supplier=MUG number='re 2026 17' : description=a price=1
	run -0 bo-bill void -q B1
	run -0 bo-bill add -q supplier=TEA number='RE-2026/17' : description=a price=1
}

@test "what is posted stands; a draft does not count" {
	books
	bo-bill add -q supplier=TEA number=1 : item=LEAF qty=4
	run -0 bo-ledger balance --no-header
	[ -z "$output" ]
	bo-bill post -q B1
	run -3 bo-bill set B1 due=2030-01-01
	[[ $output == *'due: 1 is posted and stands'* ]]
	run -3 bo-record -t bill_line set BL1 qty=5
	run -0 bo-bill set -q B1 notes='paid soon'
	run -3 bo-bill archive B1
}

@test "a bill can be disputed, and that be settled" {
	books
	bo-bill add -q supplier=TEA number=1 : item=LEAF qty=4
	run -3 bo-bill dispute B1
	bo-bill post -q B1
	run -0 bo-bill dispute B1 -f status --no-header
	[ "$output" = disputed ]
	run -0 bo-bill settle B1 -f status --no-header
	[ "$output" = posted ]
	run -3 bo-bill settle B1
}

@test "a bill says who it is from, whatever becomes of the supplier" {
	books
	bo-bill add -q supplier=TEA number=1 : item=LEAF qty=4
	bo-bill post -q B1
	bo-supplier set -q TEA name='somebody else'
	run -0 bo-bill list --no-header -f seller_name,seller_country
	[ "$output" = 大红袍茶业,CN ]
	run -3 bo-supplier erase TEA -m 'asked for it'
	[[ $output == *"can't be erased: bill B1 is not settled"* ]]
}

@test "a bill that is less than nothing wants to be a credit note" {
	books
	bo-bill add -q supplier=TEA number=1 : item=LEAF qty=-4
	run -3 bo-bill post B1
	[[ $output == *'kind=credit'* ]]
	bo-bill set -q B1 kind=credit
	run -0 bo-bill post B1 -f total --no-header
	[ "$output" = -60.00 ]
	run -0 bo-ledger balance liabilities:payable --no-header -f balance
	[ "$output" = 60.00 ]
}

@test "bills come from a file, each with its lines" {
	books
	run -0 bo-bill add --group number -f number,total --no-header - <<-'END'
	number,supplier,date,description,qty,price,tax_rate
	A1,TEA,2026-01-05,rent,1,800,0
	A1,TEA,2026-01-05,heating,1,90,20
	A2,TEA,2026-01-06,ribbon,3,2.50,20
	END
	[ "$output" = "A1,908.00
A2,9.00" ]
}

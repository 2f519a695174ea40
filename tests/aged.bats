#!/usr/bin/env bats
# bo-ledger aged: how long what is owed has been owed

load helper

books() {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer add -q code=ACME name='Acme 🏭'
	bo-customer add -q code=BETA name='بیٹا ٹریڈنگ'
	bo-supplier add -q code=TEA name='大红袍茶业'
	bo-invoice add -q --group reference - <<-'END'
	reference,customer,date,due,currency,rate,description,price
	a,ACME,2026-01-01,2026-01-31,,,goods,100
	b,ACME,2026-02-01,2026-03-03,,,goods,200
	c,BETA,2026-02-10,2026-03-12,,,goods,400
	d,BETA,2026-03-01,2026-03-31,USD,0.5,goods,800
	END
	bo-invoice list -s date | bo-invoice issue -q -
	bo-payment receive -q customer=ACME date=2026-03-20 amount=30 : invoice=V1
	bo-payment receive -q customer=BETA date=2026-03-25 amount=50
}

@test "what is open is sorted into ages by due date, cash on account beside it, and adds up" {
	books
	run -0 bo-ledger aged receivable --on 2026-03-31
	[ "$output" = "party,name,currency,not_due,due_1_30,due_31_60,due_61_90,due_over_90,on_account,total
C1,Acme 🏭,EUR,0.00,200.00,70.00,0.00,0.00,0.00,270.00
C2,بیٹا ٹریڈنگ,EUR,0.00,400.00,0.00,0.00,0.00,-50.00,350.00
C2,بیٹا ٹریڈنگ,USD,800.00,0.00,0.00,0.00,0.00,0.00,800.00
,,EUR,0.00,600.00,70.00,0.00,0.00,-50.00,620.00
,,USD,800.00,0.00,0.00,0.00,0.00,0.00,800.00" ]
	run -0 bo-ledger balance assets:receivable --on 2026-03-31 --no-header -f currency,balance
	[ "$output" = "EUR,620.00
USD,800.00" ]
}

@test "by the date of documents the header says so" {
	books
	run -0 bo-ledger aged receivable --by date --on 2026-03-31 -f party,dated_0_30,dated_31_60,dated_61_90,currency
	[ "$output" = "party,dated_0_30,dated_31_60,dated_61_90,currency
C1,0.00,200.00,70.00,EUR
C2,0.00,400.00,0.00,EUR
C2,800.00,0.00,0.00,USD
,0.00,600.00,70.00,EUR
,800.00,0.00,0.00,USD" ]
	run -2 bo-ledger aged receivable --by name
	run -2 bo-ledger aged
	run -2 bo-ledger aged people
	[[ $output == *'receivable or payable, not "people"'* ]]
}

@test "on an earlier day, and as of an earlier moment, it is what it was then" {
	books
	run -0 bo-ledger aged receivable --on 2026-03-19 --no-header -f party,total
	[ "$output" = "C1,300.00
C2,400.00
C2,800.00
,700.00
,800.00" ]
	run -0 bo-ledger aged receivable --on 2026-03-31 --as-of 1 --no-header
	[ -z "$output" ]
}

@test "payables are aged as well" {
	books
	bo-bill add -q supplier=TEA number=1 date=2026-03-01 due=2026-03-15 : description=tea price=70
	bo-bill post -q B1
	bo-payment pay -q supplier=TEA date=2026-03-16 amount=20 : bill=B1
	run -0 bo-ledger aged payable --on 2026-03-31 --no-header
	[ "$output" = "S1,大红袍茶业,EUR,0.00,50.00,0.00,0.00,0.00,0.00,50.00
,,EUR,0.00,50.00,0.00,0.00,0.00,0.00,50.00" ]
}

@test "the sums stay at the end however the rest is sorted, and --limit counts what is before them" {
	books
	run -0 bo-ledger aged receivable --on 2026-03-31 -s -total --limit 2 -f party,currency,total --no-header
	[ "$output" = "C2,USD,800.00
C2,EUR,350.00
,EUR,620.00
,USD,800.00" ]
	run -0 bo-ledger aged receivable --on 2026-03-31 --limit 1 -f party,currency,total --no-header
	[ "$output" = "C1,EUR,270.00
,EUR,620.00
,USD,800.00" ]
	run -0 bo-ledger aged receivable --on 2026-03-31 -s total,-party --limit 0 -f party,total --no-header
	[ "$output" = ",620.00
,800.00" ]
}

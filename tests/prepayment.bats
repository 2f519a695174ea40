#!/usr/bin/env bats
# prepayments: billed before they are earned, taken off later

load helper

office()
{
	store
	bo-config set currency=EUR timezone=UTC -q
	bo-ledger chart generic | bo-account add - -q
	bo-customer add code=ALI name='علی اینڈ سنز' -q
	bo-customer add code=BOB name=Bob -q
}

# issue WORDS...: an invoice, issued; prints its id.
issue()
{
	local id

	id=$(bo-invoice add customer=ALI "$@" -o ids) || return
	bo-invoice issue "$id" -o ids
}

# balances: accounts that are not empty, as "account amount".
balances()
{
	bo-ledger balance --no-header -f account,balance | grep -v ',0\.00$' | tr , ' ' | paste -sd ';'
}

@test "what is billed ahead is owed, taxed, and no income yet" {
	office
	issue kind=prepayment : description=deposit price=100 tax_rate=20 >/dev/null
	[ "$(balances)" = 'assets:receivable 120.00;liabilities:advance:customer -100.00;liabilities:vat:output -20.00' ]
	[ "$(bo-invoice list --no-header -f number,kind)" = "$(bo-invoice list --no-header -f number),prepayment" ]
	run -0 bo-audit check
}

@test "the invoice takes it off: all is income then, and nothing is owed twice" {
	office
	p=$(issue kind=prepayment : description=deposit price=100 tax_rate=20)
	v=$(issue : description=work price=500 tax_rate=20 : deducts="$p")
	[ "$(bo-invoice list --no-header -w "id = $v" -f net,tax,total)" = 400.00,80.00,480.00 ]
	[ "$(balances)" = 'assets:receivable 600.00;income:sales -500.00;liabilities:vat:output -100.00' ]
	run -0 bo-record -t invoice_line list --no-header -w 'deducts != ""' -f description,qty,price,tax_rate,amount
	[ "$output" = "Paid ahead: $(bo-invoice list --no-header -w "id = $p" -f number),-1,100,20,-100.00" ]
	run -0 bo-audit check
}

@test "a retainer is taken off piece by piece, and no more than there is" {
	office
	p=$(issue kind=prepayment : description=retainer price=100 tax_rate=20)
	issue : description=May price=60 tax_rate=20 : deducts="$p" price=60 tax_rate=20 qty=-1 >/dev/null
	run -3 issue : description=June price=60 tax_rate=20 : deducts="$p" price=60 tax_rate=20 qty=-1
	[[ $output == *"deducts: 20 more than what is left of $p at 20 percent tax"* ]]
	bo-invoice void V3 -q
	v=$(issue : description=June price=60 tax_rate=20 : deducts="$p")
	[ "$(bo-invoice list --no-header -w "id = $v" -f net)" = 20.00 ]
	run -3 issue : description=July price=60 tax_rate=20 : deducts="$p"
	[[ $output == *"deducts: nothing is left of $p"* ]]
	[ "$(bo-ledger balance liabilities:advance:customer --no-header -f balance)" = 0.00 ]
	run -0 bo-audit check
}

@test "every tax rate is taken off by itself" {
	office
	p=$(issue kind=prepayment : description=books price=100 tax_rate=7 : description=toys price=50 tax_rate=19)
	run -3 bo-invoice add customer=ALI : description=x price=500 tax_rate=19 : deducts="$p"
	[[ $output == *"tax_rate: $p has several: say which, a line for each"* ]]
	run -3 issue : description=x price=500 tax_rate=19 : deducts="$p" price=60 qty=-1 tax_rate=19
	[[ $output == *"10 more than what is left of $p at 19 percent tax"* ]]
	run -3 bo-invoice add customer=ALI : deducts="$p" tax_rate=20
	[[ $output == *"nothing is left of $p"* ]]
	v=$(issue : description=x price=500 tax_rate=19 : deducts="$p" tax_rate=19 : deducts="$p" tax_rate=7)
	[ "$(bo-invoice list --no-header -w "id = $v" -f net,tax,total)" = 350.00,78.50,428.50 ]
	run -0 bo-audit check
}

@test "two that would take off the same are not both issued" {
	office
	p=$(issue kind=prepayment : description=deposit price=100)
	for _ in 1 2 3 4 5 6; do bo-invoice add customer=ALI : description=x price=100 : deducts="$p" -q; done
	run -3 bo-invoice issue V2 V3
	for i in 2 3 4 5 6 7; do { bo-invoice issue "V$i" -q || echo "$?" >>refused; } 2>/dev/null & done
	wait
	[ "$(paste -sd ' ' refused)" = '3 3 3 3 3' ]
	[ "$(bo-ledger balance liabilities:advance:customer --no-header -f balance)" = 0.00 ]
}

@test "only what stands, was billed ahead, to the same customer, in the same currency" {
	office
	plain=$(issue : description=x price=1)
	run -3 bo-invoice add customer=ALI : deducts="$plain" price=1 qty=-1
	[[ $output == *"deducts: $plain is no prepayment"* ]]
	draft=$(bo-invoice add customer=ALI kind=prepayment : description=x price=1 -o ids)
	run -3 bo-invoice add customer=ALI : deducts="$draft" price=1 qty=-1
	[[ $output == *"deducts: $draft is not issued: nothing was paid ahead"* ]]
	p=$(issue kind=prepayment : description=x price=100)
	run -3 bo-invoice add customer=BOB : deducts="$p"
	[[ $output == *"deducts: $p is another customer's"* ]]
	run -3 bo-invoice add customer=ALI currency=USD : deducts="$p"
	[[ $output == *"deducts: $p is in another currency"* ]]
	run -3 bo-invoice add customer=ALI : deducts="$p" price=5
	[[ $output == *"qty: is not negative: it takes off what was paid ahead"* ]]
	run -3 bo-invoice add customer=ALI : deducts="$p" qty=-3
	[[ $output == *"price: missing: without one all that is left is taken off, once"* ]]
	bo-item add sku=A name=a price=1 -q
	run -3 bo-invoice add customer=ALI : deducts="$p" item=A
	[[ $output == *"item: what was paid ahead is no item"* ]]
}

@test "more than the invoice comes to wants a credit note, not an invoice" {
	office
	p=$(issue kind=prepayment : description=x price=100)
	run -3 issue : description=x price=99 : deducts="$p"
	[[ $output == *'total: is negative'* ]]
	v=$(issue : description=x price=100 tax_rate=0 : deducts="$p")
	[ "$(bo-invoice list --no-header -w "id = $v" -f total)" = 0.00 ]
}

@test "what is credited of a prepayment can't be taken off any more" {
	office
	p=$(issue kind=prepayment : description=x price=100 tax_rate=20)
	issue kind=credit corrects="$p" : description=x price=30 tax_rate=20 qty=-1 >/dev/null
	[ "$(balances)" = 'assets:receivable 84.00;liabilities:advance:customer -70.00;liabilities:vat:output -14.00' ]
	issue : description=y price=200 tax_rate=20 : deducts="$p" price=60 tax_rate=20 qty=-1 >/dev/null
	run -3 issue kind=credit corrects="$p" : description=x price=11 tax_rate=20 qty=-1
	[[ $output == *"deducts: 1 more than what is left of $p at 20 percent tax"* ]]
	issue kind=credit corrects="$p" : description=x price=10 tax_rate=20 qty=-1 >/dev/null
	[ "$(bo-ledger balance liabilities:advance:customer --no-header -f balance)" = 0.00 ]
	run -0 bo-audit check
}

@test "a credit note puts back what its invoice had taken off" {
	office
	p=$(issue kind=prepayment : description=x price=100 tax_rate=20)
	v=$(issue : description=y price=300 tax_rate=20 : deducts="$p")
	run -3 bo-invoice add customer=ALI kind=credit corrects="$v" : deducts="$p" price=100 qty=-1 tax_rate=20
	[[ $output == *'qty: is negative: a credit note puts back what was deducted'* ]]
	issue kind=credit corrects="$v" : description=y price=300 qty=-1 tax_rate=20 \
	    : deducts="$p" price=100 qty=1 tax_rate=20 >/dev/null
	[ "$(balances)" = 'assets:receivable 120.00;liabilities:advance:customer -100.00;liabilities:vat:output -20.00' ]
	issue : description=z price=300 tax_rate=20 : deducts="$p" >/dev/null
	run -0 bo-audit check
}

@test "in another currency what is paid ahead is owed in that, and nothing is left over" {
	office
	bo-rate add currency=USD date=2026-01-01 rate=0.9 -q
	bo-rate add currency=USD date=2026-03-01 rate=0.95 -q
	p=$(issue currency=USD kind=prepayment date=2026-01-10 : description=x price=100)
	issue currency=USD date=2026-03-10 : description=x price=100 : deducts="$p" >/dev/null
	run -0 bo-ledger balance liabilities:advance:customer --no-header -f currency,balance
	[ "$output" = USD,0.00 ]
	run -0 bo-ledger balance income:sales --no-header -f currency,balance
	[ "$output" = EUR,-95.00 ]
	run -0 bo-audit check
}

@test "an account other than that for what is paid ahead is refused, and so is none" {
	office
	run -3 issue kind=prepayment : description=x price=1 account=income:other
	[[ $output == *'account: what is paid ahead goes to that with the use "advance"'* ]]
	bo-account set liabilities:advance:customer use= -q
	run -3 issue kind=prepayment : description=x price=1
	[[ $output == *'no account has the use "advance" (bo-account set ACCOUNT use=advance)'* ]]
	issue : description=x price=1 >/dev/null
}

@test "a draft that becomes a prepayment late is one" {
	office
	bo-invoice add customer=ALI : description=x price=10 -q
	bo-invoice set V1 kind=prepayment -q
	bo-invoice issue V1 -q
	[ "$(balances)" = 'assets:receivable 10.00;liabilities:advance:customer -10.00' ]
}

@test "without books prepayments are held to what is left all the same" {
	store
	bo-customer add code=ALI name=a -q
	p=$(issue kind=prepayment : description=x price=10)
	run -3 issue : description=x price=20 : deducts="$p" price=11 qty=-1
	[[ $output == *"1 more than what is left of $p at 0 percent tax"* ]]
}

@test "what is exempt and what is taxed at nothing are not the same" {
	office
	p=$(issue kind=prepayment : description=course price=100 category=E exemption='Art. 132' : description=book price=50 category=Z)
	run -3 issue : description=x price=500 : deducts="$p" price=60 qty=-1 category=Z tax_rate=0
	[[ $output == *"10 more than what is left of $p at 0 percent tax (Z)"* ]]
	run -3 bo-invoice add customer=ALI : deducts="$p"
	[[ $output == *"tax_rate: $p has several: say which, a line for each"* ]]
	v=$(issue : description=x price=500 tax_rate=20 : deducts="$p" category=E : deducts="$p" category=Z)
	run -0 bo-record -t invoice_line list --no-header -w "invoice = $v and deducts != ''" -f category,exemption,amount
	[ "$output" = $'E,Art. 132,-100.00\nZ,,-50.00' ]
	run -0 bo-record -t invoice_tax list --no-header -w "invoice = $v" -f category,base,tax
	[ "$(sort <<<"$output")" = $'E,-100.00,0.00\nS,500.00,100.00\nZ,-50.00,0.00' ]
	run -0 bo-audit check
}

@test "prices that hold the tax are taken off prices that do" {
	office
	p=$(issue kind=prepayment prices=gross : description=x price=120 tax_rate=20)
	run -3 bo-invoice add customer=ALI : deducts="$p"
	[[ $output == *"deducts: prices of $p are gross"* ]]
	v=$(issue prices=gross : description=y price=360 tax_rate=20 : deducts="$p")
	[ "$(bo-invoice list --no-header -w "id = $v" -f net,tax,total)" = 200.00,40.00,240.00 ]
	[ "$(balances)" = 'assets:receivable 360.00;income:sales -300.00;liabilities:vat:output -60.00' ]
	run -0 bo-audit check
}

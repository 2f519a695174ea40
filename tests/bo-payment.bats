#!/usr/bin/env bats
# bo-payment: money that came in or went out, and what it settles

load helper

# A store with books, two customers and two suppliers.
books() {
	store
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer add -q code=ACME name='Acme 🏭'
	bo-customer add -q code=BETA name='بیٹا ٹریڈنگ'
	bo-supplier add -q code=TEA name='大红袍茶业'
}

# An invoice over an amount (no tax unless said), issued: invoice CUSTOMER AMOUNT [FIELD=VALUE ...]
invoice() {
	local customer=$1 price=$2
	shift 2
	bo-invoice add -o ids customer="$customer" "$@" : description=goods price="$price" | bo-invoice issue -q -
}

open_of() {
	bo-invoice list --no-header -f id,open
}

# What an account comes to.
account() {
	bo-ledger balance --no-header -f balance "$1"
}

@test "a receipt that names its invoice settles it, and is posted" {
	books
	invoice ACME 100
	run -0 bo-payment receive customer=ACME amount=60 -f id,status,kind,amount,unallocated --no-header \
	    : invoice=V1
	[ "$output" = PY1,received,receive,60.00,0.00 ]
	run -0 open_of
	[ "$output" = V1,40.00 ]
	run -0 account assets:receivable
	[ "$output" = 40.00 ]
	run -0 account assets:bank
	[ "$output" = 60.00 ]
	run -0 bo-audit check
}

@test "one payment settles many invoices, and many payments settle one" {
	books
	invoice ACME 100
	invoice ACME 50
	bo-payment receive -q customer=ACME amount=120 : invoice=V1 amount=100 : invoice=V2
	run -0 open_of
	[ "$output" = "V1,0.00
V2,30.00" ]
	bo-payment receive -q customer=ACME amount=10 : invoice=V2
	bo-payment receive -q customer=ACME amount=20 : invoice=V2
	run -0 bo-invoice list -w 'open > 0' --no-header
	[ -z "$output" ]
	run -0 bo-audit check
}

@test "more than is open, or than the payment has, is refused" {
	books
	invoice ACME 100
	run -3 bo-payment receive customer=ACME amount=150 : invoice=V1 amount=120
	[[ $output == *'amount: of V1 100.00 is open'* ]]
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V1 amount=60
	[[ $output == *'more is allocated than the payment has'* ]]
	run -0 bo-payment list --no-header
	[ -z "$output" ]
}

@test "what does not fit is refused: another's invoice, another currency, drafts, a day too early" {
	books
	invoice ACME 100
	invoice BETA 100
	invoice ACME 100 currency=USD rate=0.9
	bo-invoice add -q customer=ACME : description=draft price=5
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V2
	[[ $output == *'customer of V2 is C2, of the payment C1'* ]]
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V3
	[[ $output == *'currency of V3 is USD, of the payment EUR'* ]]
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V4
	[[ $output == *'V4 is a draft: nothing is owed'* ]]
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V1 date=2020-01-01
	[[ $output == *'from when on there is something to settle'* ]]
	run -3 bo-payment receive customer=ACME amount=50 : invoice=V9
	run -3 bo-payment receive customer=ACME amount=50 :
	[[ $output == *'which invoice or bill'* ]]
	run -3 bo-payment receive customer=ACME amount=-5
	run -3 bo-payment receive customer=ACME supplier=TEA amount=5
	run -3 bo-payment receive customer=ACME amount=5 date=2999-01-01
	[[ $output == *'yet to come'* ]]
}

@test "the reference says which: a number, several, a payment reference in groups" {
	books
	invoice ACME 100
	invoice ACME 50
	invoice ACME 70
	number=$(bo-invoice list -w 'id = V2' -f number --no-header)
	bo-payment receive -q customer=ACME amount=50 reference="$number"
	run -0 open_of
	[ "$output" = "V1,100.00
V2,0.00
V3,70.00" ]
	reference=$(bo-invoice list -w 'id = V3' -f payment_reference --no-header | sed 's/..../& /g')
	bo-payment receive -q customer=ACME amount=20 reference="$reference"
	one=$(bo-invoice list -w 'id = V1' -f number --no-header) three=$(bo-invoice list -w 'id = V3' -f number --no-header)
	bo-payment receive -q customer=ACME amount=150 text="$one, $three thank you"
	run -0 bo-invoice list -w 'open != 0' --no-header
	[ -z "$output" ]
	# Another's number says nothing.
	invoice BETA 10
	four=$(bo-invoice list -w 'id = V4' -f number --no-header)
	run -0 bo-payment receive customer=ACME amount=10 reference="$four" -f unallocated --no-header
	[ "$output" = 10.00 ]
}

@test "what is on account is allocated to the oldest that are due, never to what is disputed" {
	books
	invoice ACME 100 due=2999-03-01
	invoice ACME 100 due=2999-01-01
	invoice ACME 100 due=2999-02-01
	bo-invoice dispute -q V2
	bo-payment receive -q customer=ACME amount=150
	run -0 bo-payment list -w 'unallocated > 0' -f id,unallocated --no-header
	[ "$output" = PY1,150.00 ]
	bo-payment list -w 'unallocated > 0' | bo-payment allocate -q -
	run -0 open_of
	[ "$output" = "V1,50.00
V2,100.00
V3,0.00" ]
	# Again it does nothing, since nothing is left.
	run -0 bo-payment allocate PY1 --no-header -f tx,unallocated
	[ "$output" = "$(bo-payment list --no-header -f tx,unallocated)" ]
	run -0 bo-record -t allocation list --no-header -f id
	[ "${#lines[@]}" = 2 ]
	run -0 bo-audit check
}

@test "documents and amounts can be named when it is allocated" {
	books
	invoice ACME 100
	invoice ACME 100
	bo-payment receive -q customer=ACME amount=150
	run -0 bo-payment allocate PY1 V2=30 V1
	run -0 open_of
	[ "$output" = "V1,0.00
V2,70.00" ]
	run -1 bo-payment allocate PY1 V9
	run -2 bo-payment allocate PY1 V1=nothing
	run -1 bo-payment allocate PY7
}

@test "what was allocated is taken back by a new one, and both stay" {
	books
	invoice ACME 100
	invoice ACME 100
	bo-payment receive -q customer=ACME amount=100 : invoice=V1
	bo-payment unallocate -q PY1 V1
	bo-payment allocate -q PY1 V2
	run -0 open_of
	[ "$output" = "V1,100.00
V2,0.00" ]
	run -0 bo-record -t allocation list --no-header -f payment,invoice,amount
	[ "$output" = "PY1,V1,100.00
PY1,V1,-100.00
PY1,V2,100.00" ]
	run -3 bo-record -t allocation set AL1 amount=5
	[[ $output == *stands* ]]
	run -3 bo-record -t allocation archive AL1
	run -0 bo-audit check
}

@test "a payment stands, but for its notes" {
	books
	bo-payment receive -q customer=ACME amount=100
	run -3 bo-payment set PY1 amount=50
	run -3 bo-payment set PY1 customer=BETA
	[[ $output == *'customer: PY1 is noted and stands: a mistake is voided'* ]]
	run -3 bo-payment archive PY1
	run -0 bo-payment set -q PY1 notes='by cheque'
}

@test "one that bounces takes everything back on that day" {
	books
	invoice ACME 100
	bo-payment receive -q customer=ACME amount=100 : invoice=V1
	run -3 bo-payment bounce PY1 bounced=2020-01-01
	[[ $output == *'before the day it was paid'* ]]
	bo-payment bounce -q PY1 -m 'account closed'
	run -0 open_of
	[ "$output" = V1,100.00 ]
	run -0 bo-payment list --no-header -f status,kind,unallocated
	[ "$output" = bounced,receive,0.00 ]
	run -0 account assets:bank
	[ -z "$output" ] || [ "$output" = 0.00 ]
	run -3 bo-payment bounce PY1 bounced=today
	run -3 bo-payment allocate PY1 V1
	run -0 bo-audit check
}

@test "suppliers are paid, and what they are owed goes down" {
	books
	bo-bill add -q supplier=TEA number=1 : description=tea price=200
	bo-bill post -q B1
	bo-payment pay -q supplier=TEA amount=150 reference=1
	run -0 bo-bill list --no-header -f id,open
	[ "$output" = B1,50.00 ]
	run -0 account liabilities:payable
	[ "$output" = -50.00 ]
	run -0 account assets:bank
	[ "$output" = -150.00 ]
	run -3 bo-payment receive supplier=TEA amount=5
	[[ $output == *'comes back from a supplier by refund'* ]]
	run -0 bo-audit check
}

@test "a bill is named by its number with that supplier, however either writes it" {
	books
	bo-supplier add -q code=MUG name=mugs
	bo-bill add -q supplier=MUG number=17 : description=mugs price=30
	bo-bill add -q supplier=TEA number=16 : description=tea price=20
	bo-bill add -q supplier=TEA number=17 : description=tea price=20
	bo-bill add -q supplier=TEA number='RE-2026/8 b' : description=tea price=7
	bo-bill post -q B1 B2 B3 B4
	bo-payment pay -q supplier=TEA amount=20 reference=17
	bo-payment pay -q supplier=TEA amount=7 text='re2026/8b'
	run -0 bo-bill list --no-header -f id,open
	[ "$output" = "B1,30.00
B2,20.00
B3,0.00
B4,0.00" ]
	bo-payment pay -q supplier=MUG amount=10 reference='#, 16 - 17'
	run -0 bo-bill list --no-header -f id,open -w 'supplier = MUG'
	[ "$output" = B1,20.00 ]
	bo-bill add -q supplier=TEA number='RE 9' : description=tea price=9
	bo-bill post -q B5
	bo-payment pay -q supplier=TEA amount=9 reference='RE 9'
	run -0 bo-bill list --no-header -f id -w 'open = 0'
	[ "$output" = "B3
B4
B5" ]
}

@test "a credit note is paid out by a refund" {
	books
	bo-invoice add -q customer=ACME kind=credit : description=goodwill qty=-1 price=30
	bo-invoice issue -q V1
	bo-payment refund -q customer=ACME amount=30 : invoice=V1
	run -0 bo-invoice list --no-header -f open
	[ "$output" = 0.00 ]
	run -0 account assets:bank
	[ "$output" = -30.00 ]
	run -0 account assets:receivable
	[ -z "$output" ] || [ "$output" = 0.00 ]
	run -0 bo-audit check
}

@test "documents settle each other without money, when it comes to nothing" {
	books
	invoice ACME 100
	bo-invoice add -q customer=ACME kind=credit : description=goodwill qty=-1 price=30
	bo-invoice issue -q V2
	run -3 bo-payment settle customer=ACME : invoice=V1 amount=30 : invoice=V2 amount=-20
	[[ $output == *'does not come to nothing'* ]]
	bo-payment settle -q customer=ACME : invoice=V1 amount=30 : invoice=V2 amount=-30
	run -0 open_of
	[ "$output" = "V1,70.00
V2,0.00" ]
	run -0 bo-audit check
}

@test "a few cents less or more settle it where the company says so" {
	books
	bo-config set -q tolerance=0.05
	invoice ACME 100
	invoice ACME 100
	invoice ACME 100
	bo-payment receive -q customer=ACME amount=99.97
	bo-payment receive -q customer=ACME amount=100.04
	bo-payment receive -q customer=ACME amount=99.90
	bo-payment allocate -q PY1 V1
	bo-payment allocate -q PY2 V2
	bo-payment allocate -q PY3 V3
	run -0 open_of
	[ "$output" = "V1,0.00
V2,0.00
V3,0.10" ]
	run -0 account expense:rounding
	[ "$output" = -0.01 ]
	run -0 bo-audit check
}

@test "what is deducted says why, and is posted where that belongs" {
	books
	invoice ACME 100
	run -3 bo-payment receive customer=ACME amount=90 : invoice=V1 amount=90 deduction=10
	[[ $output == *'why is it deducted'* ]]
	bo-payment receive -q customer=ACME amount=90 : invoice=V1 amount=90 deduction=10 reason=withholding
	run -0 open_of
	[ "$output" = V1,0.00 ]
	run -0 account assets:withheld
	[ "$output" = 10.00 ]
	run -0 bo-audit check
}

@test "money of another currency makes a gain or a loss when it settles what was worth something else" {
	books
	bo-account set -q assets:bank currency=EUR
	invoice ACME 100 currency=USD rate=0.90
	bo-payment receive -q customer=ACME amount=100 currency=USD rate=0.92 : invoice=V1
	run -0 account assets:bank
	[ "$output" = 92.00 ]
	run -0 account income:fx
	[ "$output" = -2.00 ]
	run -0 account equity:conversion
	[ -z "$output" ] || [ "$output" = 0.00 ] || [ "$output" = "0.00
0.00" ]
	run -0 bo-audit check
}

@test "what is open depends on the day, and on what was known" {
	books
	bo-invoice add -q customer=ACME date=2026-01-10 : description=goods price=100
	bo-invoice issue -q V1
	tx=$(bo-audit log -o csv --no-header -f tx | tail -1)
	bo-payment receive -q customer=ACME amount=40 date=2026-02-10 : invoice=V1
	run -0 bo-invoice list --no-header -f open --on 2026-02-09
	[ "$output" = 100.00 ]
	run -0 bo-invoice list --no-header -f open --on 2026-02-10
	[ "$output" = 60.00 ]
	run -0 bo-invoice list --no-header -f open --on 2026-01-09
	[ "$output" = 0.00 ]
	run -0 bo-invoice list --no-header -f open --as-of "$tx"
	[ "$output" = 100.00 ]
}

@test "payments come from a file, and bad ones go aside" {
	books
	invoice ACME 100
	invoice BETA 50
	run -0 --separate-stderr bo-payment receive --group reference --rejects bad.csv --no-header -f id,unallocated - <<-'END'
	reference,customer,amount,allocation.invoice
	a,ACME,100,V1
	b,BETA,60,V2
	c,ACME,10,V1
	d,NOBODY,5,
	END
	[ "$output" = "PY1,0.00
PY2,10.00" ]
	[ "$(wc -l <bad.csv)" = 3 ]
	run -0 bo-audit check
}

@test "an early discount is taken in time, with the tax in it or without" {
	books
	for mode in reduced untouched always; do
		bo-invoice add -q customer=ACME date=2026-03-01 discount_rate=2 discount_days=10d discount_tax=$mode \
		    : description=goods price=100 tax_rate=20
	done
	bo-invoice list -w 'status = draft' | bo-invoice issue -q -
	run -0 bo-invoice list --no-header -f total
	[ "$output" = "120.00
120.00
119.60" ]
	# 2 % of 120; 2 % of 100; and what was reckoned with the discount from the start.
	bo-payment receive -q customer=ACME date=2026-03-11 amount=117.60
	bo-payment receive -q customer=ACME date=2026-03-11 amount=118.00
	bo-payment receive -q customer=ACME date=2026-03-11 amount=117.60
	bo-payment allocate -q PY1 V1
	bo-payment allocate -q PY2 V2
	bo-payment allocate -q PY3 V3
	run -0 open_of
	[ "$output" = "V1,0.00
V2,0.00
V3,0.00" ]
	run -0 bo-record -t allocation list --no-header -f amount,deduction,tax,reason
	[ "$output" = "117.60,2.40,0.40,discount
118.00,2.00,,discount
117.60,2.00,,discount" ]
	run -0 account expense:discount
	[ "$output" = 6.00 ]
	run -0 account liabilities:vat:output
	[ "$output" = -59.20 ]
	run -0 bo-audit check
}

@test "who pays too late gets no discount" {
	books
	invoice ACME 100 date=2026-03-01 discount_rate=2 discount_days=10d
	bo-payment receive -q customer=ACME date=2026-03-12 amount=98
	bo-payment allocate -q PY1 V1
	run -0 open_of
	[ "$output" = V1,2.00 ]
}

@test "tax that the customer keeps back is deducted when the rest is paid" {
	books
	invoice ACME 1000 withholding=10
	bo-payment receive -q customer=ACME amount=900
	bo-payment allocate -q PY1 V1
	run -0 open_of
	[ "$output" = V1,0.00 ]
	run -0 account assets:withheld
	[ "$output" = 100.00 ]
	run -0 bo-audit check
}

@test "checks find books that are not what is open, and what is settled too often" {
	books
	invoice ACME 100
	run -0 bo-audit check settlement
	bo-ledger enter -q text=wrong : account=assets:receivable amount=7 : account=income:other amount=-7
	run -1 bo-audit check settlement
	[[ $output == *'comes to 107 EUR, and what is open less what is on account to 100'* ]]
	# On a day before that all is well.
	run -0 bo-audit check settlement --on 2026-01-01
}

@test "at any day and transaction receivables are what is open less what is on account" {
	local n day tx
	books
	for n in 1 2 3 4 5 6; do
		invoice ACME $((n * 100)) date=2026-0$n-15 due=2026-1$((n % 3))-01
	done
	for n in 1 2 3 4; do
		bo-payment receive -q customer=ACME date=2026-0$((n + 2))-20 amount=$((n * 130))
	done
	bo-payment list -w 'unallocated > 0' | bo-payment allocate -q --date 2026-07-20 -
	bo-payment unallocate -q PY2 --date 2026-08-01
	bo-payment bounce -q PY3 bounced=2026-08-15
	bo-invoice credit V6 -q --issue
	for day in 2026-01-31 2026-03-31 2026-05-20 2026-07-31 2026-08-01 2026-08-31 2026-11-01; do
		run -0 bo-audit check settlement --on $day
	done
	for tx in $(bo-audit log --no-header -f tx); do
		run -0 bo-audit check settlement --as-of "$tx"
	done
}

@test "what a payment put into the books is taken back by bouncing, not by reversing" {
	books
	bo-payment receive -q customer=ACME amount=100
	run -3 bo-ledger reverse E1
	[[ $output == *'E1 is what PY1 put into the books'* ]]
}

@test "checks find what should be in the books and is not" {
	books
	invoice ACME 100
	bo-payment receive -q customer=ACME amount=100
	run -0 bo-audit check events
	# For a while nobody keeps books.
	bo-account set -q assets:receivable use=
	invoice ACME 50
	bo-payment receive -q customer=ACME amount=20
	bo-account set -q assets:receivable use=receivable
	invoice ACME 70
	run -1 bo-audit check events --no-header -f table,id,finding
	[ "$output" = "invoice,V2,is not in the books
payment,PY2,is not in the books" ]
	run -1 bo-audit check settlement
}

@test "one that was noted by mistake is void, as if it had never been" {
	books
	invoice ACME 100 date=2026-03-01
	bo-payment receive -q customer=ACME amount=100 date=2026-03-05 : invoice=V1
	run -0 bo-payment void PY1 -m 'twice' --no-header -f status,unallocated
	[ "$output" = void,0.00 ]
	for day in 2026-03-04 2026-03-05 2026-03-31; do
		run -0 bo-invoice list --on $day --no-header -f open
		[ "$output" = 100.00 ]
		run -0 bo-ledger balance assets:bank --on $day --no-header -f balance
		[ -z "$output" ] || [ "$output" = 0.00 ]
		run -0 bo-audit check --on $day
	done
	run -3 bo-payment void PY1
	run -3 bo-payment bounce PY1
}

@test "what was taken back is free from that day on, and not before" {
	books
	invoice ACME 300 date=2026-02-01
	invoice ACME 200 date=2026-03-06
	bo-payment receive -q customer=ACME amount=300 date=2026-02-10 : invoice=V1
	bo-payment unallocate -q PY1 --date 2026-03-31
	run -3 bo-payment allocate PY1 V2 --date 2026-03-10
	[[ $output == *'before 2026-03-31, from when on there is something to settle'* ]]
	bo-payment allocate -q PY1 V2 --date 2026-04-02
	run -0 bo-payment list --no-header -f unallocated --on 2026-03-15
	[ "$output" = 0.00 ]
	run -0 bo-payment list --no-header -f unallocated --on 2026-04-01
	[ "$output" = 300.00 ]
	# Nor is it taken back before it was there.
	run -3 bo-payment unallocate PY1 --date 2026-04-01
	[[ $output == *'before 2026-04-02, from when on there is something to take back'* ]]
	# An invoice that was paid until the money came back is not paid again before that.
	bo-payment receive -q customer=ACME amount=300 date=2026-04-03 : invoice=V1
	bo-payment bounce -q PY2 bounced=2026-04-10
	bo-payment receive -q customer=ACME amount=300 date=2026-04-05 : invoice=V1
	run -0 bo-invoice list --no-header -f open --on 2026-04-06 -w 'id = V1'
	[ "$output" = 0.00 ]
	for day in 2026-03-15 2026-04-04 2026-04-06 2026-04-09 2026-04-10 2026-05-01; do
		run -0 bo-audit check settlement --on $day
	done
}

@test "what is allocated later counts from that day, and no closed month changes" {
	books
	invoice ACME 100 date=2026-02-01
	bo-payment receive -q customer=ACME amount=100 date=2026-02-10
	bo-period add -q code=2026-02
	bo-period close -q 2026-02 -m finished
	before=$(bo-ledger aged receivable --on 2026-02-28)
	bo-payment allocate -q PY1
	[ "$(bo-ledger aged receivable --on 2026-02-28)" = "$before" ]
	run -0 open_of
	[ "$output" = V1,0.00 ]
	bo-payment unallocate -q PY1
	run -3 bo-payment allocate PY1 --date 2026-02-20
	[[ $output == *'from when on there is something to settle'* ]]
	# Nor is anything allocated in a month that is closed: not without a reason, and after that never.
	invoice ACME 50 date=2026-03-01
	bo-payment receive -q customer=ACME amount=50 date=2026-03-02
	bo-period add -q code=2026-03
	bo-period close -q 2026-03 -m finished
	run -3 bo-payment allocate PY2 V2 --date 2026-03-05
	[[ $output == *'2026-03-05 is in 2026-03, which is closed: that wants a reason'* ]]
	bo-period lock -q 2026-03 -m finished
	run -3 bo-payment allocate PY2 V2 --date 2026-03-05 -m 'forgotten'
	[[ $output == *'closed for ever'* ]]
}

@test "a discount may be taken with the last of several payments in time" {
	books
	invoice ACME 1000 date=2026-03-01 discount_rate=2 discount_days=10d
	bo-payment receive -q customer=ACME date=2026-03-04 amount=500 : invoice=V1
	bo-payment receive -q customer=ACME date=2026-03-09 amount=480
	bo-payment allocate -q PY2
	run -0 open_of
	[ "$output" = V1,0.00 ]
	run -0 account expense:discount
	[ "$output" = 20.00 ]
}

@test "a discount that is taken a cent too much or too little is still one" {
	books
	bo-config set -q tolerance=0.05
	invoice ACME 100 date=2026-03-01 discount_rate=2 discount_days=10d
	invoice ACME 100 date=2026-03-01 discount_rate=2 discount_days=10d
	bo-payment receive -q customer=ACME date=2026-03-05 amount=97.99
	bo-payment receive -q customer=ACME date=2026-03-05 amount=98.03
	bo-payment allocate -q PY1 V1
	bo-payment allocate -q PY2 V2
	run -0 open_of
	[ "$output" = "V1,0.00
V2,0.00" ]
	run -0 account expense:discount
	[ "$output" = 4.00 ]
	run -0 account expense:rounding
	[ "$output" = -0.02 ]
	run -0 bo-payment list --no-header -f unallocated
	[ "$output" = "0.00
0.00" ]
	# What was paid too much is nothing to give back more for.
	bo-payment unallocate -q PY2
	run -0 bo-invoice credit V2 --issue --no-header -f total
	[ "$output" = -100.00 ]
	run -0 bo-audit check
}

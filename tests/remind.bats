#!/usr/bin/env bats
# bo-invoice remind: what is overdue, level by level, and what being late costs

load helper

# Three levels: friendly, with a fee and interest, the last.
office()
{
	store
	bo-config set currency=EUR timezone=UTC -q
	bo-ledger chart generic | bo-account add - -q
	bo-customer add code=ALI name='علی اینڈ سنز' -q
	bo-record -t reminder_level add - -q <<-'END'
		level,days,fee,interest,terms,text
		1,7,,,14d,یاد دہانی
		2,14,5.00,b2b,14d,Mahnung
		3,28,40.00,b2b,7d,last
	END
	bo-record -t interest_rate add - -q <<-'END'
		kind,date,rate
		b2b,2025-07-01,10.27
		b2b,2026-02-10,12.5
	END
}

# owed: an invoice of 1 January over 1200.00, due on the 11th; prints its id.
owed()
{
	local id

	id=$(bo-invoice add customer=ALI terms=10d date=2026-01-01 : description=work price=1000 tax_rate=20 -o ids)
	bo-invoice issue "$id" --on 2026-01-01 -o ids
}

due() # DAY
{
	bo-invoice remind --due --on "$1" --no-header -f invoice,level,open,fee,interest,due
}

# refused DAY ID TEXT: no reminder, since TEXT.
refused()
{
	run -3 bo-invoice remind "$2" --on "$1"
	[ "$output" = "bo-invoice: no reminder of $2: $3" ] || { echo "$output"; return 1; }
}

control()
{
	local owed open

	owed=$(bo-ledger balance assets:receivable --on "$1" --no-header -f balance)
	open=$(bo-invoice list --on "$1" --sum open --no-header | cut -d , -f 2)
	[ "$owed" = "$open" ] || { echo "control $owed, open $open"; return 1; }
}

@test "levels come one after the other, and nothing twice" {
	office
	owed >/dev/null
	[ -z "$(due 2026-01-17)" ]
	[ "$(due 2026-01-18)" = V1,1,1200.00,0.00,0.00,2026-02-01 ]
	[ -z "$(due 2026-01-18)" ]
	[ -z "$(due 2026-02-01)" ]
	[ "$(due 2026-02-02)" = V1,2,1200.00,5.00,7.43,2026-02-16 ]
	[ -z "$(due 2026-02-02)" ]
	[ -z "$(due 2026-02-16)" ]
	[[ "$(due 2026-02-17)" = V1,3,1200.00,40.00,* ]]
	[ -z "$(due 2026-12-31)" ]
	[ "$(bo-record -t reminder list --count --no-header)" -eq 3 ]
	control 2026-12-31
	run -0 bo-audit check
}

@test "a late first run begins with the first level all the same" {
	office
	owed >/dev/null
	[ "$(due 2026-06-01)" = V1,1,1200.00,0.00,0.00,2026-06-15 ]
	[ -z "$(due 2026-06-02)" ]
}

@test "fee and interest are a document of their own, in the books as dunning" {
	office
	owed >/dev/null
	due 2026-01-18 >/dev/null
	due 2026-02-02 >/dev/null
	run -0 bo-invoice list --no-header -w 'kind = charge' -f id,number,status,customer.code,reference,date,due,net,tax,total
	[ "$output" = V2,CHG-2026-000001,issued,ALI,INV-2026-000001,2026-02-02,2026-02-16,12.43,0.00,12.43 ]
	run -0 bo-record -t invoice_line list --no-header -w 'invoice = V2' -f description,amount
	[ "$output" = $'Reminder 2 of INV-2026-000001,5.00\n"Interest on INV-2026-000001, 2026-01-12 to 2026-02-02",7.43' ]
	[ "$(bo-ledger balance income:dunning --no-header -f balance)" = -12.43 ]
	[ "$(bo-record -t reminder list --no-header -w 'level = 2' -f charge.number)" = CHG-2026-000001 ]
	[ "$(bo-invoice list --no-header -w 'id = V1' -f total,due,open)" = 1200.00,2026-01-11,1200.00 ]
	control 2026-02-02
	tx=$(bo-record -t reminder list --no-header -w 'level = 2' -f tx)
	[ "$(bo-invoice list --no-header -w 'id = V2' -f tx)" = "$tx" ]
}

@test "interest is of the days since the last that was charged, by the rates and what was open then" {
	office
	owed >/dev/null
	due 2026-01-18 >/dev/null
	due 2026-02-02 >/dev/null
	bo-payment receive customer=ALI amount=600 date=2026-02-05 -q : invoice=V1
	# 2 days of 1200 at 10.27, 5 of 600 at 10.27, 11 of 600 at 12.5 percent
	wanted=$(echo 'scale=10; x=(1200*2*10.27+600*5*10.27+600*11*12.5)/36500; scale=2; (x+.005)/1' | bc)
	[ "$(due 2026-02-20)" = "V1,3,600.00,40.00,$wanted,2026-02-27" ]
	control 2026-02-20
}

@test "interest agrees with bc over many days, rates and payments" {
	command -v bc >/dev/null || skip 'no bc'
	office
	owed >/dev/null
	due 2026-01-18 >/dev/null
	for day in 13 17 21 29; do
		bo-payment receive customer=ALI amount=$day.$day date=2026-01-$day -q : invoice=V1
	done
	for rate in 2026-03-01:3.33 2026-05-05:0 2026-08-08:7.123456; do
		bo-record -t interest_rate add kind=b2b date="${rate%:*}" rate="${rate#*:}" -q
	done
	got=$(bo-invoice remind V1 --on 2026-11-11 --no-header -f interest)
	wanted=$(for ((i = 0; i < 304; i++)); do date -ud "2026-01-12 +$i day" +%F; done | awk '
	    BEGIN { open = 120000; paid["2026-01-13"] = 1313; paid["2026-01-17"] = 1717
		paid["2026-01-21"] = 2121; paid["2026-01-29"] = 2929; rate = 10270000
		new["2026-02-10"] = 12500000; new["2026-03-01"] = 3330000; new["2026-05-05"] = "0"
		new["2026-08-08"] = 7123456; print "s=0" }
	    { open -= paid[$1]; if (new[$1] != "") rate = new[$1]; printf "s+=%d*%d\n", open, rate }
	    END { print "s=(s*2/36500000000+1)/2;scale=2;s/100" }' | bc)
	[ "$got" = "$wanted" ] || { echo "$got, not $wanted"; return 1; }
}

@test "a day without a rate is refused, not taken for none" {
	office
	bo-record -t interest_rate archive IR1 -q
	owed >/dev/null
	due 2026-01-18 >/dev/null
	run -3 due 2026-02-02
	[[ $output == *'interest: no interest rate of kind "b2b" on 2026-01-12'* ]]
	[ "$(bo-invoice list --count --no-header -w 'kind = charge')" -eq 0 ]
}

@test "nobody is reminded of what is disputed, paid, not due, a credit note or a charge" {
	office
	owed >/dev/null
	refused 2026-01-11 V1 'it is not overdue'
	refused 2026-01-17 V1 'its next level comes later'
	bo-invoice dispute V1 -q
	refused 2026-01-18 V1 'it is disputed'
	[ -z "$(due 2026-01-18)" ]
	bo-invoice settle V1 -q
	due 2026-01-18 >/dev/null
	refused 2026-01-20 V1 'the time to pay that its last reminder gave is not over'
	due 2026-02-02 >/dev/null
	refused 2026-06-01 V2 'it is a charge for a reminder itself'
	bo-invoice add customer=ALI kind=credit corrects=V1 date=2026-02-02 -q : description=x price=1 qty=-1 tax_rate=20
	bo-invoice issue V3 --on 2026-02-02 -q
	refused 2026-06-01 V3 'it is a credit note'
	bo-invoice add customer=ALI -q : description=x price=1
	refused 2026-06-01 V4 'it is not issued'
	bo-payment receive customer=ALI amount=1200 date=2026-02-10 -q : invoice=V1
	refused 2026-06-01 V1 'nothing of it is open'
	[ -z "$(due 2026-06-01)" ]
}

@test "ten runs at a time remind once" {
	office
	for _ in 1 2 3 4 5; do owed >/dev/null; done
	due 2026-01-18 >/dev/null
	for _ in {1..10}; do bo-invoice remind --due --on 2026-02-02 -q & done
	wait
	[ "$(bo-record -t reminder list --count --no-header -w 'level = 2')" -eq 5 ]
	[ "$(bo-invoice list --count --no-header -w 'kind = charge')" -eq 5 ]
	control 2026-02-02
	run -0 bo-audit check
}

@test "all or nothing: one that can't be reminded refuses those named with it" {
	office
	owed >/dev/null
	owed >/dev/null
	bo-invoice dispute V2 -q
	run -3 bo-invoice remind V1 V2 --on 2026-01-18
	[ "$(bo-record -t reminder list --count --no-header)" -eq 0 ]
	run -1 bo-invoice remind V1 V7 --on 2026-01-18
	run -2 bo-invoice remind
	[[ $output == *'which? an id is missing (or --due, for all whose time it is)'* ]]
	run -2 bo-invoice remind V1 --due
	run -0 bo-invoice remind INV-2026-000001 --on 2026-01-18 --no-header -f id,invoice.number,text
	[ "$output" = 'RM1,INV-2026-000001,یاد دہانی' ]
}

@test "a charge is credited by itself, and that is less dunning" {
	office
	owed >/dev/null
	due 2026-01-18 >/dev/null
	due 2026-02-02 >/dev/null
	bo-invoice add customer=ALI kind=credit corrects=V2 date=2026-02-03 -q : description=goodwill price=12.43 qty=-1 tax_rate=0
	bo-invoice issue V3 --on 2026-02-03 -q
	[ "$(bo-ledger balance income:dunning --no-header -f balance)" = 0.00 ]
	[ "$(bo-ledger balance income:sales --no-header -f balance)" = -1000.00 ]
	control 2026-02-03
}

@test "a fee is for invoices in its currency, yen have no decimals" {
	office
	bo-rate add currency=JPY date=2026-01-01 rate=0.006 -q
	bo-invoice add customer=ALI currency=JPY date=2026-01-01 terms=10d -q : description=x price=100000
	bo-invoice issue V1 --on 2026-01-01 -q
	due 2026-01-18 >/dev/null
	# 100000 x 10.27 % x 22 / 365 = 619.01
	[ "$(due 2026-02-02)" = V1,2,100000,0,619,2026-02-16 ]
	# The level's text tells of its fee: it is not for who is not charged that.
	run -0 bo-record -t reminder list -w 'level = 2' -f fee,text --no-header
	[ "$output" = 0, ]
	run -0 bo-audit check
}

@test "without levels nobody is reminded" {
	office
	bo-record -t reminder_level list -o ids | bo-record -t reminder_level archive - -q
	owed >/dev/null
	[ -z "$(due 2026-06-01)" ]
	refused 2026-06-01 V1 'it was reminded of at every level there is'
}

@test "levels and rates that make no sense are refused" {
	office
	run -3 bo-record -t reminder_level add level=0 days=1
	[[ $output == *'level: less than 1'* ]]
	run -3 bo-record -t reminder_level add level=4 days=-1
	run -3 bo-record -t reminder_level add level=4 days=1 fee=-1
	run -3 bo-record -t reminder_level add level=4 days=1 terms=0d
	run -3 bo-record -t reminder_level add level=3 days=1
	run -3 bo-record -t interest_rate add kind=b2b date=2025-07-01 rate=1
	[[ $output == *'is taken by IR1'* ]]
	run -3 bo-record -t interest_rate add kind=b2b date=2027-07-01 rate=-1
}

@test "a reminder may be added as a record: the rules are the same" {
	office
	owed >/dev/null
	run -3 bo-record -t reminder add invoice=V1 --on 2026-01-17
	run -0 bo-record -t reminder add invoice=V1 --on 2026-01-18 --no-header -f level,due
	[ "$output" = 1,2026-02-01 ]
	run -3 bo-record -t reminder add invoice=V1 date=2026-01-19 --on 2026-01-18
	[[ $output == *'date: is yet to come'* ]]
	run -3 bo-record -t reminder set RM1 level=2
	run -3 bo-record -t reminder set RM1 date=2026-01-17
}

@test "a plan of reminders can be looked at, and applied" {
	office
	owed >/dev/null
	due 2026-01-18 >/dev/null
	bo-invoice remind --due --on 2026-02-02 -n >plan.csv
	[ "$(bo-record -t reminder list --count --no-header)" -eq 1 ]
	bo-apply --on 2026-02-02 -q <plan.csv
	[ "$(bo-record -t reminder list --no-header -w 'level = 2' -f open,fee,interest)" = 1200.00,5.00,7.43 ]
	[ "$(bo-invoice list --count --no-header -w 'kind = charge')" -eq 1 ]
	control 2026-02-02
}

@test "the levels and rates that come with bo can be used as they are" {
	store
	bo-config set currency=EUR -q
	bo-customer add code=ALI name=a -q
	bo-record -t interest_rate add -q - <"$ROOT/share/dunning/interest-de.csv"
	for levels in eu plain; do
		bo-record -t reminder_level put --match level -q - <"$ROOT/share/dunning/$levels.csv"
		[ "$(bo-record -t reminder_level list --count --no-header)" -eq 3 ]
	done
	bo-record -t reminder_level put --match level -q - <"$ROOT/share/dunning/eu.csv"
	owed >/dev/null
	due 2026-01-18 >/dev/null
	# 1200 x 10.27 % x 22 / 365
	[ "$(due 2026-02-02)" = V1,2,1200.00,40.00,7.43,2026-02-16 ]
}

@test "the rates that come with bo end where the manual says" {
	last=$(cut -d, -f2 "$ROOT/share/dunning/interest-de.csv" | sed 1d | sort | tail -n 1)
	grep -qF "ends with the rates of $last" "$ROOT/share/man/man1/bo-invoice.1"
}

@test "nothing is withheld of a charge" {
	office
	bo-customer set ALI withholding=10 -q
	owed >/dev/null
	due 2026-01-18 >/dev/null
	due 2026-02-02 >/dev/null
	[ "$(bo-invoice list --no-header -w 'kind = charge' -f payable,withheld,open)" = 12.43,0.00,12.43 ]
	run -0 bo-audit check
}

@test "a customer who was erased is not reminded, and does not stop the others" {
	office
	owed >/dev/null
	bo-customer add code=BOB name=Bob -q
	bo-invoice add customer=BOB terms=10d date=2026-01-01 -q : description=work price=10
	bo-invoice issue V2 --on 2026-01-01 -q
	bo-customer erase ALI --force -q -m 'asked for it'
	[ "$(due 2026-01-18)" = V2,1,10.00,0.00,0.00,2026-02-01 ]
	refused 2026-02-02 V1 'its customer was erased'
}

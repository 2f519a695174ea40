#!/usr/bin/env bats
# bo-invoice statement: what a customer owed, was billed and paid

load helper

office()
{
	store
	bo-config set currency=EUR timezone=UTC -q
	bo-ledger chart generic | bo-account add - -q
	bo-rate add currency=JPY date=2026-01-01 rate=0.006 -q
	bo-customer add code=ALI name='علی اینڈ سنز' terms=10d -q
	bo-customer add code=BOB name=Bob -q
}

# bill CUSTOMER DATE PRICE WORDS...: an issued invoice.
bill()
{
	local id

	id=$(bo-invoice add customer="$1" date="$2" "${@:4}" : description=x price="$3" -o ids)
	bo-invoice issue "$id" -q
}

# agrees CUSTOMER DAY: the closing lines are what the ledger has for the customer.
agrees()
{
	local id

	id=$(bo-customer list --no-header -f id -w "code = $1")
	diff <(bo-invoice statement "$1" --on "$2" --no-header -f currency,balance -s currency,date |
	    awk -F, '{ last[$1] = $2 } END { for (c in last) if (last[c] + 0 != 0) print c "," last[c] }' | sort) \
	    <(bo-record -t posting list --no-header -f currency,amount \
		-w "account.use = receivable and '$id' in tags and date <= $2" |
		awk -F, '{ sum[$1] += $2 } END { for (c in sum) if (sum[c] != 0) printf "%s,%." (c == "JPY" ? 0 : 2) "f\n", c, sum[c] }' | sort)
}

@test "documents and payments in the order of days, and what they leave" {
	office
	bill ALI 2026-01-05 100
	bill BOB 2026-01-06 999
	bo-payment receive customer=ALI amount=60 date=2026-01-20 -q
	bill ALI 2026-01-20 50 reference=PO
	run -0 bo-invoice statement ALI --on 2026-01-31
	[ "$output" = "date,kind,document,due,currency,amount,balance
2026-01-05,opening,,,EUR,,0.00
2026-01-05,invoice,INV-2026-000001,2026-01-15,EUR,100.00,100.00
2026-01-20,invoice,INV-2026-000003,2026-01-30,EUR,50.00,150.00
2026-01-20,payment,PY1,,EUR,-60.00,90.00
2026-01-31,closing,,,EUR,,90.00" ]
	agrees ALI 2026-01-31
}

@test "what was before the first day is its opening balance" {
	office
	bill ALI 2026-01-05 100
	bo-payment receive customer=ALI amount=60 date=2026-01-20 -q
	run -0 bo-invoice statement ALI --from 2026-01-10 --on 2026-01-31 --no-header
	[ "$output" = "2026-01-10,opening,,,EUR,,100.00
2026-01-20,payment,PY1,,EUR,-60.00,40.00
2026-01-31,closing,,,EUR,,40.00" ]
	run -0 bo-invoice statement ALI --from 2026-02-01 --on 2026-02-28 --no-header
	[ "$output" = "2026-02-01,opening,,,EUR,,40.00
2026-02-28,closing,,,EUR,,40.00" ]
	run -0 bo-invoice statement ALI --on 2026-01-04 --no-header
	[ -z "$output" ]
}

@test "each currency by itself" {
	office
	bill ALI 2026-01-05 100
	bill ALI 2026-01-06 5000 currency=JPY
	bo-payment receive customer=ALI currency=JPY amount=2000 date=2026-01-20 -q
	run -0 bo-invoice statement ALI --on 2026-01-31 --no-header -f date,kind,currency,amount,balance
	[ "$output" = "2026-01-05,opening,EUR,,0.00
2026-01-05,invoice,EUR,100.00,100.00
2026-01-31,closing,EUR,,100.00
2026-01-06,opening,JPY,,0
2026-01-06,invoice,JPY,5000,5000
2026-01-20,payment,JPY,-2000,3000
2026-01-31,closing,JPY,,3000" ]
	agrees ALI 2026-01-31
}

@test "credit notes, deductions, refunds, charges and what bounced: it is what the ledger says, on every day" {
	office
	bo-record -t reminder_level add level=1 days=7 fee=5.00 -q
	bill ALI 2026-01-05 100
	bill ALI 2026-01-06 200
	bill ALI 2026-01-07 300
	bill ALI 2026-01-08 400
	id=$(bo-invoice add customer=ALI kind=credit corrects=V1 date=2026-01-09 : description=x price=30 qty=-1 -o ids)
	bo-invoice issue "$id" -q
	bo-payment receive customer=ALI amount=70 date=2026-01-10 -q : invoice=V1
	bo-payment bounce PY2 bounced=2026-01-12 -q
	bo-payment receive customer=ALI amount=190 date=2026-01-13 -q : invoice=V2 amount=190 deduction=10 reason=discount
	bo-payment receive customer=ALI amount=77 date=2026-01-14 -q
	bo-payment refund customer=ALI amount=7 date=2026-01-15 -q
	bo-invoice write-off V3 --on 2026-01-16 -m 'gone' -q
	bo-invoice remind V4 --on 2026-01-25 -q
	for day in {05..31}; do
		agrees ALI "2026-01-$day" || { echo "on 2026-01-$day"; return 1; }
	done
	run -0 bo-invoice statement ALI --on 2026-01-31 --no-header -f date,kind,document,amount,balance
	[ "$output" = "2026-01-05,opening,,,0.00
2026-01-05,invoice,INV-2026-000001,100.00,100.00
2026-01-06,invoice,INV-2026-000002,200.00,300.00
2026-01-07,invoice,INV-2026-000003,300.00,600.00
2026-01-08,invoice,INV-2026-000004,400.00,1000.00
2026-01-09,credit,CN-2026-000001,-30.00,970.00
2026-01-10,payment,PY2,-70.00,900.00
2026-01-12,bounced,PY2,70.00,970.00
2026-01-13,payment,PY3,-190.00,780.00
2026-01-13,discount,INV-2026-000002,-10.00,770.00
2026-01-14,payment,PY4,-77.00,693.00
2026-01-15,refund,PY5,7.00,700.00
2026-01-16,write-off,INV-2026-000003,-300.00,400.00
2026-01-25,charge,CHG-2026-000001,5.00,405.00
2026-01-31,closing,,,405.00" ]
	run -0 bo-audit check
}

@test "what is rounded to a coin is owed as rounded" {
	office
	bill ALI 2026-01-05 10.02 cash_rounding=0.05
	run -0 bo-invoice statement ALI --on 2026-01-31 --no-header -f kind,amount,balance
	[ "${lines[1]}" = invoice,10.00,10.00 ]
	agrees ALI 2026-01-31
}

@test "drafts and what is void are nobody's business" {
	office
	bo-invoice add customer=ALI date=2026-01-05 -q : description=x price=1
	bo-invoice add customer=ALI date=2026-01-05 -q : description=x price=1
	bo-invoice void V2 -q
	run -0 bo-invoice statement ALI --no-header
	[ -z "$output" ]
	run -1 bo-invoice statement ALI -e
}

@test "one customer, who is there" {
	office
	run -1 bo-invoice statement NOBODY
	[[ $output == *'no such customer: "NOBODY"'* ]]
	run -2 bo-invoice statement
	[[ $output == *'a customer'* ]]
	run -2 bo-invoice statement ALI BOB
	run -2 bo-invoice statement ALI --from soon
	[[ $output == *'--from: not a date: "soon"'* ]]
}

@test "as it was known then" {
	office
	bill ALI 2026-01-05 100
	tx=$(bo-audit head --no-header -f tx)
	bill ALI 2026-01-06 50
	run -0 bo-invoice statement ALI --as-of "$tx" --on 2026-01-31 --no-header -f kind,balance
	[ "${lines[-1]}" = closing,100.00 ]
}

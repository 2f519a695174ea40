#!/usr/bin/env bats
# bo-tax: rates of tax by country and day, and whether tax numbers can be right

load helper

@test "the rates that come with bo go in, and once more changes nothing" {
	store
	bo-tax rates | bo-tax put -q --match code -
	[ "$(bo-tax list --count --no-header)" -gt 100 ]
	before=$(wc -c <store/tax_rate.csv)
	bo-tax rates | bo-tax put -q --match code -
	[ "$(wc -c <store/tax_rate.csv)" -eq "$before" ]
	[ "$(bo-tax list --no-header -f rate -w 'country = DE and class = standard and from = 2020-07-01')" = 16 ]
}

@test "rates: of one country, by code or by name, and none of what is no country" {
	run -0 bo-tax rates CH
	[ "${lines[0]}" = code,country,class,rate,from ]
	[ "${#lines[@]}" -eq 7 ]
	[[ $output == *CH-standard-2024-01-01,CH,standard,8.1,2024-01-01* ]]
	[ "$(bo-tax rates Switzerland)" = "$output" ]
	run -1 bo-tax rates US
	run -2 bo-tax rates Narnia
	[[ $output == *'not a country: "Narnia"'* ]]
	run -2 bo-tax rates DE FR
}

@test "every country of the European Union has a standard rate" {
	for country in AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK; do
		bo-tax rates $country | grep -q ",$country,standard,"
	done
}

@test "a rate: its code follows from country, class and day, which are taken once" {
	store
	run -0 bo-tax add --no-header -f code country=de class=reduced rate=7 from=2021-01-01
	[ "$output" = DE-reduced-2021-01-01 ]
	run -3 bo-tax add country=DE class=reduced rate=8 from=2021-01-01
	[[ $output == *'is taken by TR1'* ]]
	run -3 bo-tax add code=mine country=DE class=reduced rate=8 from=2022-01-01
	[[ $output == *'code: country, class and day make it DE-reduced-2022-01-01'* ]]
	run -3 bo-tax set TR1 from=2022-01-01
	run -0 bo-tax set TR1 rate=7.5 -f rate --no-header
	[ "$output" = 7.5 ]
}

@test "a rate is between 0 and 100 percent, and its class is a word" {
	store
	run -3 bo-tax add country=DE class=Standard rate=101 from=2021-01-01
	[[ $output == *'class: not a word of small letters'* && $output == *'rate: not between 0 and 100'* ]]
	run -3 bo-tax add country=DE class=fr:standard rate=1 from=2021-01-01
	run -3 bo-tax add country=DE class=standard rate=-1 from=2021-01-01
	run -0 bo-tax add -q country=DE class=zero rate=0 from=2021-01-01
}

@test "check: yes, no and unknown; 1 when one is wrong" {
	run -0 bo-tax check 'ATU 1358 5627' 'CHE-107.787.577 MWST' 27AAPFU0939F1ZV 12-3456789 --no-header
	[ "${lines[0]}" = 'ATU13585627,yes,VAT number of Austria' ]
	[ "${lines[1]}" = 'CHE107787577MWST,yes,VAT number (UID) of Switzerland' ]
	[ "${lines[2]}" = '27AAPFU0939F1ZV,yes,GSTIN of India' ]
	[ "${lines[3]}" = 123456789,unknown, ]
	run -1 bo-tax check DE136695976 DE136695977 GB12 '' '?'
	[ "${#lines[@]}" -eq 6 ]
	[[ ${lines[2]} == DE136695977,no,*mistyped* ]]
	[[ ${lines[3]} == GB12,no,*'such as GB980780684'* ]]
	[[ ${lines[4]} == ,no,* && ${lines[5]} == '?,no,'* ]]
	run -2 bo-tax check
}

@test "a wrong tax number is refused wherever one is entered, a foreign one is taken" {
	store
	run -3 bo-customer add name=Typo taxid=DE136695977
	[[ $output == *'taxid: mistyped: the check digit of a VAT number of Germany does not hold: "DE136695977"'* ]]
	run -3 bo-config set taxid=FR40303265046
	run -0 bo-supplier add --no-header -f taxid name=Taco taxid=DEL850101AB1
	[ "$output" = DEL850101AB1 ]
	bo-customer add -q name=Right taxid='de 136.695.976'
	bo-customer add -q name=Elsewhere taxid=1234567-8
}

@test "a list of tax numbers that can't be read is said so, and refuses" {
	cp -r "$ROOT/share" share
	export BO_SHARE=$PWD/share
	store
	echo 'DE,###,magic,,x,y' >>share/codes/taxid.csv
	run -3 bo-customer add name=x taxid=DE136695976
	[[ $output == *'taxid.csv:50: not a kind of tax number'* ]]
	run -4 bo-tax check DE136695976
	[[ $output == *'not a kind of tax number'* ]]
	rm share/tax/rates.csv
	run -4 bo-tax rates
}

# --- returns ---------------------------------------------------------------------------

# A company with books; documents of January: tax 19.00 + 0.70 on sales, 9.50 on purchases.
january() # [FIELD=VALUE...]
{
	store
	bo-config set -q name=Kestrel "$@"
	bo-ledger chart generic | bo-account put -q --match code -
	bo-customer add -q code=H name=Home
	bo-supplier add -q code=S name=Supplier
	bo-invoice add -q customer=H date=2026-01-10 : description=a price=100 tax_rate=19
	bo-invoice add -q customer=H date=2026-01-31 : description=a price=10 tax_rate=7 : description=b price=5 category=E exemption=books
	bo-invoice add -q customer=H date=2026-02-01 : description=a price=1000 tax_rate=19
	bo-bill add -q supplier=S number=1 date=2026-01-12 : description=a price=50 tax_rate=19
	bo-invoice issue -q V1
	bo-invoice issue -q V2
	bo-invoice issue -q V3
	bo-bill post -q B1
}

# The boxes that are not 0, as BOX=AMOUNT.
boxes() # PERIOD [OPTION...]
{
	bo-tax return --no-header -f box,amount "$@" | grep -v ',0.00$' | tr ',\n' '= '
}

# What the accounts for tax come to.
in_accounts()
{
	bo-ledger balance --no-header -f balance assets:vat:input liabilities:vat:due liabilities:vat:output | tr '\n' ' '
}

@test "a return tells of what stands in its period, and writes nothing" {
	january country=DE
	before=$(wc -c <store/audit.csv)
	[ "$(boxes 2026-01)" = 'sales=110.00 sales-tax=19.70 exempt=5.00 purchases=50.00 purchases-tax=9.50 due=10.20 ' ]
	[ "$(boxes 2026-Q1)" = 'sales=1110.00 sales-tax=209.70 exempt=5.00 purchases=50.00 purchases-tax=9.50 due=200.20 ' ]
	run -0 bo-tax return 2026-01 --documents --no-header
	[ "$output" = "$(printf '%s\n' invoice,V1,2026-01-10,false,100.00,19.00 invoice,V2,2026-01-31,false,15.00,0.70 \
	    bill,B1,2026-01-12,false,50.00,9.50)" ]
	[ "$(wc -c <store/audit.csv)" -eq "$before" ]
	run -2 bo-tax return 2026-Q5
	[[ $output == *'not a month'* ]]
	run -2 bo-tax return
	run -1 bo-tax return 2026-01 --form xx-vat
	[[ $output == *'no such form: "xx-vat"'* ]]
}

@test "filing keeps the boxes and moves the tax to what is due, once" {
	january country=DE
	run -0 bo-tax file 2026-01 --no-header -f box,amount
	[[ $output == *due,10.20 ]]
	[ "$(in_accounts)" = '0.00 -10.20 -190.00 ' ]
	[ "$(bo-record -t tax_return list --no-header -f code,form,first,last,output,input,due,late)" = \
	    2026-01,eu-vat,2026-01-01,2026-01-31,19.7,9.5,10.2,0 ]
	bo-audit check -q
	for period in 2026-01 2026-Q1 2026; do
		run -3 bo-tax file $period
		[[ $output == *'2026-01 was filed on'* ]]
	done
	run -3 bo-record -t tax_box set TXB1 amount=0
	run -3 bo-record -t tax_document archive TXD1
}

@test "what comes late is in the next return, and said to be late; what was filed stays as it was" {
	january country=DE
	bo-tax file -q 2026-01
	before=$(boxes 2026-01)
	bo-bill add -q supplier=S number=2 date=2026-01-20 : description=a price=10 tax_rate=19
	bo-bill post -q B2
	[ "$(boxes 2026-01)" = "$before" ]
	run -0 bo-tax return 2026-02 --documents --no-header
	[ "$output" = "$(printf '%s\n' invoice,V3,2026-02-01,false,1000.00,190.00 bill,B2,2026-01-20,true,10.00,1.90)" ]
	bo-tax file -q 2026-02
	[ "$(bo-record -t tax_return list --no-header -f late -w 'code = 2026-02')" = 1 ]
	[ "$(in_accounts)" = '0.00 -198.30 0.00 ' ]
	[ -z "$(boxes 2026-03)" ]
	bo-audit check -q
}

@test "a period is filed when it is over" {
	january country=DE
	run -3 bo-tax file "$(date +%Y-%m)"
	[[ $output == *'is not over yet'* ]]
}

@test "the same key files once" {
	january country=DE
	run -0 bo-tax file 2026-01 -k jan --no-header -f amount
	first=$output
	run -0 bo-tax file 2026-01 -k jan --no-header -f amount
	[ "$output" = "$first" ]
	[ "$(bo-record -t tax_return list --count --no-header)" = 1 ]
}

@test "United Kingdom: nine boxes, 6 to 9 in whole pounds, 5 without a sign" {
	january country=GB currency=GBP
	bo-invoice add -q customer=H date=2026-01-31 : description=a price=0.49 tax_rate=20
	bo-invoice issue -q V4 date=2026-02-01
	[ "$(boxes 2026-01)" = '1=19.70 3=19.70 4=9.50 5=10.20 6=115.00 7=50.00 ' ]
	[ "$(bo-tax return 2026-01..2026-02 --no-header -f box,amount | sed -n 6p)" = 6,1115.00 ]
	[ "$(bo-tax return 2026-01..2026-02 --no-header -f box | tr '\n' ' ')" = '1 2 3 4 5 6 7 8 9 ' ]
	bo-bill add -q supplier=S number=2 date=2026-01-20 : description=a price=100.5 tax_rate=20
	bo-bill post -q B2
	[ "$(boxes 2026-01)" = '1=19.70 3=19.70 4=29.60 5=9.90 6=115.00 7=151.00 ' ]
}

@test "India: central, state and integrated tax, and their credit" {
	january country=IN currency=INR region=Goa tax_scheme=vat
	bo-config set -q tax_scheme=gst
	bo-customer add -q code=GOA name=Goa country=IN region=Goa
	bo-customer add -q code=DL name=Delhi country=IN region=Delhi
	bo-supplier set -q S country=IN region=Goa
	bo-invoice add -q customer=GOA date=2026-02-02 : description=a price=100 tax_rate=18
	bo-invoice add -q customer=DL date=2026-02-03 : description=a price=200 tax_rate=18
	bo-bill add -q supplier=S number=2 date=2026-02-03 : description=a price=50 tax_rate=18
	bo-invoice issue -q V4
	bo-invoice issue -q V5
	bo-bill post -q B2
	[ "$(bo-tax return 2026-02 --no-header -f box,amount -s box | grep -v ',0.00' | tr ',\n' '= ')" = \
	    '3.1a=300.00 3.1a-cgst=9.00 3.1a-igst=36.00 3.1a-sgst=9.00 4a-cgst=4.50 4a-sgst=4.50 6-cgst=4.50 6-igst=36.00 6-sgst=4.50 ' ]
	bo-tax file -q 2026-02
	bo-audit check -q
}

@test "tax that a discount takes off a document is told of when it is taken" {
	january country=DE
	bo-tax file -q 2026-01
	bo-invoice add -q customer=H date=2026-02-02 discount_rate=2 discount_days=10d discount_tax=reduced : description=a price=100 tax_rate=19
	bo-invoice issue -q V4
	bo-payment receive -q customer=H amount=116.62 date=2026-02-05 reference="$(bo-invoice list --no-header -f number -w 'id = V4')"
	[ "$(bo-record -t allocation list --no-header -f deduction,tax)" = 2.38,0.38 ]
	[ "$(boxes 2026-02)" = 'sales=1098.00 sales-tax=208.62 due=208.62 ' ]
	bo-tax return 2026-02 --documents --no-header | grep -qx 'allocation,AL1,2026-02-05,false,-2.00,-0.38'
	bo-tax file -q 2026-02
	[ "$(in_accounts)" = '0.00 -218.82 0.00 ' ]
	bo-audit check -q
}

@test "tax of documents in other currencies is told in that of the books" {
	january country=DE
	bo-rate add -q currency=USD date=2026-01-01 rate=0.9123
	bo-invoice add -q customer=H currency=USD date=2026-02-02 : description=a price=33.33 tax_rate=19
	bo-invoice issue -q V4
	[ "$(boxes 2026-02)" = 'sales=1140.41 sales-tax=215.47 exempt=5.00 purchases=50.00 purchases-tax=9.50 due=205.97 ' ]
	bo-tax file -q 2026-01..2026-02
	[ "$(in_accounts | cut -d' ' -f1,3)" = '0.00 0.00' ]
	bo-audit check -q
}

@test "audit: tax that is missing, or in the wrong account, is found" {
	january country=DE
	bo-audit check -q
	bo-ledger enter -q text=oops date=2026-02-02 : account=liabilities:vat:output amount=5 : account=assets:bank amount=-5
	run -1 bo-audit check --no-header
	[[ $output == tax-accounts,account,A*,use,'"has a balance of -204.7, what is not filed comes to -209.7"' ]]
}

@test "a form that makes no sense is said so" {
	january country=DE
	cp -r "$ROOT/share" share
	for box in '1,x,sales,,,,wrong,,' '1,x,,,,,,2 + 3,' '1,x,,,,,,1,odd' 'sales,x,,,,,,zero,' '1,x'; do
		cp "$ROOT/share/tax/eu-vat.csv" share/tax/eu-vat.csv
		printf '%s\n' "$box" >>share/tax/eu-vat.csv
		run -4 env BO_SHARE="$PWD/share" bo-tax return 2026-01
		[[ $output == *'eu-vat.csv:17: not a box of a tax return'* ]]
	done
}

@test "what the buyer owes is reckoned at the standard rate, in and out" {
	january country=GB currency=GBP
	bo-tax rates GB | bo-tax put -q --match code -
	bo-bill add -q supplier=S number=2 date=2026-01-20 : description=a price=100 category=AE : description=b price=10.03 category=K
	bo-bill post -q B2
	[ "$(boxes 2026-01)" = '1=39.70 2=2.01 3=41.71 4=31.51 5=10.20 6=115.00 7=160.00 9=10.00 ' ]
	[ "$(boxes 2026-01 --form eu-vat)" = 'sales=110.00 sales-tax=19.70 exempt=5.00 purchases=50.00 purchases-tax=9.50 acquired=10.03 received=100.00 owed=22.01 owed-back=22.01 due=10.20 ' ]
	bo-tax file -q 2026-01
	bo-audit check -q
	bo-bill add -q supplier=S number=3 date=2010-01-20 : description=a price=100 category=AE
	bo-bill post -q B3
	run -3 bo-tax return 2026-02
	[[ $output == *'no rate of "standard" is known for 2010-01-20'* ]]
}

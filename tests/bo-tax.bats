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

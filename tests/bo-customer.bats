#!/usr/bin/env bats
# bo-customer: who buys

load helper

people()
{
	store
	bo-customer add code=ALI name='علی اینڈ سنز' city=لاہور country=Pakistan currency=PKR terms=14d -q
	bo-customer add code=MEE name='मीना ट्रेडर्स' city=दिल्ली country=IN tier=gold -q
	bo-customer add code=WAN name='王记茶行 🍵' city=杭州 country=CHN tags='tea retail' -q
}

@test "add prints the new record, which show, list and the key find again" {
	store
	run -0 bo-customer add code=ALI name='علی اینڈ سنز'
	[[ ${lines[0]} == id,tx,code,name,* ]]
	[[ ${lines[1]} == C1,*,ALI,'علی اینڈ سنز',* ]]
	run -0 bo-customer list --no-header -f name -w 'code = ALI'
	[ "$output" = 'علی اینڈ سنز' ]
	run -0 bo-customer show ALI -o json
	[ "$(jq -r .name <<<"$output")" = 'علی اینڈ سنز' ]
}

@test "a customer has a name" {
	store
	run -3 bo-customer add code=ALI
	[[ $output == *'name: missing'* ]]
	run -0 bo-customer list --no-header
	[ -z "$output" ]
}

@test "a code is one customer's alone, and is no id" {
	people
	run -3 bo-customer add code=ALI name=other
	[[ $output == *'code: "ALI" is taken by C1'* ]]
	run -3 bo-customer set MEE code=ALI
	run -3 bo-customer add code=C9 name=other
}

@test "countries, currencies and terms are stored in one spelling" {
	people
	run -0 bo-customer list --no-header -f country,currency,terms -w 'code in (ALI WAN)'
	[ "$output" = $'PK,PKR,14d\nCN,,' ]
	run -3 bo-customer set ALI country=Atlantis
	run -3 bo-customer set ALI currency=XYZ
	run -3 bo-customer set ALI terms=soon
	run -3 bo-customer set ALI tier=platinum
}

@test "tags are words, each once" {
	people
	run -0 bo-customer set WAN tags='tea tea new' --no-header -f tags
	[ "$output" = 'new tea' ]
}

@test "a note may have many lines, and stays one line of the stream" {
	people
	run -0 bo-customer set ALI notes=$'پہلی سطر\nدوسری سطر' --no-header -f notes
	[ "${#lines[@]}" -eq 1 ]
	run -0 bo-customer list -w 'code = ALI' -f notes -o json
	[ "$(jq -r .notes <<<"$output")" = $'پہلی سطر\nدوسری سطر' ]
}

@test "a name of control characters or broken UTF-8 is refused" {
	store
	run -3 bo-customer add name=$'a\033[31mb'
	run -3 bo-customer add name=$'caf\xe9'
	run -3 bo-customer add name=$'a\nb'
}

@test "set changes what is named, for each that is named" {
	people
	run -0 bo-customer set ALI MEE owner=asha --no-header -f id,owner
	[ "$output" = $'C1,asha\nC2,asha' ]
	run -1 bo-customer set ALI NOBODY owner=x
	[[ $output == *'no such customer: "NOBODY"'* ]]
	run -0 bo-customer list --no-header -f owner -w 'code = ALI'
	[ "$output" = asha ]
}

@test "what is archived is hidden, kept, and can come back" {
	people
	bo-customer archive MEE -q
	run -0 bo-customer list --no-header -f code
	[ "$output" = $'ALI\nWAN' ]
	run -0 bo-customer list -a --no-header -f code
	[ "$output" = $'ALI\nMEE\nWAN' ]
	bo-customer unarchive MEE -q
	run -0 bo-customer list --no-header -f code
	[ "$output" = $'ALI\nMEE\nWAN' ]
}

@test "log tells who changed what, old and new" {
	people
	bo-customer set WAN city=苏州 -q
	run -0 bo-customer log WAN --no-header -f field,old,new
	[[ ${lines[-1]} == city,杭州,苏州 ]]
}

@test "a stream comes in with its own columns, all of it or nothing" {
	store
	cat >in.csv <<-'END'
		kunde,firma,land
		B-1,"Chai, Tee & Söhne",Germany
		B-2,Đặng Trà,Viet Nam
		B-3,无国,Nowhere
	END
	run -3 bo-customer add - --map kunde=code --map firma=name --map land=country <in.csv
	[[ $output == *'-:4: country: '* ]]
	run -0 bo-customer list --no-header
	[ -z "$output" ]
	sed -i 4d in.csv
	run -0 bo-customer add - --map kunde=code --map firma=name --map land=country --no-header -f id,code,country <in.csv
	[ "$output" = $'C1,B-1,DE\nC2,B-2,VN' ]
}

@test "what list prints, set reads" {
	people
	bo-customer list -f id,tx,owner | sed 's/$/lin/' | sed '1s/lin$//' >out.csv
	run -0 bo-customer set - --no-header -f id,owner <out.csv
	[ "$output" = $'C1,lin\nC2,lin\nC3,lin' ]
	run -3 bo-customer set - <<<"$(sed 's/lin$/asha/' out.csv)"
	[[ $output == *'has changed since'* ]]
}

@test "put: of many rows only those that differ change anything, and none may be there twice" {
	store
	awk 'BEGIN {
		print "code,name,country,email,notes"
		for (i = 1; i <= 500; i++)
			printf "K%d,\"N, %d\",%s,n%d@example.com,%s\n", i, i, i % 2 ? "DE" : "pk", i, i % 3 ? "" : "\"a \"\"b\"\"\""
	}' >all.csv
	bo-customer add -q - <all.csv
	cp store/customer.csv before.csv
	run -0 bo-customer put --match code - --no-header <all.csv
	[ -z "$output" ]
	cmp store/customer.csv before.csv
	bo-customer set -q C7 notes=changed country=FR
	bo-customer erase -q C9 -m asked
	bo-customer archive -q C11
	sed '/^K9,/d; 14s/.*/NEW,New,DE,,/' all.csv >some.csv
	run -0 bo-customer put --match code - -f code,name,country,notes --no-header <some.csv
	[ "$output" = 'K7,"N, 7",DE,
NEW,New,DE,' ]
	[ "$(bo-customer list -a -o json -w 'id = C11' | jq .archived)" = true ]
	cp store/customer.csv before.csv
	for row in 20 7; do
		run -3 bo-customer put --match code - < <(cat some.csv; grep "^K$row," some.csv)
		[[ $output == *"code: C$row was in line "*" already" ]]
	done
	run -3 bo-customer put --match code - < <(sed 's/^K30,\(.*\),pk,/K30,\1,XX,/; s/n31@/n31/' some.csv)
	[ "$(wc -l <<<"$output")" -eq 2 ]
	run -3 bo-customer put --match code - < <(sed '20s/^K[0-9]*//' some.csv)
	[[ $output == *':20: code: missing: --match needs it' ]]
	cmp store/customer.csv before.csv
}

@test "put by code: the second time nothing changes" {
	people
	printf 'code,city\nALI,کراچی\nNEW,x\n' >put.csv
	run -3 bo-customer put --match code - <put.csv
	printf 'code,name,city\nALI,علی,کراچی\nNEW,new,x\n' >put.csv
	run -0 bo-customer put --match code - --no-header -f id <put.csv
	[ "$output" = $'C1\nC4' ]
	tx=$(bo-audit head --no-header -f tx)
	run -0 bo-customer put --match code - --no-header <put.csv
	[ -z "$output" ]
	[ "$(bo-audit head --no-header -f tx)" = "$tx" ]
}

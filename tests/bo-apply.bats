#!/usr/bin/env bats
# bo-apply: plans

load helper

people()
{
	store
	bo-customer add -q code=ALFKI name=Alfreds tier=gold
	bo-customer add -q code=BLAUS name='Blauer See'
}

@test "what -n prints, apply does, and prints what it did" {
	people
	bo-customer set -n ALFKI BLAUS tier=silver >plan
	run -0 bo-apply <plan
	[ "$output" = "$(cat plan)" ]
	[ "$(bo-customer list --no-header -f tier)" = $'silver\nsilver' ]
	[ "$(bo-audit log -f command --no-header | tail -n 1)" = apply ]
}

@test "a plan comes from a file or from -" {
	people
	bo-customer set -n ALFKI tier=basic >plan
	bo-apply -q plan
	bo-customer set -n ALFKI tier=gold | bo-apply -q -
	[ "$(bo-customer show ALFKI -o csv --no-header -f tier)" = gold ]
	run -4 bo-apply nowhere
	run -2 bo-apply plan plan
}

@test "new records, their children and references between them" {
	people
	bo-item add -q sku=CHAI name=Chai price=18
	bo-invoice add -n customer=ALFKI : item=CHAI qty=2 >plan
	grep -q '^invoice,+1,customer,,C1$' plan
	bo-apply -q <plan
	[ "$(bo-invoice list -o json | jq -r '.net, .invoice_line[0].qty')" = $'36.00\n2' ]
}

@test "refused when an old value does not hold any more, and nothing is written" {
	people
	bo-customer set -n ALFKI BLAUS tier=silver >plan
	bo-customer set -q BLAUS tier=basic
	cp "$BO_STORE/audit.csv" before
	run -3 bo-apply plan
	[[ $output == *plan:3:*tier* ]]
	cmp before "$BO_STORE/audit.csv"
}

@test "an empty plan changes nothing; nonsense is refused" {
	people
	cp "$BO_STORE/audit.csv" before
	echo table,id,field,old,new | bo-apply
	run -3 bo-apply </dev/null
	run -3 bo-apply <<<$'table,id,field,old,new\nnonsense,N1,name,a,b'
	run -3 bo-apply <<<$'table,id,field,old,new\ncustomer,C9,name,a,b'
	run -3 bo-apply <<<$'table,id,field,old,new\ncustomer,C1,colour,,b'
	run -3 bo-apply <<<$'what,ever\n1,2'
	cmp before "$BO_STORE/audit.csv"
}

@test "-n prints the plan again; -k makes it safe to run twice" {
	people
	bo-customer set -n ALFKI tier=silver >plan
	[ "$(bo-apply -n plan)" = "$(cat plan)" ]
	[ "$(bo-customer show ALFKI -o csv --no-header -f tier)" = gold ]
	first=$(bo-apply -k once plan)
	[ "$(bo-apply -k once plan)" = "$first" ]
	run -3 bo-apply plan
}

@test "an undo is a plan" {
	people
	bo-customer set -q ALFKI tier=silver
	bo-audit undo 4 | bo-apply -q -
	[ "$(bo-customer show ALFKI -o csv --no-header -f tier)" = gold ]
}

@test "what follows by itself is shown, but happens once" {
	store
	bo-ledger chart generic | bo-account add - -q
	bo-customer add code=A name=a -q
	bo-invoice add customer=A : description=x price=10 tax_rate=20 -q
	bo-invoice issue V1 -n >plan.csv
	grep -q '^entry,=[0-9]*,source,,V1$' plan.csv
	grep -q '^posting,=[0-9]*,entry,,=[0-9]*$' plan.csv
	bo-apply -q <plan.csv
	[ "$(bo-ledger list --count --no-header -w 'source = V1')" -eq 1 ]
	[ "$(bo-ledger balance assets:receivable --no-header -f balance)" = 12.00 ]
	run -0 bo-audit check
}

@test "the plan of a long file leaves nothing behind, and makes what the file does" {
	store
	awk 'BEGIN {
		print "code,name,notes"
		for (i = 1; i <= 12000; i++)
			printf "K%d,\"N, %d\",%s\n", i, i, i % 3 ? "the same words again and again, " i : "\"a \"\"b\"\"\""
	}' | sed 's/\(the same.*\)/"\1"/' >many.csv
	find store >before
	bo-customer add -n - <many.csv >plan.csv
	[ "$(stat -c %s plan.csv)" -gt 1048576 ]
	find store | diff before -
	[ "$(bo-customer list --count --no-header)" = 0 ]
	cp -a store other
	bo-apply -q <plan.csv
	bo-customer -d other add -q - <many.csv
	diff <(bo-customer list -o csv) <(bo-customer -d other list -o csv)
	bo-audit verify
}

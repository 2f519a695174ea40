#!/usr/bin/env bats
# bo-role: what users may do

load helper

me=$(id -un)

# limited VERBS-OF-TABLES...: a store whose administrator is somebody else; who runs this has role clerk.
limited() # TABLE:VERBS:LIMIT...
{
	local words=() part

	store
	bo-customer add -q code=ALI name=علی
	bo-customer add -q code=USD name=Dollar currency=USD
	bo-role add -q name=admin : table='*' verbs='*'
	for part; do
		words+=(: "table=${part%%:*}" "verbs=$(cut -d : -f 2 <<<"$part")" "limit=$(cut -d : -f 3 <<<"$part:")")
	done
	bo-role add -q name=clerk help=counter "${words[@]}"
	printf 'login,roles\nboss-of-this,admin\n%s,clerk\n' "$me" | bo-user add -q -
}

refused() # TEXT COMMAND...
{
	local text=$1

	shift
	cp "$BO_STORE/audit.csv" before
	run -3 "$@"
	[[ $output == *"$text"* ]] || { echo "$output"; return 1; }
	[ "$(wc -l <<<"$output")" -eq 1 ] || { echo "$output"; return 1; }
	cmp before "$BO_STORE/audit.csv"
}

@test "a verb that no role allows is refused, and nothing is written" {
	limited customer:add:
	bo-customer add -q code=B name=b
	refused "$me may not set customers (role clerk)" bo-customer set B name=c
	refused "$me may not archive customers (role clerk)" bo-customer archive B
	refused "$me may not add suppliers (role clerk)" bo-supplier add name=s
	refused "$me may not set companies (role clerk)" bo-config set name=Mine
	refused "$me may not add roles (role clerk)" bo-role add name=more
	refused "$me may not set users (role clerk)" bo-user set "$me" roles=admin
}

@test "erasing is a verb of its own" {
	limited 'customer:add set archive:'
	refused "$me may not erase customers (role clerk)" bo-customer erase ALI -m asked
}

@test "put is add and set, and a set that archives needs both" {
	limited customer:put: ticket:set:
	printf 'code,name\nB,b\nALI,ali\n' | bo-customer put -q --match code -
	refused "may not archive customers" bo-customer set B name=x archived=true
	refused "may not add tickets" bo-ticket add subject=x
}

@test "a star is every verb, and every table" {
	limited 'customer:*:' '*:add:'
	bo-customer archive -q ALI
	bo-item add -q sku=A name=a
	refused "may not set items (role clerk)" bo-item set A name=b
}

@test "whatever command it comes from: set, apply, undo, edit" {
	limited customer:add: ticket:put:
	bo-ticket add -q subject=x
	refused "may not solve tickets" bo-ticket solve T1
	refused "may not solve tickets" bo-record set -t ticket T1 status=solved
	printf 'table,id,field,old,new\nticket,T1,status,new,solved\n' >plan.csv
	refused "may not solve tickets" bo-apply plan.csv
	printf 'table,id,field,old,new\ncustomer,C1,city,,Lahore\n' >plan.csv
	refused "may not set customers" bo-apply plan.csv
	refused "may not archive tickets" bo-audit undo "$(bo-audit head --no-header -f tx)"
	VISUAL='sed -i s/^city:.*/city:Lahore/' run -3 bo-customer edit ALI
	[[ $output == *'may not set customers'* ]]
	refused "may not set customers" bo-customer set -n ALI city=Lahore
}

@test "a transition brings what it needs; anything more is set" {
	limited ticket:'add assign solve':
	bo-ticket add -q subject=x
	bo-ticket assign -q T1 owner=me
	refused "may not set tickets" bo-ticket solve T1 priority=high
	bo-ticket solve -q T1
}

@test "lines go with their document" {
	limited ticket:add: invoice:put:
	bo-ticket add -q subject=x : text='with a message'
	refused "may not set tickets" bo-ticket set T1 : text=another
	refused "may not set tickets" bo-record add -t message ticket=T1 text=another
	bo-invoice add -q customer=ALI : description=x price=1
	bo-record add -q -t invoice_line invoice=V1 description=y price=2
	bo-record archive -q -t invoice_line VL1
	run -0 bo-invoice list --no-header -f total
	[ "$output" = 2.00 ]
}

@test "what rules add needs no permission" {
	limited invoice:'add issue': stock_move:receive: item:add:
	bo-invoice add -q customer=ALI : description=x price=1
	run -0 bo-invoice issue V1 --no-header -f status
	[ "$output" = issued ]
	run -0 bo-record list -t series --no-header -f last
	[ "$output" = 1 ]
}

@test "a verb that makes records is its own permission" {
	limited item:add: stock_move:receive:
	bo-item add -q sku=A name=a
	bo-stock receive -q item=A qty=3
	refused "may not issue stock moves (role clerk)" bo-stock issue item=A qty=1
	refused "may not issue stock moves" bo-record add -t stock_move kind=issue item=A qty=1 from=L1
}

@test "up to an amount, to the cent" {
	limited invoice:'put issue':1000
	bo-invoice add -q customer=ALI : description=x price=1000
	bo-invoice issue -q V1
	refused "$me may not add invoices over 1000.00 (role clerk)" bo-invoice add customer=ALI : description=x price=1000.01
	bo-invoice add -q customer=ALI : description=x price=999.99
	refused "V2: $me may not set invoices over 1000.00 (role clerk)" bo-invoice set V2 : description=y price=0.02
	refused "V2: $me may not set invoices over 1000.00" bo-record set -t invoice_line VL2 qty=2
	bo-invoice set -q V2 : description=y price=0.01
}

@test "of several permissions the widest counts, of a star all that have an amount" {
	limited invoice:add:100 invoice:add:200 '*:*:50'
	bo-invoice add -q customer=ALI : description=x price=200
	refused "may not add invoices over 200.00" bo-invoice add customer=ALI : description=x price=201
	refused "may not issue invoices over 50.00" bo-invoice issue V1
	bo-customer add -q name=x
}

@test "amounts in another currency are over every limit" {
	limited invoice:add:1000
	refused 'in a foreign currency' bo-invoice add customer=USD : description=x price=1
}

@test "a whole import is refused for one amount, its line named" {
	limited invoice:add:100
	printf 'customer,invoice_line.price,invoice_line.description\nALI,100,a\nALI,101,b\n' >orders.csv
	run -3 bo-invoice add - <orders.csv
	[[ $output == "bo-invoice: -:3: $me may not add invoices over 100.00 (role clerk)" ]]
	run -0 bo-invoice list --no-header
	[ -z "$output" ]
}

@test "rejects: what may not be done is put aside" {
	limited customer:set:
	printf 'code,name\nB,b\nALI,Ali\n' >c.csv
	bo-customer put -q --match code --rejects bad.csv - <c.csv 2>/dev/null
	[ "$(bo-customer list --no-header -f name -w 'code = ALI')" = Ali ]
	grep -q 'may not add customers' bad.csv
}

@test "permissions of an archived role or line are gone, several roles add up" {
	store
	bo-customer add -q code=A name=a
	bo-role add -q name=admin : table='*' verbs='*'
	bo-role add -q name=one : table=customer verbs=add : table=customer verbs=archive
	bo-role add -q name=two : table=customer verbs=set
	bo-record archive -q -t permission RP3
	bo-role archive -q two
	printf 'login,roles\nboss-of-this,admin\n%s,two one\n' "$me" | bo-user add -q -
	bo-customer add -q code=B name=b
	refused "$me may not set customers (roles one, two)" bo-customer set A name=b
	refused "$me may not archive customers (roles one, two)" bo-customer archive A
}

@test "permissions for what there is not are refused" {
	store
	run -3 bo-role add name=a : table=invoce verbs=add
	[[ $output == *'table: no such table: "invoce"'* ]]
	run -3 bo-role add name=a : table=invoice verbs='add isue'
	[[ $output == *'verbs: no such verb: "isue"'* ]]
	run -3 bo-role add name=a : table=invoice_line verbs=add
	[[ $output == *'is part of invoice'* ]]
	run -3 bo-role add name=a : table=customer verbs=add limit=5
	[[ $output == *'limit: customer has no amount'* ]]
	run -3 bo-role add name=a : table=invoice verbs=add limit=-5
	run -3 bo-role add name='two words'
	[[ $output == *'not one word'* ]]
}

@test "without users a store has nothing to look up" {
	without_sanitizer
	command -v strace >/dev/null || skip "no strace"
	store
	strace -o calls -f -e trace=openat bo-customer add -q name=a
	run -1 grep -E 'duty[.]csv|role[.]csv' calls
}

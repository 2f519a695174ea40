#!/usr/bin/env bats
# bad input: refused whole, every fault named, and the store as it was to the byte

load helper

books()
{
	store
	bo-customer add -q code=ALFKI name=Alfreds
	bo-item add -q sku=CHAI name=Chai price=18
	cp -r "$BO_STORE" before
}

# refuses COMMAND...: status 3, and nothing has changed.
refuses()
{
	run -3 "$@"
	diff -r before "$BO_STORE"
}

# has TEXT: a line of the output is that.
has()
{
	grep -qxF -- "$1" <<<"$output" || { echo "lacks: $1"; echo "has: $output"; return 1; }
}

@test "a required field is missing" {
	books
	refuses bo-customer add code=X
	has 'bo-customer: name: missing'
	refuses bo-customer add - <<<$'code,name\nX,\nY,Why'
	has 'bo-customer: -:2: name: missing'
	refuses bo-customer set ALFKI name=
	has 'bo-customer: name: missing'
}

@test "unknown columns, all of them, with what may be meant" {
	books
	refuses bo-customer add - <<<$'nmae,name,colour\na,b,c'
	has 'bo-customer: -:1: nmae: no such field: "nmae" (did you mean "name"?)'
	has "bo-customer: -:1: colour: no such field: \"colour\" (--map OLD=NEW renames a column, OLD= leaves it out, '*=' all that are no fields)"
	run -2 bo-customer add name=x colour=red
	diff -r before "$BO_STORE"
	refuses bo-customer add --skip 1 - <<<$'a list\n\nnmae,name\na,b'
	has 'bo-customer: -:3: nmae: no such field: "nmae" (did you mean "name"?)'
	refuses bo-customer add - <<<$'{"name":"a"}\n{"nmae":"b"}'
	[[ $output == *'-:2: nmae: no such field'* ]]
}

@test "values of the wrong type" {
	books
	refuses bo-ticket add - <<<$'subject,until,priority\na,31/02/2026,urgently'
	has 'bo-ticket: -:2: until: not a date: "31/02/2026" (YYYY-MM-DD, or say --date-format)'
	[[ $output == *'-:2: priority: '*urgently* ]]
	refuses bo-ticket add subject=a until=2026-02-29
	refuses bo-item add name=a price=1,5
	refuses bo-item add name=a price=1e3
	refuses bo-item add name=a price=0x10
	refuses bo-item add name=a price=NaN
	refuses bo-item add name=a price=' '1.1.1
	refuses bo-customer add name=a email=nobody
	refuses bo-customer add name=a country=Atlantis
	refuses bo-customer add name=a currency=XXQ
	refuses bo-customer add name=a terms=soon
	refuses bo-customer add name=a archived=maybe
}

@test "numbers out of range, and more decimals than there is room for" {
	books
	refuses bo-item add name=a price=99999999999999999999
	refuses bo-item add name=a price=1.1234567
	refuses bo-item add name=a reorder_level=9223372036854775808
}

@test "references to what is not there" {
	books
	refuses bo-ticket add subject=a customer=NOBODY
	has 'bo-ticket: customer: no such customer: "NOBODY"'
	refuses bo-ticket add - <<<$'subject,customer.code\na,ALFKI\nb,NOBODY'
	[[ $output == *'-:3: customer: '*NOBODY* ]]
	refuses bo-invoice add customer=ALFKI : item=NOTHING
	[[ $output == *'item: no such item: "NOTHING"' ]]
}

@test "unique values that are taken, by the store or in the same input" {
	books
	refuses bo-customer add code=ALFKI name=Other
	has 'bo-customer: code: "ALFKI" is taken by C1'
	refuses bo-customer add - <<<$'code,name\nX,one\nX,two'
	has 'bo-customer: -:3: code: "X" is in line 2 already'
	refuses bo-customer add - <<<$'code,name\nX,one\nX,two\nX,three'
	[[ $output == *'-:3: code: "X" is in line 2 already'*'-:4: code: "X" is in line 2 already'* ]]
}

@test "unique values of what is new in the same input are told by their lines" {
	store
	bo-table add -q table=gadget prefix=GA
	bo-field add -q table=gadget field=code type=text flags=unique
	bo-table add -q table=gear prefix=GE parent=gadget flags=child
	bo-field add -q table=gear field=gadget type='ref(gadget)' flags=required
	bo-field add -q table=gear field=tooth type=text flags=unique
	cp -r "$BO_STORE" before
	refuses bo-record -t gadget add code=a : tooth=1 : tooth=1
	has 'bo-record: tooth: "1" is taken by another new gear'
	refuses bo-record -t gadget add - --group code <<<$'code,gear.tooth\na,1\na,2\nb,3\nb,2'
	[[ $output == *'-:5: tooth: "2" is in line 3 already'* ]]
}

@test "a key must not look like an id of its table" {
	books
	refuses bo-customer add code=C17 name=Sneaky
	[[ $output == *code:* ]]
	run -0 bo-customer add -q code=K1001 name=Usual
	[[ $(bo-customer list -f name --no-header -w code=K1001) = Usual ]]
	[[ $(bo-ticket add subject=x customer=K1001 -f customer.name --no-header) = Usual ]]
	run -0 bo-item add -q sku=M10 name=Screw
}

@test "illegal transitions, by verb or by assignment" {
	books
	bo-ticket add -q subject=a
	cp -r "$BO_STORE/." before
	refuses bo-ticket close T1
	has 'bo-ticket: T1 is new: close goes from solved'
	refuses bo-ticket set T1 status=closed
	refuses bo-ticket set T1 status=finished
	refuses bo-ticket add subject=b status=closed
	refuses bo-ticket close - <<<T1
}

@test "what bo works out, and what is fixed, can't be set" {
	books
	bo-invoice add -q customer=ALFKI : item=CHAI
	cp -r "$BO_STORE/." before
	refuses bo-invoice set V1 total=1
	refuses bo-invoice add - <<<$'customer,number\nALFKI,INV-1'
	refuses bo-invoice set V1 currency=CHF
	refuses bo-invoice set - <<<$'id,total\nV1,1.00'
	refuses bo-item set CHAI on_hand=3
}

@test "invalid UTF-8, control characters and NUL, with line and field" {
	books
	printf 'code,name\nX,\xff\n' >bad.csv
	refuses bash -c 'bo-customer add - <bad.csv'
	[[ $output == *':2: name: '*UTF-8* ]]
	printf 'code,name\nX,a\x07b\n' >bad.csv
	refuses bash -c 'bo-customer add - <bad.csv'
	[[ $output == *':2: name: '*'control character'* ]]
	printf 'code,name\nX,a\0b\n' >bad.csv
	refuses bash -c 'bo-customer add - <bad.csv'
	[[ $output == *':2: '* ]]
	refuses bo-customer add name=$'a\x1b[31mb'
	refuses bo-customer add name=$'a\xc3'
	[[ $output != *$'\x1b'* ]]
}

@test "line breaks are for notes only" {
	books
	refuses bo-customer add name=$'two\nlines'
	refuses bo-customer add - <<<$'name\n"two\nlines"'
	run -0 bo-customer add -q name=x notes=$'two\nlines'
}

@test "quotes that do not end, or stand where they must not" {
	books
	refuses bo-customer add - <<<$'code,name\nX,"open'
	[[ $output == *':2: '* ]]
	refuses bo-customer add - <<<$'code,name\nX,"a"b'
	refuses bo-customer add - <<<$'code,name\nX,a"b'
}

@test "rows that are too short or too long" {
	books
	refuses bo-customer add - <<<$'code,name\nX\nY,Why\nZ,Zett,more'
	[[ $output == *':2: '* ]]
	[[ $output == *':4: '* ]]
}

@test "no header, a header twice, a column twice, a column without a name" {
	books
	refuses bo-customer add - </dev/null
	[[ $output == 'bo-customer: -: '* ]]
	refuses bo-customer add - <<<$'code,name\nX,one\ncode,name\nY,two'
	[[ $output == *':3: '* ]]
	refuses bo-customer add - <<<$'name,name\na,b'
	refuses bo-customer add - <<<$'name,\na,b'
	refuses bo-customer add - <<<''
}

@test "a line of more than 1 MiB" {
	books
	{ printf 'name,notes\nX,'; head -c 1100000 /dev/zero | tr '\0' x; echo; } >bad.csv
	refuses bash -c 'bo-customer add - <bad.csv'
	[[ $output == *':2: '* ]]
}

@test "JSON that is none" {
	books
	refuses bo-customer add - <<<'{"name":"a"'
	refuses bo-customer add - <<<'{"name":"a"} x'
	refuses bo-customer add - <<<$'{"name":"a"}\n{"name":[1,{"a":2}]}'
	[[ $output == *':2: '* ]]
	refuses bo-customer add - <<<$'{"name":"a"}\n{"name":"b","colour":"red"}'
	[[ $output == *colour* ]]
}

@test "every fault of an input is named, the first hundred at least, then how many" {
	books
	{ echo code,name; seq 150 | sed 's/$/,/'; } >bad.csv
	refuses bash -c 'bo-customer add - <bad.csv'
	[ "${#lines[@]}" -eq 101 ]
	has 'bo-customer: -:2: name: missing'
	has 'bo-customer: -:101: name: missing'
	has 'bo-customer: 150 faults in all; these are the first 100'
	refuses bo-invoice add - <<<$'customer,date,line.qty,line.item\nNOBODY,never,much,NOTHING'
	[ "${#lines[@]}" -eq 4 ]
}

@test "one bad row refuses the good ones" {
	books
	refuses bo-customer add - <<<$'code,name\nX,Ex\nY,\nZ,Zett'
	[ "${#lines[@]}" -eq 1 ]
}

@test "ids that are not there: an answer for operands, a fault in a stream" {
	books
	run -1 bo-customer set C9 tier=gold
	has 'bo-customer: no such customer: "C9"'
	refuses bo-customer set - tier=gold <<<C9
	has 'bo-customer: -:1: id: no such customer: "C9"'
	refuses bo-customer set - <<<$'id,name\n,x'
	has 'bo-customer: -:2: id: missing'
	refuses bo-customer set - <<<$'name\nx'
	refuses bo-customer set - <<<$'id,tx,name\nC1,now,x'
}

@test "messages never pass on control characters" {
	books
	run -1 bo-customer show $'C9\x1b[31m'
	[[ $output != *$'\x1b'* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "not a store, no store, and a newer format are status 4" {
	run -4 bo-customer list
	mkdir empty
	run -4 bo-customer -d empty list
	run -4 bo-customer -d nowhere list
	bo-init -q new
	sed -i 's/^bo 1 /bo 2 /' new/bo.format
	run -4 bo-customer -d new list
	[[ $output == *format* ]]
}

@test "a damaged store is status 4, for reading and for writing" {
	books
	truncate -s -3 "$BO_STORE/customer.csv"
	run -4 bo-customer list
	run -4 bo-customer set C1 tier=gold
	[[ $output == *customer* ]]
}

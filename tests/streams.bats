#!/usr/bin/env bats
# streams: what one command prints, the next one reads

# bats sets it where a run has --separate-stderr.
# shellcheck disable=SC2154
load helper

people()
{
	store
	bo-customer add -q - <<-'CSV'
		code,name,country,tier
		ALFKI,Alfreds Futterkiste,Germany,gold
		BLAUS,Blauer See,Germany,
		CHOPS,Chop-suey,Switzerland,gold
	CSV
}

goods()
{
	people
	bo-item add -q - <<-'CSV'
		sku,name,price,tax_rate
		CHAI,Chai,18,19
		CHANG,Chang,19,19
	CSV
}

head_of() { tail -n 1 "$BO_STORE/audit.csv"; }

@test "list | set - changes nothing" {
	goods
	bo-ticket add -q subject='say "hi", twice' customer=ALFKI : text=$'two\nlines'
	bo-invoice add -q customer=ALFKI : item=CHAI qty=2 : item=CHANG
	before=$(head_of)
	for noun in customer item location ticket invoice; do
		bo-$noun list | bo-$noun set -q -
		bo-$noun list -a | bo-$noun set -q -
		bo-$noun list -o tsv | bo-$noun set -q --in tsv -
		bo-$noun list -o json | bo-$noun set -q -
		bo-$noun list -s -id --raw | bo-$noun set -q -
	done
	[ "$(head_of)" = "$before" ]
}

@test "list | add - copies records to another store" {
	goods
	bo-init -q other
	bo-customer list | bo-customer -d other add -q -
	bo-item list | bo-item -d other add -q -
	diff <(bo-customer list -f code,name,country,tier) <(bo-customer -d other list -f code,name,country,tier)
	diff <(bo-item list -f sku,name,price) <(bo-item -d other list -f sku,name,price)
	bo-ticket add -q subject=Printer customer=ALFKI : text=a : text=b
	bo-ticket list -o json | bo-ticket -d other add -q -
	[ "$(bo-ticket -d other list -o json | jq -r '.message[].text')" = $'a\nb' ]
}

@test "an input is one transaction" {
	people
	[ "$(bo-audit log --no-header -f tx,command | tail -n 1)" = '2,customer add' ]
	[ "$(bo-customer list --no-header -f tx | sort -u)" = 2 ]
}

@test "add ignores id and tx; set heeds them" {
	people
	printf 'id,tx,name\nC1,99,New\n' | bo-customer add -q -
	[ "$(bo-customer list --no-header -f id,name | tail -n 1)" = C4,New ]
	printf 'id,name\nC4,Newer\n' | bo-customer set -q -
	[ "$(bo-customer list --no-header -f id,name | tail -n 1)" = C4,Newer ]
}

@test "set - refuses records that have moved on, unless --force" {
	people
	bo-customer list >seen.csv
	bo-customer set -q BLAUS tier=silver
	sed -i 's/gold/basic/' seen.csv
	before=$(head_of)
	run -3 bo-customer set - <seen.csv
	[[ $output == *':3: '*'C2 has changed since'* ]]
	[ "$(head_of)" = "$before" ]
	bo-customer set -q --force - <seen.csv
	[ "$(bo-customer list --no-header -f id,tier)" = $'C1,basic\nC2,\nC3,basic' ]
}

@test "set - FIELD=VALUE takes the ids from the stream, with their tx" {
	people
	bo-customer list -w 'tier = gold' | bo-customer set -q - owner=ann
	[ "$(bo-customer list -w 'owner = ann' -o ids)" = $'C1\nC3' ]
	bo-customer list >seen.csv
	bo-customer set -q C1 owner=bob
	run -3 bo-customer set - owner=cat <seen.csv
	cut -d , -f 1 seen.csv | bo-customer set -q - owner=cat
	[ "$(bo-customer list -w 'owner = cat' -o ids | wc -l)" -eq 3 ]
}

@test "-o ids is read where ids are wanted, and by --in ids" {
	people
	bo-customer list -w 'tier = gold' -o ids | bo-customer set -q - owner=ann
	bo-customer list -w 'tier = gold' -o ids | bo-customer archive -q --in ids -
	[ "$(bo-customer list -o ids)" = C2 ]
	printf 'ALFKI\n' | bo-customer unarchive -q --in ids -
	[ "$(bo-customer list -o ids)" = $'C1\nC2' ]
}

@test "verbs print what they changed, so that pipes go on" {
	store
	bo-ticket add -q subject=a
	bo-ticket add -q subject=b
	bo-ticket list | bo-ticket solve - owner=ann | bo-ticket close -q -
	[ "$(bo-ticket list --no-header -f status,owner)" = $'closed,ann\nclosed,ann' ]
	[ "$(printf 'subject\nc\nd\n' | bo-ticket add - | bo-ticket spam - -o ids)" = $'T3\nT4' ]
}

@test "a transition reads ids, and takes children along for each" {
	store
	printf 'subject\na\nb\n' | bo-ticket add - | bo-ticket solve -q - : direction=out text=done
	[ "$(bo-record -t message list --no-header -f ticket,text)" = $'T1,done\nT2,done' ]
}

@test "a transition that makes records reads their fields" {
	goods
	bo-stock receive -q - to=MAIN <<-'CSV'
		item.sku,qty,cost
		CHAI,10,9.5
		CHANG,5,8
	CSV
	[ "$(bo-stock list --no-header -f item.sku,qty,to.code,kind)" = $'CHAI,10,MAIN,receive\nCHANG,5,MAIN,receive' ]
}

@test "FIELD=VALUE with add - holds for every record, and goes before the stream's column" {
	store
	printf 'name,tier\na,gold\nb,silver\n' | bo-customer add -q - tier=basic owner=ann
	[ "$(bo-customer list --no-header -f tier,owner)" = $'basic,ann\nbasic,ann' ]
}

@test "columns follow references by a unique field" {
	people
	bo-ticket add -q - <<-'CSV'
		subject,customer.code
		a,ALFKI
		b,CHOPS
	CSV
	[ "$(bo-ticket list --no-header -f customer)" = $'C1\nC3' ]
	run -3 bo-ticket add - <<<$'subject,customer.name\na,Alfreds Futterkiste'
	[[ $output == *customer.name*'not unique'* ]]
}

@test "a column of a child makes a child of each row" {
	goods
	for name in invoice_line line; do
		bo-invoice add -q - <<<"customer,$name.item,$name.qty"$'\nALFKI,CHAI,2\nBLAUS,CHANG,3'
	done
	[ "$(bo-record -t invoice_line list --no-header -f invoice,qty)" = $'V1,2\nV2,3\nV3,2\nV4,3' ]
}

@test "--group: rows that agree are one parent with children, adjacent or not" {
	goods
	run -0 bo-invoice add --group order - -f id,customer,net <<-'CSV'
		order,customer,item,qty
		10248,ALFKI,CHAI,1
		10249,BLAUS,CHANG,2
		10248,ALFKI,CHANG,3
	CSV
	[ "$output" = $'id,customer,net\nV1,C1,75.00\nV2,C2,38.00' ]
	[ "$(bo-record -t invoice_line list --no-header -f invoice,qty)" = $'V1,1\nV1,3\nV2,2' ]
}

@test "--group by a field of the parent sets it as well" {
	goods
	bo-invoice add -q --group reference - <<<$'reference,customer,item\nPO-1,ALFKI,CHAI\nPO-1,ALFKI,CHANG'
	[ "$(bo-invoice list --no-header -f reference,net)" = PO-1,37.00 ]
}

@test "--group: parents that do not agree are refused, naming both lines" {
	goods
	run -3 bo-invoice add --group order - <<-'CSV'
		order,customer,item
		1,ALFKI,CHAI
		1,BLAUS,CHANG
	CSV
	[[ $output == 'bo-invoice: -:3: customer: "BLAUS" is not what line 2 says: "ALFKI"' ]]
	run -3 bo-invoice add --group order - <<<$'order,customer,item\n,ALFKI,CHAI'
	run -3 bo-invoice add --group nothing - <<<$'order,customer,item\n1,ALFKI,CHAI'
	[[ $output == *'there is no column "nothing"'* ]]
	[ -z "$(bo-invoice list -o ids)" ]
}

@test "JSON nests children both ways" {
	goods
	bo-invoice add -q - <<'JSON'
{"customer":{"code":"ALFKI"},"invoice_line":[{"item":"CHAI","qty":2},{"item":"CHANG","qty":1.5}]}
{"customer":"BLAUS","invoice_line":[]}
JSON
	[ "$(bo-invoice list -o json | jq -c '[.customer, (.invoice_line | map(.qty))]')" = \
	    $'["C1",["2","1.5"]]\n["C2",[]]' ]
}

@test "JSON: a child's id changes that child" {
	goods
	bo-invoice add -q customer=ALFKI : item=CHAI qty=2 : item=CHANG
	bo-invoice list -o json | jq -c '.invoice_line[0].qty = "5" | del(.net, .tax, .total, .invoice_line[].amount, .invoice_line[].tax)' |
	    bo-invoice set -q -
	[ "$(bo-record -t invoice_line list --no-header -f qty)" = $'5\n1' ]
	[ "$(bo-invoice list --no-header -f net)" = 109.00 ]
}

@test "put adds and changes by a unique field; twice changes nothing the second time" {
	people
	cat >new.csv <<-'CSV'
		code,name,tier
		BLAUS,Blauer See GmbH,silver
		DRACD,Drachenblut,
	CSV
	run -0 bo-customer put --match code - -f id,name <new.csv
	[ "$output" = $'id,name\nC2,Blauer See GmbH\nC4,Drachenblut' ]
	before=$(head_of)
	run -0 bo-customer put --match code - -f id <new.csv
	[ "$output" = id ]
	[ "$(head_of)" = "$before" ]
}

@test "put: the field must be unique and there, and every row must have it" {
	people
	run -2 bo-customer put --match name - <<<$'code,name\nX,x'
	run -3 bo-customer put --match code - <<<$'name\nx'
	run -3 bo-customer put --match code - <<<$'code,name\n,x'
	[[ $output == *':2: code: missing'* ]]
	run -2 bo-customer put - <<<$'code,name\nX,x'
}

@test "put with children makes them what the input says" {
	goods
	bo-table add -q table=x_list prefix=XL
	bo-table add -q table=x_list_entry prefix=XE parent=x_list flags=child
	bo-field add -q - <<-'CSV'
		table,field,type,flags
		x_list,name,text,key required
		x_list_entry,x_list,ref(x_list),required fixed
		x_list_entry,what,text,required
	CSV
	printf 'name,what\nshop,a\nshop,b\nshop,c\n' >list.csv
	bo-record -t x_list put -q --match name --group name - <list.csv
	before=$(head_of)
	bo-record -t x_list put -q --match name --group name - <list.csv
	[ "$(head_of)" = "$before" ]
	printf 'name,what\nshop,a\nshop,B\n' | bo-record -t x_list put -q --match name --group name -
	[ "$(bo-record -t x_list_entry list --no-header -f id,what)" = $'XE1,a\nXE2,B' ]
}

@test "foreign files: delimiter, decimal comma, dates, encoding, preamble, other names" {
	people
	printf 'Export\n\nKunde;Betreff;Bis\nALFKI;\xc4pfel;31.12.2026\n' |
	    bo-ticket add -q --skip 2 --delimiter ';' --encoding ISO-8859-1 --date-format DD.MM.YYYY \
	    --map Kunde=customer --map Betreff=subject --map Bis=until -
	[ "$(bo-ticket list --no-header -f customer,subject,until)" = 'C1,Äpfel,2026-12-31' ]
	printf 'sku;name;price;rest\nA;a;1.234,50;x\n' |
	    bo-item add -q --delimiter ';' --decimal , --map rest= -
	[ "$(bo-item list --no-header -f price)" = 1234.5 ]
}

@test "a byte order mark, CRLF and quoted line breaks are fine" {
	store
	printf '\xef\xbb\xbfname,notes\r\nAnn,"one\r\ntwo"\r\n' | bo-customer add -q -
	[ "$(bo-customer list -o json | jq -r '.name, .notes')" = $'Ann\none\ntwo' ]
}

@test "--rejects takes the good rows and keeps the bad ones with the reason" {
	people
	run -0 --separate-stderr bo-customer add --rejects bad.csv - -f code <<-'CSV'
		code,name,email
		new-1,One,one@example.org
		new-2,Two,two at example.org
		new-3,,three@example.org
		new-4,Four
		ALFKI,Again,
		new-5,Five,
	CSV
	[ "$output" = $'code\nnew-1\nnew-5' ]
	[[ $stderr == 'bo-customer: 4 rows not taken: see bad.csv' ]]
	[ "$(head -n 1 bad.csv)" = code,name,email,reason ]
	[ "$(wc -l <bad.csv)" -eq 5 ]
	grep -q '^new-2,Two,two at example.org,"email: not an e-mail address' bad.csv
	grep -q '^new-3,,three@example.org,"name: missing"$' bad.csv
	sed -i -e 's/two at /two@/' -e '/new-2/!{1!d}' bad.csv
	bo-customer add -q --map reason= - <bad.csv
	[ "$(bo-customer list -w 'code = new-2' --no-header -f email)" = two@example.org ]
}

@test "--rejects with --group rejects whole groups" {
	goods
	run -0 bo-invoice add -q --rejects bad.csv --group order - <<-'CSV'
		order,customer,item,qty
		1,ALFKI,CHAI,1
		2,ALFKI,CHAI,1
		2,ALFKI,NOSUCH,1
		1,ALFKI,CHANG,1
	CSV
	[ "$(bo-invoice list --no-header -f net)" = 37.00 ]
	[ "$(bo-record -t invoice_line list -o ids | wc -l)" -eq 2 ]
	[ "$(tail -n +2 bad.csv | cut -d , -f 1-4 | sort)" = $'2,ALFKI,CHAI,1\n2,ALFKI,NOSUCH,1' ]
}

@test "--rejects of JSON stay JSON" {
	store
	bo-customer add -q --rejects bad.json - 2>/dev/null <<'JSON'
{"name":"Ann"}
{"name":"Bob","email":"b\"ob"}
JSON
	[ "$(bo-customer list --no-header -f name)" = Ann ]
	[ "$(jq -r .name bad.json)" = Bob ]
	jq -r .reason bad.json | grep -q '^email: '
}

@test "--rejects of a key that was used before stay as they are" {
	store
	printf 'name,email\nAnn,\nBob,bob\n' >new.csv
	bo-customer add -q -k load --rejects bad.csv - <new.csv 2>/dev/null
	grep -q '^Bob' bad.csv
	cp bad.csv before.csv
	bo-customer add -q -k load --rejects bad.csv - <new.csv 2>/dev/null
	cmp before.csv bad.csv
	[ "$(bo-customer list --no-header -f name)" = Ann ]
}

@test "--rejects that can't be written stops everything" {
	store
	run -4 bo-customer add --rejects nowhere/bad.csv - <<<$'name\nAnn'
	[ -z "$(bo-customer list -o ids)" ]
}

@test "a header alone is success, no bytes at all is not" {
	store
	before=$(head_of)
	run -0 bo-customer add - <<<name
	run -0 bo-customer set - <<<id,tx,name
	[ "$(head_of)" = "$before" ]
	run -3 bo-customer add - </dev/null
	bo-customer list -w 'name = nobody' | bo-customer set -q - tier=gold
}

@test "a stream is only read where - says so" {
	store
	run -2 bo-customer set name=x </dev/null
	run -2 bo-customer add </dev/null
	[ "$output" = 'bo-customer: nothing to add: FIELD=VALUE ..., or - for standard input' ]
	echo code,name >customers.csv
	run -2 bo-customer add customers.csv
	[ "$output" = 'bo-customer: not FIELD=VALUE: "customers.csv" (to read it: - <customers.csv)' ]
	run -2 bo-customer add --group x name=y
	run -2 bo-customer set C1 - name=x </dev/null
}

@test "a header in one piece names what may separate it" {
	store
	run -3 bo-customer add - <<<$'code;name\nA;B'
	[[ $output == *"(--delimiter ';'?)" ]]
	run -3 bo-customer add - <<<$'code\tname\nA\tB'
	[[ $output == *'(--in tsv?)' ]]
}

@test "--map '*=' leaves out what is no field, but not what was mapped" {
	store
	bo-customer add -q --map '*=' --map firm=name - <<<$'code,firm,fax2,rank\nA,Anna,1,2'
	[ "$(bo-customer list --no-header -w 'code = A' -f name)" = Anna ]
	run -3 bo-customer add --map '*=' --map firm=nam - <<<$'code,firm\nB,Bert'
	[[ $output == *'-:1: nam: no such field'* ]]
}

@test "two rows about one record are refused, with both lines" {
	store
	bo-customer add -q - <<<$'code,name\nA,Anna\nB,Bert'
	local a
	a=$(bo-customer list --no-header -w 'code = A' -f id)
	run -3 bo-customer set - <<<"id,name"$'\n'"$a,x"$'\n'"A,y"
	[ "$output" = "bo-customer: -:3: id: $a was in line 2 already" ]
	run -3 bo-customer put --match code - <<<$'code,name\nA,x\nN,n\nN,m\nA,y'
	[[ ${lines[0]} == *"-:4: code: "*" was in line 3 already" ]]
	[[ ${lines[1]} == *"-:5: code: $a was in line 2 already" ]]
	[ "$(bo-customer list --no-header -w 'code = A' -f name)" = Anna ]
}

@test "without a column of ids a set says how to get one" {
	store
	run -3 bo-customer set - <<<$'code,name\nA,x'
	[ "$output" = 'bo-customer: -: no column "id" (--map code=id, or put --match code)' ]
}

@test "faults are told in the order of the lines" {
	store
	run -3 bo-invoice add --group reference - <<-'END'
		reference,customer,item,qty,date
		1,,x,1,31.12.2026
		2,,x,1,2026-12-31
		1,,y,z,31.12.2026
	END
	[[ $output == *'not a date: "31.12.2026" (YYYY-MM-DD, or say --date-format)'* ]]
	cut -d : -f 3 <<<"$output" | sort -c -n
}

@test "a long input goes through, and every line of it" {
	store
	{
		echo code,name
		seq 20000 | sed 's/.*/k-&,"Name, &"/'
	} | bo-customer add -q -
	[ "$(bo-customer list -o ids | wc -l)" -eq 20000 ]
	[ "$(bo-customer show k-20000 -o csv --no-header -f id,name)" = 'C20000,"Name, 20000"' ]
	bo-customer list | bo-customer set -q - owner=ann
	[ "$(bo-customer list -w 'owner = ann' -o ids | wc -l)" -eq 20000 ]
}

@test "plain CSV and JSON lines come to the same records and the same faults" {
	store
	bo-init -q other
	cat >rows.json <<-'JSON'
		{"sku":"A1","name":"Chai","price":"18","notes":"a, b"}
		{"sku":"A2","name":"say \"hi\"","price":"18.50","notes":" lead"}
		{"sku":"A2","name":"twice","price":"1","notes":""}
		{"sku":"I7","name":"like an id","price":"1","notes":""}
		{"sku":"A4","name":"","price":"1","notes":"no name"}
		{"sku":"A5","name":"چائے 🫖","price":"","notes":"C'est ça"}
		{"sku":"A6","name":"dear","price":"much","notes":""}
		{"sku":"","name":" ","price":"","notes":"blank"}
		{"sku":"A8","name":"last","price":"007","notes":"x"}
	JSON
	jq -r -s '(.[0] | keys_unsorted), (.[] | [.[]]) | map(if test("[,\"]") then "\"" + gsub("\""; "\"\"") + "\"" else . end) | join(",")' \
	    rows.json >rows.csv
	bo-item -q add --rejects no.csv - <rows.csv || true
	bo-item -d other -q add --rejects no.json - <rows.json || true
	diff <(tail -n +2 "$BO_STORE/item.csv") <(tail -n +2 other/item.csv)
	[ "$(bo-item list -o json | jq -r '.sku + "," + .price' | paste -sd' ' -)" = 'A1,18 A2,18.5 A5, , A8,7' ]
	[ "$(grep -c . no.csv)" -eq 5 ]
	for form in csv json; do
		bo-item add -n - <rows.$form 2>faults || true
		sed 's/-:[0-9]*://' faults >$form.faults
	done
	[ "$(wc -l <csv.faults)" -ge 5 ]
	diff csv.faults json.faults
}

@test "a last line without its end is taken, and said to be, since it may have been cut short" {
	store
	printf 'code,name\nA,Anna\nB,Be' >cut.csv
	run -0 --separate-stderr bo-customer add -f code,name - <cut.csv
	[ "$output" = $'code,name\nA,Anna\nB,Be' ]
	[ "$stderr" = 'bo-customer: -:3: the last line has no end: was it cut short?' ]
	said()
	{
		run -0 --separate-stderr "$@"
		[ "$stderr" = "${whole-bo-customer: -:2: the last line has no end: was it cut short?}" ]
	}
	said bo-customer set -n - < <(printf 'id,tags\nC1,bu')
	said bo-customer put --match code --in tsv - < <(printf 'code\ttags\nA\tbu')
	said bo-customer set -f id - < <(printf 'id,tags\nC1,new' | iconv -t UTF-16)
	whole='bo-apply: plan:2: the last line has no end: was it cut short?'
	printf 'table,id,field,old,new\ncustomer,C1,city,,Lo' >plan
	said bo-apply plan
	whole=
	said bo-customer set -q - < <(printf 'id,tags\nC1,bu')
	said bo-customer set - < <(printf 'id,tags\nC1,bulk\n')
	said bo-customer set --encoding UTF-16 - < <(printf 'id,tags\nC1,bulk\n' | iconv -t UTF-16)
	said bo-customer set - < <(printf 'id,tags\r\nC1,bulk\r\n')
	said bo-customer set - < <(printf 'id,tags')
	said bo-customer set - < <(printf '{"id":"C1","tags":["bulk"]}')
	said bo-customer set tags=x - < <(printf 'C1')
}

@test "a count that is none is told what it is, and one is one" {
	store
	run -2 bo-customer list --limit -1
	[ "$output" = 'bo-customer: --limit: not a count, such as 0 or 20: "-1"' ]
	run -2 bo-customer add --skip one - <<<$'name\nAda'
	[ "$output" = 'bo-customer: --skip: not a count, such as 0 or 20: "one"' ]
	run -3 bo-customer add - <<<$'code,name\nA'
	[ "$output" = 'bo-customer: -:2: 1 value where the header has 2 columns' ]
	run -3 bo-customer add - <<<$'name\nA,B'
	[ "$output" = 'bo-customer: -:2: 2 values where the header has 1 column' ]
}

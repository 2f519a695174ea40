#!/usr/bin/env bats
# bo-record: the verbs that every table has

# bats sets it where a run has --separate-stderr.
# shellcheck disable=SC2154
load helper

company()
{
	store
	bo-customer add -q code=ALFKI name='Alfreds Futterkiste' country=Germany tier=gold
	bo-customer add -q code=BLAUS name='Blauer See' country=DE
	bo-customer add -q code=CHOPS name='Chop-suey' country=Switzerland
}

@test "add prints the record it added, as list does" {
	company
	run -0 bo-customer add code=DRACD name=Drachenblut
	[ "${lines[0]}" = "$(bo-customer list | head -n 1)" ]
	[ "${lines[1]}" = "$(bo-customer list | tail -n 1)" ]
	[[ ${lines[1]} == C4,5,DRACD,Drachenblut,* ]]
}

@test "add with : adds children, and their parent is worked out with them" {
	company
	bo-item add -q sku=CHAI name=Chai price=18 tax_rate=19
	run -0 bo-invoice add -f id,net,tax,total customer=ALFKI : item=CHAI qty=10 : item=CHAI qty=2.5 price=17
	[ "${lines[1]}" = V1,222.50,42.28,264.78 ]
	[ "$(bo-record -t invoice_line list --no-header -f id,invoice,item,qty,amount)" = \
	    $'VL1,V1,I1,10,180.00\nVL2,V1,I1,2.5,42.50' ]
}

@test ":TABLE names the children's table, with or without its parent's name" {
	company
	bo-invoice add -q customer=ALFKI :invoice_line description=a price=1 :line description=b price=2
	[ "$(bo-record -t invoice_line list --no-header -f description)" = $'a\nb' ]
	run -2 bo-invoice add customer=ALFKI :posting description=a
	run -2 bo-customer add name=X : name=Y
}

@test "defaults apply when a record is added, not when it is read" {
	company
	[ "$(bo-ticket add subject=Hello -f status,priority --no-header)" = new,normal ]
	bo-ticket set -q T1 owner=ann
	[ "$(bo-ticket list -f priority --no-header)" = normal ]
}

@test "set changes records by id or key, several at once" {
	company
	run -0 bo-customer set C1 BLAUS owner=ann -f id,owner
	[ "$output" = $'id,owner\nC1,ann\nC2,ann' ]
	run -0 bo-customer set C1 owner= -f id,owner
	[ "$output" = $'id,owner\nC1,' ]
}

@test "a change of nothing writes nothing" {
	company
	cp "$BO_STORE/audit.csv" before
	run -0 bo-customer set C1 tier=gold
	[ "${#lines[@]}" -eq 1 ]
	cmp before "$BO_STORE/audit.csv"
}

@test "set adds children to records that are there" {
	company
	bo-ticket add -q subject=Printer : text='it smokes'
	bo-ticket set -q T1 priority=high : text='it burns'
	[ "$(bo-record -t message list --no-header -f ticket,text)" = $'T1,it smokes\nT1,it burns' ]
}

@test "archive hides records, unarchive brings them back, list -a shows all" {
	company
	bo-customer archive -q C1 BLAUS
	[ "$(bo-customer list -o ids)" = C3 ]
	[ "$(bo-customer list -a -o ids)" = $'C1\nC2\nC3' ]
	[ "$(bo-customer list -a --no-header -f id,archived)" = $'C1,true\nC2,true\nC3,' ]
	bo-customer unarchive -q C1
	[ "$(bo-customer list -o ids)" = $'C1\nC3' ]
}

@test "list: -w filters, several are and-ed" {
	company
	[ "$(bo-customer list -o ids -w 'country = DE')" = $'C1\nC2' ]
	[ "$(bo-customer list -o ids -w 'country = DE' -w 'tier = gold')" = C1 ]
	[ "$(bo-customer list -o ids -w 'name ~ "^[BC]" and not country = CH')" = C2 ]
}

@test "list: -w says where it is wrong" {
	company
	run -2 --separate-stderr bo-customer list -w 'contry = DE'
	[[ $stderr == *'"contry"'*'"country"'* ]]
	[ -z "$output" ]
}

@test "list: -f picks columns in order and follows references" {
	company
	bo-ticket add -q subject=Printer customer=BLAUS
	[ "$(bo-ticket list -f customer.name,id,customer.country)" = \
	    $'customer.name,id,customer.country\nBlauer See,T1,DE' ]
	run -2 --separate-stderr bo-ticket list -f subjct
	[[ $stderr == *'"subject"'* ]]
}

@test "list: -s sorts by type, is stable, and - is downwards" {
	store
	bo-item add -q sku=A name=x price=10 reorder_level=1
	bo-item add -q sku=B name=y price=9 reorder_level=1
	bo-item add -q sku=C name=x price=100
	[ "$(bo-item list -s price -o ids | tr '\n' ' ')" = 'I2 I1 I3 ' ]
	[ "$(bo-item list -s -price -o ids | tr '\n' ' ')" = 'I3 I1 I2 ' ]
	[ "$(bo-item list -s name -o ids | tr '\n' ' ')" = 'I1 I3 I2 ' ]
	[ "$(bo-item list -s name,-price -o ids | tr '\n' ' ')" = 'I3 I1 I2 ' ]
	[ "$(bo-item list -s reorder_level -o ids | tr '\n' ' ')" = 'I3 I1 I2 ' ]
	[ "$(bo-item list -s -id -o ids | tr '\n' ' ')" = 'I3 I2 I1 ' ]
}

@test "list: states and enumerations sort in the order of their schema" {
	store
	for priority in urgent low high normal; do bo-ticket add -q subject=x priority=$priority; done
	[ "$(bo-ticket list -s priority -f priority --no-header | tr '\n' ' ')" = 'low normal high urgent ' ]
}

@test "list: --limit, -e and --no-header" {
	company
	[ "$(bo-customer list --limit 2 -o ids)" = $'C1\nC2' ]
	[ "$(bo-customer list --limit 1 -s -id -o ids)" = C3 ]
	run -0 bo-customer list -w 'code = NOBODY' -f id
	[ "$output" = id ]
	run -1 --separate-stderr bo-customer list -w 'code = NOBODY' -e --no-header
	[ -z "$output$stderr" ]
}

@test "list: the same columns by copying and by picking" {
	company
	bo-customer set -q C2 name='See, blauer' notes=$'two\nlines'
	bo-ticket add -q subject='say "hi"' customer=C1
	for noun in customer ticket company location; do
		columns=$(bo-record -t $noun list | head -n 1)
		diff <(bo-record -t $noun list) <(bo-record -t $noun list -f "$columns")
		columns=$(bo-record -t $noun list -a | head -n 1)
		[[ $columns == *archived* ]]
		diff <(bo-record -t $noun list -a) <(bo-record -t $noun list -a -f "$columns")
	done
}

@test "list: older lines lack the fields that came later" {
	company
	bo-field add -q table=customer field=x_region type=text
	bo-customer set -q C2 x_region=north
	[ "$(bo-customer list --no-header -f id,x_region)" = $'C1,\nC2,north\nC3,' ]
	[ "$(bo-customer list | head -n 1)" = "$(bo-customer list -w 'id != C9' | head -n 1)" ]
	diff <(bo-customer list) <(bo-customer list -f "$(bo-customer list | head -n 1)")
}

@test "output: tsv, json with children, ids, table" {
	company
	bo-ticket add -q subject=Printer : text=$'it\nsmokes'
	[ "$(bo-ticket list -o tsv -f id,subject)" = $'id\tsubject\nT1\tPrinter' ]
	[ "$(bo-ticket list -o ids)" = T1 ]
	[ "$(bo-ticket list -o json | jq -r '.message[0].text')" = $'it\nsmokes' ]
	[ "$(bo-ticket list -o json | jq -r '.tx | type')" = number ]
	run -0 bo-ticket list -o table
	[[ ${lines[0]} == id*subject*status* ]]
	[[ ${lines[0]} != *owner* ]]
}

@test "output: --raw has line breaks as they are, --spreadsheet defuses formulas" {
	company
	bo-customer set -q C1 notes=$'two\nlines' contact='=1+1'
	[ "$(bo-customer list -w 'id = C1' --no-header -f notes)" = $'two\xe2\x80\xa8lines' ]
	[ "$(bo-customer list -w 'id = C1' --no-header -f notes --raw)" = $'"two\nlines"' ]
	[ "$(bo-customer list -w 'id = C1' --no-header -f contact --spreadsheet)" = "'=1+1" ]
}

@test "show is for a person, -o for programs; who is not there is an answer" {
	company
	bo-ticket add -q subject=Printer customer=C1 : text='it smokes'
	run -0 bo-ticket show T1
	[[ $output == *subject*Printer* ]]
	[[ $output == *'C1  Alfreds Futterkiste'* ]]
	[[ $output == *M1*'it smokes'* ]]
	[[ $output == *'ticket add'* ]]
	run -0 bo-customer show ALFKI
	[[ $output == *'ticket.customer  1: T1'* ]]
	[ "$(bo-ticket show T1 -o json | jq -r '.message | length')" -eq 1 ]
	run -1 --separate-stderr bo-ticket show T1 T7
	[ -z "$output" ]
	[[ $stderr == *'no such ticket: "T7"' ]]
}

@test "show reads ids from standard input" {
	company
	run -0 bash -c 'bo-customer list -w "country = DE" | bo-customer show - -o csv -f id'
	[ "$output" = $'id\nC1\nC2' ]
}

@test "log has one row for each field that changed, with who, when and why" {
	company
	bo-customer set -q C1 tier=silver owner=ann -m 'moved house'
	run -0 bo-customer log C1 -f tx,command,field,old,new,reason
	[ "$(tail -n 2 <<<"$output")" = \
	    $'5,customer set,tier,gold,silver,moved house\n5,customer set,owner,,ann,moved house' ]
	[ "$(bo-customer log C1 -f actor --no-header | sort -u)" = "$(id -un)" ]
	bo-customer log C1 -f time --no-header | grep -qE '^20..-..-..T..:..:..[.]...Z$'
}

@test "log without ids is that of the whole table" {
	company
	[ "$(bo-customer log -f id --no-header | sort -u | tr '\n' ' ')" = 'C1 C2 C3 ' ]
}

@test "fields prints the schema, also without a store" {
	cd /
	run -0 bo-customer fields
	[ "${lines[0]}" = field,type,flags,default,help ]
	[[ ${lines[1]} == code,text,key,,* ]]
	[[ ${lines[*]} == *archived,bool* ]]
}

@test "edit: what the editor leaves becomes the record" {
	company
	cat >editor <<-'SH'
		#!/bin/sh
		[ "$1" = -x ] && shift
		stat -c %a "$1" >>mode
		sed -i -e 's/^name:.*/name: Alfred/' -e 's/^notes:.*/notes: one\n\n    three/' "$1"
	SH
	chmod +x editor
	EDITOR="$PWD/editor -x" run -0 bo-customer edit ALFKI -f name,notes,code
	[ "${lines[1]}" = $'Alfred,one\xe2\x80\xa8\xe2\x80\xa8three,ALFKI' ]
	[ "$(cat mode)" = 600 ]
	cat >editor <<-'SH'
		#!/bin/sh
		exec cp "$1" text
	SH
	VISUAL=$PWD/editor run -0 bo-customer edit C1 -q
	grep -A 2 '^notes: one$' text | tail -n 1 | grep -qx '    three'
	[ "$(bo-customer show C1 -o csv --no-header -f tx)" = 5 ]
}

@test "edit: a record that moved on meanwhile is not overwritten, and the text is kept" {
	company
	cat >editor <<-'SH'
		#!/bin/sh
		bo-customer set -q C1 owner=ann
		sed -i 's/^name:.*/name: Alfred/' "$1"
	SH
	chmod +x editor
	EDITOR=$PWD/editor TMPDIR=$PWD run -3 bo-customer edit C1
	[[ $output == *'has changed since'* ]]
	[[ $output == *'the text is kept in'* ]]
	grep -q '^name: Alfred$' bo-edit-*
	[ "$(bo-customer show C1 -o csv --no-header -f name)" = 'Alfreds Futterkiste' ]
}

@test "edit: an editor that fails changes nothing" {
	company
	EDITOR=false run -4 bo-customer edit C1
	EDITOR=/nowhere/editor run -4 bo-customer edit C1
	[ "$(bo-customer show C1 -o csv --no-header -f tx)" = 2 ]
}

@test "transitions are verbs, with fields and children along; others are refused" {
	company
	bo-ticket add -q subject=Printer
	run -0 bo-ticket solve T1 owner=ann -f status,owner : direction=out text=done
	[ "${lines[1]}" = solved,ann ]
	[ "$(bo-record -t message list --no-header -f direction,text)" = out,done ]
	run -3 bo-ticket solve T1
	[[ $output == *'T1 is solved: solve goes from new, open, pending, hold' ]]
	run -3 bo-ticket assign T1
	bo-ticket reopen -q T1
	run -3 bo-ticket wait T1 until=never
}

@test "a transition needs what its flow says" {
	company
	bo-ticket add -q subject=Printer
	run -3 bo-ticket assign T1
	[[ $output == *owner:*'assign needs it'* ]]
	run -0 bo-ticket assign T1 owner=ann -q
}

@test "a transition from nothing makes a record" {
	store
	bo-item add -q sku=CHAI name=Chai
	run -0 bo-stock receive item=CHAI qty=10 to=MAIN -f kind,qty
	[ "${lines[1]}" = receive,10 ]
}

@test "-n prints the plan and writes nothing" {
	company
	cp -r "$BO_STORE" before
	run -0 bo-customer set -n C1 tier=silver
	[ "$output" = $'table,id,field,old,new\ncustomer,C1,tier,gold,silver' ]
	run -0 bo-customer add --dry-run name=New
	[[ $output == *customer,+1,name,,New* ]]
	diff -r before "$BO_STORE"
}

# Lines of items that make a log of more than 4 MiB.
many_items()
{
	awk 'BEGIN { print "sku,name"; for (i = 1; i <= 60000; i++)
		printf "S%d,a name so long that a hundred thousand of them make a log of some megabytes %d\n", i, i }'
}

@test "-n of a long input writes nothing either, not even to a file without a name" {
	without_sanitizer # which traces, and looks for leaks, itself
	command -v strace >/dev/null || skip 'strace is not installed'
	strace -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
	store
	many_items >long.csv
	bo-item add -q sku=FIRST name=first -n # whatever a first run makes for itself
	strace -f -o calls -e trace=openat,pwrite64,ftruncate,fdatasync,fsync,linkat bo-item add -q -n - <long.csv
	run -1 grep -E 'O_TMPFILE|pwrite64|ftruncate|sync|linkat' calls
	strace -f -o calls -e trace=openat,linkat bo-item add -q - <long.csv
	grep O_TMPFILE calls # which is what was to be seen
}

@test "a long input that is larger than a file may be is refused by an error, not by a signal" {
	store
	many_items >long.csv
	run -4 bash -c 'ulimit -f 1024; bo-item add -q - <long.csv' # the log
	[[ $output == *'File too large' ]]
	run -4 bash -c 'cat long.csv | { ulimit -f 1024; bo-item add -q -; }' # what becomes of a pipe
	[[ $output == *'File too large' ]]
	[ "$(bo-item list --count --no-header)" = 0 ]
}

@test "-n refuses what would be refused" {
	company
	run -3 bo-customer add -n code=X
}

@test "-k: the same again changes nothing and prints the same; something else is refused" {
	company
	first=$(bo-customer add -k job-1 code=NEW name=New)
	bo-customer set -q NEW name=Newer
	cp "$BO_STORE/audit.csv" before
	[ "$(bo-customer add -k job-1 code=NEW name=New)" = "$first" ]
	run -3 bo-customer add -k job-1 code=NEW name=Other
	cmp before "$BO_STORE/audit.csv"
	run -2 bo-customer add -k 'a b' name=x
}

@test "-k covers what comes in as a stream" {
	company
	printf 'name\na\nb\n' >new.csv
	first=$(bo-customer add -k load - <new.csv)
	[ "$(bo-customer add -k load - <new.csv)" = "$first" ]
	echo c >>new.csv
	run -3 bo-customer add -k load - <new.csv
	[ "$(bo-customer list -o ids | wc -l)" -eq 5 ]
}

@test "--as-of looks back, by transaction and by time" {
	store
	at '2026-03-01 09:00:00' bo-customer add -q name=First
	at '2026-03-02 09:00:00' bo-customer set -q C1 name=Second
	[ "$(bo-customer list --as-of 2 --no-header -f name)" = First ]
	[ "$(bo-customer list --as-of 3 --no-header -f name)" = Second ]
	[ "$(bo-customer list --as-of 2026-03-02T08:59:59Z --no-header -f name)" = First ]
	[ "$(bo-customer list --as-of 2026-03-02T10:30:00+01:00 --no-header -f name)" = Second ]
	[ "$(bo-customer list --as-of 2026-03-01 --no-header -f name)" = First ]
	[ "$(bo-customer list --as-of 2026-03-02 --no-header -f name)" = Second ]
	[ -z "$(bo-customer list --as-of 1 --no-header)" ]
	run -2 bo-customer list --as-of yesteryear
	run -1 bo-customer list --as-of 99
	run -2 bo-customer set --as-of 2 C1 name=Third
}

@test "--as-of of the time that the audit log has is that transaction" {
	company
	time=$(bo-customer log C2 -f time --no-header | head -n 1)
	[ "$(bo-customer list -o ids --as-of "$time" | tail -n 1)" = C2 ]
}

@test "--on is today for those who ask" {
	store
	bo-ticket add -q subject=a until=2026-03-01
	bo-ticket add -q subject=b until=2026-03-05
	[ "$(bo-ticket list -o ids -w 'until < today' --on 2026-03-03)" = T1 ]
	run -2 bo-ticket list --on tomorrow
}

@test "-q prints no records, -v says what was done" {
	company
	run -0 --separate-stderr bo-customer set -q C1 tier=basic
	[ -z "$output$stderr" ]
	run -0 --separate-stderr bo-customer set -v C1 tier=gold
	[[ $stderr == *"store $BO_STORE"*'1 changed in transaction 6' ]]
	run -0 --separate-stderr bo-customer set -v C1 tier=gold
	[[ $stderr == *'nothing changed' ]]
}

@test "a terminal shows keys, and says what it has no room for" {
	command -v script >/dev/null || skip "no script(1)"
	store
	bo-customer add -q code=ALFKI name=Zed
	bo-customer add -q name=Nobody
	bo-item add -q sku=QUILL name=Q price=3 tax_rate=7
	for customer in ALFKI C2; do
		bo-invoice add -q date=2026-02-01 customer="$customer" reference=a-long-reference : item=QUILL qty=1
	done
	export COLUMNS=60 TERM=dumb
	script -qec "bo-invoice list" /dev/null </dev/null | tr -d '\r' >out
	grep -q 'ALFKI' out
	grep -q ' C2 ' out
	tail -n 1 out | grep -Eq '^[0-9]+ columns not shown: .*\(-f chooses\)$'
	bo-invoice list -o table >all
	run ! grep -q 'not shown\|ALFKI' all
}

@test "a slip in -f or -s is found before anything is written" {
	store
	for options in '-f cod' '-q -f cod' '-n -f cod' '-s cod'; do
		# shellcheck disable=SC2086
		run -2 bo-customer add $options code=Z name=Zed
		[[ $output == *'no such field: "cod"'* ]]
	done
	run -0 bo-customer list -w 'code = Z' --no-header
	[ -z "$output" ]
	run -2 bo-apply -f tabl - <<<'table,id,field,old,new'
	[[ $output == *'no such column: "tabl"'* ]]
}

@test "--decimal and --date-format are heeded in operands too" {
	store
	[ "$(bo-item add --no-header -f price sku=QUILL name=Q price=1.234,50 --decimal ,)" = 1234.5 ]
	bo-customer add -q code=Z name=Zed
	[ "$(bo-invoice add --no-header -f date customer=Z date=31.12.2026 --date-format DD.MM.YYYY)" = 2026-12-31 ]
}

@test "a field that only children have is looked for behind :" {
	store
	run -2 bo-invoice add item=Q
	[ "$output" = 'bo-invoice: no such field: "item" (a field of invoice_line: put it behind ":")' ]
}

@test "--as-of takes moments from now" {
	store
	bo-customer add -q code=Z name=Zed
	[ "$(bo-customer list --as-of now -w 'code = Z' --no-header -f name)" = Zed ]
	[ "$(bo-customer list --as-of today -w 'code = Z' --no-header -f name)" = Zed ]
	[ -z "$(bo-customer list --as-of yesterday -w 'code = Z' --no-header -f name)" ]
	[ -z "$(bo-customer list --as-of -3d -w 'code = Z' --no-header -f name)" ]
	run -2 bo-customer list --as-of never
}

@test "the log of a record has that of its children, by time" {
	store
	bo-customer add -q code=Z name=Zed
	bo-item add -q sku=QUILL name=Q price=3
	id=$(bo-invoice add --no-header -f id customer=Z : item=QUILL qty=1)
	bo-invoice set -q "$id" : item=QUILL qty=2
	[ "$(bo-invoice log "$id" --no-header -w 'field = qty or field = total' -f field,old,new)" = \
		$'total,,3.00\nqty,,1\ntotal,3.00,9.00\nqty,,2' ]
}

@test "options go before or after the verb, until --" {
	company
	[ "$(bo-customer -f name list -o csv)" = "$(bo-customer list -o csv -f name)" ]
	run -1 --separate-stderr bo-customer show -- -a
	[[ $stderr == *'no such customer: "-a"' ]]
	POSIXLY_CORRECT=1 run -0 bo-customer list -o ids
}

@test "usage: no verb, unknown verbs, options and arguments are status 2 and say what may be meant" {
	store
	run -2 bo-customer
	run -2 bo-customer lst
	[[ $output == *'no such verb: "lst" (did you mean "list"?)' ]]
	run -2 bo-ticket slove T1
	[[ $output == *'"solve"'* ]]
	run -2 bo-customer list --feilds id
	[[ $output == *'"fields"'* ]]
	run -2 bo-customer list -Z
	[[ $output == *'"-Z"'* ]]
	run -2 bo-customer list -f
	run -2 bo-customer list -o xml
	run -2 bo-customer list --limit many
	run -2 bo-customer list extra
	run -2 bo-customer set name=x
	run -2 bo-customer set C1
	run -2 bo-customer add name=x name=y
	run -2 bo-customer put -
	run -2 bo-record list
	run -2 bo-record -t nonsense list
	run -2 bo-customer -t supplier list
}

@test "-h is the usage, made of the table's verbs; -V the version; neither needs a store" {
	cd /
	run -0 bo-ticket -h
	[[ ${lines[0]} == 'usage: bo-ticket [options] add '* ]]
	[[ $output == *'bo-ticket [options] solve ID'* ]]
	[[ $output == *--as-of* ]]
	run -0 bo-ticket list --help
	run -0 bo-record -V
	[[ $output =~ ^bo-record\ \(bo\)\ [0-9]+[.][0-9]+ ]]
}

@test "output that can't be written: readers 4, writers 6 and the change is there" {
	company
	run -4 bash -c 'bo-customer list >/dev/full'
	[[ $output == *'No space left on device'* ]]
	run -4 bash -c 'bo-customer show C1 >/dev/full'
	run -4 bash -c 'bo-customer -V >/dev/full'
	run -6 bash -c 'bo-customer set C1 tier=silver >/dev/full'
	[[ $output == *'done, but not reported'* ]]
	[ "$(bo-customer list -w 'tier = silver' -o ids)" = C1 ]
	run -6 bash -c 'bo-customer set C1 tier=gold >&-'
	[ "$(bo-customer list -w 'tier = gold' -o ids)" = C1 ]
}

@test "readers die silently of a closed pipe, writers finish" {
	company
	run -0 --separate-stderr bash -c 'bo-customer list | true; exit 0'
	[ -z "$stderr" ]
	run bash -c '{ sleep 0.3; bo-customer set C1 tier=silver; echo $? >status; } | true; wait; sleep 0.6; cat status'
	[ "${lines[-1]}" = 6 ]
	[ "$(bo-customer list -w 'tier = silver' -o ids)" = C1 ]
}

@test "on a terminal: a table of the columns that fit, coloured unless told otherwise" {
	command -v script >/dev/null || skip "no script(1)"
	company
	run -0 script -qec 'TERM=xterm COLUMNS=30 bo-customer list' /dev/null
	[[ ${lines[0]} == *$'\x1b['* ]]
	[[ ${lines[0]} == *id*code*name* ]]
	[[ ${lines[0]} != *country* ]]
	run -0 script -qec 'TERM=xterm NO_COLOR=1 bo-customer list' /dev/null
	[[ $output != *$'\x1b'* ]]
	[[ ${lines[0]} == *country* ]]
	run -0 script -qec 'TERM=dumb bo-customer list' /dev/null
	[[ $output != *$'\x1b'* ]]
	run -0 script -qec 'TERM=xterm bo-customer list --color=never -o csv -f id' /dev/null
	[ "${lines[1]}" = $'C1\r' ]
}

@test "the tables that belong to bo are found beside it, or where BO_SHARE says" {
	mkdir -p prefix/bin prefix/share
	cp -L "$BO_BUILD/bin/bo-record" prefix/bin/
	cp -r "$ROOT/share" prefix/share/bo
	echo 'gadget,GG,,,,,things' >>prefix/share/bo/tables.csv
	printf 'field,type,flags,default,help\nname,text,required,,what it is\n' >prefix/share/bo/schema/gadget.csv
	run -0 prefix/bin/bo-record -t gadget fields
	# By a relative name, by a name elsewhere that leads there, by one in $PATH.
	mkdir names
	ln -s ../prefix/bin/bo-record names/bo-record
	(cd prefix/bin && ./bo-record -t gadget fields >/dev/null)
	run -0 names/bo-record -t gadget fields
	PATH=$PWD/names:$PATH run -0 bo-record -t gadget fields
	BO_SHARE=$PWD/prefix/share/bo run -0 bo-record -t gadget fields
	BO_SHARE=$PWD run -4 bo-customer fields
	[[ $output == *BO_SHARE* ]]
}

@test "several writers at once lose nothing" {
	store
	for i in 1 2 3 4 5 6 7 8; do bo-customer add -q name="n$i" & done
	wait
	[ "$(bo-customer list -f name --no-header | sort | tr '\n' ' ')" = 'n1 n2 n3 n4 n5 n6 n7 n8 ' ]
}

@test "the store is found from -d, BO_STORE, or a directory above" {
	bo-init here >/dev/null
	bo-init there >/dev/null
	bo-customer add -q -d there name=There
	mkdir -p here/notes && cd here/notes
	bo-customer add -q name=Here
	[ "$(bo-customer list --no-header -f name)" = Here ]
	[ "$(BO_STORE=../../there bo-customer list --no-header -f name)" = There ]
	[ "$(BO_STORE=../../there bo-customer list --no-header -f name -d ..)" = Here ]
}

@test "what a stream names may have been written while it was read" {
	store
	run -0 bash -c '{ sleep 0.3; bo-item add sku=A name=One; } | bo-item set -f name - name=Two'
	[ "$output" = "$(printf 'name\nTwo')" ]
	run -0 bash -c '{ sleep 0.3; bo-item add sku=B name=Three -o ids; } | bo-item show -f name -'
	[ "$output" = "$(printf 'name\nThree')" ]
}

@test "log: -w chooses by what is printed" {
	store
	bo-item add -q sku=A name=One price=1
	bo-item set -q A price=2 -m 'dearer now'
	run -0 bo-item log A -w 'field = price' -f old,new
	[ "$output" = $'old,new\n,1\n1,2' ]
	run -0 bo-item log -w 'field = price and reason ~ dear' -f old,new
	[ "$output" = $'old,new\n1,2' ]
	run -2 bo-item log -w 'fild = price'
	run -1 bo-item log -e -w 'field = nothing'
}

@test "a verb that would pass over -w refuses it" {
	store
	bo-item add -q sku=A name=One
	bo-item add -q sku=B name=Two
	run -2 bash -c "bo-item list | bo-item set - name=Three -w 'sku = B'"
	[[ $output == *'bo-item: -w: '* ]]
	run -2 bo-item show A -w 'sku = B'
	[ "$(bo-item fields --no-header -f field -w 'type = rate and field ~ tax')" = tax_rate ]
	run -2 bo-item add sku=C name=Four -w 'sku = B'
	[ "$(bo-item list --no-header -f name | paste -sd ' ')" = 'One Two' ]
}

@test "an option that a verb can do nothing with is refused" {
	store
	for option in -n '-k today' '--match code' '--group code' '--rejects bad.csv'; do
		# shellcheck disable=SC2086
		run -2 bo-customer list $option
		[[ $output == *'means nothing to list'* ]]
	done
	[ ! -e bad.csv ]
}

@test "a filter's mistake is told with its column" {
	store
	run -2 bo-customer list -w 'country = DE and nam = x'
	[ "$output" = 'bo-customer: -w: column 18: no such field: "nam" (did you mean "name"?)' ]
}

#!/usr/bin/env bats
# erase: everything that is held on a person goes, and nothing else does
# shellcheck disable=SC2154 # bats sets stderr

load helper

# Somebody with tickets, a message, an old name and an old address, and somebody else.
people()
{
	store
	export BO_INDEX=always
	bo-customer add -q code=ZUB name='Zubaida Quraishi' city=Multan email=zubaida@example.com \
	    notes=$'likes "green", not black\nrings at noon'
	bo-customer add -q code=BOB name=Bob city=Leeds
	bo-customer set -q ZUB city=Karachi phone=+92211234567
	bo-ticket add -q customer=ZUB subject='the samovar leaks' email=zubaida@example.com \
	    : text='Zubaida here: it leaks' direction=in
	bo-ticket set -q T1 : text='We called Quraishi' direction=out
	bo-ticket add -q customer=BOB subject='a cup broke' : text='Bob here' direction=in
}

# What must not be anywhere afterwards.
words='Zubaida|Quraishi|zubaida|Multan|Karachi|92211234567|samovar|rings at noon|leaks'

# Every byte of the store, of its indexes and of what commands remember at home.
assert_gone()
{
	[[ ${BO_TEST_INDEX-} = deleted || -e $HOME/.cache/bo/$(cut -d' ' -f3 "$BO_STORE/bo.format")/customer.index ]]
	! grep -raE "$words" "$BO_STORE" "$HOME" || { echo 'something is left'; return 1; }
}

sizes()
{
	(cd "$BO_STORE" && stat -c '%n %s' customer.csv ticket.csv message.csv)
}

@test "nothing is left of a person in any file, and all that was proved still is" {
	people
	grep -raqE "$words" "$BO_STORE"
	bo-customer show ZUB >shown # whatever is looked up by
	bo-ticket list -w 'customer.name ~ Zubaida' >shown
	grep -q samovar shown
	before=$(sizes)
	run -0 bo-customer erase -m 'asked for it' ZUB --no-header -f table,record
	[ "$output" = $'customer,C1\ncustomer,C1\nticket,T1\nmessage,M1\nmessage,M2' ]
	assert_gone
	[ "$(sizes)" = "$before" ]
	bo-audit verify -q
}

@test "what is not his stays as it is" {
	people
	before=$(grep -ah '^[A-Z]*[0-9]*,' "$BO_STORE"/{customer,ticket,message}.csv | grep -E 'BOB|Bob|cup')
	bo-customer erase -q -m x ZUB
	[ "$(grep -ah '^[A-Z]*[0-9]*,' "$BO_STORE"/{customer,ticket,message}.csv | grep -E 'BOB|Bob|cup')" = "$before" ]
	run -0 bo-ticket show T2 -o json
	[ "$(jq -r '.subject, .message[0].text' <<<"$output")" = $'a cup broke\nBob here' ]
}

@test "a slip in -f is found before anything is erased" {
	people
	run -2 bo-customer erase -m x ZUB -f tabel
	[[ $output == *'no such field: "tabel"'* ]]
	[ "$(bo-customer list -o ids -w code=ZUB)" = C1 ]
}

@test "an erased line is its sealed form, byte by byte" {
	people
	line=$(grep -a '^C1,' "$BO_STORE/customer.csv" | head -n 1)
	secret=${line#*,*,}
	bo-customer erase -q -m x ZUB
	run -0 grep -a -m 1 '^C1,' "$BO_STORE/customer.csv"
	[ "${#output}" -eq "${#line}" ]
	[[ $output == "${line%%,*},2,$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1),"* ]]
	[[ ${output#*,*,*,} =~ ^\ +,+$ ]]
	commas=${output##* }
	[ "${#commas}" -eq $(($(head -n 1 "$BO_STORE/customer.csv" | tr -cd , | wc -c) - 3)) ]
}

@test "an erased record is hidden, empty, and says when, by whom and why" {
	people
	bo-customer erase -q -m 'asked for it' ZUB
	run -0 bo-customer list --no-header -f id
	[ "$output" = C2 ]
	run -0 bo-customer list -a --no-header -f id,code,name,city
	[ "$output" = $'C1,,,\nC2,BOB,Bob,Leeds' ]
	run -0 bo-customer list -a --no-header
	[[ ${lines[0]} =~ ^C1,[0-9]+,+$ ]]
	run -0 bo-customer list -a -o json -w 'id = C1'
	[ "$(jq -c 'del(.id, .tx) | [.[] | select(. != null)]' <<<"$output")" = '[]' ]
	run -0 bo-customer show C1
	[[ ${lines[1]} == *erased*"$(id -un)"*'asked for it' ]]
	run -0 bo-ticket list -a --no-header -f id,customer,age -w 'id = T1'
	[ "$output" = T1,, ]
	run -0 bo-customer list -a --as-of 2 --no-header -f id,name
	[ "$output" = C1, ]
}

@test "an erased record is not written to, not referred to anew, and its id is not given out again" {
	people
	bo-customer erase -q -m x ZUB
	run -3 bo-customer set C1 name=Zubaida
	[[ $output == *'C1 was erased'* ]]
	run -3 bo-ticket reopen T1
	run -3 bo-ticket set T1 : text=more
	run -3 bo-ticket add subject=x customer=C1
	[[ $output == *'C1 was erased'* ]]
	run -1 bo-customer show ZUB
	run -0 bo-customer add code=ZUB name=other --no-header -f id
	[ "$output" = C3 ]
	bo-audit verify -q
}

@test "a revision that named him goes, though the record is somebody else's by now" {
	people
	bo-ticket add -q customer=ZUB subject='samovar, misfiled'
	bo-ticket set -q T3 customer=BOB subject='the kettle whistles'
	bo-customer erase -q -m x ZUB
	run -0 bo-ticket list --no-header -f id,customer,subject
	[ "$output" = $'T2,C2,a cup broke\nT3,C2,the kettle whistles' ]
	assert_gone
	bo-audit verify -q
}

@test "a ticket can be erased alone, a message only with it, an item never" {
	people
	bo-item add -q sku=CUP name=cup
	run -0 bo-ticket erase -m spam T1 --no-header -f record
	[ "$output" = $'T1\nM1\nM2' ]
	run -0 bo-customer list --no-header -f id
	[ "$output" = $'C1\nC2' ]
	run -2 bo-record erase -t message -m x M3
	run -2 bo-item erase -m x CUP
	[[ $output == *'no personal data'* ]]
	bo-audit verify -q
}

@test "a supplier is erased the same way, and items go on to refer to its id" {
	store
	bo-supplier add -q code=SAM name=Samira iban=GB29NWBK60161331926819
	bo-item add -q sku=CUP name=cup supplier=SAM
	bo-supplier erase -q -m 'gone' SAM
	run ! grep -raE 'Samira|GB29' "$BO_STORE"
	run -0 bo-item list --no-header -f sku,supplier,supplier.name
	[ "$output" = CUP,S1, ]
	run -0 bo-item set CUP price=2 --no-header -f price
	run -0 bo-item list -f id,sku,supplier
	run -0 bo-item set - <<<"$output"
}

@test "-n shows what would go, and nothing goes" {
	people
	before=$(cat "$BO_STORE"/*.csv | sha256sum)
	run -0 bo-customer erase -n -m x ZUB --no-header -f record
	[ "${#lines[@]}" -eq 5 ]
	[ "$(cat "$BO_STORE"/*.csv | sha256sum)" = "$before" ]
}

@test "twice is fine: there is nothing to do, and nothing is written" {
	people
	bo-customer erase -q -m x ZUB
	tx=$(bo-audit head --no-header -f tx)
	run -0 bo-customer erase -m x C1 --no-header
	[ -z "$output" ]
	[ "$(bo-audit head --no-header -f tx)" = "$tx" ]
}

@test "with a key the same is told again, though the name is gone" {
	people
	run -0 bo-customer erase -k gone-1 -m x ZUB -f id,record
	first=$output
	run -0 bo-customer erase -k gone-1 -m x ZUB -f id,record
	[ "$output" = "$first" ]
}

@test "an erasure says why, and whom" {
	people
	run -2 bo-customer erase ZUB
	[[ $output == *'-m REASON is missing'* ]]
	run -2 bo-customer erase --force ZUB
	[[ $output == *'-m REASON is missing'* ]]
	run -2 bo-customer erase -m x
	run -1 bo-customer erase -m x NOBODY
	[[ $output == *'no such customer: "NOBODY"'* ]]
	run -1 bo-customer erase -m x ZUB C77
	bo-customer show ZUB >/dev/null
}

@test "erasures can't be made, changed or taken back by hand" {
	people
	bo-customer erase -q -m x ZUB
	tx=$(bo-audit head --no-header -f tx)
	run -3 bo-record add -t erasure table=customer record=C2 offset=1 length=1 columns=1 digest="$(printf 0%.0s {1..64})"
	run -3 bo-record archive -t erasure ER1
	run -3 bo-audit undo "$tx"
	[ "$(bo-audit head --no-header -f tx)" = "$tx" ]
}

# --- documents that law demands ---------------------------------------------------------

@test "who has an issued invoice or a draft is not erased, unless it is forced" {
	people
	bo-invoice add -q customer=ZUB : description=tea price=4
	run -3 bo-customer erase -m x ZUB
	[[ $output == *'C1 can'?'t be erased: invoice V1 is a draft'* ]]
	bo-invoice issue -q V1
	run -3 bo-customer erase -m x ZUB
	[[ $output == *'invoice V1 is not settled'* ]]
	bo-customer show ZUB >/dev/null
	run -0 bo-customer erase --force -m 'court order' ZUB
	run -0 bo-invoice list --no-header -f id,customer,customer.name,bill_name
	[ "$output" = 'V1,C1,,Zubaida Quraishi' ]
	bo-audit verify -q
}

@test "who owes nothing any more, and is owed nothing, can be erased" {
	people
	bo-invoice add -q customer=ZUB : description=tea price=4
	bo-invoice issue -q V1
	bo-payment receive -q customer=ZUB amount=5 : invoice=V1
	run -3 bo-customer erase -m x ZUB
	[[ $output == *"can't be erased: some of PY1 is on account"* && $output != *V1* ]]
	bo-payment refund -q customer=ZUB amount=0.40
	run -3 bo-customer erase -m x ZUB
	bo-payment refund -q customer=ZUB amount=0.60
	bo-customer erase -q -m x ZUB
	run -0 bo-invoice list --no-header -f open,bill_name
	[ "$output" = '0.00,Zubaida Quraishi' ]
}

@test "void invoices and archived drafts do not keep a customer" {
	people
	bo-invoice add -q customer=ZUB : description=tea price=4
	bo-invoice add -q customer=ZUB : description=tea price=4
	bo-invoice void -q V1
	bo-invoice archive -q V2
	bo-customer erase -q -m x ZUB
	assert_gone
}

@test "an issued invoice keeps who it is for, whatever becomes of the customer" {
	store
	bo-customer add -q code=ZUB name='Zubaida & Co' address=$'12 Bazaar\nRear house' postcode=66000 \
	    city=Multan region=Punjab country=PK taxid=1234567-8
	bo-invoice add -q customer=ZUB : description=tea price=4
	run -0 bo-invoice list --no-header -f bill_name,bill_address
	[ "$output" = , ]
	bo-invoice issue -q V1
	bo-customer set -q ZUB name=Other city=Lahore
	run -0 bo-invoice list --no-header -f bill_name,bill_country,bill_taxid
	[ "$output" = 'Zubaida & Co,PK,12345678' ]
	run -0 bo-invoice list -f bill_address -o json
	[ "$(jq -r .bill_address <<<"$output")" = $'12 Bazaar\nRear house\n66000 Multan\nPunjab' ]
	run -3 bo-invoice set V1 bill_name=x
}

@test "a draft of an erased customer is not issued" {
	people
	bo-invoice add -q customer=ZUB : description=tea price=4
	bo-customer erase -q --force -m x ZUB
	run -3 bo-invoice issue V1
	[[ $output == *'C1 was erased'* ]]
}

# --- crashes and tampering ---------------------------------------------------------------

needs_strace()
{
	without_sanitizer
	command -v strace >/dev/null || skip 'strace is not installed'
	strace -o /dev/null true 2>/dev/null || skip 'tracing is not allowed here'
}

@test "killed at any write, it is done or not begun once the next writer was there" {
	local n killed=0 unfinished=0

	needs_strace
	people
	cp -a "$BO_STORE" before
	for n in {1..30}; do
		rm -rf "$BO_STORE" "$HOME/.local"
		cp -a before "$BO_STORE"
		bo-customer list -q # publishes a watermark for the copy
		strace -qq -o /dev/null -e inject=pwrite64:signal=KILL:when="$n" \
		    bo-customer erase -q -m x ZUB 2>/dev/null && break
		killed=$((killed + 1))
		grep -aqE "$words" "$BO_STORE/message.csv" && [ -s "$BO_STORE/erasure.csv" ] && unfinished=$((unfinished + 1))
		bo-customer add -q name=next 2>/dev/null
		bo-audit verify -q
		if [ -s "$BO_STORE/erasure.csv" ] && [ -n "$(bo-record list -t erasure --no-header)" ]; then
			assert_gone
		else
			[ "$(bo-customer list --no-header -f city -w 'code = ZUB')" = Karachi ]
		fi
	done
	[ "$killed" -ge 8 ] # chunk, line, mark and five lines
	[ "$unfinished" -ge 3 ]
	assert_gone
}

@test "power lost in the midst of overwriting: a line that is half gone is finished" {
	people
	cp -a "$BO_STORE" before
	bo-customer erase -q -m x ZUB
	# the message, which comes last, half old and half new; another line wholly old
	offset=$(bo-record list -t erasure --no-header -f offset -w 'record = M2')
	dd if=before/message.csv of="$BO_STORE/message.csv" bs=1 seek=$((offset + 90)) skip=$((offset + 90)) count=20 \
	    conv=notrunc status=none
	dd if=before/customer.csv of="$BO_STORE/customer.csv" conv=notrunc status=none
	run -0 --separate-stderr bo-item add sku=CUP name=cup
	[[ $stderr == *'finished an erasure that was cut short'* ]]
	assert_gone
	bo-audit verify -q
}

@test "a sync that fails in the midst of overwriting breaks the store, and its repair finishes the erasure" {
	needs_strace
	people
	cp -a "$BO_STORE" before
	for n in 3 4 5; do
		rm -rf "$BO_STORE" "$HOME/.local"
		cp -a before "$BO_STORE"
		bo-customer list -q
		run -5 strace -qq -o /dev/null -e inject=fdatasync:error=EIO:when="$n" bo-customer erase -q -m x ZUB
		[[ $output == *'the erasure stands, and the next change of the store, or its repair, will finish it'* ]]
		run -4 bo-customer add name=next
		[[ $output == *'bo-store(1), repair'* ]]
		bo-store repair -q 2>/dev/null
		assert_gone
		bo-audit verify -q
		bo-customer add -q name=next
	done
}

@test "verify finishes what was cut short; who may not write is told" {
	people
	cp -a "$BO_STORE" before
	bo-customer erase -q -m x ZUB
	dd if=before/message.csv of="$BO_STORE/message.csv" conv=notrunc status=none
	bo-audit verify -q
	assert_gone
	# a line that is not the last one tells nobody, but is found
	dd if=before/customer.csv of="$BO_STORE/customer.csv" conv=notrunc status=none
	run -1 bo-audit verify
	[[ $output == *'customer.csv: line 2, '*'was erased, but is not blank'* ]]
	bo-customer erase -q -m again C1
	assert_gone
	bo-audit verify -q
}

@test "a line that is blank though nobody erased it is found" {
	people
	line=$(grep -a '^C2,' "$BO_STORE/customer.csv")
	secret=${line#*,*,}
	rest=${secret#*,}
	commas=$(tr -cd , <<<"$rest")
	blank="${line%%,*},3,$(printf %s "$secret" | sha256sum | cut -d ' ' -f 1),$(printf "%$((${#rest} - ${#commas}))s")$commas"
	[ "${#blank}" -eq "${#line}" ]
	LINE=$line BLANK=$blank awk '$0 == ENVIRON["LINE"] { $0 = ENVIRON["BLANK"] } { print }' "$BO_STORE/customer.csv" >new
	cat new >"$BO_STORE/customer.csv"
	run -1 bo-audit verify
	[[ $output == *'transaction 3: customer.csv: line 3, '*'is blank, though no erasure names it'* ]]
}

@test "torn leftovers of personal tables and documents of the erased go too" {
	people
	bo-field add -q table=customer field=x_scan type=blob
	mine=$(printf 'Zubaida, scanned' | sha256sum | cut -d ' ' -f 1)
	both=$(printf 'a form' | sha256sum | cut -d ' ' -f 1)
	mkdir -p "$BO_STORE/torn" "$BO_STORE/blob/${mine:0:2}" "$BO_STORE/blob/${both:0:2}"
	printf 'Zubaida, scanned' >"$BO_STORE/blob/${mine:0:2}/$mine"
	printf 'a form' >"$BO_STORE/blob/${both:0:2}/$both"
	printf 'C9,9,Zubaida' >"$BO_STORE/torn/customer.csv.99.1"
	printf 'I9,9,cup' >"$BO_STORE/torn/item.csv.99.1"
	bo-item add -q sku=CUP name=cup
	bo-customer set -q ZUB x_scan="$mine"
	bo-customer set -q ZUB x_scan="$both"
	bo-customer set -q BOB x_scan="$both"
	bo-customer erase -q -m x ZUB 2>errors
	grep -q 'removed torn/customer.csv.99.1' errors
	assert_gone
	[ -e "$BO_STORE/torn/item.csv.99.1" ]
	[ ! -e "$BO_STORE/blob/${mine:0:2}/$mine" ]
	[ -e "$BO_STORE/blob/${both:0:2}/$both" ]
	bo-audit verify -q
}

@test "a value of nothing but blanks is nothing: no line looks erased that is not" {
	store
	bo-table add -q table=guest prefix=G flags=personal
	bo-field add -q table=guest field=name type=text
	run -3 bo-record add -t guest name='   '
	[[ $output == *'nothing in it'* ]]
	bo-record add -q -t guest name=' Xanthippe '
	bo-record set -q -t guest G1 name=Xenia
	grep -raq Xanthippe "$BO_STORE"
	bo-record erase -q -t guest -m x G1
	run ! grep -raE 'Xanthippe|Xenia' "$BO_STORE" "$HOME"
	bo-audit verify -q
}

# --- export-data ---------------------------------------------------------------------------

@test "export-data is one object of all that is held: tables, old revisions, transactions" {
	people
	bo-invoice add -q customer=ZUB : description=tea price=4
	run -0 bo-customer export-data ZUB
	[ "${#lines[@]}" -eq 1 ]
	[ "$(jq -c 'keys' <<<"$output")" = '["audit","customer","invoice","invoice_line","message","ticket"]' ]
	[ "$(jq -c '[.customer[].city]' <<<"$output")" = '["Multan","Karachi"]' ]
	[ "$(jq -c '[.message[].text]' <<<"$output")" = '["Zubaida here: it leaks","We called Quraishi"]' ]
	[ "$(jq -c '[.audit[] | .command]' <<<"$output")" = '["customer add","customer set","ticket add","ticket set","invoice add"]' ]
	[ "$(jq -r '.customer[0].notes' <<<"$output")" = $'likes "green", not black\nrings at noon' ]
	[[ $output != *Bob* ]]
}

@test "export-data of several is an object a line; of the erased an empty one" {
	people
	bo-customer list -o ids | bo-customer export-data - >all.json
	[ "$(jq -s length all.json)" -eq 2 ]
	bo-customer erase -q -m x ZUB
	run -0 bo-customer export-data C1
	[ "$(jq -c . <<<"$output")" = '{"audit":[]}' ]
	run -1 bo-customer export-data C9
	run -2 bo-customer export-data BOB -o csv
	run -2 bo-customer export-data
	run -2 bo-item export-data I1
}

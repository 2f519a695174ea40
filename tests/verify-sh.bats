#!/usr/bin/env bats
# share/doc/verify.sh: the same verdict as bo-audit verify, without any program of ours

load helper

verify_sh=$ROOT/share/doc/verify.sh

# A store with everything in it: sealed tables, quotes, commas, every script, several tables at once.
make_store() # DIRECTORY
{
	export BO_STORE=$1
	bo-init "$1" >/dev/null
	bo-customer add -q code=ALI name='Ali, "the tea man"' city='लखनऊ' notes='a "quoted, note"' -m 'first, "of many"'
	bo-customer add -q code=TAN name='田中珈琲店' address='一行,目'
	bo-item add -q sku=CHAI name='чай, чёрный' price=2 tax_rate=19
	bo-stock receive -q item=CHAI qty=50
	bo-ticket add -q subject='没有茶了 🫖' customer=ALI : direction=in text='one, "two", three' : direction=note text=x
	bo-invoice add -q customer=TAN : item=CHAI qty=3 : description='"' price=1
	bo-invoice issue -q V1
	bo-customer set -q ALI phone=+911123456789 -k 'job-7'
	bo-ticket solve -q T1
}

# What `bo-audit verify` says: "good", or "bad" and the transaction if it names one.
ours() # STORE
{
	local text status=0

	text=$(XDG_STATE_HOME=$(mktemp -d -p "$PWD") bo-audit -d "$1" verify 2>&1) || status=$?
	if [ "$status" -eq 0 ]; then
		echo good
	elif [[ $text == *'not the header of an audit log'* ]]; then
		echo bad 1
	elif [[ $text == *': blob/'*': is not what its name says'* ]]; then
		echo bad blob
	else
		sed -n 's/.*transaction \([0-9]*\): .*/bad \1/p' <<<"$text" | head -n 1 | grep . || echo "bad: $text"
	fi
}

theirs() # STORE
{
	local text status=0

	text=$(env -i PATH=/usr/bin:/bin sh "$verify_sh" "$1" 2>/dev/null) || status=$?
	case $status in
	0) echo good ;;
	1) [[ $text == blob/* ]] && echo bad blob || echo "bad $(cut -d ' ' -f 2 <<<"${text%%:*}")" ;;
	*) echo "status $status" ;;
	esac
}

@test "a good store: the last transaction and its hash" {
	make_store "$PWD/good"
	run -0 --separate-stderr sh "$verify_sh" good
	[ "$output" = "$(bo-audit head --no-header | tr , ' ')" ]
	# shellcheck disable=SC2154 # bats sets it
	[ -z "$stderr" ]
	cd good
	run -0 sh "$verify_sh"
}

@test "it needs none of our programs, and only what it says" {
	make_store "$PWD/good"
	mkdir bin
	for tool in sh awk cat cut cksum grep ls mkdir rm sed sha256sum sort tr wc; do ln -s "$(command -v "$tool")" bin/; done
	run -0 env -i PATH="$PWD/bin" TMPDIR="$PWD" sh "$verify_sh" good
	[ -z "$(find . -maxdepth 1 -name 'bo-verify*')" ]
}

# Puts bytes of an older copy of a log back: of the Nth line that an erasure names there.
put_back() # LOG N [FROM LENGTH]
{
	local offset length

	read -r offset length < <(awk -F, -v table="$1" -v n="$2" '$3 == table && ++count == n { print $5, $6 }' erasure.csv)
	dd if="../before/$1.csv" of="$1.csv" bs=1 skip=$((offset + ${3-0})) seek=$((offset + ${3-0})) \
	    count="${4-$length}" conv=notrunc status=none
}

# Makes line N of a personal log blank, as an erasure would.
blank_line() # LOG N
{
	local line secret fields commas

	line=$(sed -n "$2p" "$1.csv")
	secret=${line#*,*,} fields=${line#*,*,*,}
	commas=$(head -n 1 "$1.csv" | tr -cd , | cut -c 4-)
	printf '%s,%s,%*s%s\n' "${line%"$secret"}$(printf %s "$secret" | sha256sum | cut -c 1-64)" '' \
	    "$((${#fields} - ${#commas} - 1))" '' "$commas" | sed 's/,,\( *\)/, \1/' >blanked
	sed -i -e "$2r blanked" -e "$2d" "$1.csv"
	rm blanked
}

@test "an erasure is held against what is blank, and what is blank against erasures" {
	make_store "$PWD/good"
	cp -a good before
	bo-customer erase -q -m x ALI
	run -0 --separate-stderr sh "$verify_sh" good
	[ "$output" = "$(bo-audit head --no-header | tr , ' ')" ]
	# shellcheck disable=SC2154 # bats sets it
	[ -z "$stderr" ]
	tx=$(bo-audit head --no-header -f tx)
	cp -a good copy
	(cd copy && put_back customer 1)
	run -1 sh "$verify_sh" copy
	[[ $output == "transaction $tx: customer.csv: byte "*': was erased, but is not blank' ]]
	cp -a good other
	(cd other && blank_line customer 3)
	[ "$(wc -c <other/customer.csv)" -eq "$(wc -c <good/customer.csv)" ]
	run -1 sh "$verify_sh" other
	[[ $output == 'transaction '*': customer.csv: byte '*': is blank, though no erasure names it' ]]
}

@test "an erasure that was cut short is what the next writer makes of it" {
	make_store "$PWD/good"
	cp -a good before
	bo-customer erase -q -m x ALI
	(cd good && put_back message 2 100 5)
	(cd good && put_back customer 1)
	run -0 --separate-stderr sh "$verify_sh" good
	[[ $stderr == *'was cut short: the next writer finishes it'* ]]
	bo-audit verify -q 2>/dev/null
	run -0 --separate-stderr sh "$verify_sh" good
	[ -z "$stderr" ]
}

@test "what is no store is told apart from a bad one" {
	mkdir empty
	run -2 sh "$verify_sh" empty
	run ! sh "$verify_sh" missing
}

@test "the store of the tour" {
	mkdir tmp
	sed 's/^trap .*EXIT$//' "$ROOT/share/demo/run" >run
	cp "$ROOT"/share/demo/*.csv .
	TMPDIR=$PWD/tmp sh run >/dev/null
	store=$(dirname tmp/*/kestrel/bo.format)
	[ "$(theirs "$store")" = good ]
	[ "$(sh "$verify_sh" "$store")" = "$(bo-audit -d "$store" head --no-header | tr , ' ')" ]
}

@test "Northwind" {
	csv=$ROOT/../shared/data/northwind/Customers.csv
	[ -e "$csv" ] || skip "the data is not here: $csv"
	store
	bo-customer add -q --map CustomerID=code --map CompanyName=name --map ContactName=contact --map ContactTitle=title \
	    --map Address=address --map City=city --map Region=region --map PostalCode=postcode --map Country=country \
	    --map Phone=phone --map Fax=fax - <"$csv"
	run -0 sh "$verify_sh" "$BO_STORE"
	[ "$output" = "$(bo-audit head --no-header | tr , ' ')" ]
}

# --- tampering -----------------------------------------------------------------------------

tampering() # NAME COMMAND
{
	printf '%s|%s\n' "$1" "$2"
}

# Each line: a name, and what is done in the directory of the copy.
tamperings()
{
	local log size at

	for log in audit item customer ticket message invoice invoice_line stock_move company series; do
		size=$(wc -c <"good/$log.csv")
		for at in $((size / 2)) $((size - 1)); do
			tampering "flip $log $at" "flip $log.csv $at"
		done
	done
	for log in audit item customer invoice_line stock_move; do
		tampering "flip $log 0" "flip $log.csv 0"
		tampering "cut $log" "head -c -7 $log.csv >x; cat x >$log.csv; rm x"
		tampering "cut the last line of $log" "sed -i '\$d' $log.csv"
		tampering "repeat a line of $log" "sed -i '2p' $log.csv"
		tampering "drop a line of $log" "sed -i '2d' $log.csv"
		tampering "insert a line in $log" "sed -i '2i C9,1,inserted' $log.csv"
		tampering "a blank line in $log" "sed -i '2s/^/\\n/' $log.csv"
	done
	for log in audit customer; do
		tampering "swap two lines of $log" "sed -i -n '2{h;n;G};p' $log.csv"
		tampering "another store's $log" "cat ../other/$log.csv >$log.csv"
		tampering "a NUL in $log" "sed -i '2s/,/\\x00,/2' $log.csv"
		tampering "CRLF in $log" "sed -i 's/\$/\\r/' $log.csv"
	done
	tampering "no customer.csv" "rm customer.csv"
	tampering "a line of another store" "tail -n 1 ../other/audit.csv >>audit.csv"
	tampering "an older customer.csv" "cat ../older/customer.csv >customer.csv"
	tampering "an older audit.csv" "cat ../older/audit.csv >audit.csv"
	tampering "a header in the midst" "sed -i '3i tx,slipped in' audit.csv"
	tampering "another uuid" "cat ../other/bo.format >bo.format"
	tampering "a salt" "sed -i '2s/,\\([0-9a-f]\\)\\([0-9a-f]\\{63\\}\\),/,\\2\\1,/' customer.csv"
	tampering "a key" "sed -i 's/,job-7@/,job-8@/' audit.csv"
	tampering "a reason" "sed -i 's/of many/of all/' audit.csv"
	tampering "a time" "sed -i '3s/T/U/' audit.csv"
	tampering "synced" "sed -i '4s/,2,\\([0-9a-f]*\\)\$/,1,\\1/' audit.csv"
	tampering "garbage behind the end" "echo garbage >>audit.csv; echo X1,99,x >>customer.csv"
	tampering "an unfinished line behind the end" "printf '99,2001' >>audit.csv"
	for log in customer ticket message; do
		tampering "an erased line of $log put back" "put_back $log 1"
		tampering "half an erased line of $log put back" "put_back $log 1 90 9"
		tampering "a byte of an erased line of $log" "put_back $log 1 $((100 + ${#log})) 1"
		tampering "the rest of an erased line of $log" "put_back $log 1 3 70"
	done
	tampering "the last erased line put back" "put_back message 2"
	tampering "half the last erased line put back" "put_back message 2 10 90"
	tampering "every erased line put back" "for n in 1 2; do put_back message \$n; put_back customer \$n; done; put_back ticket 1"
	tampering "the last erased line put back, and its id" "put_back message 2; sed -i 's/^M2,/M3,/' message.csv"
	tampering "a blank line of customer nobody erased" "blank_line customer 3"
	tampering "a blank line of customer nobody erased, no watermark" "blank_line customer 3; rm watermark"
	tampering "a place in erasure.csv" "sed -i '2s/,customer,/,ticket,/' erasure.csv"
	tampering "no erasure.csv" "rm erasure.csv"
	tampering "a line of erasure.csv dropped" "sed -i '2d' erasure.csv"
	tampering "erasure.csv cut short" "head -c -7 erasure.csv >x; cat x >erasure.csv; rm x"
	tampering "erasures behind the end" "sed -n 2p erasure.csv | sed s/customer,C1,/customer,C2,/ >>erasure.csv"
	tampering "a document" "echo x >>blob/*/[0-9a-f]*"
	tampering "a document that nobody named" "mkdir blob/00; echo x >blob/00/$(printf '0%.0s' {1..64})"
	tampering "what a killed writer left of a document" "echo x >blob/ab/new-0123"
	tampering "no watermark" "rm -f watermark"
	tampering "nothing at all" ":"
}

flip() # FILE OFFSET
{
	local byte

	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059 # the byte is the format
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "the same verdict and the same transaction for every tampering" {
	local name what count=0 bad=0 faults=0 one two

	make_store "$PWD/good"
	cp -a good older
	make_store "$PWD/other"
	export BO_STORE=$PWD/good
	bo-customer set -q TAN phone=+81312345678
	bo-invoice add -q customer=ALI : item=CHAI qty=2
	bo-item add -q sku=END name=end
	cp -a good before
	bo-customer erase -q --force -m x ALI
	bo-item set -q END name='the end'
	scan=$(printf 'a scan' | sha256sum | cut -d ' ' -f 1)
	mkdir -p "good/blob/${scan:0:2}" good/blob/ab
	printf 'a scan' >"good/blob/${scan:0:2}/$scan"
	while IFS='|' read -r name what; do
		cp -a good copy
		(cd copy && eval "$what")
		[ "$name" = 'nothing at all' ] || [ "$name" = 'no watermark' ] || ! diff -r good copy >/dev/null ||
		    { echo "$name: changes nothing"; return 1; }
		two=$(theirs copy)
		one=$(ours copy)
		count=$((count + 1))
		[ "$one" = good ] || bad=$((bad + 1))
		# One of both may see more at the same time, but never another verdict.
		if [ "$one" != "$two" ]; then
			echo "$name: bo-audit says $one, verify.sh says $two"
			faults=$((faults + 1))
		fi
		rm -r copy
	done < <(tamperings)
	echo "$count copies, $bad bad"
	[ "$faults" -eq 0 ]
	[ "$count" -ge 90 ]
	[ "$bad" -ge 80 ]
}

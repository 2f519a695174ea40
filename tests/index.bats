#!/usr/bin/env bats
# the index: it changes how fast an answer comes, and nothing else
# shellcheck disable=SC2030,SC2031 # each test is a subshell

load helper

# So many customers with keys, each tenth revised once; more than a small log's worth.
customers() # COUNT
{
	store
	awk -v count="$1" 'BEGIN {
		print "code,name,email,notes"
		for (i = 1; i <= count; i++)
			printf "K%d,Customer %d,c%d@example.com,%s\n", i, i, i, "some words to make the line as long as lines are"
	}' | bo-customer add -q -
	bo-customer list -o ids | awk 'NR % 10 == 0' | bo-customer set -q - city=Leeds
}

# A little of everything, in logs of several transactions.
company()
{
	store
	bo-customer add -q code=ANN name=Ann city=Leeds
	bo-customer add -q code=BOB 'name=Bob, "the tailor"' city=York
	bo-item add -q sku=CUP name=Cup price=3.50
	bo-item add -q sku=MUG name=Mug price=4
	for i in 1 2 3; do
		bo-invoice add -q customer=ANN : item=CUP qty="$i" : item=MUG qty=1
		bo-invoice add -q customer=BOB : "description=work $i" price=10 qty=1
	done
	bo-invoice issue -q V1
	bo-customer set -q BOB city=Hull
	bo-customer set -q BOB code=ROB
	bo-customer set -q ROB code=BOB
	bo-ticket add -q customer=ANN subject='a cup broke' : text='it did' direction=in
	bo-ticket set -q T1 : text='another one' direction=out
	bo-customer add -q code=DAN name=Dan
	bo-customer archive -q DAN
}

# Whatever looks for something: by id, key, parent, reference and history.
questions()
{
	local id

	for id in C1 C2 ANN BOB ROB DAN C9 NOBODY; do
		bo-customer show "$id" 2>&1 || echo "exit $?"
		bo-customer show "$id" -o json 2>&1 || echo "exit $?"
		bo-customer log "$id" 2>&1 || echo "exit $?"
	done
	for id in V1 V2 V6 V7; do
		bo-invoice show "$id" 2>&1 || echo "exit $?"
		bo-invoice show "$id" -o json 2>&1 || echo "exit $?"
		bo-invoice log "$id" 2>&1 || echo "exit $?"
	done
	bo-ticket show T1 | grep -v ' age '
	bo-customer list -a
	bo-invoice list -f id,customer.name,customer.city,total -w 'customer = BOB'
	bo-customer add -n code=ANN name=Other 2>&1 || echo "exit $?"
	bo-customer add -n code=ROB name=Other 2>&1 || echo "exit $?"
	bo-customer show BOB --as-of 3
	bo-audit verify -q
}

# The state of one table's index.
state() # TABLE
{
	bo-store index status --no-header -f table,state | sed -n "s/^$1,//p"
}

cache()
{
	echo "$HOME/.cache/bo/$(cut -d' ' -f3 "$BO_STORE/bo.format")"
}

@test "the first command on a large log makes an index, for this user alone" {
	customers 4000
	rm -rf "$HOME/.cache"
	[ "$(state customer)" = none ]
	bo-customer show -q K17
	bo-store index status -f table,state,tx,records,behind | grep -qx customer,ready,3,4000,0
	[ "$(stat -c %a "$(cache)")" = 700 ]
	[ "$(stat -c %a "$(cache)/customer.index")" = 600 ]
	[ "$(state company)" = small ]
}

@test "what came since is found without a new index, until it is much" {
	customers 4000
	bo-customer show -q K17
	before=$(stat -c %i "$(cache)/customer.index")
	bo-customer add -q code=NEW name=New
	bo-customer set -q K17 name=Other
	[ "$(bo-customer show NEW -o ids)" = C4001 ]
	[ "$(bo-customer show K17 -o csv --no-header -f id,name)" = C17,Other ]
	run -3 bo-customer add code=NEW name=x
	[ "$(stat -c %i "$(cache)/customer.index")" = "$before" ]
	[ "$(state customer)" = ready ]
	awk 'BEGIN { print "code,name"; for (i = 1; i < 2000; i++) print "N" i ",one of many more" }' | bo-customer add -q -
	bo-customer show -q N7
	[ "$(stat -c %i "$(cache)/customer.index")" != "$before" ]
	bo-store index status -f table,records,behind | grep -qx customer,6000,0
}

@test "with it, without it, and with one that goes away: every answer is the same" {
	company
	BO_INDEX=off questions >without
	BO_INDEX=always questions >first
	BO_INDEX=always questions >second
	[ -e "$(cache)/customer.index" ]
	(
		while [[ ! -e over ]]; do
			rm -rf "$HOME/.cache/bo" 2>/dev/null
			sleep 0.01
		done
	) 3>&- &
	BO_INDEX=always questions >third
	touch over
	wait
	diff without first
	diff without second
	diff without third
}

@test "a value that was given up is free again, and one that is taken is refused" {
	company
	export BO_INDEX=always
	bo-customer set -q ANN code=ANNE
	run -3 bo-customer add code=ANNE name=x
	[[ $output == *'"ANNE" is taken by C1'* ]]
	bo-customer add -q code=ANN name='Another Ann'
	[ "$(bo-customer show ANN -o ids)" = C4 ]
	bo-customer set -q ANN code=ANNA
	bo-customer set -q ANNE code=ANN
	[ "$(bo-customer show ANN -o ids)" = C1 ]
	run -1 bo-customer show ANNE
}

@test "BO_INDEX=off reads none and writes none" {
	customers 4000
	rm -rf "$HOME/.cache"
	export BO_INDEX=off
	bo-customer show -q K17
	[ ! -e "$HOME/.cache/bo" ]
	[ "$(state customer)" = off ]
	run -3 bo-store index build
	[[ $output == *'no index is kept: BO_INDEX=off'* ]]
}

@test "what is set in the environment and can't be meant is refused, not passed over" {
	store
	BO_INDEX=of run -2 bo-customer list
	[ "$output" = 'bo-customer: BO_INDEX: not off, on or always: "of"' ]
	BO_CACHE=cache run -2 bo-customer list
	[ "$output" = 'bo-customer: BO_CACHE: not a path from the root: "cache"' ]
	BO_INDEX='' BO_CACHE='' run -0 bo-customer list
}

@test "why no index is kept is said, and where it would be" {
	store
	bo-customer add -q name=Ada
	uuid=$(sed 's/.* //' "$BO_STORE/bo.format")
	touch file
	BO_CACHE=$PWD/file run -3 bo-store index build
	[ "$output" = "bo-store: no index is kept in $PWD/file/$uuid: Not a directory" ]
	mkdir -p "open/$uuid"
	chmod 777 "open/$uuid"
	BO_CACHE=$PWD/open run -3 bo-store index build
	[ "$output" = "bo-store: no index is kept in $PWD/open/$uuid: it is not yours alone" ]
}

@test "without a directory to keep it in there is none" {
	customers 4000
	unset HOME
	bo-customer show -q K17
	run -3 bo-store index build
	[[ $output == *'no index is kept: '* ]]
}

@test "status, build and drop" {
	customers 4000
	rm -rf "$HOME/.cache"
	bo-store index build -f table,state | grep -qx customer,ready
	bo-store index drop -f table,state | grep -qx customer,none
	[ -z "$(ls "$(cache)")" ]
	run -2 bo-store index
	run -2 bo-store index mend
	[[ $output == *'not status, drop or build: "mend"'* ]]
}

@test "the past is found in an index that is ahead of it, and leaves it as it is" {
	customers 4000
	bo-customer show -q K17
	before=$(stat -c %i "$(cache)/customer.index")
	[ "$(bo-customer show K10 -o csv --no-header -f city --as-of 2)" = '""' ]
	[ "$(bo-customer show K10 -o csv --no-header -f city)" = Leeds ]
	[ "$(bo-customer list -o ids --as-of 2 | wc -l)" = 4000 ]
	run -1 bo-customer show K10 --as-of 1
	[ "$(stat -c %i "$(cache)/customer.index")" = "$before" ]
	[ "$(state customer)" = ready ]
}

@test "an older copy of the store that was put back does not find what it has not got" {
	customers 4000
	cp -a "$BO_STORE" older
	bo-customer add -q code=NEW name=New
	bo-customer set -q K17 code=K17B
	bo-store index build -q
	rm -rf "$BO_STORE"
	cp -a older "$BO_STORE"
	bo-store accept-history -q -m 'back to the copy'
	run -1 bo-customer show NEW
	run -1 bo-customer show K17B
	[ "$(bo-customer show K17 -o ids)" = C17 ]
	bo-customer add -q code=NEXT name=Next
	[ "$(bo-customer show NEXT -o ids)" = C4001 ]
	[ "$(state customer)" = ready ]
}

@test "of records that had a value before it was to be unique the first is found, index or not" {
	store
	export BO_INDEX=always
	bo-table add -q table=thing prefix=TH
	bo-field add -q table=thing field=x_code type=text
	bo-field add -q table=thing field=x_note type=text
	bo-record -t thing add -q x_code=SAME
	bo-record -t thing add -q x_code=SAME
	bo-record -t thing add -q x_code=SAME
	bo-field set -q F1 flags=key
	bo-store index build -q
	BO_INDEX=off bo-record -t thing set -q TH2 x_note=changed
	cp -r "$(cache)" built
	for mode in off always; do
		rm -r "$(cache)"
		cp -r built "$(cache)"
		[ "$(BO_INDEX=$mode bo-record -t thing show SAME -o ids)" = TH1 ]
	done
}

@test "what stands in the place of an index and is no file is not waited for" {
	customers 4000
	bo-customer show -q K17
	rm "$(cache)"/*
	mkfifo "$(cache)/customer.index"
	[ "$(timeout 20 bo-customer show K17 -o ids)" = C17 ]
	rm "$(cache)"/*
	mkdir "$(cache)/customer.index"
	[ "$(timeout 20 bo-customer show K17 -o ids)" = C17 ]
}

@test "a directory that others may write to is not used" {
	customers 4000
	bo-customer show -q K17
	rm "$(cache)"/*
	chmod 777 "$(cache)"
	bo-customer show -q K17
	[ -z "$(ls "$(cache)")" ]
	run -3 bo-store index build
	[[ $output == *'no index is kept in '*': it is not yours alone' ]]
}

# Flips bits, fills stretches and cuts, in the file's first pages or anywhere.
mutilate() # FILE ROUND
{
	local size at

	size=$(stat -c %s "$1")
	RANDOM=$2
	at=$(((RANDOM * 32768 + RANDOM) % (RANDOM % 2 ? size : 16384)))
	case $((RANDOM % 3)) in
	0) truncate -s "$at" "$1" ;;
	1) head -c $((RANDOM % 5000 + 1)) /dev/urandom | dd of="$1" bs=1 seek="$at" conv=notrunc status=none ;;
	2) printf '\x%02x' $((RANDOM % 256)) | xargs -0 printf | dd of="$1" bs=1 seek="$at" conv=notrunc status=none ;;
	esac
}

@test "whatever happens to its files, every answer is the same, and it is made anew" {
	customers 4000
	questions_here()
	{
		local id

		for id in C1 K10 K2500 C4000 K4000 C4001 K4001; do
			bo-customer show "$id" 2>&1 || echo "exit $?"
		done
		bo-customer add -n code=K3999 name=x 2>&1 || echo "exit $?"
		bo-customer list | sha256sum
	}
	BO_INDEX=off questions_here >without
	questions_here >first
	diff without first
	cp "$(cache)/customer.index" whole
	for round in {1..30}; do
		cp whole "$(cache)/customer.index"
		mutilate "$(cache)/customer.index" "$round"
		questions_here >answer
		diff without answer || { echo "round $round"; return 1; }
	done
	printf 'no index' >"$(cache)/customer.index"
	[ "$(state customer)" = damaged ]
	bo-customer show -q C1
	[ "$(state customer)" = ready ]
}

@test "while somebody else makes one, answers come without" {
	customers 4000
	rm -f "$(cache)"/*
	(
		flock 9
		touch held
		while [[ ! -e over ]]; do sleep 0.01; done
	) 9>"$(cache)/customer.index.new" 3>&- &
	while [[ ! -e held ]]; do sleep 0.01; done
	[ "$(bo-customer show K17 -o ids)" = C17 ]
	[ "$(bo-customer list -o ids -w code=K3999)" = C3999 ]
	bo-store index build -q
	[ "$(state customer)" = none ]
	touch over
	wait
	[ "$(bo-customer show K17 -o ids)" = C17 ]
	[ "$(state customer)" = ready ]
}

@test "an index of an older version is made anew" {
	customers 4000
	bo-customer show -q K17
	# The same length, so that only the line itself tells.
	sed -i 's/bo-index 2 /bo-index 1 /' "$(cache)/customer.index"
	[ "$(state customer)" != ready ]
	[ "$(bo-customer show K17 -o ids)" = C17 ]
	[ "$(state customer)" = ready ]
}

# Everything but the page with the line that says what it stands on, and LMDB's own two.
spoil() # FILE
{
	local pages keep

	pages=$(($(stat -c %s "$1") / 4096))
	keep=$(($(grep -abo 'bo-index 2' "$1" | tail -n 1 | cut -d: -f1) / 4096))
	for ((page = 2; page < pages; page++)); do
		[[ $page -eq $keep ]] || head -c 4096 /dev/urandom | dd of="$1" bs=4096 seek="$page" conv=notrunc status=none
	done
}

@test "a log that is damaged is not covered up by an index that was damaged too" {
	customers 4000
	bo-customer show -q K17
	sed -i '2000s/^C1999,/X1999,/' "$BO_STORE/customer.csv"
	spoil "$(cache)/customer.index"
	run -4 bo-customer show K2500
	[[ $output == *'damaged'* ]]
}

@test "64 at a time, with killed ones and an index that is deleted: nothing is lost or wrong" {
	customers 3000
	export BO_INDEX=always
	reader()
	{
		local i

		for ((i = 1; i <= 6; i++)); do
			[[ $(bo-customer show "K$(($1 * 37 + i))" -o ids) = C$(($1 * 37 + i)) ]] || echo "reader $1" >>wrong
		done
	}
	writer()
	{
		local i

		for ((i = 1; i <= 3; i++)); do
			bo-customer add -q --wait 60s "code=W$1-$i" name=Writer || echo "writer $1" >>wrong
			[[ $(bo-customer show "W$1-$i" -o csv --no-header -f name) = Writer ]] || echo "written $1" >>wrong
		done
	}
	{
		for ((n = 1; n <= 40; n++)); do reader "$n" & done
		for ((n = 1; n <= 16; n++)); do writer "$n" & done
		for ((n = 1; n <= 8; n++)); do
			timeout -s KILL "0.0$n" bash -c 'while :; do bo-store index build -q; bo-customer show -q K5; done' &
			(
				sleep "0.$n"
				rm -rf "$HOME/.cache/bo"
			) &
		done
		wait
	} 3>&- 2>errors
	[ ! -e wrong ] || { sort wrong | uniq -c; cat errors; return 1; }
	[ "$(bo-customer list -o ids | wc -l)" = 3048 ]
	run -3 bo-customer add code=W7-2 name=x
	bo-audit verify -q
	rm -rf "$HOME/.cache/bo"/*/*.new
	bo-customer show -q C1
	[ "$(state customer)" = ready ]
}

@test "what it costs to find a record does not grow with their number" {
	without_sanitizer
	local command small=() large=()

	commands=('show K1234' 'show C1234' 'show K1230 --as-of 2' 'add name=New code=NEW -q -n' 'set K1234 city=York -q -n')
	customers 4000
	bo-store index build -q
	for command in "${commands[@]}"; do
		# shellcheck disable=SC2086 # a verb and its operands
		small+=("$(instructions bo-customer $command)")
	done
	rm -rf "$BO_STORE"
	customers 40000
	bo-store index build -q
	for command in "${commands[@]}"; do
		# shellcheck disable=SC2086 # a verb and its operands
		large+=("$(instructions bo-customer $command)")
	done
	printf "%s\n" "${small[*]}" "${large[*]}"
	for i in "${!commands[@]}"; do
		[ "${large[i]}" -lt $((small[i] * 5 / 4)) ] || { echo "${commands[i]}"; return 1; }
	done
}

@test "a look-up takes few system calls" {
	without_sanitizer
	without_counting
	customers 4000
	bo-store index build -q
	strace -f -o calls bo-customer show K17
	[ "$(wc -l <calls)" -le 110 ] || { cat calls; return 1; }
}

# What asks about records, once more: nothing may depend on whether there is an index.
again() # INDEX NAME...
{
	local mode=$1

	shift
	set -- "${@/#/$ROOT/tests/}"
	"$ROOT/tests/run" -b "$BO_BUILD" -i "$mode" "${@/%/.bats}"
}

@test "the tests of all queries pass with an index of every log" {
	without_sanitizer
	again always bo-customer bo-record bo-ticket list sums as-of
}

@test "they pass while it is deleted again and again" {
	without_sanitizer
	again deleted bo-customer bo-record bo-ticket erase
}

@test "a home that does not exist is not made, and nothing else is said of it" {
	customers 4000
	export HOME=$PWD/nonexistent
	run -0 --separate-stderr bo-customer show K7
	[[ $output == *'Customer 7'* ]]
	[ -z "$stderr" ]
	bo-customer add -q code=MORE name=more
	run -0 bo-store index status -f table,state --no-header
	[[ $output == *customer,none* ]]
	[ ! -e nonexistent ]
	mkdir nonexistent
	bo-customer show -q K7
	[ -d nonexistent/.cache/bo ]
	[ -d nonexistent/.local/state/bo ]
}

#!/usr/bin/env bats
# bo-watch: every change as it becomes durable
# shellcheck disable=SC2154,SC2030,SC2031 # bats runs each test apart, and sets stderr

load helper

shop()
{
	store
	bo-customer add code=ALI name='علی' -q
	bo-item add sku=CHAI name='茶' price=2 -q
	head=$(bo-audit head --no-header -f tx)
}

# Runs bo-watch in the background until it ends by itself; its output is in the file `seen`.
watch()
{
	bo-watch "$@" >seen &
	watcher=$!
}

@test "what is changed while it watches is printed, and what was before is not" {
	shop
	watch customer --since "$head" --limit 2 --no-header -f tx,id,name
	bo-customer add name='ज़ैद' -q
	bo-customer set C1 name='علی رضا' -q
	wait "$watcher"
	[ "$(cat seen)" = $((head + 1))$',C2,ज़ैद\n'$((head + 2))',C1,علی رضا' ]
}

@test "without --since it begins now" {
	shop
	bo-watch --limit 1 -f tx customer --no-header >seen &
	watcher=$!
	# it says nothing of itself, so the first change it sees may be any of these
	while kill -0 "$watcher" 2>/dev/null; do bo-customer add name=x -q; done
	wait "$watcher"
	[ "$(cat seen)" -gt "$head" ]
}

@test "one table: its fields, id and tx first, as list has them" {
	shop
	run -0 bo-watch item --since 0 --once
	[[ ${lines[0]} == id,tx,sku,name,*,notes,archived ]]
	[[ ${lines[1]} == I1,"$head",CHAI,茶,* ]]
	bo-watch item --since 0 --once -o json | jq -e '.sku == "CHAI" and .price == "2"'
}

@test "all tables: who did what to which record" {
	shop
	run -0 bo-watch --since 0 --once
	[ "${lines[0]}" = tx,time,actor,command,table,id ]
	[[ ${lines[-1]} == "$head",20*Z,"$(id -un)",item\ add,item,I1 ]]
}

@test "all tables as json: the record too" {
	shop
	bo-watch --since $((head - 1)) --once -o json >seen
	[ "$(jq -r '.table, .id, .record[0].name' seen)" = $'item\nI1\n茶' ]
}

@test "several tables: those and no other" {
	shop
	bo-location add code=A name=a -q
	run -0 bo-watch bo-item location --since "$((head - 1))" --once --no-header
	[ "$(cut -d, -f 5 <<<"$output")" = $'item\nlocation' ]
	run -2 bo-watch nothing --once
	[[ $output == *'no such table: "nothing"'* ]]
}

@test "changes are filtered by fields, or by who did what" {
	shop
	bo-customer set C1 city='北京' -q
	run -0 bo-watch customer --since 0 --once --no-header -f id,city -w 'city = "北京"'
	[ "$output" = C1,北京 ]
	run -0 bo-watch --since 0 --once --no-header -w 'command = "customer set"'
	[[ $output == *,customer,C1 && ${#lines[@]} -eq 1 ]]
	run -1 bo-watch --since 0 --once -e -w 'actor = nobody-at-all'
	run -2 bo-watch customer --once -w 'ctiy = x'
	[[ $output == *'did you mean "city"?'* ]]
}

@test "every revision is printed, with all its children in its transaction" {
	shop
	bo-invoice add customer=ALI : item=CHAI qty=2 : item=CHAI -q
	bo-invoice issue V1 -q
	run -0 bo-watch --since "$head" --once --no-header
	[ "$(cut -d, -f 1,5,6 <<<"$output" | sort)" = "$(sort <<-END
		$((head + 1)),invoice,V1
		$((head + 1)),invoice_line,VL1
		$((head + 1)),invoice_line,VL2
		$((head + 2)),invoice,V1
		$((head + 2)),invoice_tax,VT1
		$((head + 2)),series,NS1
	END
	)" ]
	run -0 bo-watch invoice --since "$head" --once --no-header -f status,total
	[ "$output" = $'draft,6.00\nissued,6.00' ]
}

@test "resumed after the last transaction seen, it misses and repeats nothing" {
	shop
	for i in {1..30}; do
		bo-customer add name="n$i" -q
	done &
	adder=$!
	: >all
	last=$head
	while [ "$(wc -l <all)" -lt 30 ]; do
		: >seen
		bo-watch customer --since "$last" --limit 7 --no-header -f tx,name >>seen &
		watcher=$!
		for _ in {1..50}; do
			[ "$(wc -l <seen)" -lt 7 ] && kill -0 "$watcher" 2>/dev/null || break
			[ "$(($(wc -l <all) + $(wc -l <seen)))" -lt 30 ] || break
			sleep 0.05
		done
		kill "$watcher" 2>/dev/null || :
		# Who is told to end before it has begun dies of it.
		wait "$watcher" || [ $? -eq 143 ]
		cat seen >>all
		[ ! -s seen ] || last=$(tail -n 1 seen | cut -d, -f 1)
	done
	wait "$adder"
	[ "$(cut -d, -f 2 all)" = "$(seq -f n%g 30)" ]
}

@test "it ends quietly when it is told to" {
	shop
	for signal in INT TERM HUP; do
		# Emptied here: what the one before has printed must not count.
		: >seen
		bo-watch --since 0 >>seen 2>errors &
		watcher=$!
		while [ "$(wc -l <seen)" -lt 3 ]; do sleep 0.02; done
		kill -s "$signal" "$watcher"
		wait "$watcher"
		[ ! -s errors ]
	done
}

@test "it ends when nobody reads any more, without another change" {
	shop
	run -0 --separate-stderr timeout 20 bash -c 'bo-watch --since 0 | head -n 1'
	[ "$output" = tx,time,actor,command,table,id ]
	[ -z "$stderr" ]
}

@test "a full disk is an error" {
	shop
	run -4 bash -c 'bo-watch --since 0 --once >/dev/full'
	[[ $output == *'standard output'* ]]
}

@test "a transaction that is not yet is no place to begin" {
	shop
	run -1 bo-watch --since 999
	[[ $output == *'transaction 999 is not yet'* ]]
	run -2 bo-watch --since yesterday
	run -2 bo-watch --as-of 1
	run -2 bo-watch -s tx
	run -2 bo-watch -f name
}

@test "a field that the store gains while it is watched does not disturb" {
	shop
	watch customer --since "$head" --limit 2 --no-header -f id,name
	bo-customer add name=before -q
	bo-field add table=customer field=x_region type=text -q
	bo-customer add name=after x_region=north -q
	wait "$watcher"
	[ "$(cat seen)" = $'C2,before\nC3,after' ]
}

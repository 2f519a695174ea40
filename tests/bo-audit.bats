#!/usr/bin/env bats
# bo-audit: who did what when, whether it still holds, and taking it back
# shellcheck disable=SC2154 # bats sets stderr

load helper

# Three transactions after those that make a store.
history()
{
	export BO_STORE=$BATS_TEST_TMPDIR/store
	at '2001-02-28 09:00:00' bo-init "$BO_STORE" >/dev/null
	at '2001-03-01 09:00:00' bo-customer add code=ALI name='علی' -m 'first customer' -q
	at '2001-03-02 09:00:00' bo-customer set C1 city='लखनऊ' -k job-7 -q
	at '2001-03-03 09:00:00' bo-ticket add subject='没有茶了 🫖' customer=ALI -q
	newest=$(bo-audit head --no-header -f tx)
}

@test "log prints every transaction, the newest last" {
	history
	run -0 bo-audit log
	[ "${lines[0]}" = tx,time,actor,command,key,reason,tables ]
	run -0 bo-audit log --no-header -f time,command,key,reason,tables -w 'time >= 2001-03-01 and time < 2001-03-04'
	[[ ${lines[0]} == 2001-03-01T09:00:0*Z,'customer add,,first customer,customer' ]]
	[[ ${lines[1]} == 2001-03-02T09:00:0*Z,'customer set,job-7,,customer' ]]
	[[ ${lines[2]} == 2001-03-03T09:00:0*Z,'ticket add,,,ticket' ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "log is filtered, sorted and cut like any list" {
	history
	run -0 bo-audit log --no-header -f tx -w 'command ~ "^ticket"'
	[ "$output" = "$newest" ]
	run -0 bo-audit log --no-header -f command -w "actor = $(id -un)" -s -tx --limit 1
	[ "$output" = 'ticket add' ]
	run -0 bo-audit log --no-header -f reason -w "tx > $((newest - 3))" -w 'reason != ""'
	[ "$output" = 'first customer' ]
	run -1 bo-audit log -e -w 'actor = nobody-at-all'
	run -2 bo-audit log -w 'actr = x'
	[[ $output == *'did you mean "actor"?'* ]]
}

@test "log as json" {
	history
	run -0 bo-audit log -o json -w "tx = $newest"
	[ "$(jq -r '.tx, .command, .tables[0]' <<<"$output")" = "$newest"$'\nticket add\nticket' ]
}

@test "show prints what a transaction changed, old and new" {
	history
	run -0 bo-audit show $((newest - 1)) --no-header
	[[ $output == *"audit,$((newest - 1)),command,,customer set"* ]]
	[[ $output == *"audit,$((newest - 1)),key,,job-7"* ]]
	[ "${lines[-1]}" = 'customer,C1,city,,लखनऊ' ]
	run -0 bo-audit show "$newest" --no-header -f table,id,field,new
	[[ $output == *'ticket,T1,subject,没有茶了 🫖'* ]]
	[[ $output != *$'\ncustomer,C1'* ]]
}

@test "show of what never happened says so" {
	history
	run -1 bo-audit show 999
	[[ $output == *'no such transaction: 999'* ]]
	run -2 bo-audit show yesterday
	run -2 bo-audit show
}

@test "head names the newest transaction and its hash" {
	history
	run -0 bo-audit head --no-header
	[ "$output" = "$newest,$(tail -n 1 "$BO_STORE/audit.csv" | sed 's/.*,//')" ]
}

@test "verify proves a store and counts" {
	history
	run -0 --separate-stderr bo-audit verify
	[ "${lines[0]}" = transactions,bytes,tables,head ]
	[ "${lines[1]%%,*}" = "$newest" ]
	[ "${lines[1]##*,}" = "$(bo-audit head --no-header -f hash)" ]
	[ -z "$stderr" ]
}

@test "verify finds a changed byte" {
	history
	sed -i 's/没有/還有/' "$BO_STORE/ticket.csv"
	run -1 bo-audit verify
	[[ $output == *ticket.csv* ]]
}

@test "verify finds a changed reason" {
	history
	sed -i 's/first customer/worst customer/' "$BO_STORE/audit.csv"
	run bo-audit verify
	[ "$status" -ne 0 ]
	[[ $output == *audit* ]]
}

@test "undo archives what was added" {
	history
	bo-audit undo "$newest" >plan.csv
	[ "$(tail -n 1 plan.csv)" = ticket,T1,archived,,true ]
	bo-apply -q <plan.csv
	run -0 bo-ticket list --no-header
	[ -z "$output" ]
}

@test "undo gives changed fields their old values" {
	history
	bo-customer set C1 city=Delhi phone=+911123456789 -q
	tx=$(bo-audit head --no-header -f tx)
	bo-audit undo "$tx" | bo-apply -q
	run -0 bo-customer list --no-header -f city,phone
	[ "$output" = 'लखनऊ,' ]
	bo-audit verify -q
}

@test "undo of what has changed since is refused, and nothing is printed" {
	history
	run -3 --separate-stderr bo-audit undo $((newest - 2))
	[ -z "$output" ]
	[[ $stderr == *'C1 has changed since'* ]]
}

@test "what was issued or posted is not undone" {
	store
	bo-customer add code=ALI name=ali -q
	bo-invoice add customer=ALI : description=x price=1 -q
	bo-invoice issue V1 -q
	run -3 --separate-stderr bo-audit undo "$(bo-audit head --no-header -f tx)"
	[ -z "$output" ]
	bo-item add sku=CHAI name=chai -q
	bo-stock receive item=CHAI qty=1 -q
	run -3 --separate-stderr bo-audit undo "$(bo-audit head --no-header -f tx)"
	[ -z "$output" ]
	[[ $stderr == *'a movement stays'* ]]
}

@test "log --as-of ends where it is told" {
	history
	run -0 bo-audit log --as-of $((newest - 1)) --no-header -f tx
	[ "${lines[-1]}" = $((newest - 1)) ]
}

@test "repair: a store whose sync failed refuses writers until it is proved" {
	local text check

	store
	bo-customer add -q name=A
	# What a failed sync leaves: a mark that says so, with the digest it has to have.
	text=$(head -n 1 "$BO_STORE/watermark")
	text=${text% *}
	text=${text/ ok / broken }
	check=$(printf %s "$text" | sha256sum | cut -c 1-16)
	printf '%s %s\n' "$text" "$check" | dd of="$BO_STORE/watermark" conv=notrunc status=none
	run -4 bo-customer add name=B
	[[ $output == *'marked broken, since a sync failed; see bo-audit(1), repair'* ]]
	run -0 bo-audit repair -f transactions
	[ "$output" = $'transactions\n2' ]
	bo-customer add -q name=B
	[ "$(bo-customer list --no-header -f name | paste -sd ' ')" = 'A B' ]
	bo-audit verify -q
}

@test "repair: a store that is well stays as it is" {
	store
	bo-customer add -q name=A
	before=$(sha256sum "$BO_STORE"/*.csv)
	bo-audit repair -q
	[ "$(sha256sum "$BO_STORE"/*.csv)" = "$before" ]
}

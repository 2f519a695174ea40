#!/usr/bin/env bats
# bo-ticket: what somebody wants, until it is done

load helper

desk()
{
	store
	bo-customer add code=ALI name='علی' -q
	bo-ticket add subject='चाय ठंडी है ☕' customer=ALI -q
}

status()
{
	bo-ticket list -a --no-header -f status -w "id = $1"
}

@test "a ticket begins as new, with a time and ordinary priority" {
	desk
	run -0 at '2031-11-22 09:00:00' bo-ticket add subject=没有茶了 --no-header -f id,status,priority,channel,opened
	[[ $output == *T2,new,normal,other,2031-11-22T09:00:0?Z ]]
}

@test "a ticket goes its way from new to closed" {
	desk
	for step in open:open wait:pending hold:hold open:open solve:solved close:closed reopen:open; do
		bo-ticket "${step%:*}" T1 -q
		[ "$(status T1)" = "${step#*:}" ]
	done
}

@test "a step that is not on the way is refused, and says which are" {
	desk
	run -3 bo-ticket close T1
	[[ $output == *'T1 is new: close goes from solved'* ]]
	[ "$(status T1)" = new ]
	run -3 bo-ticket set T1 status=closed
	[ "$(status T1)" = new ]
}

@test "assigning needs somebody" {
	desk
	run -3 bo-ticket assign T1
	[[ $output == *'owner: missing: assign needs it'* ]]
	run -0 bo-ticket assign T1 owner='मीना' --no-header -f status,owner
	[ "$output" = 'open,मीना' ]
}

@test "one that can't go leaves all where they are" {
	desk
	bo-ticket add subject=two -q
	bo-ticket solve T2 -q
	run -3 bo-ticket solve T1 T2
	[ "$(status T1)" = new ]
}

@test "a filter and a verb make a pipe" {
	desk
	bo-ticket add subject='urgent 🔥' priority=urgent -q
	bo-ticket list -w 'priority = urgent' | bo-ticket open - -q
	[ "$(status T1) $(status T2)" = 'new open' ]
	bo-ticket list -o ids | bo-ticket spam --in ids - >out 2>&1 || true
	[ "$(status T1)" = new ]
	grep 'T2 is open' out
}

@test "messages are the ticket's, in order, line breaks and all" {
	desk
	run -0 bo-record -t message add ticket=T1 direction=in author=Ali text=$'سلام\nچائے ٹھنڈی ہے'
	bo-record -t message add ticket=T1 text='नोट' -q
	run -0 bo-ticket show T1 -o json
	[ "$(jq -r '.message[0].text' <<<"$output")" = $'سلام\nچائے ٹھنڈی ہے' ]
	[ "$(jq -r '.message | map(.direction) | join(" ")' <<<"$output")" = 'in note' ]
	run -3 bo-record -t message set M1 text=other
}

@test "age is the time since it was opened" {
	store
	at '2001-01-01 00:00:00' bo-ticket add subject=old -q 2>/dev/null
	bo-ticket add subject=young -q
	run -0 bo-ticket list --no-header -f subject -w 'age > 30d'
	[ "$output" = old ]
	run -0 at '2001-01-02 00:00:00' bo-ticket list --no-header -f age -w 'subject = old'
	[[ $output == 1d || $output == 23h59min* ]]
}

@test "tickets are found by what they are about" {
	desk
	run -0 bo-ticket list --no-header -f id,customer.name -w 'subject ~ "ठंडी"'
	[ "$output" = T1,علی ]
	run -0 bo-ticket list --no-header -w 'customer.code = NONE'
	[ -z "$output" ]
}

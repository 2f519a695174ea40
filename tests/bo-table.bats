#!/usr/bin/env bats
# bo-table: tables that a store adds

load helper

# refused REASON FIELD=VALUE...: such a table is refused for it, and nothing is written.
refused()
{
	local reason=$1

	shift
	run -3 bo-table add "$@"
	[[ $output == *"$reason"* ]] || { echo "$output"; return 1; }
	[ "$(bo-audit head --no-header)" = "$head" ]
}

@test "a table is there for bo-record from the next command on" {
	store
	run -2 bo-record -t machine list
	bo-table add -q table=machine prefix=MA help='on loan'
	bo-field add -q table=machine field=serial type=text flags='key required'
	run -0 bo-record -t machine add -f id,serial serial=K-1
	[ "${lines[1]}" = MA1,K-1 ]
	run -0 bo-record -t machine show K-1
	[[ $output == *'machine MA1'* ]]
	run -3 bo-record -t machine add serial=
	[[ $output == *'serial: missing'* ]]
}

@test "its log and its changes are audited like all others" {
	store
	bo-table add -q table=machine prefix=MA -m 'they asked for it'
	bo-field add -q table=machine field=serial type=text
	bo-record -t machine add -q serial=K-1
	[ "$(bo-audit log --no-header -f command,reason -w 'command = "table add"')" = 'table add,they asked for it' ]
	[ "$(head -n 1 "$BO_STORE/machine.csv")" = id,tx,serial,archived ]
	bo-audit verify -q
}

@test "a personal table has seals" {
	store
	bo-table add -q table=guest prefix=G flags=personal
	bo-field add -q table=guest field=name type=text
	bo-record -t guest add -q name=Ada
	[[ $(head -n 1 "$BO_STORE/guest.csv") == id,tx,seal,* ]]
	bo-audit verify -q
}

@test "a child table lives in its parent" {
	store
	bo-table add -q table=visit prefix=VS parent=customer flags=child
	bo-field add -q table=visit field=customer type='ref(customer)' flags=required
	bo-field add -q table=visit field=day type=date
	bo-customer add -q name=A : day=2026-03-02 : day=2026-03-03
	[ "$(bo-record -t visit list --no-header -f id,customer,day)" = $'VS1,C1,2026-03-02\nVS2,C1,2026-03-03' ]
}

@test "what can't be a table is refused" {
	store
	bo-table add -q table=machine prefix=MA
	head=$(bo-audit head --no-header)
	refused 'table' table=machine prefix=MB
	refused 'table' table=customer prefix=XC
	refused 'prefix' table=other prefix=MA
	refused 'prefix' table=other prefix=C
	refused 'prefix' table=other prefix=toolong
	refused 'table' table='A b' prefix=XA
	refused 'no such table' table=other prefix=XA parent=nothing flags=child
	refused 'flag' table=other prefix=XA flags=round
}

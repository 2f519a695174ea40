#!/usr/bin/env bats
# bo-user: who works with a store

load helper

me=$(id -un)

# A store with one user: who runs this, allowed everything.
own()
{
	store
	bo-role add -q name=admin : table='*' verbs='*'
	bo-user add -q login="$me" roles=admin
}

@test "without users everybody may do everything" {
	store
	bo-customer add -q code=A name=a
	bo-role add -q name=clerk : table=customer verbs=add
	run -0 bo-customer set A city=Paris --no-header -f city
	[ "$output" = Paris ]
}

@test "the first user must be able to change users, and nothing is written if not" {
	store
	before=$(bo-audit head --no-header)
	run -3 bo-user add login="$me" name=Me
	[[ $output == *'nobody would be left who may set user and role'* ]]
	bo-role add -q name=clerk : table=customer verbs='*'
	run -3 bo-user add login="$me" roles=clerk
	run -0 bo-user list --no-header
	[ -z "$output" ]
	[ "$(bo-audit head --no-header)" != "$before" ]
	bo-role set -q clerk : table=user verbs=set : table=role verbs=put
	bo-user add -q login="$me" roles=clerk
}

@test "the last administrator can not be taken away, whatever way is tried" {
	own
	bo-role add -q name=clerk : table=customer verbs=add
	cp "$BO_STORE/audit.csv" before
	for try in "archive $me" "set $me roles=clerk" "set $me roles=" "set $me archived=true"; do
		# shellcheck disable=SC2086 # words
		run -3 bo-user $try
		[[ $output == *'nobody would be left'* ]]
	done
	run -3 bo-role archive admin
	run -3 bo-record set -t permission RP1 verbs='add'
	run -3 bo-record set -t permission RP1 table=customer
	run -3 bo-record archive -t permission RP1
	cmp before "$BO_STORE/audit.csv"
}

@test "with another administrator one may go" {
	own
	bo-user add -q login=other roles=admin
	bo-user archive -q "$me"
	run -3 bo-user unarchive "$me"
	[[ $output == *"$me may not unarchive users: $me is archived"* ]]
}

@test "who is no user may do nothing but look" {
	store
	bo-role add -q name=admin : table='*' verbs='*'
	bo-user add -q login=somebody-else roles=admin
	run -3 bo-ticket add subject=x
	[[ $output == *"$me may not add tickets: $me is no user of this store"* ]]
	run -0 bo-user list --no-header -f login
	[ "$output" = somebody-else ]
	bo-audit verify -q
}

@test "what SUDO_USER claims is nobody's login" {
	store
	bo-role add -q name=admin : table='*' verbs='*'
	bo-user add -q login=somebody-else roles=admin
	SUDO_USER=somebody-else run -3 bo-ticket add subject=x
	[[ $output == *"$me is no user"* ]]
}

@test "roles that there are not, and logins that are none, are refused" {
	own
	run -3 bo-user add login=a roles='admin cleaner'
	[[ $output == *'roles: no such role: "cleaner"'* ]]
	run -3 bo-user add login='root(anna)'
	[[ $output == *'login: not a login name: "root(anna)"'* ]]
	run -3 bo-user add login="$me"
	[[ $output == *'is taken by U1'* ]]
	run -3 bo-user add name='no login'
	run -3 bo-user set "$me" login=other
}

@test "a bad user in a file refuses the file, and names its line" {
	own
	printf 'login,roles\nanna,admin\ncarl,nonsense\n' >users.csv
	run -3 bo-user add - <users.csv
	[[ $output == *':3: roles: no such role: "nonsense"'* ]]
	run -0 bo-user list --no-header -o ids
	[ "$output" = U1 ]
}

#!/usr/bin/env bats
# duties: what one person may not do alone, refused when it happens and found afterwards
# shellcheck disable=SC2154 # bats sets stderr

load helper

me=$(id -un)

# Where others can get at it.
public=''

teardown()
{
	[ -z "$public" ] || rm -rf "$public"
}

# as USER COMMAND...: as another user of this machine, whose group may write the store.
as()
{
	local user=$1

	shift
	setpriv --reuid "$user" --regid "$user" --groups daemon env HOME="$public/home.$user" "$@"
}

# A store that root, daemon and games may all write, in which all three have every role.
shared()
{
	local user

	[[ $(id -u) -eq 0 ]] || skip "only root can be several users"
	command -v setpriv >/dev/null || skip "no setpriv"
	public=$(mktemp -d /tmp/bo-duties-XXXXXX)
	chmod 755 "$public"
	for user in daemon games; do
		getent passwd "$user" >/dev/null || skip "no user $user"
		mkdir -p "$public/home.$user" && chown "$user" "$public/home.$user"
	done
	bo-init -q "$public/store"
	export BO_STORE=$public/store
	chgrp -R daemon "$BO_STORE"
	chmod -R g+rwX "$BO_STORE"
	as games bo-audit verify -q || skip "another user can't get here"
	bo-role add -q name=all : table='*' verbs='*'
	printf 'login,roles\nroot,all\ndaemon,all\ngames,all\n' | bo-user add -q -
}

# The same for who runs this alone.
alone()
{
	store
	bo-role add -q name=all : table='*' verbs='*'
	bo-user add -q login="$me" roles=all
}

duty() # NAME TABLE VERB BEFORE [FIELD=VALUE...]
{
	bo-record add -q -t duty name="$1" table="$2" verb="$3" before="$4" "${@:5}"
}

@test "who created it may not approve it, somebody else may" {
	shared
	duty invoice-issue invoice issue add
	bo-customer add -q code=A name=a
	as daemon bo-invoice add -q customer=A : description=x price=1
	cp "$BO_STORE/audit.csv" before
	run -3 as daemon bo-invoice issue V1
	[ "$output" = 'bo-invoice: daemon created V1 himself: somebody else must issue it' ]
	run -3 as daemon bo-record set -t invoice V1 status=issued
	cmp before "$BO_STORE/audit.csv"
	as games bo-invoice issue -q V1
	bo-audit duties -q
}

@test "several documents: each is looked at by itself" {
	shared
	duty invoice-issue invoice issue add
	bo-customer add -q code=A name=a
	as daemon bo-invoice add -q customer=A : description=x price=1
	as games bo-invoice add -q customer=A : description=x price=1
	as daemon bo-invoice issue -q V2
	run -3 as games bo-invoice issue V1 V2
	as games bo-invoice issue -q V1
}

@test "roles bind each user by his own login" {
	shared
	bo-role add -q name=sales : table=customer verbs=put
	bo-user set -q games roles=sales
	as games bo-customer add -q code=A name=a
	run -3 as games bo-invoice add customer=A
	[[ $output == *'games may not add invoices (role sales)'* ]]
	as daemon bo-invoice add -q customer=A
}

@test "who changed a supplier's bank account may not deal with what is paid to it" {
	shared
	bo-field add -q table=invoice field=x_supplier type='ref(supplier)'
	bo-supplier add -q code=S name=s
	bo-customer add -q code=A name=a
	duty bank invoice issue set via=x_supplier field=iban
	bo-invoice add -q customer=A x_supplier=S : description=x price=1
	as daemon bo-supplier set -q S iban='DE89 3704 0044 0532 0130 00'
	as daemon bo-supplier set -q S city=Berlin
	run -3 as daemon bo-invoice issue V1
	[ "$output" = 'bo-invoice: daemon changed iban of S1 himself: somebody else must issue it' ]
	as games bo-supplier set -q S city=Bonn
	as games bo-invoice issue -q V1
	bo-audit duties -q
}

@test "the value that the same command gives decides where it leads" {
	alone
	bo-field add -q table=ticket field=x_supplier type='ref(supplier)'
	bo-supplier add -q code=MINE name=s iban='DE89 3704 0044 0532 0130 00'
	bo-supplier add -q code=OTHER name=s
	duty bank ticket solve set via=x_supplier field=iban
	bo-ticket add -q subject=x x_supplier=OTHER
	run -3 bo-ticket solve T1 x_supplier=MINE
	[[ $output == *"$me changed iban of S1 himself: somebody else must solve it"* ]]
	bo-ticket solve -q T1
}

@test "both halves in one transaction are refused too" {
	alone
	bo-field add -q table=ticket field=x_supplier type='ref(supplier)'
	bo-supplier add -q code=S name=s
	bo-ticket add -q subject=x x_supplier=S
	duty bank ticket solve set via=x_supplier field=iban
	duty set-solve ticket solve set
	cat >plan.csv <<-'END'
	table,id,field,old,new
	supplier,S1,iban,,DE89370400440532013000
	ticket,T1,status,new,solved
	END
	run -3 bo-apply plan.csv
	[[ $output == *"$me changed iban of S1 himself"* ]]
	run -3 bo-ticket solve T1 priority=high
	[[ $output == *"$me changed T1 himself: somebody else must solve it"* ]]
	bo-ticket solve -q T1
}

@test "lines of a document are its change" {
	alone
	duty lines ticket solve set
	bo-ticket add -q subject=x : text='comes with it'
	bo-ticket add -q subject=y
	bo-ticket set -q T2 : text=later
	bo-ticket solve -q T1
	run -3 bo-ticket solve T2
	[[ $output == *"$me changed T2 himself"* ]]
}

@test "a transition before another one" {
	alone
	duty hold-solve ticket solve hold
	bo-ticket add -q subject=x
	bo-ticket open -q T1
	bo-ticket hold -q T1
	run -3 bo-ticket solve T1
	[[ $output == *"$me took \"hold\" on T1 himself: somebody else must solve it"* ]]
}

@test "without users nothing is refused, and the audit still tells" {
	store
	duty invoice-issue invoice issue add
	bo-customer add -q code=A name=a
	bo-invoice add -q customer=A : description=x price=1
	bo-invoice issue -q V1
	tx=$(bo-audit head --no-header -f tx)
	run -1 --separate-stderr bo-audit duties
	[ "${lines[0]}" = duty,table,id,actor,tx_a,tx_b ]
	[ "${lines[1]}" = "invoice-issue,invoice,V1,$me,$((tx - 1)),$tx" ]
	[ -z "$stderr" ]
	run -0 bo-audit duties --as-of $((tx - 1)) --no-header
	[ -z "$output" ]
	run -0 bo-audit duties -w 'actor = nobody-at-all' --no-header
}

@test "a claim by sudo hides nobody" {
	store
	duty invoice-issue invoice issue add
	bo-customer add -q code=A name=a
	SUDO_USER=anna bo-invoice add -q customer=A : description=x price=1
	SUDO_USER=carl bo-invoice issue -q V1
	run -1 bo-audit duties --no-header -f id,actor
	[ "$output" = "V1,$me" ]
}

@test "a duty that is archived sleeps, one that came with bo is replaced by its name" {
	alone
	mkdir share
	cp -r "$ROOT/share/." share
	echo 'shipped,ticket,solve,add,,,why' >>share/duty.csv
	export BO_SHARE=$PWD/share
	bo-ticket add -q subject=x
	run -3 bo-ticket solve T1
	duty shipped ticket hold add
	bo-ticket solve -q T1
	bo-ticket reopen -q T1
	run -3 bo-ticket hold T1
	bo-record archive -q -t duty shipped
	bo-ticket hold -q T1
}

@test "duties about what there is not are refused" {
	store
	run -3 bo-record add -t duty name=a table=invoce verb=issue before=add
	[[ $output == *'table: no such table: "invoce"'* ]]
	run -3 bo-record add -t duty name=a table=invoice verb=isue before=ad
	[[ $output == *'verb: invoice has no such verb: "isue"'* ]]
	[[ $output == *'before: invoice has no such verb: "ad"'* ]]
	run -3 bo-record add -t duty name=a table=invoice verb=issue before=set via=custmer
	[[ $output == *'via: '*custmer* ]]
	run -3 bo-record add -t duty name=a table=invoice verb=issue before=set via=date
	[[ $output == *'via: is not a reference'* ]]
	run -3 bo-record add -t duty name=a table=invoice verb=issue before=set via=customer field=ibn
	[[ $output == *'field: customer has no such field: "ibn"'* ]]
	run -3 bo-record add -t duty name=a table=invoice_line verb=add before=set
	[[ $output == *'is part of invoice'* ]]
}

@test "the duties that come with bo can be read" {
	run -0 head -n 1 "$ROOT/share/duty.csv"
	[ "$output" = name,table,verb,before,via,field,help ]
	store
	bo-audit duties -q
	mkdir share
	cp -r "$ROOT/share/." share
	echo 'too,few' >>share/duty.csv
	BO_SHARE=$PWD/share run -4 bo-audit duties
	[[ $output == *duty.csv:* ]]
}

@test "who enters a bill does not post it, nor pays a supplier whose bank account was changed by him" {
	alone
	bo-supplier add -q code=TEA name=tea
	bo-bill add -q supplier=TEA number=1 : description=tea price=10
	run -3 bo-bill post B1
	[[ $output == *'somebody else must post it'* ]]
	bo-supplier set -q TEA iban=DE89370400440532013000
	run -3 bo-payment pay supplier=TEA amount=10
	[[ $output == *'somebody else must pay it'* ]]
}

@test "a limit holds for what is paid" {
	store
	bo-customer add -q code=ACME name=Acme
	bo-role add -q name=cashier : table=user verbs='*' : table=role verbs='*' : table=payment verbs=receive limit=100
	bo-user add -q login="$me" roles=cashier
	run -3 bo-payment receive customer=ACME amount=101
	[[ $output == *'over 100.00'* ]]
	run -0 bo-payment receive -q customer=ACME amount=100
}

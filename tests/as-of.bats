#!/usr/bin/env bats
# --as-of: every reading command shows what it showed then, by transaction and by time

load helper

# A fixed sequence of numbers, so that every run is the same.
seed=20010301
random() # BELOW: into $number
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	number=$((seed / 65536 % $1))
}

# One transaction, of some kind; what is refused just now is another kind's turn.
step() # N
{
	random 10
	case $number in
	0) bo-customer add -q "code=K$1" "name=Customer $1" "city=City $1" ;;
	1) bo-customer set -q KA "phone=+4930123$1" ;;
	2) bo-ticket add -q "subject=Ticket $1" customer=KA : direction=note "text=note $1" ;;
	3) bo-ticket open -q T1 || bo-ticket hold -q T1 ;;
	4) bo-item set -q IA "price=$1" ;;
	5) bo-stock receive -q item=IA "qty=$1" ;;
	6) bo-stock issue -q item=IA qty=1 ;;
	7) bo-invoice add -q customer=KA : item=IA qty=2 : "description=Extra $1" price=1 ;;
	8) bo-invoice issue -q "$(bo-invoice list -o ids -w 'status = draft' | head -n 1)" ;;
	9) bo-customer archive -q "$(bo-customer list -o ids | tail -n 1)" ;;
	esac
}

# What every reading command says; --on, since what is overdue is of the day and not of the store.
everything() # [--as-of X]
{
	local command

	for command in customer ticket item invoice location supplier config; do
		echo "== $command"
		"bo-$command" list -a "$@" 2>&1
		"bo-$command" log "$@" 2>&1
	done
	for table in invoice_line message stock_move series; do
		echo "== $table"
		bo-record list -a -t "$table" "$@" 2>&1
	done
	echo "== show"
	bo-customer show -o json C1 "$@" 2>&1 || true
	bo-ticket show T1 "$@" 2>&1 || true
	bo-invoice show V1 "$@" 2>&1 || true
	echo "== level"
	bo-stock level -a --on 2030-01-01 "$@" 2>&1
	echo "== audit"
	bo-audit log "$@" 2>&1
	bo-audit head "$@" 2>&1
	bo-audit check "$@" 2>&1 || true
	bo-audit who C1 "$@" 2>&1 || true
	bo-audit diff 1 "$@" 2>&1 || true
	bo-audit show 2 "$@" 2>&1 || true
}

# The age of a ticket is the clock's business.
fixed()
{
	sed -E 's/"age":"[^"]*"//; s/,[0-9]+(s|min|h|d)$/,/; /^ *age /d'
}

@test "after each of 60 random transactions, and later as of then" {
	local n tx

	store
	bo-customer add -q code=KA name='Ada, "the first"'
	bo-item add -q sku=IA name=Item price=3 tax_rate=19
	bo-ticket add -q subject=first customer=KA
	bo-stock receive -q item=IA qty=100
	for ((n = 1; $(bo-audit head --no-header -f tx) < 60; n++)); do
		step "$n" 2>/dev/null || continue
		tx=$(bo-audit head --no-header -f tx)
		[ "$((tx % 4))" -eq 0 ] || [ "$tx" -gt 57 ] || continue
		everything | fixed >"then.$tx"
		bo-audit log --no-header -f time -w "tx = $tx" >"time.$tx"
		grep -q '== level' "then.$tx"
	done
	[ "$n" -lt 400 ]
	for tx in $(printf '%s\n' then.* | sed 's/then[.]//' | sort -n); do
		everything --as-of "$tx" | fixed >now
		diff "then.$tx" now || { echo "as of transaction $tx"; return 1; }
		everything --as-of "$(cat "time.$tx")" | fixed >now
		diff "then.$tx" now || { echo "as of $(cat "time.$tx")"; return 1; }
	done
	[ "$(printf '%s\n' then.* | wc -l)" -ge 14 ]
}

@test "what is proved is all of it: verify takes no moment" {
	store
	run -2 bo-audit verify --as-of 1
	[[ $output == *--as-of* ]]
}

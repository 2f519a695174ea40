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

# What comes at a fixed place of the history: what all else is about, the store's own fields
# and tables, and taking back.
milestone() # TX: of the transaction that is to be made
{
	case $1 in
	2) bo-customer add -q code=KA name='Ada, "the first"' ;;
	3) bo-item add -q sku=IA name=Item price=3 tax_rate=19 ;;
	4) bo-ticket add -q subject=first customer=KA ;;
	5) bo-stock receive -q item=IA qty=100 ;;
	12) bo-field add -q table=customer field=x_region type=text ;;
	13) bo-customer set -q KA x_region=north ;;
	20) bo-table add -q table=machine prefix=MA ;;
	21) bo-field add -q table=machine field=name type=text flags=required ;;
	22) bo-record add -q -t machine name=Grinder ;;
	25) bo-config set -q phone=12345 ;;
	30) bo-invoice add -q customer=KA : item=IA qty=1 ;;
	31) bo-invoice issue -q "$(bo-invoice list -o ids -w 'status = draft' | tail -n 1)" ;;
	35) bo-customer set -q KA city=Elsewhere x_region=south ;;
	36 | 42) bo-audit undo "$(($1 - 1))" | bo-apply -q ;;
	41) bo-ticket add -q 'subject=a mistake' customer=KA : direction=note text=oops ;;
	45) printf 'code,name,x_region\nKA,Ada,west\nKB,Bob,\n' | bo-customer put -q --match code - ;;
	46) bo-record archive -q -t machine MA1 ;;
	*) return 1 ;;
	esac
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

	for command in customer ticket item invoice; do
		echo "== $command"
		"bo-$command" list -a "$@" 2>&1
		"bo-$command" log "$@" 2>&1
	done
	bo-config list "$@" 2>&1
	for table in invoice_line message stock_move series machine; do
		echo "== $table"
		bo-record list -a -t "$table" "$@" 2>&1 || true
	done
	echo "== fields"
	bo-customer fields "$@" 2>&1
	bo-customer list -f code,x_region -w x_region "$@" 2>&1 || true
	echo "== show"
	bo-customer show -o json C1 "$@" 2>&1 || true
	bo-ticket show T1 "$@" 2>&1 || true
	bo-invoice show V1 "$@" 2>&1 || true
	bo-customer export-data C1 "$@" 2>&1 || true
	echo "== level"
	bo-stock level -a --on 2030-01-01 "$@" 2>&1
	echo "== audit"
	bo-audit log "$@" 2>&1
	bo-audit head "$@" 2>&1
	bo-audit check "$@" 2>&1 || true
	bo-audit who C1 "$@" 2>&1 || true
	bo-audit diff 1 "$@" 2>&1 || true
	bo-audit show 2 "$@" 2>&1 || true
	bo-audit duties "$@" 2>&1 || true
}

# A moment leads to a transaction, whatever is asked of it.
something() # [--as-of X]
{
	bo-audit head "$@"
	bo-customer list -a "$@"
}

# The age of a ticket is the clock's business.
fixed()
{
	sed -E 's/"age":"[^"]*"//; s/,[0-9]+(s|min|h|d)$/,/; /^ *age /d'
}

@test "after each of 60 transactions of every kind, and later as of then" {
	local n tx=0 last=0

	store
	for ((n = 1; n < 400; n++)); do
		tx=$(bo-audit head --no-header -f tx)
		if [ "$tx" -ne "$last" ]; then
			everything | fixed >"then.$tx"
			something >"moment.$tx"
		fi
		last=$tx
		[ "$tx" -lt 60 ] || break
		milestone $((tx + 1)) || step "$n" 2>/dev/null || continue
	done
	bo-audit log --no-header -f tx,time >history
	while IFS=, read -r tx time; do
		[ $((tx * $(few 4) % 4)) -eq 0 ] || continue # all, or every fourth
		everything --as-of "$tx" | fixed >now
		diff "then.$tx" now || { echo "as of transaction $tx"; return 1; }
		something --as-of "$time" >now
		diff "moment.$tx" now || { echo "as of $time"; return 1; }
	done <history
	# all of them, and all that is to be in them
	[ "$(printf '%s\n' then.* | wc -l)" -eq "$(wc -l <history)" ]
	[ "$(wc -l <history)" -eq 60 ]
	grep -q 'x_region' then.12
	run ! grep -q 'x_region,text' then.11
	run -0 bo-audit log --no-header -f command
	for command in 'customer add' 'customer set' 'customer put' 'customer archive' 'ticket add' 'invoice issue' \
	    'stock issue' 'field add' 'table add' 'config set' 'machine add' 'machine archive' apply; do
		grep -qx "$command" <<<"$output" || { echo "no $command in it"; return 1; }
	done
}

@test "what is proved is all of it: verify takes no moment" {
	store
	run -2 bo-audit verify --as-of 1
	[[ $output == *--as-of* ]]
}

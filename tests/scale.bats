#!/usr/bin/env bats
# scale: what a person does at a prompt costs as much in a large store as in a small one.

load helper

# A store with so many invoices of fifty customers, of which every tenth is open, and as many movements of stock.
books() # COUNT
{
	rm -rf "$BO_STORE"
	store
	seq 50 | awk 'BEGIN { print "code,name" } { print "K" $1 ",Customer " $1 }' | bo-customer add -q -
	seq 50 | awk 'BEGIN { print "sku,name" } { print "S" $1 ",Thing " $1 }' | bo-item add -q -
	seq "$1" | awk 'BEGIN { print "customer,line.description,line.price" }
		{ print "K" ($1 <= 60 ? 1 : $1 % 49 + 2) ",work," 10 + $1 % 7 }' | bo-invoice add -q -
	bo-invoice list -o ids | bo-invoice issue -q -
	bo-invoice list --no-header -f customer,payable,number |
	    awk 'BEGIN { print "customer,amount,reference" } NR % 10 { print }' | bo-payment receive -q -
	seq "$1" | awk 'BEGIN { print "item,qty" } { print "S" ($1 <= 60 ? 1 : $1 % 49 + 2) ",1" }' |
	    bo-stock receive -q -
	bo-store index build -q
}

@test "what it costs to work with one invoice, customer or item does not grow with the others" {
	without_sanitizer
	local commands small=() large=()

	export BO_INDEX=always # of small logs as well

	commands=('bo-invoice show V10' 'bo-payment show PY7' 'bo-invoice statement K1' 'bo-item show S1 -o json'
		'bo-payment receive customer=K1 amount=1 -q -n' 'bo-payment receive customer=K1 amount=10 reference=INV-2026-000010 -q -n'
		'bo-payment allocate PY1 -q -n' 'bo-invoice credit V20 -q -n' 'bo-stock issue item=S1 qty=1 -q -n')
	books 1000
	for command in "${commands[@]}"; do
		# shellcheck disable=SC2086 # a command and its operands
		small+=("$(instructions $command)")
	done
	books 4000
	for command in "${commands[@]}"; do
		# shellcheck disable=SC2086 # a command and its operands
		large+=("$(instructions $command)")
	done
	printf "%s\n" "${small[*]}" "${large[*]}"
	for i in "${!commands[@]}"; do
		[ "${small[i]}" -gt 0 ]
		[ "${large[i]}" -lt $((small[i] * 5 / 4)) ] || { echo "${commands[i]}"; return 1; }
	done
}

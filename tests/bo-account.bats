#!/usr/bin/env bats
# bo-account: what entries put their amounts to

load helper

@test "a chart goes in, and twice changes nothing" {
	store
	for chart in generic es-pgc fr-pcg; do
		bo-init -q $chart
		bo-ledger chart $chart | bo-account -d $chart put -q --match code -
		before=$(tail -n 1 $chart/audit.csv)
		bo-ledger chart $chart | bo-account -d $chart put -q --match code -
		[ "$(tail -n 1 $chart/audit.csv)" = "$before" ]
		[ "$(bo-account -d $chart list -o ids | wc -l)" -eq $(($(bo-ledger chart $chart | wc -l) - 1)) ]
		bo-audit -d $chart check
	done
	[ "$(bo-ledger chart --no-header | sort)" = $'es-pgc\nfr-pcg\ngeneric' ]
	run -1 bo-ledger chart nowhere
	run -1 bo-ledger chart ../tables
}

@test "each use is one account's, and every chart has those that bo needs" {
	local chart use

	store
	bo-account add -q code=1 name=Bank kind=asset use=bank
	run -3 bo-account add code=2 name='Other bank' kind=asset use=bank
	[[ $output == *'use: "bank" is taken by A1'* ]]
	for chart in $(bo-ledger chart --no-header); do
		for use in receivable payable sales bank cash tax-input tax-output tax-due advance retained rounding \
		    discount baddebt fees stock cogs grni clearing purchases conversion fx dunning; do
			bo-ledger chart "$chart" | grep -q ",$use\$" || { echo "$chart lacks $use"; return 1; }
		done
	done
}

@test "an account can't be part of itself, at any remove" {
	store
	bo-account add -q code=a name=A kind=asset
	bo-account add -q code=b name=B kind=asset parent=a
	bo-account add -q code=c name=C kind=asset parent=b
	run -3 bo-account set a parent=c
	[[ $output == *"parent: can't be part of itself"* ]]
	run -3 bo-account set a parent=a
}

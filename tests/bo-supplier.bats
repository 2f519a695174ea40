#!/usr/bin/env bats
# bo-supplier: who is bought from

load helper

@test "suppliers have codes, names and bank accounts" {
	store
	run -0 bo-supplier add code=TEA name='大红袍茶业' iban='DE89 3704 0044 0532 0130 00' --no-header -f id,code,iban
	[ "$output" = S1,TEA,DE89370400440532013000 ]
}

@test "a bank account whose digits don't hold is refused" {
	store
	run -3 bo-supplier add code=TEA name=tea iban=DE88370400440532013000
	[[ $output == *iban:* ]]
}

@test "items lead to their supplier, and are found by it" {
	store
	bo-supplier add code=TEA name='大红袍茶业' -q
	bo-supplier add code=MUG name='पॉटरी 🏺' -q
	bo-item add sku=A name=a supplier=TEA -q
	bo-item add sku=B name=b supplier=MUG -q
	run -0 bo-item list --no-header -f sku,supplier.name -w 'supplier.code = MUG'
	[ "$output" = 'B,पॉटरी 🏺' ]
	run -0 bo-item list --no-header -f sku -w 'supplier = TEA'
	[ "$output" = A ]
}

@test "Urdu, Hindi, Chinese and emoji sort and filter like any text" {
	store
	for name in 茶 'چائے' 'चाय' '🫖'; do bo-supplier add name="$name" -q; done
	run -0 bo-supplier list --no-header -f name -s name
	[ "$output" = "$(printf '%s\n' 茶 'چائے' 'चाय' '🫖' | LC_ALL=C sort)" ]
	run -0 bo-supplier list --no-header -f id -w 'name ~ "^चा"'
	[ "$output" = S3 ]
}

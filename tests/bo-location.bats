#!/usr/bin/env bats
# bo-location: where stock is kept

load helper

@test "a new store has one place, and stock goes there" {
	store
	run -0 bo-location list --no-header -f id,code
	[ "$output" = L1,MAIN ]
	bo-item add sku=A name=a -q
	run -0 bo-stock receive item=A qty=1 --no-header -f to,to.code
	[ "$output" = L1,MAIN ]
}

@test "places have codes of their own" {
	store
	run -0 bo-location add code=SHOP name='دکان 🏪' --no-header -f id,code,name
	[ "$output" = 'L2,SHOP,دکان 🏪' ]
	run -3 bo-location add code=SHOP name=other
	[[ $output == *'code: "SHOP" is taken by L2'* ]]
}

@test "the company's place may be another one" {
	store
	bo-location add code=北京 name='北京仓库' -q
	bo-config set location=北京 -q
	bo-item add sku=A name=a -q
	run -0 bo-stock receive item=A qty=1 --no-header -f to.name
	[ "$output" = 北京仓库 ]
}

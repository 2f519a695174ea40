#!/usr/bin/env bats
# bo-item: what is bought, kept and sold

load helper

@test "an item is goods, by the piece, unless told" {
	store
	run -0 bo-item add sku=CHAI name='चाय मसाला' --no-header -f id,sku,name,kind,unit
	[ "$output" = 'I1,CHAI,चाय मसाला,goods,pc' ]
}

@test "prices are exact, with up to six decimals and no more zeros than needed" {
	store
	run -0 bo-item add name=a price=0.100000 --no-header -f price
	[ "$output" = 0.1 ]
	run -0 bo-item add name=b price=123456789.123456 --no-header -f price
	[ "$output" = 123456789.123456 ]
	run -3 bo-item add name=c price=0.0000001
	run -3 bo-item add name=c price=1e3
	run -3 bo-item add name=c price=0x10
}

@test "a tax rate below nothing is refused" {
	store
	run -3 bo-item add name=a tax_rate=-5
	[[ $output == *'tax_rate: less than nothing'* ]]
}

@test "items are found by sku wherever one is named" {
	store
	bo-item add sku='烏龍-1' name='烏龍茶' -q
	run -0 bo-item set '烏龍-1' price=5 --no-header -f id,price
	[ "$output" = I1,5 ]
	run -1 bo-item show 烏龍
}

@test "what is on hand is worked out, not stored, and can't be set" {
	store
	bo-item add sku=A name=a -q
	run -3 bo-item set A on_hand=5
	bo-stock receive item=A qty=2.25 -q
	run -0 bo-item list --no-header -f on_hand
	[ "$output" = 2.25 ]
	head -n 1 "$BO_STORE/item.csv" >header
	run -1 grep on_hand header
}

@test "what is low is one filter away" {
	store
	bo-item add sku=A name=a reorder_level=5 -q
	bo-item add sku=B name=b reorder_level=1 -q
	bo-stock receive item=A qty=4 -q
	bo-stock receive item=B qty=4 -q
	run -0 bo-item list --no-header -f sku -w 'on_hand < reorder_level'
	[ "$output" = A ]
}

@test "a service has nothing on hand" {
	store
	bo-item add sku=H name=help kind=service -q
	run -0 bo-item list --no-header -f on_hand,sku
	[ "$output" = ,H ]
}

@test "what has been in stock can't become a service" {
	store
	bo-item add sku=A name=a -q
	bo-item add sku=B name=b -q
	bo-stock receive item=A qty=1 -q
	run -3 bo-item set A kind=service
	[[ $output == *"kind: there have been movements of it: it can't become a service"* ]]
	bo-item set B kind=service -q
}

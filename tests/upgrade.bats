#!/usr/bin/env bats
# a store that an older bo has written

load helper

# newer: a share/ of a bo to come, whose items and companies have a field more that is required.
newer()
{
	cp -r "$ROOT/share" newer
	echo 'grade,enum(a b),required,b,how good it is' >>newer/schema/item.csv
	echo 'motto,text,required,to your health,what it says below its name' >>newer/schema/company.csv
	export BO_SHARE=$PWD/newer
}

@test "records that lack a field which is required by now are found sound, listed, and changed" {
	store
	bo-item add -q sku=MUG name=mug
	bo-item add -q sku=POT name=pot
	newer
	run -0 bo-audit check
	run -0 bo-item list --no-header -f sku,grade
	[ "$output" = "MUG,
POT," ]
	# What is set to what it is writes nothing; what is written gets what it lacks.
	run -0 bo-item set MUG name=mug -v
	[[ $output == *'nothing changed'* ]]
	run -0 bo-item set MUG name=cup --no-header -f sku,name,grade
	[ "$output" = MUG,cup,b ]
	run -0 bo-config set -q city=Lahore
	run -0 bo-config get motto
	[ "$output" = 'to your health' ]
	# From then on it is required like any other.
	run -3 bo-item set MUG grade=
	run -0 bo-audit check
}

@test "a plan made before and after says what it fills in" {
	store
	bo-item add -q sku=MUG name=mug
	newer
	run -0 bo-item set MUG name=cup -n --no-header
	[ "$output" = "item,I1,name,mug,cup
item,I1,grade,,b" ]
}

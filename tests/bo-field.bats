#!/usr/bin/env bats
# bo-field and bo-table: what a store adds for itself

load helper

@test "a field that was added is there for every command, after archived ones too" {
	store
	bo-customer add -q name=Before
	run -0 bo-field add table=customer field=x_region type='enum(north south)' help='sales region' -f id,field
	[ "${lines[1]}" = F1,x_region ]
	bo-customer add -q name=After x_region=south
	[ "$(bo-customer list --no-header -f name,x_region)" = $'Before,\nAfter,south' ]
	run -3 bo-customer set C1 x_region=west
	[[ $output == *x_region:* ]]
	bo-customer fields | grep -q '^x_region,enum(north south),,,sales region$'
	[ "$(bo-customer list -o ids -w 'x_region = south')" = C2 ]
}

@test "a default applies to new records only" {
	store
	bo-customer add -q name=Before
	bo-field add -q table=customer field=x_grade type=int default=3
	bo-customer add -q name=After
	[ "$(bo-customer list --no-header -f name,x_grade)" = $'Before,\nAfter,3' ]
}

@test "what the schema would not take is refused before it is written" {
	store
	cp -r "$BO_STORE" before
	run -3 bo-field add table=nonsense field=x_a type=text
	run -3 bo-field add table=customer field=name type=text
	run -3 bo-field add table=customer field=x_a type=colour
	run -3 bo-field add table=customer field=x_a type='enum()'
	run -3 bo-field add table=customer field=x_a type='ref(nonsense)'
	run -3 bo-field add table=customer field='x a' type=text
	run -3 bo-field add table=customer field=x_a type=text flags=sparkling
	run -3 bo-field add table=customer type=text
	diff -r before "$BO_STORE"
	bo-customer list >/dev/null
}

@test "the same field twice is refused, also within one input" {
	store
	bo-field add -q table=customer field=x_a type=text
	run -3 bo-field add table=customer field=x_a type=int
	run -3 bo-field add - <<-'CSV'
		table,field,type
		customer,x_b,text
		customer,x_b,int
	CSV
	[ "$(bo-field list -o ids)" = F1 ]
}

@test "a table of its own: generic verbs, references, children" {
	store
	bo-table add -q table=x_van prefix=XV
	bo-field add -q - <<-'CSV'
		table,field,type,flags,default
		x_van,plate,text,key required,
		x_van,driver,ref(supplier),,
		x_van,loads,int,,2
	CSV
	bo-supplier add -q code=ANN name=Ann
	run -0 bo-record -t x_van add plate='B-AB 1' driver=ANN -f id,plate,driver,loads
	[ "${lines[1]}" = 'XV1,B-AB 1,S1,2' ]
	[ "$(bo-record -t x_van list --no-header -f driver.name)" = Ann ]
	bo-record -t x_van set -q 'B-AB 1' loads=3
	[ "$(bo-audit log -f command --no-header | tail -n 1)" = 'x_van set' ]
	run -3 bo-table add table=x_other prefix=XV
	run -3 bo-table add table=x_other prefix=toolong
}

@test "schema changes are in the audit log like all others" {
	store
	bo-field add -q table=customer field=x_a type=text -m 'the auditor asked'
	[ "$(bo-field log F1 -f command,reason --no-header | sort -u)" = 'field add,the auditor asked' ]
}

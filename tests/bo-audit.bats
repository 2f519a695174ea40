#!/usr/bin/env bats
# bo-audit: who did what when, whether it still holds, and taking it back
# shellcheck disable=SC2154,SC2030,SC2031 # bats sets stderr; each test is a process of its own

load helper

# Three transactions after those that make a store.
history()
{
	export BO_STORE=$BATS_TEST_TMPDIR/store
	at '2001-02-28 09:00:00' bo-init "$BO_STORE" >/dev/null
	at '2001-03-01 09:00:00' bo-customer add code=ALI name='علی' -m 'first customer' -q
	at '2001-03-02 09:00:00' bo-customer set C1 city='लखनऊ' -k job-7 -q
	at '2001-03-03 09:00:00' bo-ticket add subject='没有茶了 🫖' customer=ALI -q
	newest=$(bo-audit head --no-header -f tx)
}

@test "log prints every transaction, the newest last" {
	history
	run -0 bo-audit log
	[ "${lines[0]}" = tx,time,actor,command,key,reason,tables ]
	run -0 bo-audit log --no-header -f time,command,key,reason,tables -w 'time >= 2001-03-01 and time < 2001-03-04'
	[[ ${lines[0]} == 2001-03-01T09:00:0*Z,'customer add,,first customer,customer' ]]
	[[ ${lines[1]} == 2001-03-02T09:00:0*Z,'customer set,job-7,,customer' ]]
	[[ ${lines[2]} == 2001-03-03T09:00:0*Z,'ticket add,,,ticket' ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "log is filtered, sorted and cut like any list" {
	history
	run -0 bo-audit log --no-header -f tx -w 'command ~ "^ticket"'
	[ "$output" = "$newest" ]
	run -0 bo-audit log --no-header -f command -w "actor = $(id -un)" -s -tx --limit 1
	[ "$output" = 'ticket add' ]
	run -0 bo-audit log --no-header -f reason -w "tx > $((newest - 3))" -w 'reason != ""'
	[ "$output" = 'first customer' ]
	run -1 bo-audit log -e -w 'actor = nobody-at-all'
	run -2 bo-audit log -w 'actr = x'
	[[ $output == *'did you mean "actor"?'* ]]
}

@test "log as json" {
	history
	run -0 bo-audit log -o json -w "tx = $newest"
	[ "$(jq -r '.tx, .command, .tables[0]' <<<"$output")" = "$newest"$'\nticket add\nticket' ]
}

@test "show prints what a transaction changed, old and new" {
	history
	run -0 bo-audit show $((newest - 1)) --no-header
	[[ $output == *"audit,$((newest - 1)),command,,customer set"* ]]
	[[ $output == *"audit,$((newest - 1)),key,,job-7"* ]]
	[ "${lines[-1]}" = 'customer,C1,city,,लखनऊ' ]
	run -0 bo-audit show "$newest" --no-header -f table,id,field,new
	[[ $output == *'ticket,T1,subject,没有茶了 🫖'* ]]
	[[ $output != *$'\ncustomer,C1'* ]]
}

@test "show of what never happened says so" {
	history
	run -1 bo-audit show 999
	[[ $output == *'no such transaction: 999'* ]]
	run -2 bo-audit show yesterday
	run -2 bo-audit show
}

@test "head names the newest transaction and its hash" {
	history
	run -0 bo-audit head --no-header
	[ "$output" = "$newest,$(tail -n 1 "$BO_STORE/audit.csv" | sed 's/.*,//')" ]
}

@test "verify proves a store and counts" {
	history
	run -0 --separate-stderr bo-audit verify
	[ "${lines[0]}" = transactions,bytes,tables,head ]
	[ "${lines[1]%%,*}" = "$newest" ]
	[ "${lines[1]##*,}" = "$(bo-audit head --no-header -f hash)" ]
	[ -z "$stderr" ]
}

@test "verify finds a changed byte" {
	history
	sed -i 's/没有/還有/' "$BO_STORE/ticket.csv"
	run -1 bo-audit verify
	[[ $output == *ticket.csv* ]]
}

@test "verify finds a changed reason" {
	history
	sed -i 's/first customer/worst customer/' "$BO_STORE/audit.csv"
	run bo-audit verify
	[ "$status" -ne 0 ]
	[[ $output == *audit* ]]
}

@test "undo archives what was added" {
	history
	bo-audit undo "$newest" >plan.csv
	[ "$(tail -n 1 plan.csv)" = ticket,T1,archived,,true ]
	bo-apply -q <plan.csv
	run -0 bo-ticket list --no-header
	[ -z "$output" ]
}

@test "undo gives changed fields their old values" {
	history
	bo-customer set C1 city=Delhi phone=+911123456789 -q
	tx=$(bo-audit head --no-header -f tx)
	bo-audit undo "$tx" | bo-apply -q
	run -0 bo-customer list --no-header -f city,phone
	[ "$output" = 'लखनऊ,' ]
	bo-audit verify -q
}

@test "undo of what has changed since is refused, and nothing is printed" {
	history
	run -3 --separate-stderr bo-audit undo $((newest - 2))
	[ -z "$output" ]
	[[ $stderr == *'C1 has changed since'* ]]
}

@test "what was issued or posted is not undone" {
	store
	bo-customer add code=ALI name=ali -q
	bo-invoice add customer=ALI : description=x price=1 -q
	bo-invoice issue V1 -q
	run -3 --separate-stderr bo-audit undo "$(bo-audit head --no-header -f tx)"
	[ -z "$output" ]
	bo-item add sku=CHAI name=chai -q
	bo-stock receive item=CHAI qty=1 -q
	run -3 --separate-stderr bo-audit undo "$(bo-audit head --no-header -f tx)"
	[ -z "$output" ]
	[[ $stderr == *'a movement stays'* ]]
}

@test "log --as-of ends where it is told" {
	history
	run -0 bo-audit log --as-of $((newest - 1)) --no-header -f tx
	[ "${lines[-1]}" = $((newest - 1)) ]
}

# --- checkpoints ---

@test "head is a checkpoint: origin, size and hash, a line each" {
	history
	run -0 bo-audit head
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[0]}" = "bo/$(cut -d ' ' -f 3 "$BO_STORE/bo.format")" ]
	[ "${lines[1]}" = "$newest" ]
	[ "$(base64 -d <<<"${lines[2]}" | od -An -v -tx1 | tr -d ' \n')" = "$(bo-audit head --no-header -f hash)" ]
	[ "$(bo-audit head | wc -l)" -eq 3 ]
}

@test "head of every transaction is an anchor that verify goes on from" {
	local tx

	history
	for ((tx = 0; tx <= newest; tx++)); do bo-audit head --as-of "$tx" >"head.$tx"; done
	run -0 bo-audit verify -q --anchor head.0 --anchor head.1 --anchor "head.$newest"
	run -0 bo-audit verify -q --anchor head.*
	cat head.* >all
	run -0 bo-audit verify --anchor - <all
	[[ ${lines[1]} == "$newest,"* ]]
}

@test "verify --anchor finds an end that was cut off, where the chain can't" {
	history
	bo-audit head --as-of $((newest - 1)) >before
	bo-audit head >anchor
	cp -a "$BO_STORE" cut
	sed -i '$d' cut/audit.csv
	rm cut/watermark
	export XDG_STATE_HOME=$PWD/nobody
	run -0 bo-audit -d cut verify -q
	run -1 --separate-stderr bo-audit -d cut verify --anchor before --anchor anchor
	[ -z "$output" ]
	[[ $stderr == *"anchor: transaction $newest is not as this says: the history ends before it"* ]]
	[[ $stderr == *"transactions 1 to $((newest - 1)) are as an anchor says"* ]]
	run -0 bo-audit -d cut verify -q --anchor before
}

# The whole chain is reckoned again, as somebody would who knows how.
forge()
{
	local line hash previous

	previous=$(cut -d ' ' -f 3 "$BO_STORE/bo.format")
	{
		head -n 1 "$BO_STORE/audit.csv"
		tail -n +2 "$BO_STORE/audit.csv" | while IFS= read -r line; do
			hash=$(printf %s "$previous${line%,*}," | sha256sum)
			previous=${hash%% *}
			printf '%s,%s\n' "${line%,*}" "$previous"
		done
	} >forged
	cat forged >"$BO_STORE/audit.csv"
	rm "$BO_STORE/watermark"
	export XDG_STATE_HOME=$PWD/nobody
}

@test "verify --anchor finds a history that was written anew" {
	history
	bo-audit head >anchor
	bo-init other >/dev/null
	sed -i 's/worst/first/; s/first customer/worst customer/' "$BO_STORE/audit.csv"
	forge
	run -0 bo-audit verify -q
	run -1 bo-audit verify --anchor anchor
	[[ $output == *"transaction $newest is not as this says: the history was another one then"* ]]
	run -1 bo-audit -d other verify --anchor anchor
	[[ $output == *'it is of another store'* ]]
}

@test "verify --anchor refuses what is no checkpoint" {
	history
	echo nonsense >bad
	bo-audit head | head -c -1 >torn
	: >empty
	for file in bad torn empty; do
		run -3 bo-audit verify --anchor "$file"
		[[ $output == *"$file: "*checkpoint* ]]
	done
	run -4 bo-audit verify --anchor missing
	run -2 bo-audit verify extra
}

@test "a head can be signed, stored and verified with ssh-keygen" {
	command -v ssh-keygen >/dev/null || skip "no ssh-keygen"
	history
	ssh-keygen -q -t ed25519 -N '' -f key
	printf 'auditor %s\n' "$(cat key.pub)" >signers
	bo-audit head >checkpoint
	ssh-keygen -q -Y sign -f key -n bo checkpoint 2>/dev/null
	bo-customer set -q C1 city=Pune
	run -0 ssh-keygen -Y verify -f signers -I auditor -n bo -s checkpoint.sig <checkpoint
	run -0 bo-audit verify -q --anchor checkpoint
	sed -i "2s/.*/$((newest - 1))/" checkpoint
	run ! ssh-keygen -Y verify -f signers -I auditor -n bo -s checkpoint.sig <checkpoint
	run -1 bo-audit verify -q --anchor checkpoint
}

@test "verify names the last good transaction, also where nothing can be read" {
	history
	cp -a "$BO_STORE" bad
	sed -i 's/没有/還有/' bad/ticket.csv
	rm bad/watermark
	export XDG_STATE_HOME=$PWD/nobody
	bo-customer set -q C1 city=Pune
	cp "$BO_STORE/audit.csv" bad/
	run -1 bo-audit -d bad verify
	[[ $output == *"transaction $newest: ticket.csv: "*"(good up to transaction $((newest - 1)))"* ]]
	sed -i '3s/.*/x/' bad/audit.csv
	run -1 bo-audit -d bad verify
	[[ $output == *'transaction 2: audit.csv: line 3, byte '*': not a line of an audit log (good up to transaction 1)'* ]]
}

@test "verify names line and byte of what is short, and the file that is missing, the oldest fault first" {
	history
	cp -a "$BO_STORE" bad
	export XDG_STATE_HOME=$PWD/nobody
	bo-audit show "$newest" --no-header -f table | grep -q ticket
	size=$(wc -c <bad/customer.csv)
	truncate -s -1 bad/customer.csv
	sed -i 's/没有/還有/' bad/ticket.csv
	run -1 bo-audit -d bad verify
	[[ $output == *"transaction "*": customer.csv: line "*", byte "*"are not all there: the file ends at byte $((size - 1)) (good up to transaction "* ]]
	rm bad/customer.csv
	run -1 bo-audit -d bad verify
	[[ $output == *': customer.csv: is missing (good up to transaction '* ]]
}

@test "verify looks into documents" {
	history
	digest=$(printf 'a scan' | sha256sum | cut -d ' ' -f 1)
	mkdir -p "$BO_STORE/blob/${digest:0:2}"
	printf 'a scan' >"$BO_STORE/blob/${digest:0:2}/$digest"
	printf 'half' >"$BO_STORE/blob/${digest:0:2}/new-0123456789abcdef"
	bo-audit verify -q
	printf 'A scan' >"$BO_STORE/blob/${digest:0:2}/$digest"
	run -1 bo-audit verify
	[[ $output == *"blob/${digest:0:2}/$digest: is not what its name says (good up to transaction $newest)"* ]]
}

@test "check finds a line that says it is of another transaction" {
	history
	bo-item add -q sku=ONE name=one
	bo-item add -q sku=TWO name=two
	tx=$(bo-audit head --no-header -f tx)
	cp "$BO_STORE/item.csv" before
	sed -i "s/^I1,$((tx - 1)),/I1,1,/" "$BO_STORE/item.csv"
	old=$(tail -n 2 "$BO_STORE/audit.csv" | head -n 1 | sed 's/.*item:0:[0-9]*:\([0-9a-f]*\).*/\1/')
	length=$(head -n 2 before | wc -c)
	# as long as it was, or all that follows would have moved
	[ "$(head -n 2 "$BO_STORE/item.csv" | wc -c)" -eq "$length" ]
	new=$(head -c "$length" "$BO_STORE/item.csv" | sha256sum | cut -d ' ' -f 1)
	sed -i "s/$old/$new/" "$BO_STORE/audit.csv"
	forge
	bo-audit verify -q
	run -1 bo-audit check --no-header lines
	[ "$output" = "lines,item,I1,tx,\"a line of transaction $((tx - 1)) says that it is of \"\"1\"\"\"" ]
}

@test "check finds a blob that is gone" {
	history
	bo-field add -q table=item field=x_scan type=blob
	digest=$(printf 'a scan' | sha256sum | cut -d ' ' -f 1)
	mkdir -p "$BO_STORE/blob/${digest:0:2}"
	printf 'a scan' >"$BO_STORE/blob/${digest:0:2}/$digest"
	bo-item add -q sku=SCAN name=scan x_scan="$digest"
	bo-audit check -q
	rm "$BO_STORE/blob/${digest:0:2}/$digest"
	run -1 bo-audit check --no-header blobs
	[ "$output" = "blobs,item,I1,x_scan,there is no blob $digest" ]
	bo-audit verify -q
}

@test "verify --jobs proves the same; what is no number of processors is refused" {
	history
	bo-audit verify >all
	for jobs in 1 2 64; do
		bo-audit verify --jobs "$jobs" | diff all -
	done
	for jobs in 0 65 -1 x 1.5 ''; do
		run -2 bo-audit verify --jobs "$jobs"
		[[ $output == *"--jobs: not a number from 1 to 64: \"$jobs\""* ]]
	done
	sed -i 's/没有/還有/' "$BO_STORE/ticket.csv"
	run -1 bo-audit verify --jobs 2
	[[ $output == *": ticket.csv: line "*"(good up to transaction "* ]]
}

@test "verify says how far it is, if asked, on standard error" {
	store
	seq 20000 | sed 's/.*/N&,some sort of a name that is long enough for a megabyte or two &/; 1i code,name' |
	    bo-customer add -q -
	run -0 --separate-stderr bo-audit verify --progress --no-header -f transactions
	[ "$output" = "$(bo-audit head --no-header -f tx)" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr =~ bo-audit:\ [1-9][0-9]*\ MiB ]]
	run -0 --separate-stderr bo-audit verify
	[ -z "$stderr" ]
}

# --- check ---

@test "check finds nothing in what commands have written" {
	history
	bo-item add -q sku=CHAI name=chai price=2 tax_rate=19
	bo-stock receive -q item=CHAI qty=5
	bo-stock issue -q item=CHAI qty=5
	bo-invoice add -q customer=ALI : item=CHAI qty=3 : item=CHAI qty=1
	bo-invoice issue -q V1
	bo-invoice add -q customer=ALI rounding=document : description=x price=0.333 qty=3 : description=y price=1
	bo-ticket solve -q T1
	bo-ticket close -q T1
	run -0 --separate-stderr bo-audit check
	[ "$output" = check,table,id,field,finding ]
	[ -z "$stderr" ]
	run -0 bo-audit check series totals -q
}

@test "check --list names every check in a sentence, and they can be run by name" {
	local name

	store
	bo-audit check --list -o ids -f check --no-header >/dev/null || true
	run -0 bo-audit check --list -f check,help
	[ "${lines[0]}" = check,help ]
	[ "${#lines[@]}" -ge 11 ]
	for name in $(bo-audit check --list -f check --no-header); do
		run -0 bo-audit check -q "$name"
	done
	run -2 --separate-stderr bo-audit check refernces
	[ -z "$output" ]
	[[ $stderr == *'did you mean "references"?'* ]]
}

@test "check finds the same in a long store on every processor as on one, in the order of the checks" {
	without_sanitizer
	local alone=(taskset -c "$(taskset -cp $$ | sed 's/.*[:,-] *//')") name

	store
	cp -R "$ROOT/share" share
	export BO_SHARE=$PWD/share
	seq 20000 | awk 'BEGIN { print "sku,name,description,category" }
		{ printf "S%d,x,%s,%s\n", $1, $1 % 777 ? "a thing" : "", $1 % 1000 ? "plain" : "odd" }' |
	    bo-item add -q -
	sed -i 's/^description,note,,/description,note,required,/; s/^category,text,/category,enum(plain),/' \
	    share/schema/item.csv
	run -1 bo-audit check --no-header
	[ "$(grep -c '^required,item,.*,description,missing$' <<<"$output")" -eq 25 ]
	[ "$(grep -c '^spelling,item,.*,category,.*odd' <<<"$output")" -eq 20 ]
	[ "$(cut -d , -f 1 <<<"$output" | uniq)" = "required
spelling" ]
	[ "$("${alone[@]}" bo-audit check --no-header || true)" = "$output" ]
	for name in spelling required; do
		bo-audit check --no-header "$name" || true
	done >turned
	run -1 bo-audit check --no-header spelling required
	[ "$output" = "$(cat turned)" ]
	# Who takes part fails for all.
	sed -i '9000s/,x,a thing,/;x;a thing;/' "$BO_STORE/item.csv"
	run -4 --separate-stderr bo-audit check
	[[ $stderr == *'item.csv'*'not all columns are there'* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $output != *spelling* ]]
}

@test "check --list needs no store" {
	unset BO_STORE
	run -0 bo-audit check --list
	run -4 bo-audit check
}

# --- who and diff ---

@test "who prints who changed a record of any table, when, and what" {
	history
	run -0 bo-audit who C1 T1 -f id,tx,command,fields,reason --no-header
	[ "${lines[0]}" = "C1,$((newest - 2)),customer add,code name,first customer" ]
	[ "${lines[1]}" = "C1,$((newest - 1)),customer set,city," ]
	[[ ${lines[2]} == "T1,$newest,ticket add,subject customer status"* ]]
	[ "${#lines[@]}" -eq 3 ]
	run -0 bo-audit who C1 --no-header -f time,actor
	[[ ${lines[0]} == 2001-03-01T09:00:0*Z,$(id -un) ]]
	run -1 bo-audit who C9
	[[ $output == *'no such customer: "C9"'* ]]
	run -2 bo-audit who XYZ1
	run -2 bo-audit who ALI
	run -2 bo-audit who
	[ "$(bo-audit who T1 -o json | jq -r '.fields[0]')" = subject ]
}

@test "diff prints the net effect between two transactions" {
	history
	bo-customer set -q C1 city=Pune phone=+911123456789
	bo-customer set -q C1 city=लखनऊ
	run -0 bo-audit diff "$newest" --no-header
	[ "$output" = customer,C1,phone,,+911123456789 ]
	run -0 bo-audit diff $((newest - 1)) "$newest" --no-header -f table,id,field,new
	[ "${lines[0]}" = ticket,T1,subject,"没有茶了 🫖" ]
	[[ $output != *$'\n'customer,* ]]
	run -0 bo-audit diff "$newest" "$newest" --no-header
	[ -z "$output" ]
}

@test "diff between times, and backwards" {
	history
	run -0 bo-audit diff 2001-03-01 2001-03-02 --no-header
	[ "$output" = customer,C1,city,,लखनऊ ]
	run -0 bo-audit diff 2001-03-02T23:00 2001-03-01T23:00 --no-header
	[ "$output" = customer,C1,city,लखनऊ, ]
	run -0 bo-audit diff 0 1 --no-header -f table
	[[ $output == *company* ]]
	run -2 bo-audit diff
	run -2 bo-audit diff yesteryear
	run -1 bo-audit diff 0 999
	run -2 bo-audit diff 0 1 2
}

@test "diff of a table that the store did not have yet" {
	history
	bo-table add -q table=x_bike prefix=BK
	bo-field add -q table=x_bike field=frame type=text
	bo-record add -q -t x_bike frame=steel
	run -0 bo-audit diff "$newest" --no-header
	[[ $output == *x_bike,BK1,frame,,steel* ]]
}

@test "diff backwards is a plan that goes back" {
	history
	before=$(bo-customer list)
	bo-customer set -q C1 city=Pune phone=+911123456789
	bo-customer set -q C1 name=Ali
	now=$(bo-audit head --no-header -f tx)
	bo-audit diff "$now" "$newest" | bo-apply -q
	[ "$(bo-customer list -f name,city,phone)" = "$(bo-customer list --as-of "$newest" -f name,city,phone)" ]
	[ -n "$before" ]
}

# --- undo of whole transactions ---

# undone TX: takes it back.
undone()
{
	bo-audit undo "$1" >plan.csv && bo-apply -q <plan.csv
}

head_tx()
{
	bo-audit head --no-header -f tx
}

@test "undo of an invoice takes its lines with it, and undo of that brings all back" {
	store
	bo-customer add -q code=ALI name=ali
	bo-invoice add -q customer=ALI : description=x price=1 : description=y price=2
	added=$(head_tx)
	bo-invoice list -a -f customer,net,total >was
	undone "$added"
	[ -z "$(bo-invoice list --no-header)" ]
	[ -z "$(bo-record list -t invoice_line --no-header)" ]
	undone "$(head_tx)"
	[ "$(bo-record list -t invoice_line --no-header -f description)" = $'x\ny' ]
	[ "$(bo-invoice list -f customer,net,total)" = "$(cat was)" ]
	bo-audit check -q
}

@test "undo of an added line puts the total back" {
	store
	bo-customer add -q code=ALI name=ali
	bo-invoice add -q customer=ALI : description=x price=1
	bo-invoice set -q V1 : description=y price=2
	[ "$(bo-invoice list --no-header -f net)" = 3.00 ]
	undone "$(head_tx)"
	[ "$(bo-invoice list --no-header -f net)" = 1.00 ]
	bo-audit check -q
}

@test "undo of a ticket takes its messages with it" {
	store
	bo-ticket add -q subject=tea : direction=in text='none left' : direction=note text=again
	undone "$(head_tx)"
	[ -z "$(bo-ticket list --no-header)" ]
	[ -z "$(bo-record list -t message --no-header)" ]
	undone "$(head_tx)"
	[ "$(bo-record list -t message --no-header -f text)" = $'none left\nagain' ]
}

@test "undo of a ticket that somebody has answered since is refused" {
	store
	bo-ticket add -q subject=tea
	added=$(head_tx)
	bo-ticket set -q T1 : direction=in text=really
	run -3 --separate-stderr bo-audit undo "$added"
	[ -z "$output" ]
	[[ $stderr == *"T1 has got M1 since transaction $added"* ]]
	undone "$(head_tx)"
	undone "$added"
	[ -z "$(bo-ticket list --no-header)" ]
}

@test "undo of a change of many records takes all of them back" {
	store
	for name in a b c; do bo-customer add -q "name=$name" city=x; done
	bo-customer list -o ids | bo-customer set -q - city=y
	set_tx=$(head_tx)
	undone "$set_tx"
	[ "$(bo-customer list --no-header -f city)" = $'x\nx\nx' ]
	run -3 bo-audit undo "$set_tx"
}

@test "undo of a flow goes back where a transition does" {
	store
	bo-ticket add -q subject=tea
	bo-ticket open -q T1
	run -3 --separate-stderr bo-audit undo "$(head_tx)"
	[[ $stderr == *'nothing leads back from open to new'* ]]
	bo-ticket hold -q T1
	undone "$(head_tx)"
	[ "$(bo-ticket list --no-header -f status)" = open ]
	bo-audit check -q
}

@test "undo of an archiving, and the plan of an undo meets later changes" {
	store
	bo-customer add -q name=a
	bo-customer archive -q C1
	bo-audit undo "$(head_tx)" >plan.csv
	bo-customer set -q C1 city=x
	run -0 bo-apply -q <plan.csv
	[ "$(bo-customer list --no-header -f city)" = x ]
	bo-customer archive -q C1
	bo-audit undo "$(head_tx)" >plan.csv
	bo-customer unarchive -q C1
	run -3 bo-apply <plan.csv
}

# data.mk: what the jobs stand on; made once, in the directory where make runs.
#
# A command in tests/bench/jobs that names customers-1000000.db gets what the rule for
# customers-%.db makes.  Programs are found by PATH: ours, and those of tests/bench.

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
SHELL := /bin/sh -eu

half = $$(($* / 2))
rest = $$(($* / 2 + 1))

# --- for everybody -----------------------------------------------------------------

%.quoted.csv:
	generate $(subst -, ,$*) quoted >$@
%.csv:
	generate $(subst -, ,$*) >$@

# --- for bo: two transactions of half the records each, so that there is a half way ----

# store KIND, COMMAND that adds: under another name until it is whole.
define store
generate $1 $* csv 1 $(half) | $2 -q -d $@.part add -
generate $1 $* csv $(rest) $* | $2 -q -d $@.part add -
mv $@.part $@
bo-store -q -d $@ index build 2>>errors || true
endef

customers-%.store:
	rm -rf $@.part; bo-init -q $@.part
	$(call store,customers,bo-customer)

booking = bo-table -q -d $1 add table=booking prefix=BK help='one side of an entry'; \
    for field in 'number type=text flags=key' 'date type=date' 'account type=text flags=indexed' 'amount type=money' \
        'memo type=text'; do bo-field -q -d $1 add table=booking field=$$field; done
postings-%.store:
	rm -rf $@.part; bo-init -q $@.part
	$(call booking,$@.part)
	$(call store,postings,bo-record -t booking)

# The same postings as entries of the ledger.
ledger-%.store:
	rm -rf $@.part; bo-init -q $@.part
	generate accounts 181 | bo-account -q -d $@.part add -
	generate postings $* entries 1 $(half) | bo-ledger -q -d $@.part enter --group n -
	generate postings $* entries $(rest) $* | bo-ledger -q -d $@.part enter --group n -
	mv $@.part $@
	bo-store -q -d $@ index build 2>>errors || true

debt = bo-table -q -d $1 add table=debt prefix=DB help='what a customer owes'; \
    for field in 'number type=text flags=key' 'date type=date' 'due type=date' 'customer type=text flags=indexed' \
        'amount type=money' 'text type=text'; do bo-field -q -d $1 add table=debt field=$$field; done
invoices-%.store:
	rm -rf $@.part; bo-init -q $@.part
	$(call debt,$@.part)
	$(call store,invoices,bo-record -t debt)

# What a company has sold: drafts, and the same once they are issued, in the order of their dates.
drafts-%.store:
	rm -rf $@.part; bo-init -q $@.part
	bo-ledger -d $@.part chart generic | bo-account -q -d $@.part put --match code -
	generate customers $$(($* / 100 + 1)) | bo-customer -q -d $@.part add -
	generate invoices $* | bo-invoice -q -d $@.part add --group reference \
	    --map number=reference --map amount=price --map text=description -
	bo-invoice -d $@.part list -s date -f id >$@.part/drafts
	mv $@.part $@
sales-%.store: drafts-%.store
	rm -rf $@.part; cp -a $< $@.part
	bo-invoice -q -d $@.part issue - <$@.part/drafts
	mv $@.part $@

# One of its own for those who write: the others' sums stay what they are.
written-%.store: customers-%.store
	rm -rf $@; cp -a $< $@
	bo-customer -q -d $@ add name=first
written-%.db: customers-%.db
	cp $< $@
written-%.rec: customers-%.rec
	cp $< $@

# --- for the others --------------------------------------------------------------------

# Numbers as integers of cents: exact, as ours are.
customers = create table customer (id integer primary key, code text unique, country text, city text, postcode text, \
    email text, phone text, name text not null, contact text, address text, notes text);
postings = create table posting (id integer primary key, number text unique, date text, account text, amount integer, \
    memo text); create index by_account on posting (account);
invoices = create table bill (id integer primary key, number text unique, date text, due text, customer text, \
    amount integer, text text); create index by_customer on bill (customer, amount);

customers-%.db: customers-%.csv
	printf '%s\n' 'pragma synchronous=off;' "$(customers)" '.import --csv $< raw' \
	    'insert into customer select null, * from raw; drop table raw;' 'vacuum;' | sqlite3 $@
postings-%.db: postings-%.csv
	printf '%s\n' 'pragma synchronous=off;' "$(postings)" '.import --csv $< raw' \
	    'insert into posting select null, number, date, account, round(amount * 100), memo from raw; drop table raw;' \
	    'vacuum;' | sqlite3 $@
invoices-%.db: invoices-%.csv
	printf '%s\n' 'pragma synchronous=off;' "$(invoices)" '.import --csv $< raw' \
	    'insert into bill select null, number, date, due, customer, round(amount * 100), text from raw; drop table raw;' \
	    'vacuum;' | sqlite3 $@
# What .import is fastest into: no id, the columns as they come.
bare.sql:
	printf '%s\n' 'create table customer (code text unique, country, city, postcode, email, phone, name, contact, address, notes);' \
	    'create table posting (number text unique, date, account, amount, memo);' >$@
inserts.sql:
	for i in $$(seq 1000); do echo "insert into customer (name, city) values ('Alfreds', 'Berlin');"; done >$@

customers-%.duckdb: customers-%.csv
	duckdb $@ "create table customer as select row_number() over () as id, * from read_csv('$<')"
postings-%.duckdb: postings-%.csv
	duckdb $@ "create table posting as select * replace (amount::decimal(18,2) as amount) from read_csv('$<', types = {'account': 'varchar'})"
invoices-%.duckdb: invoices-%.csv
	duckdb $@ "create table bill as select * replace (amount::decimal(18,2) as amount) from read_csv('$<')"

customers-%.rec: customers-%.csv
	csv2rec -t customer $< >$@
postings-%.journal:
	generate postings $* ledger >$@
postings-%.beancount:
	generate postings $* beancount >$@

# --- new each time, since they are written to ----------------------------------------------

shared.store:
	bo-init -q $@
	bo-customer -q -d $@ add name=first
shared.db:
	printf '%s\n' 'pragma journal_mode=wal;' "$(customers)" | sqlite3 $@ >>errors
in.store:
	bo-init -q $@
	$(call booking,$@)
tasks:
	mkdir -p $@

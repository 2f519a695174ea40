/* test_erasure_log: what an erasure says must make sense, before a byte is overwritten */
#include "fault_fixture.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEADER "id,tx,table,record,offset,length,columns,digest\n"
#define MANY 300 /* columns, more than are looked at */

/* All that an erasure log of these bytes says, committed up to length. */
static enum status
load_length(struct fixture *fixture, struct slice bytes, uint64_t length, size_t *count)
{
	struct store *store = fixture_open(fixture);
	struct state state = { .tables = NULL };
	struct blanks blanks = { .all = NULL };
	enum status status;

	fixture_write(fixture, STORE_ERASURE ".csv", bytes);
	state_empty(&state, store->uuid);
	state_add_table(&state, slice_of(STORE_ERASURE), length);
	status = blanks_load(store, &state, &blanks, &fixture->error);
	*count = blanks.count;
	blanks_release(&blanks);
	state_release(&state);
	store_close(store);
	return status;
}

static enum status
load_text(struct fixture *fixture, const char *text, size_t *count)
{
	return load_length(fixture, slice_of(text), strlen(text), count);
}

static void
test_lines_that_make_no_sense_are_damage(void **state)
{
	static const char *const bad[] = {
		"R1,1,person,P1,22,90,2\n",
		"R1,x,person,P1,22,90,2," SALT "\n",
		"R1,1,person,P1,22,90,2,no digest\n",
		"R1,1,Person,P1,22,90,2," SALT "\n",
		"R1,1,person,,22,90,2," SALT "\n",
		"R1,1,person,P1,x,90,2," SALT "\n",
		"R1,1,person,P1,22,x,2," SALT "\n",
		"R1,1,person,P1,22,90,x," SALT "\n",
		"R1,1,person,P1,0,90,2," SALT "\n",
		"R1,1,person,P1,22,1048576,2," SALT "\n",
		"R1,1,person,P1,22,90,0," SALT "\n",
		"R1,1,person,P1,22,90,260," SALT "\n",
	};
	struct fixture *fixture = *state;
	struct buffer text = BUFFER_INIT;
	size_t count;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buffer_clear(&text);
		buffer_format(&text, HEADER "%s", bad[i]);
		assert_status(fixture, load_text(fixture, text.data, &count), STATUS_SYSTEM);
		assert_reason(fixture, "erasure.csv: a line makes no sense");
	}
	assert_status(fixture, load_text(fixture, HEADER "R1,1,person,P1,22,90,2," SALT "\n", &count), STATUS_OK);
	assert_int_equal(count, 1);
	assert_status(fixture, load_text(fixture, HEADER, &count), STATUS_OK);
	assert_int_equal(count, 0);
	buffer_release(&text);
}

static void
test_a_header_names_every_column(void **state)
{
	struct fixture *fixture = *state;
	struct buffer text = BUFFER_INIT;
	size_t count;

	assert_status(fixture,
	    load_text(fixture, "id,tx,table,record,offset,length,columns\nR1,1,person,P1,22,90,2\n", &count),
	    STATUS_SYSTEM);
	assert_reason(fixture, "its header lacks a column");
	/* more columns than anybody looks at: those that count come first, or are not found */
	buffer_add_text(&text, "id,tx,table,record,offset,length,columns,digest");
	for (int i = 0; i < MANY; i++)
		buffer_format(&text, ",x%d", i);
	buffer_add_text(&text, "\nR1,1,person,P1,22,90,2," SALT "\n");
	assert_status(fixture, load_text(fixture, text.data, &count), STATUS_OK);
	assert_int_equal(count, 1);
	text.length--;
	for (int i = 0; i < MANY; i++)
		buffer_add_char(&text, ',');
	buffer_add_char(&text, '\n');
	assert_status(fixture, load_text(fixture, text.data, &count), STATUS_SYSTEM);
	buffer_release(&text);
}

/* The bytes that are looked at first lie within the last line. */
static void
test_a_last_line_longer_than_the_first_look_is_read_whole(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct state committed = { .tables = NULL };
	struct buffer text = BUFFER_INIT;
	bool pending = true;

	buffer_add_text(&text, "id,tx,table,record,offset,length,columns,digest,why\nR1,1,,,,,," SALT ",");
	for (int i = 0; i < 40000; i++)
		buffer_add_char(&text, 'w');
	buffer_add_char(&text, '\n');
	fixture_write(fixture, STORE_ERASURE ".csv", buffer_slice(&text));
	state_empty(&committed, store->uuid);
	state_add_table(&committed, slice_of(STORE_ERASURE), text.length);
	assert_status(fixture, erase_pending(store, &committed, &pending, &fixture->error), STATUS_OK);
	assert_false(pending); /* a document has no line */
	state_release(&committed);
	buffer_release(&text);
	store_close(store);
}

static void
test_a_log_that_is_short_or_missing_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct state committed = { .tables = NULL };
	struct blanks blanks = { .all = NULL };
	size_t count;

	assert_status(fixture, load_length(fixture, slice_of(HEADER), sizeof HEADER + 5, &count), STATUS_SYSTEM);
	assert_reason(fixture, "shorter than it was");
	fixture_unlink(fixture, STORE_ERASURE ".csv");
	state_empty(&committed, store->uuid);
	state_add_table(&committed, slice_of(STORE_ERASURE), 100);
	assert_status(fixture, blanks_load(store, &committed, &blanks, &fixture->error), STATUS_SYSTEM);
	state_release(&committed);
	store_close(store);
}

/* --- one line ------------------------------------------------------------------------ */

static void
test_only_the_form_it_says_is_blank(void **state)
{
	const struct blank blank = { .tx = 1,
		.record = slice_of("P1"),
		.offset = 1,
		.length = 5 + 64 + 1 + 6,
		.columns = 2,
		.digest = slice_of(SALT) };
	static const char *const not_blank[] = {
		"P1,1," SALT ",    ,",  /* short */
		"P2,1," SALT ",     ,", /* of somebody else */
		"P1,x," SALT ",     ,",
		"P1," SALT ",       ,  ", /* no third value */
		"P1,1," SALT ",  x  ,",
		("P1,10000000000000000000," SALT),
		"P1-a line without a comma of the same length as the one that is asked for...",
	};

	(void)state;
	assert_true(blank_matches(&blank, slice_of("P1,1," SALT ",     ,")));
	for (size_t i = 0; i < sizeof not_blank / sizeof *not_blank; i++)
		assert_false(blank_matches(&blank, slice_of(not_blank[i])));
}

static void
test_a_line_too_short_for_its_columns_is_none(void **state)
{
	const struct blank blank = { .tx = 1,
		.record = slice_of("P1"),
		.offset = 1,
		.length = 5 + 64 + 2,
		.columns = 3,
		.digest = slice_of(SALT) };

	(void)state;
	assert_false(blank_matches(&blank, slice_of("P1,1," SALT ",,")));
	assert_false(blank_matches(&(struct blank){ .record = slice_of("P1"), .length = 4 }, slice_of("P1,1")));
}

/* --- a place where no line is ------------------------------------------------------------ */

enum { BEGIN = sizeof "id,tx,seal,name,town\n" - 1 };

/* Ada's line is as long as Grace's. */
static void
fill(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ada,London")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ida,Rome 1")), STATUS_OK);
	store_close(store);
}

static void
test_nothing_is_overwritten_where_no_line_is(void **state)
{
	enum { LENGTH = 5 + 64 + 11 };
	static const struct {
		unsigned offset, length;
	} places[] = {
		{ BEGIN + 1, LENGTH - 1 },          /* begins within a line */
		{ BEGIN, LENGTH - 1 },              /* ends within it */
		{ BEGIN, 2 * LENGTH + 1 },          /* is two lines */
		{ BEGIN + LENGTH + 1, LENGTH },     /* is another's */
		{ BEGIN + LENGTH + 1, 3 * LENGTH }, /* ends behind the log */
		{ 100 * LENGTH, LENGTH },
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct buffer before = BUFFER_INIT, after = BUFFER_INIT;
		struct fixture *fixture;
		struct store *store;
		char *text = memory_format("person,R1,%u,%u,2," SALT, places[i].offset, places[i].length);
		void *fresh = NULL;

		assert_int_equal(fixture_setup(&fresh), 0);
		fixture = fresh;
		fill(fixture);
		fixture_read(fixture, "person.csv", &before);
		store = fixture_open(fixture);
		assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_UNKNOWN);
		assert_reason(fixture, "there is no line of R1 at byte");
		store_close(store);
		fixture_read(fixture, "person.csv", &after);
		assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
		buffer_release(&before);
		buffer_release(&after);
		free(text);
		fixture_teardown(&fresh);
	}
	(void)state;
}

/* Such a place far away must not be looked at in memory either. */
static void
test_a_place_beyond_all_is_not_looked_at(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	uint64_t tx;

	fill(fixture);
	store = fixture_open(fixture);
	assert_status(fixture,
	    fixture_append(fixture, store, &tx,
		PAIRS(STORE_ERASURE,
		    "person,R1,18446744073709551600,80,2," SALT "\nR3,3,person,R1,1000000,80,2," SALT
		    "\nR3,3,person,R1,30,5000,2," SALT)),
	    STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(snapshot_tx(snapshot), 3);
	assert_status(fixture, store_blank(snapshot, NULL, &fixture->error), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
}

/* --- logs and documents beside each other ---------------------------------------------------- */

static char *
line_of(struct fixture *fixture, const char *table, size_t offset)
{
	struct buffer log = BUFFER_INIT;
	char *name = memory_format("%s.csv", table), *text;

	fixture_read(fixture, name, &log);
	text = fixture_erasure(&log, table, offset);
	buffer_release(&log);
	free(name);
	return text;
}

static bool
has(struct fixture *fixture, const char *name, const char *text)
{
	struct buffer log = BUFFER_INIT;
	bool has;

	fixture_read(fixture, name, &log);
	has = memmem(log.data, log.length, text, strlen(text)) != NULL;
	buffer_release(&log);
	return has;
}

/* Two tables, a document last; and again with the document alone. */
static void
test_an_erasure_of_two_tables_and_a_document(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char digest[HASH_HEX + 1], *one, *other, *text;

	assert_status(fixture,
	    fixture_add(fixture, store, PAIRS("person", SALT ",Ada,London", "personnel", SALT ",Ada,York")),
	    STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ida,Rome")), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of("letter"), digest, &fixture->error), STATUS_OK);
	one = line_of(fixture, "person", BEGIN);
	other = line_of(fixture, "personnel", BEGIN);
	text = memory_format("%s\nR3,3,%s\nR3,3,,,,,,%s", one, other, digest);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	assert_false(has(fixture, "person.csv", "Ada"));
	assert_false(has(fixture, "personnel.csv", "Ada"));
	assert_true(has(fixture, "person.csv", "Ida"));
	assert_false(blob_exists(store, slice_of(digest)));
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_OK);
	assert_int_equal(store_warnings(store).length, 0); /* there was nothing left to finish */
	store_close(store);
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	free(one);
	free(other);
	free(text);
}

static void
test_blanking_on_demand_leaves_documents_and_tells_faults(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	char digest[HASH_HEX + 1], *one, *text;
	uint64_t tx, count = 7;

	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ada,London")), STATUS_OK);
	hash_text(slice_of("letter"), digest);
	one = line_of(fixture, "person", BEGIN);
	text = memory_format("%s\nR2,2,,,,,,%s", one, digest);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of("letter"), digest, &fixture->error), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	fault_arm("openat", 1, EIO, false); /* the log of erasures */
	assert_status(fixture, store_blank(snapshot, &count, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	fault_arm("openat", 2, EIO, false); /* the log of persons */
	assert_status(fixture, store_blank(snapshot, &count, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	assert_true(has(fixture, "person.csv", "Ada"));
	assert_status(fixture, store_blank(snapshot, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 1);
	assert_false(has(fixture, "person.csv", "Ada"));
	assert_true(blob_exists(store, slice_of(digest)));
	snapshot_close(snapshot);
	store_close(store);
	free(one);
	free(text);
}

/* --- what was cut off ------------------------------------------------------------------------------ */

/* What may be of a person goes: by the header of its log, where there is one that can be read. */
static void
test_what_was_cut_off_goes_if_it_may_be_of_a_person(void **state)
{
	static const struct {
		const char *table, *log;
		bool goes;
	} cases[] = {
		{ "note", "id,tx,text\n", false },
		{ "person", NULL, true }, /* the fixture's own */
		{ "bare", "id,tx,seal\n", true },
		{ "sealing", "id,tx,sealing\n", false },
		{ "empty", "", true },
		{ "gone", NULL, true },
	};
	struct fixture *fixture = *state;
	char *torn = fixture_path(fixture, "torn"), *text;
	struct store *store;

	fill(fixture);
	assert_int_equal(mkdir(torn, 0770), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *name = memory_format("torn/%s.csv.1.1", cases[i].table);

		fixture_write(fixture, name, slice_of("bytes"));
		free(name);
		name = memory_format("%s.csv", cases[i].table);
		if (cases[i].log != NULL)
			fixture_write(fixture, name, slice_of(cases[i].log));
		free(name);
	}
	fixture_write(fixture, "torn/README", slice_of("of somebody"));
	text = line_of(fixture, "person", BEGIN);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *name = memory_format("torn/%s.csv.1.1", cases[i].table);

		assert_int_equal(fixture_size(fixture, name) < 0, cases[i].goes);
		free(name);
	}
	assert_true(fixture_size(fixture, "torn/README") > 0);
	store_close(store);
	free(text);
	free(torn);
}

static void
test_what_is_gone_already_is_fine(void **state)
{
	struct fixture *fixture = *state;
	char *torn = fixture_path(fixture, "torn"), *text;
	struct store *store;

	fill(fixture);
	assert_int_equal(mkdir(torn, 0770), 0);
	fixture_write(fixture, "torn/person.csv.1.1", slice_of("bytes"));
	text = line_of(fixture, "person", BEGIN);
	store = fixture_open(fixture);
	fault_arm("unlinkat", 1, ENOENT, false);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	assert_non_null(fault_disarm());
	/* a document that never was, and whose name is none */
	assert_status(fixture, blob_remove(store, slice_of(SALT), &fixture->error), STATUS_OK);
	assert_status(fixture, blob_remove(store, slice_of("../x"), &fixture->error), STATUS_OK);
	store_close(store);
	free(text);
	free(torn);
}

/* --- proof ------------------------------------------------------------------------------------------- */

static void
test_a_named_place_within_a_line_is_found(void **state)
{
	struct fixture *fixture = *state;
	char *ida, *text;
	struct store *store;
	struct snapshot *snapshot;
	struct verify_report report;
	uint64_t tx;

	fill(fixture);
	ida = line_of(fixture, "person", BEGIN + 5 + 64 + 11 + 1);
	text = memory_format("person,R1,%d,80,2," SALT "\nR3,3,%s", BEGIN + 2, ida);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	store->writable = false; /* so that he does not try to finish it */
	assert_status(fixture, store_verify(snapshot, &report, &fixture->error), STATUS_NO);
	assert_reason(fixture, "an erasure names a place before, where no line begins");
	snapshot_close(snapshot);
	store_close(store);
	free(ida);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines_that_make_no_sense_are_damage),
		TEST(test_a_header_names_every_column),
		TEST(test_a_last_line_longer_than_the_first_look_is_read_whole),
		TEST(test_a_log_that_is_short_or_missing_is_damage),
		cmocka_unit_test(test_only_the_form_it_says_is_blank),
		cmocka_unit_test(test_a_line_too_short_for_its_columns_is_none),
		cmocka_unit_test(test_nothing_is_overwritten_where_no_line_is),
		TEST(test_a_place_beyond_all_is_not_looked_at),
		TEST(test_an_erasure_of_two_tables_and_a_document),
		TEST(test_blanking_on_demand_leaves_documents_and_tells_faults),
		TEST(test_what_was_cut_off_goes_if_it_may_be_of_a_person),
		TEST(test_what_is_gone_already_is_fine),
		TEST(test_a_named_place_within_a_line_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

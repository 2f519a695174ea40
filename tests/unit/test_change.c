/* test_change: view, batch, change and plan, on a store of its own */
#include "change_fixture.h"
#include "record/change.h"
#include "record/history.h"
#include "record/plan.h"

static enum status
commit(struct eyes *eyes, change_build *build, void *context, const char *key, struct change_outcome *outcome,
    struct error *error)
{
	struct change_options options = { .command = "test", .key = key, .wait = 5000, .input = slice_of("x") };

	return change_commit(eyes->view, &options, build, context, outcome, error);
}

static void
must_commit(struct eyes *eyes, const struct wish *wishes)
{
	struct error error = ERROR_INIT;
	struct change_outcome outcome;

	assert_int_equal(commit(eyes, build_wishes, (void *)(uintptr_t)wishes, NULL, &outcome, &error), STATUS_OK);
	assert_true(outcome.tx > 0);
	batch_free(outcome.batch);
}

static void
must_say(struct error *error, const char *text)
{
	for (size_t i = 0; i < error->count; i++) {
		char said[256];

		snprintf(said, sizeof said, "%s%s%s", error->faults[i].field != NULL ? error->faults[i].field : "",
		    error->faults[i].field != NULL ? ": " : "", error->faults[i].reason);
		if (strstr(said, text) != NULL)
			return;
		print_message("said: %s\n", said);
	}
	fail_msg("nothing said \"%s\"", text);
}

/* The stored value of a field, through fresh eyes. */
static void
must_be(const char *table, uint64_t number, const char *field, const char *value)
{
	struct error error = ERROR_INIT;
	struct arena arena = ARENA_INIT;
	struct record record;
	struct eyes eyes;
	struct log *log;

	open_eyes(&eyes);
	assert_int_equal(view_log(eyes.view, table, &log, &error), STATUS_OK);
	assert_int_equal(record_read(log, number, &arena, &record, &error), STATUS_OK);
	assert_string_equal(arena_text(&arena, record_named(&record, field)), value);
	arena_release(&arena);
	close_eyes(&eyes);
}

static void
a_new_record_is_seen_before_it_is_written(void **state)
{
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct batch *batch = batch_new(eyes->view);
	struct arena arena = ARENA_INIT;
	struct record record;
	struct log *log;
	uint64_t number;

	assert_int_equal(wish_edit(batch, &(struct wish){ "customer", 0, NULL, { "name=Ada", "code=ADA" } },
			     &number, &error),
	    STATUS_OK);
	assert_int_equal(number, 1);
	assert_int_equal(wish_edit(batch, &(struct wish){ "ticket", 0, NULL, { "subject=x", "customer=ADA" } },
			     &number, &error),
	    STATUS_OK);
	assert_int_equal(view_log(eyes->view, "ticket", &log, &error), STATUS_OK);
	assert_int_equal(record_read(log, 1, &arena, &record, &error), STATUS_OK);
	assert_true(slice_is(record_named(&record, "customer"), "C1"));
	assert_true(slice_is(record_named(&record, "status"), "new"));
	arena_release(&arena);
	batch_forget(batch);
	batch_free(batch);
	assert_int_equal(log->count, 0);
}

static void
every_fault_is_named(void **state)
{
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct change_outcome outcome;
	static const struct wish wishes[] = { { "ticket", 0, NULL, { "customer=NOBODY" } },
		{ "ticket", 0, NULL, { "subject=y", "status=closed", "until=soon" } },
		{ NULL, 0, NULL, { NULL } } };

	assert_int_equal(commit(eyes, build_wishes, (void *)(uintptr_t)wishes, NULL, &outcome, &error),
	    STATUS_REFUSED);
	must_say(&error, "customer: no such customer: \"NOBODY\"");
	must_say(&error, "until: not a date");
	must_say(&error, "status: a new ticket can't begin as closed");
	batch_free(outcome.batch);
	error_release(&error);
}

static void
a_unique_value_is_taken_within_the_batch_and_after(void **state)
{
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct change_outcome outcome;
	static const struct wish twice[] = { { "item", 0, NULL, { "sku=A", "name=a" } },
		{ "item", 0, NULL, { "sku=A", "name=b" } }, { NULL, 0, NULL, { NULL } } };
	static const struct wish once[] = { { "item", 0, NULL, { "sku=A", "name=a" } },
		{ NULL, 0, NULL, { NULL } } };

	assert_int_equal(commit(eyes, build_wishes, (void *)(uintptr_t)twice, NULL, &outcome, &error),
	    STATUS_REFUSED);
	must_say(&error, "sku: \"A\" is taken by another new item");
	batch_forget(outcome.batch);
	batch_free(outcome.batch);
	error_clear(&error);
	must_commit(eyes, once);
	must_be("item", 1, "name", "a");
	close_eyes(eyes);
	open_eyes(eyes);
	assert_int_equal(commit(eyes, build_wishes, (void *)(uintptr_t)once, NULL, &outcome, &error),
	    STATUS_REFUSED);
	must_say(&error, "sku: \"A\" is taken by I1");
	batch_free(outcome.batch);
	error_release(&error);
}

static void
a_record_revised_twice_gets_one_line(void **state)
{
	struct eyes *eyes = *state;
	static const struct wish wishes[] = { { "item", 0, NULL, { "sku=A", "name=a" } },
		{ "item", 0, NULL, { "sku=B", "name=b" } }, { "item", 1, NULL, { "name=c" } },
		{ "item", 1, NULL, { "name=d" } }, { "item", 2, NULL, { "name=e" } },
		{ NULL, 0, NULL, { NULL } } };
	struct error error = ERROR_INIT;
	struct slice bytes;
	size_t lines = 0;

	must_commit(eyes, wishes);
	must_be("item", 1, "name", "d");
	must_be("item", 2, "name", "e");
	assert_int_equal(snapshot_refresh(view_snapshot(eyes->view), &error), STATUS_OK);
	assert_int_equal(snapshot_log(view_snapshot(eyes->view), "item", &bytes, &error), STATUS_OK);
	for (size_t i = 0; i < bytes.length; i++)
		lines += bytes.data[i] == '\n';
	assert_int_equal(lines, 3);
}

static void
a_mark_takes_back_what_came_after_it(void **state)
{
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct batch *batch = batch_new(eyes->view);
	struct batch_mark mark;
	const struct chunk *chunks;
	struct log *log;
	size_t count;

	wish_edit(batch, &(struct wish){ "item", 0, NULL, { "sku=A", "name=a" } }, NULL, &error);
	mark = batch_mark(batch);
	wish_edit(batch, &(struct wish){ "item", 0, NULL, { "sku=B", "name=b" } }, NULL, &error);
	wish_edit(batch, &(struct wish){ "item", 1, NULL, { "name=c" } }, NULL, &error);
	wish_edit(batch, &(struct wish){ "location", 0, NULL, { "code=X", "name=x" } }, NULL, &error);
	batch_back(batch, mark);
	assert_int_equal(view_log(eyes->view, "item", &log, &error), STATUS_OK);
	assert_int_equal(log->count, 1);
	assert_int_equal(log_find(log, table_field(log->table, slice_of("sku")), slice_of("B")), 0);
	batch_chunks(batch, &chunks, &count);
	assert_int_equal(count, 1);
	assert_null(memmem(chunks[0].bytes.data, chunks[0].bytes.length, ",c,", 3));
	batch_forget(batch);
	batch_free(batch);
}

/* Somebody else adds a record between our look and our lock, once. */
struct race {
	const struct wish *wishes;
	bool done;
};

static enum status
build_race(struct batch *batch, void *context, struct error *error)
{
	static const struct wish other[] = { { "item", 0, NULL, { "sku=OTHER", "name=o" } },
		{ NULL, 0, NULL, { NULL } } };
	struct race *race = context;

	if (!race->done) {
		struct eyes eyes;

		race->done = true;
		open_eyes(&eyes);
		must_commit(&eyes, other);
		close_eyes(&eyes);
	}
	return build_wishes(batch, (void *)(uintptr_t)race->wishes, error);
}

static void
who_was_overtaken_builds_again_on_top(void **state)
{
	static const struct wish mine[] = { { "item", 0, NULL, { "sku=MINE", "name=m" } },
		{ NULL, 0, NULL, { NULL } } };
	struct race race = { mine, false };
	struct error error = ERROR_INIT;
	struct change_outcome outcome;

	assert_int_equal(commit(*state, build_race, &race, NULL, &outcome, &error), STATUS_OK);
	assert_int_equal(outcome.tx, 2);
	batch_free(outcome.batch);
	must_be("item", 1, "sku", "OTHER");
	must_be("item", 2, "sku", "MINE");
}

static void
who_was_overtaken_by_the_same_value_is_refused(void **state)
{
	static const struct wish mine[] = { { "item", 0, NULL, { "sku=OTHER", "name=m" } },
		{ NULL, 0, NULL, { NULL } } };
	struct race race = { mine, false };
	struct error error = ERROR_INIT;
	struct change_outcome outcome;

	assert_int_equal(commit(*state, build_race, &race, NULL, &outcome, &error), STATUS_REFUSED);
	must_say(&error, "sku: \"OTHER\" is taken by I1");
	batch_free(outcome.batch);
	error_release(&error);
}

static void
a_key_does_its_work_once(void **state)
{
	static const struct wish wishes[] = { { "item", 0, NULL, { "name=m" } }, { NULL, 0, NULL, { NULL } } };
	struct error error = ERROR_INIT;
	struct change_outcome outcome;
	struct eyes eyes;

	assert_int_equal(commit(*state, build_wishes, (void *)(uintptr_t)wishes, "nightly-1", &outcome, &error),
	    STATUS_OK);
	assert_false(outcome.replayed);
	batch_free(outcome.batch);
	open_eyes(&eyes);
	assert_int_equal(commit(&eyes, build_wishes, (void *)(uintptr_t)wishes, "nightly-1", &outcome, &error),
	    STATUS_OK);
	assert_true(outcome.replayed);
	assert_int_equal(outcome.tx, 1);
	assert_null(outcome.batch);
	close_eyes(&eyes);
}

static void
a_transition_that_is_not_listed_is_refused(void **state)
{
	static const struct wish made[] = { { "ticket", 0, NULL, { "subject=s" } }, { NULL, 0, NULL, { NULL } } };
	static const struct wish wrong[] = { { "ticket", 1, "close", { NULL } }, { NULL, 0, NULL, { NULL } } };
	static const struct wish right[] = { { "ticket", 1, "solve", { NULL } },
		{ "ticket", 1, "close", { NULL } }, { NULL, 0, NULL, { NULL } } };
	struct error error = ERROR_INIT;
	struct change_outcome outcome;
	struct eyes *eyes = *state;

	must_commit(eyes, made);
	close_eyes(eyes);
	open_eyes(eyes);
	assert_int_equal(commit(eyes, build_wishes, (void *)(uintptr_t)wrong, NULL, &outcome, &error),
	    STATUS_REFUSED);
	must_say(&error, "T1 is new: close goes from solved");
	batch_free(outcome.batch);
	error_clear(&error);
	must_commit(eyes, right);
	must_be("ticket", 1, "status", "closed");
}

static void
a_field_that_a_store_adds_gets_a_header(void **state)
{
	static const struct wish before[] = { { "item", 0, NULL, { "name=old" } }, { NULL, 0, NULL, { NULL } } };
	static const struct wish define[] = { { "field", 0, NULL, { "table=item", "field=x_colour", "type=text" } },
		{ NULL, 0, NULL, { NULL } } };
	static const struct wish after[] = { { "item", 0, NULL, { "name=new", "x_colour=red" } },
		{ "item", 1, NULL, { "x_colour=blue" } }, { NULL, 0, NULL, { NULL } } };
	struct eyes *eyes = *state;

	must_commit(eyes, before);
	close_eyes(eyes);
	open_eyes(eyes);
	must_commit(eyes, define);
	close_eyes(eyes);
	open_eyes(eyes);
	must_commit(eyes, after);
	must_be("item", 1, "x_colour", "blue");
	must_be("item", 1, "name", "old");
	must_be("item", 2, "x_colour", "red");
}

/* Writes what the batch would change into a file and gives its bytes. */
static struct slice
plan_text(struct batch *batch, struct buffer *out)
{
	struct writer_options options = { .format = FORMAT_CSV };
	struct error error = ERROR_INIT;
	FILE *file = tmpfile();
	struct writer *writer = writer_open(fileno(file), &options, plan_columns, PLAN_COLUMNS);
	char *room = buffer_reserve(out, 65536);

	assert_int_equal(plan_write(batch, writer, &error), STATUS_OK);
	assert_int_equal(writer_close(writer, &error), STATUS_OK);
	rewind(file);
	out->length = fread(room, 1, 65536, file);
	fclose(file);
	return buffer_slice(out);
}

static enum status
build_plan(struct batch *batch, void *context, struct error *error)
{
	const struct slice *text = context;
	struct reader_options options = { .format = FORMAT_CSV };
	struct reader *reader;
	enum status status = reader_open(&reader, "plan", *text, &options, error);

	if (status == STATUS_OK) {
		status = plan_apply(batch, reader, error);
		reader_close(reader);
	}
	return status;
}

static void
a_plan_can_be_applied_once(void **state)
{
	static const struct wish wishes[] = { { "customer", 0, NULL, { "name=Ada", "code=ADA" } },
		{ "ticket", 0, NULL, { "subject=\"a, b\"", "customer=ADA" } }, { NULL, 0, NULL, { NULL } } };
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct buffer text = BUFFER_INIT;
	struct batch *batch = batch_new(eyes->view);
	struct change_outcome outcome;
	struct slice plan;

	assert_int_equal(build_wishes(batch, (void *)(uintptr_t)wishes, &error), STATUS_OK);
	plan = plan_text(batch, &text);
	assert_non_null(memmem(plan.data, plan.length, "ticket,+2,customer,,+1", 22));
	batch_forget(batch);
	batch_free(batch);
	assert_int_equal(commit(eyes, build_plan, &plan, NULL, &outcome, &error), STATUS_OK);
	batch_free(outcome.batch);
	must_be("ticket", 1, "customer", "C1");
	must_be("ticket", 1, "subject", "\"a, b\"");
	close_eyes(eyes);
	open_eyes(eyes);
	assert_int_equal(commit(eyes, build_plan, &plan, NULL, &outcome, &error), STATUS_REFUSED);
	must_say(&error, "code: \"ADA\" is taken by C1");
	batch_free(outcome.batch);
	error_release(&error);
	buffer_release(&text);
}

static void
a_plan_whose_old_values_have_gone_is_refused(void **state)
{
	static const struct wish made[] = { { "item", 0, NULL, { "name=a" } }, { NULL, 0, NULL, { NULL } } };
	struct slice plan = slice_of("table,id,field,old,new\nitem,I1,name,b,c\n");
	struct error error = ERROR_INIT;
	struct change_outcome outcome;
	struct eyes *eyes = *state;

	must_commit(eyes, made);
	close_eyes(eyes);
	open_eyes(eyes);
	assert_int_equal(commit(eyes, build_plan, &plan, NULL, &outcome, &error), STATUS_REFUSED);
	must_say(&error, "name: I1 is \"a\" now, not \"b\"");
	batch_free(outcome.batch);
	error_release(&error);
}

static enum status
count_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	size_t *count = context;

	(void)error;
	assert_int_equal(before == NULL, *count == 0);
	assert_int_equal(revision->tx, *count + 1);
	(*count)++;
	return STATUS_OK;
}

static void
history_shows_every_revision(void **state)
{
	static const struct wish made[] = { { "item", 0, NULL, { "name=a" } }, { NULL, 0, NULL, { NULL } } };
	static const struct wish changed[] = { { "item", 1, NULL, { "name=b" } }, { NULL, 0, NULL, { NULL } } };
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	struct log *log;
	size_t count = 0;

	must_commit(eyes, made);
	close_eyes(eyes);
	open_eyes(eyes);
	must_commit(eyes, changed);
	close_eyes(eyes);
	open_eyes(eyes);
	assert_int_equal(view_log(eyes->view, "item", &log, &error), STATUS_OK);
	assert_int_equal(history_record(log, 1, count_revision, &count, &error), STATUS_OK);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(history_log(log, 0, count_revision, &count, &error), STATUS_OK);
	assert_int_equal(count, 2);
}

static void
children_are_found_by_their_parent(void **state)
{
	static const struct wish made[] = { { "ticket", 0, NULL, { "subject=a" } },
		{ "ticket", 0, NULL, { "subject=b" } }, { "message", 0, NULL, { "ticket=T2", "text=1" } },
		{ "message", 0, NULL, { "ticket=T1", "text=2" } },
		{ "message", 0, NULL, { "ticket=T2", "text=3" } }, { NULL, 0, NULL, { NULL } } };
	struct eyes *eyes = *state;
	struct error error = ERROR_INIT;
	const uint64_t *children;
	struct log *log;
	size_t count;

	must_commit(eyes, made);
	assert_int_equal(view_log(eyes->view, "message", &log, &error), STATUS_OK);
	children = log_children(log, 2, &count);
	assert_int_equal(count, 2);
	assert_int_equal(children[0], 1);
	assert_int_equal(children[1], 3);
	log_children(log, 7, &count);
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_record_is_seen_before_it_is_written),
		TEST(every_fault_is_named),
		TEST(a_unique_value_is_taken_within_the_batch_and_after),
		TEST(a_record_revised_twice_gets_one_line),
		TEST(a_mark_takes_back_what_came_after_it),
		TEST(who_was_overtaken_builds_again_on_top),
		TEST(who_was_overtaken_by_the_same_value_is_refused),
		TEST(a_key_does_its_work_once),
		TEST(a_transition_that_is_not_listed_is_refused),
		TEST(a_field_that_a_store_adds_gets_a_header),
		TEST(a_plan_can_be_applied_once),
		TEST(a_plan_whose_old_values_have_gone_is_refused),
		TEST(history_shows_every_revision),
		TEST(children_are_found_by_their_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

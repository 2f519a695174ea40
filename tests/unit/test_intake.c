/* test_intake: the short way writes what the long one writes, and takes nothing that it refuses */
#define FIXTURE_OUTSIDE
#include "store_fixture.h"

#include "base/text.h"
#include "record/intake.h"
#include "stream/csv.h"

enum { COLUMNS = 7, ROWS = 20000 };

/* Two views of one empty store: one batch goes the short way, the other the long one. */
struct way {
	struct view *view;
	struct batch *batch;
	struct log *log;
};

static const char *const names[COLUMNS] = { "code", "name", "email", "phone", "country", "terms", "notes" };

/* Values that are fine, are spelled otherwise, or are wrong; the first row of each is what is usual. */
static const char *const pieces[][6] = {
	{ "K-%u", "K-%u", "C%u", "", "\"%u\"", "a,%u" },
	{ "Name", "Smith, Jones", "", " ", "\xd8\xb9\xd9\x84\xdb\x8c", "say \"hi\"" },
	{ "a@example.com", "", "a@EXAMPLE.com", "no address", " a@b.de ", "x@y" },
	{ "+49 30 123", "", "12", "(0) 123-45", " 040 555 ", "tel" },
	{ "DE", "Germany", "germany ", "Atlantis", "", "GBR" },
	{ "30d", "", "1m", "P1M", "soon", "2w" },
	{ "", "x", "   ", ",", "\"\"", "\xf0\x9f\xab\x96" },
};

/* A step of xorshift: the same rows every time. */
static uint32_t
next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
open_way(struct fixture *fixture, struct store *store, struct way *way)
{
	assert_status(fixture,
	    view_open(store, fixture_snapshot(fixture, store), "share", NULL, &way->view, &fixture->error),
	    STATUS_OK);
	way->batch = batch_new(way->view);
	assert_status(fixture, view_log(way->view, "customer", &way->log, &fixture->error), STATUS_OK);
}

static void
close_way(struct way *way)
{
	batch_free(way->batch);
	view_close(way->view);
}

static enum status
long_way(struct way *way, const size_t *fields, const struct slice *values, uintmax_t line)
{
	struct assign assigns[COLUMNS];
	struct edit edit = { .table = way->log->table, .assigns = assigns, .place = { .line = line }, .checked = true };
	struct error error = ERROR_INIT;
	enum status status;

	for (size_t i = 0; i < COLUMNS; i++)
		if (values[i].length > 0)
			assigns[edit.assign_count++] = (struct assign){ { .field = fields[i], .via = SIZE_MAX },
				values[i] };
	status = batch_edit(way->batch, &edit, NULL, &error);
	error_release(&error);
	return status;
}

/* The newest line without its seal. */
static void
copy_line(const struct way *way, struct buffer *out)
{
	struct slice rest = log_line(way->log, way->log->count);

	buffer_clear(out);
	for (int i = 0; i < 2; i++) {
		buffer_add_slice(out, slice_cut(&rest, ','));
		buffer_add_char(out, ',');
	}
	assert_int_equal(slice_cut(&rest, ',').length, 64);
	buffer_add_slice(out, rest);
}

static void
make_row(uint32_t *random, struct arena *arena, struct slice *values)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		uint32_t choice = next(random) % 16;
		const char *piece = pieces[i][choice < 6 ? choice : 0];

		if (i == 0) {
			char code[32];

			snprintf(code, sizeof code, piece, next(random) % ROWS);
			values[i] = arena_copy(arena, slice_of(code));
		} else
			values[i] = slice_of(piece);
	}
}

/* What a reader says of it: what needs no quotes, or less than that. */
static struct row
row_of(const struct slice *values, uintmax_t line, uint32_t *random)
{
	struct row row = { .line = line, .count = COLUMNS, .values = values, .plain = true };

	for (size_t i = 0; i < COLUMNS; i++)
		if (!csv_must_quote(values[i]) && next(random) % 8 != 0)
			row.bare |= (uint64_t)1 << i;
	return row;
}

static void
test_same_lines(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct way quick, slow;
	struct buffer one = BUFFER_INIT, other = BUFFER_INIT;
	struct arena arena = ARENA_INIT;
	struct intake *intake;
	size_t fields[COLUMNS], taken = 0, good = 0;
	uint32_t random = 1;

	open_way(fixture, store, &quick);
	open_way(fixture, store, &slow);
	for (size_t i = 0; i < COLUMNS; i++)
		fields[i] = table_field(quick.log->table, slice_of(names[i]));
	intake = intake_new(quick.batch, quick.log->table, fields, COLUMNS, NULL);
	assert_non_null(intake);
	for (uintmax_t line = 2; line < ROWS; line++) {
		struct slice values[COLUMNS];
		struct place place = { NULL, line, NULL };
		struct row row;
		enum status status, expected;

		arena_reset(&arena);
		make_row(&random, &arena, values);
		row = row_of(values, line, &random);
		status = intake_row(intake, &row, place, &fixture->error);
		expected = long_way(&slow, fields, values, line);
		assert_true(status == STATUS_OK || status == STATUS_NO);
		good += expected == STATUS_OK;
		taken += status == STATUS_OK;
		if (status == STATUS_NO)
			assert_int_equal(long_way(&quick, fields, values, line), expected);
		else
			assert_int_equal(expected, STATUS_OK);
		assert_int_equal(quick.log->count, slow.log->count);
		if (expected == STATUS_OK) {
			copy_line(&quick, &one);
			copy_line(&slow, &other);
			assert_string_equal(one.data, other.data);
		}
	}
	/* Some of both, and nothing that is in order took the long way. */
	assert_true(good > ROWS / 10 && good < ROWS);
	assert_int_equal(taken, good);
	buffer_release(&one);
	buffer_release(&other);
	arena_release(&arena);
	intake_free(intake);
	close_way(&quick);
	close_way(&slow);
	store_close(store);
}

/* What a schema says that needs more than values. */
static void
test_not_for(void **state)
{
	static const struct {
		const char *table, *field;
	} others[] = { { "ticket", "subject" }, { "invoice_line", "qty" }, { "company", "name" },
		{ "item", "supplier" } };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct way way;

	open_way(fixture, store, &way);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		const struct table *table;
		size_t field;

		assert_status(fixture, view_table(way.view, others[i].table, &table, &fixture->error), STATUS_OK);
		field = table_field(table, slice_of(others[i].field));
		assert_int_not_equal(field, SIZE_MAX);
		assert_null(intake_new(way.batch, table, &field, 1, NULL));
	}
	close_way(&way);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same_lines, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_not_for, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_state: lines that chain and yet make no sense are refused, each for its reason */
#include "history_fixture.h"

#define NEXT "1," HISTORY_TIME ",a,b,,,"

/* What is said against the line "text," and its hash, after the state. */
static const char *
refusal(const struct state *state, const char *text)
{
	struct history history;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	struct slice raw, rest;
	const char *reason;

	history_begin(&history, HISTORY_UUID);
	memcpy(history.hash, state->hash, sizeof state->hash);
	history_line(&history, text);
	rest = buffer_slice(&history.audit);
	(void)slice_cut(&rest, '\n');
	raw = slice_cut(&rest, '\n');
	assert_true(audit_parse(raw, &line, &scratch));
	reason = state_refuses(state, &line);
	history_release(&history);
	buffer_release(&scratch);
	return reason;
}

static void
test_a_line_is_refused_for_its_reason(void **state)
{
	static const struct {
		const char *text, *reason;
	} lines[] = {
		{ NEXT ",0", NULL },
		{ NEXT "new:0:5:" HISTORY_HEX ";note:7:1:" HISTORY_HEX ",0", NULL },
		{ "2," HISTORY_TIME ",a,b,,,,0", "the transaction number is out of order" },
		{ NEXT ",1", "claims to be on disk before it was written" },
		{ NEXT "new:1:5:" HISTORY_HEX ",0", "a change does not begin where the log ended" },
		{ NEXT "note:8:5:" HISTORY_HEX ",0", "a change does not begin where the log ended" },
		{ NEXT "note:7:18446744073709551615:" HISTORY_HEX ",0", "a change is impossibly long" },
		{ NEXT "note:7:1:" HISTORY_HEX ";note:7:1:" HISTORY_HEX ",0", "a table is named twice" },
		{ NEXT "new:0:1:" HISTORY_HEX ";note:7:1:" HISTORY_HEX ";new:0:1:" HISTORY_HEX ",0",
		    "a table is named twice" },
		{ NEXT "note:7:1,0", "the list of changes makes no sense" },
	};
	struct state before = { .tables = NULL };

	(void)state;
	state_empty(&before, HISTORY_UUID);
	state_add_table(&before, slice_of("note"), 7);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *reason = refusal(&before, lines[i].text);

		if (lines[i].reason == NULL)
			assert_null(reason);
		else
			assert_string_equal(reason, lines[i].reason);
	}
	before.tx = CHECKPOINT_EVERY - 1;
	assert_string_equal(refusal(&before, "1024," HISTORY_TIME ",a,b,,,,0"),
	    "the list of changes should name every table");
	assert_null(refusal(&before, "1024," HISTORY_TIME ",a,b,,,note:7:0:" HISTORY_HEX ",0"));
	state_release(&before);
}

/* --- reading back ------------------------------------------------------------------ */

static enum state_found
state_of(const struct history *history, size_t skip, size_t base)
{
	struct state state = { .tables = NULL };
	enum state_found found;

	found = state_from_lines(&state, HISTORY_UUID,
	    (struct slice){ history->audit.data + skip, history->audit.length - skip }, base);
	if (found == STATE_FOUND)
		assert_int_equal(state.tx, history->tx);
	state_release(&state);
	return found;
}

static void
test_a_state_is_found_from_the_first_line(void **state)
{
	struct history history;

	(void)state;
	history_begin(&history, HISTORY_UUID);
	assert_int_equal(state_of(&history, 0, 0), STATE_BAD); /* no transaction */
	for (uint64_t i = 0; i < 3; i++)
		history_add(&history, "", "", i);
	assert_int_equal(state_of(&history, 0, 0), STATE_FOUND);
	assert_int_equal(state_of(&history, 10, 10), STATE_MORE);
	assert_int_equal(state_of(&history, AUDIT_HEADER_LENGTH, AUDIT_HEADER_LENGTH), STATE_MORE);
	assert_int_equal(state_of(&history, AUDIT_HEADER_LENGTH, 0), STATE_BAD); /* no line before the first */
	history.audit.length--;
	assert_int_equal(state_of(&history, 0, 0), STATE_BAD); /* ends within a line */
	history_release(&history);
}

/* Lines of a whole chain, but for one thing each. */
static void
test_a_chain_with_a_bad_link_is_no_state(void **state)
{
	static const char *const bad[] = {
		"x," HISTORY_TIME ",a,b,,,,0",
		"3," HISTORY_TIME ",a,b,,,,0",
		"2," HISTORY_TIME ",a,b,,,,2",
		"2,today,a,b,,,,0",
	};
	struct history history;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		history_begin(&history, HISTORY_UUID);
		history_add(&history, "", "", 0);
		history_line(&history, bad[i]);
		history_line(&history, "3," HISTORY_TIME ",a,b,,,,0");
		assert_int_equal(state_of(&history, 0, 0), STATE_BAD);
		history_release(&history);
	}
	history_begin(&history, HISTORY_UUID);
	history_add(&history, "", "", 0);
	history.audit.data[0] = 'T';
	assert_int_equal(state_of(&history, 0, 0), STATE_BAD); /* another header */
	history.audit.data[0] = 't';
	history.audit.data[AUDIT_HEADER_LENGTH + 5] ^= 1;
	assert_int_equal(state_of(&history, 0, 0), STATE_BAD); /* not what was hashed */
	history_release(&history);
}

/* A line that lists all tables is as good as a beginning, if the one before has a hash. */
static void
test_a_state_is_found_from_a_line_that_lists_all_tables(void **state)
{
	struct history history;
	size_t before;

	(void)state;
	history_begin(&history, HISTORY_UUID);
	for (uint64_t i = 0; i < CHECKPOINT_EVERY - 2; i++)
		history_add(&history, "", "", i);
	before = history.audit.length - 1; /* with the newline before it */
	history_add(&history, "", "", 0);
	history_add(&history, "", "", 0);
	history_add(&history, "", "", 0);
	assert_int_equal(state_of(&history, before, before), STATE_FOUND);
	assert_int_equal(state_of(&history, before + 9, before + 9), STATE_MORE);
	history.audit.data[before + 9] ^= 1; /* not of the line that is read */
	assert_int_equal(state_of(&history, before, before), STATE_FOUND);
	*((char *)memchr(history.audit.data + before + 1, '\n', history.audit.length - before - 1) - 1) = 'X';
	assert_int_equal(state_of(&history, before, before), STATE_BAD); /* the hash before is none */
	history_release(&history);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_refused_for_its_reason),
		cmocka_unit_test(test_a_state_is_found_from_the_first_line),
		cmocka_unit_test(test_a_chain_with_a_bad_link_is_no_state),
		cmocka_unit_test(test_a_state_is_found_from_a_line_that_lists_all_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

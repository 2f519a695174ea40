#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "orders_fixture.h"

static struct log *
log_of(struct orders *orders, const char *table)
{
	struct log *log = NULL;

	assert_int_equal(view_log(orders->view, table, &log, &orders->error), STATUS_OK);
	return log;
}

static struct expr *
compiled(struct orders *orders, const char *table, const char *text)
{
	struct expr *expr = NULL;

	if (expr_compile(orders->view, log_of(orders, table)->table, text, &expr, &orders->error) != STATUS_OK)
		fail_msg("%s: %s", text, orders->error.faults[0].reason);
	return expr;
}

/* The ids of the records for which text holds: "O1 O3". */
static const char *
matching(struct orders *orders, const char *table, const char *text)
{
	struct log *log = log_of(orders, table);
	struct expr *expr = compiled(orders, table, text);

	orders->text[0] = '\0';
	for (uint64_t number = 1; number <= log->count; number++) {
		struct record record;
		size_t length = strlen(orders->text);

		arena_reset(&orders->arena);
		assert_int_equal(record_read(log, number, &orders->arena, &record, &orders->error), STATUS_OK);
		if (expr_true(expr, &record, &orders->error))
			snprintf(orders->text + length, sizeof(orders->text) - length, "%s%s%" PRIu64,
			    length > 0 ? " " : "", log->table->prefix, number);
	}
	expr_free(expr);
	return orders->text;
}

/* The reason why text does not compile. */
static const char *
refused(struct orders *orders, const char *table, const char *text)
{
	struct expr *expr;

	if (expr_compile(orders->view, log_of(orders, table)->table, text, &expr, &orders->error) == STATUS_OK)
		fail_msg("%s: compiled", text);
	assert_null(expr);
	assert_int_equal(orders->error.status, STATUS_USAGE);
	return orders->error.faults[0].reason;
}

/* The value of text, as type, in record number. */
static const char *
value(struct orders *orders, const char *table, uint64_t number, enum type type, const char *text)
{
	struct expr *expr = compiled(orders, table, text);
	struct record record;
	struct slice result;

	arena_reset(&orders->arena);
	assert_int_equal(record_read(log_of(orders, table), number, &orders->arena, &record, &orders->error),
	    STATUS_OK);
	result = expr_value(expr, type, &record);
	snprintf(orders->text, sizeof(orders->text), "%.*s", (int)result.length, result.data);
	expr_free(expr);
	return orders->text;
}

struct question {
	const char *text, *answer;
};

static void
check(void **state, const char *table, const struct question *questions)
{
	for (; questions->text != NULL; questions++) {
		const char *found = matching(*state, table, questions->text);

		if (strcmp(found, questions->answer) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", questions->text, found, questions->answer);
	}
}

static void
check_refused(void **state, const char *table, const struct question *questions)
{
	for (; questions->text != NULL; questions++) {
		const char *reason = refused(*state, table, questions->text);

		if (strcmp(reason, questions->answer) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", questions->text, reason, questions->answer);
	}
}

#define END { NULL, NULL }

/* --- comparing ---------------------------------------------------------- */

static void
numbers_compare_exactly(void **state)
{
	static const struct question questions[] = { { "total = 100", "O1 O2" },
		{ "total = 100.000", "O1 O2" }, { "100 < total", "O3" }, { "total >= 100.01", "O3" },
		{ "total != 100", "O3 O4" }, { "count < 0", "O4" }, { "count = -5", "O4" },
		{ "count > -1", "O1 O2" }, { "total = paid", "O2 O4" }, { "qty * price = 2.666666", "O1" },
		{ "price * price = 1.776889", "" }, { "price * price * 2 > 3.555553", "O1 O4" }, END };

	check(state, "order", questions);
	assert_string_equal(refused(*state, "order", "qty > 2.6666659999"),
	    "column 7: not a number: \"2.6666659999\"");
}

static void
texts_compare_by_bytes(void **state)
{
	static const struct question questions[] = { { "name = Alfreds", "C1" },
		{ "name = \"Dash, Ltd\"", "C3" }, { "name = 'Dash, Ltd'", "C3" }, { "name < Berglunds", "C1" },
		{ "name >= B", "C2 C3" }, { "code = in-dash", "C3" }, { "name = \"it\"\"s\"", "" },
		{ "country = DE", "C1" }, { "country = germany", "C1" }, { "tags = vip", "C2" }, END };

	check(state, "customer", questions);
}

static void
choices_compare_in_their_order(void **state)
{
	static const struct question questions[] = { { "priority >= high", "O2 O3" },
		{ "priority < high", "O1" }, { "state = open", "O1 O3" }, { "state != open", "O2 O4" },
		{ "state <= open", "O1 O3 O4" }, { "urgent = priority", "O3" }, END };

	check(state, "order", questions);
}

static void
a_word_that_is_a_field_is_a_literal_next_to_its_choices(void **state)
{
	/* open and paid are fields of orders too */
	static const struct question questions[] = { { "state = paid", "O2" },
		{ "state in (open, paid)", "O1 O2 O3" }, { "paid = 100", "O2" }, { "open = 60", "O1" }, END };

	check(state, "order", questions);
}

static void
dates_compare_with_days_words_and_spans(void **state)
{
	static const struct question questions[] = { { "due < today", "O1" }, { "due = today", "O2" },
		{ "due <= today", "O1 O2" }, { "due = tomorrow", "O4" }, { "due > 2026-03-01", "O2 O4" },
		{ "due = +1d", "O4" }, { "due < -1d", "O1" }, { "due <= today + 1d", "O1 O2 O4" },
		{ "date + 1mo = 2026-02-15", "O2" }, { "date + terms < due", "O2 O4" },
		{ "due - date > 30d", "O2 O4" }, { "due - date = 28d", "O1" }, { "today - due = 9d", "O1" },
		{ "-1d + due = today", "O4" }, { "date - 1mo = 2026-01-28", "O3" }, END };

	check(state, "order", questions);
}

static void
days_of_instants_begin_at_the_company(void **state)
{
	/* in Berlin O1 came in on the 31st, O2 on the 1st of February */
	static const struct question questions[] = { { "opened in 2026-01", "O1 O4" },
		{ "opened in 2026-02", "O2 O3" }, { "opened in 2026-01-31", "O1" },
		{ "opened in (2025, 2026-02)", "O2 O3" }, { "opened < 2026-02-01", "O1 O4" },
		{ "opened < date", "O1" }, { "opened > 2026-01-31T22:30:00Z", "O2 O3" },
		{ "opened = 2026-01-31T23:30:00+01:00", "O1" }, { "opened > -1000y", "O1 O2 O3 O4" },
		{ "now - opened < 1d", "" }, END };

	check(state, "order", questions);
}

static void
a_month_or_a_year_is_a_set_of_days(void **state)
{
	static const struct question questions[] = { { "date in 2026-02", "O1 O3" },
		{ "date in 2026", "O1 O2 O3" }, { "date in (2025 2026-01)", "O2 O4" },
		{ "date in 2026-02-28", "O3" }, { "not date in 2026", "O4" },
		{ "due in 2026-03", "O1 O2 O4" }, { "date in (2025-12, today)", "O4" }, END };

	check(state, "order", questions);
}

static void
sets_have_members(void **state)
{
	static const struct question questions[] = { { "total in (100, 250.50)", "O1 O2 O3" },
		{ "state in open", "O1 O3" }, { "priority in (low \"\")", "O1 O4" },
		{ "total in (paid, 7)", "O2 O4" }, { "due in (\"\")", "O3" },
		{ "total in (paid 5) or due in (\"\", today)", "O2 O3 O4" },
		{ "customer in (ALFKI, C3)", "O1 O2 O4" }, END };
	static const struct question tags[] = { { "vip in tags", "C1 C2" }, { "mal in tags", "" },
		{ "tags has vip", "C1 C2" }, { "tags has VIP", "" }, { "tags has (small, mal)", "C1" }, END };

	check(state, "order", questions);
	check(state, "customer", tags);
}

static void
references_compare_by_id_or_key(void **state)
{
	static const struct question questions[] = { { "customer = C1", "O1 O2" },
		{ "customer = ALFKI", "O1 O2" }, { "customer = in-dash", "O4" }, { "id = O3", "O3" },
		{ "id > O2", "O3 O4" }, { "id = N-2", "O2" }, { "customer < C10", "O1 O2 O3 O4" },
		{ "customer.id = C2", "O3" }, { "tx = 1", "O1 O2 O3 O4" }, END };

	check(state, "order", questions);
	assert_string_equal(refused(*state, "order", "customer = NOBODY"),
	    "column 12: no such customer: \"NOBODY\"");
}

static void
paths_follow_references(void **state)
{
	static const struct question questions[] = { { "customer.country = DE", "O1 O2" },
		{ "customer.name ~ '^B'", "O3" }, { "customer.manager.name = Alfreds", "O3" },
		{ "customer.manager.manager = C1", "O4" }, { "customer.manager = \"\"", "O1 O2" },
		{ "customer.label = Berglunds", "O3" }, END };

	check(state, "order", questions);
}

static void
patterns_search_anywhere(void **state)
{
	static const struct question questions[] = { { "name ~ er", "C2" },
		{ "name ~ \"^(Al|Da)\"", "C1 C3" }, { "name ~ '(?i)alf'", "C1" }, { "name !~ A", "C2 C3" },
		{ "note ~ '^$'", "C2" }, { "tags !~ vip", "C3" }, END };

	check(state, "customer", questions);
}

/* --- nothing ------------------------------------------------------------ */

/* The table at the head of expr.h.  paid is empty in O3 and O4, total in O4. */
static void
empty_values_equal_only_what_is_empty(void **state)
{
	static const struct question questions[] = { { "paid = 40", "O1" }, { "paid != 40", "O2 O3 O4" },
		{ "paid < 1000", "O1 O2" }, { "paid <= 1000", "O1 O2" }, { "paid > -1000", "O1 O2" },
		{ "paid >= -1000", "O1 O2" }, { "40 = paid", "O1" }, { "1000 > paid", "O1 O2" },
		{ "paid = total", "O2 O4" }, { "paid != total", "O1 O3" }, { "paid <= total", "O1 O2" },
		{ "paid >= total", "O2" }, { "paid = \"\"", "O3 O4" }, { "paid != ''", "O1 O2" },
		{ "paid < ''", "" }, { "paid >= ''", "" }, { "'' = paid", "O3 O4" }, { "due = ''", "O3" },
		{ "due = ' '", "O3" }, { "priority = ''", "O4" }, { "priority < high", "O1" },
		{ "number > A", "O1 O2 O3" }, { "number != N-1", "O2 O3 O4" },
		{ "total - paid = ''", "O3 O4" }, { "total - paid != 0", "O1 O3 O4" },
		{ "not due < today", "O2 O3 O4" }, { "due + 1d > 2000-01-01", "O1 O2 O4" }, END };

	check(state, "order", questions);
}

static void
an_empty_bool_is_false(void **state)
{
	static const struct question questions[] = { { "active", "C1" }, { "not active", "C2 C3" },
		{ "active = no", "C2 C3" }, { "active = true", "C1" }, { "active = ''", "C3" },
		{ "active in (false)", "C2 C3" }, { "not archived", "C1 C2" },
		{ "archived = false", "C1 C2" }, END };

	check(state, "customer", questions);
}

static void
a_bare_field_is_true_when_it_is_not_empty(void **state)
{
	static const struct question questions[] = { { "paid", "O1 O2" }, { "not paid", "O3 O4" },
		{ "count", "O1 O2 O4" }, { "total - paid", "O1" }, { "customer.manager", "O3 O4" }, END };

	check(state, "order", questions);
}

/* --- joining ------------------------------------------------------------ */

static void
and_binds_closer_than_or(void **state)
{
	static const struct question questions[] = { { "state = draft or state = open and total > 200", "O3 O4" },
		{ "(state = draft or state = open) and total > 200", "O3" },
		{ "not state = open and total = 100", "O2" }, { "not (state = open or state = draft)", "O2" },
		{ "not not paid", "O1 O2" }, END };

	check(state, "order", questions);
}

static void
arithmetic_has_its_usual_order(void **state)
{
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "count + 100-20-3"), "80");
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "count + 2 * 3"), "9");
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "(count + 2) * 3"), "15");
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "count - 2 - 3"), "-2");
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "-count * -2"), "6");
	assert_string_equal(value(*state, "order", 1, TYPE_QTY, "count-2"), "1");
	assert_string_equal(value(*state, "order", 1, TYPE_MONEY, "total-paid"), "60.00");
	assert_string_equal(value(*state, "order", 1, TYPE_INT, "-(count - 5)"), "2");
}

static void
a_value_has_the_spelling_of_its_type(void **state)
{
	assert_string_equal(value(*state, "order", 1, TYPE_MONEY, "qty * price"), "2.67");
	assert_string_equal(value(*state, "order", 1, TYPE_RATE, "qty * price"), "2.666666");
	assert_string_equal(value(*state, "order", 1, TYPE_INT, "qty * price"), "3");
	assert_string_equal(value(*state, "order", 1, TYPE_RATE, "price * price"), "1.777777");
	assert_string_equal(value(*state, "order", 1, TYPE_BOOL, "due < today and state = open"), "true");
	assert_string_equal(value(*state, "order", 2, TYPE_BOOL, "due < today and state = open"), "false");
	assert_string_equal(value(*state, "order", 1, TYPE_SPAN, "due - date"), "28d");
	assert_string_equal(value(*state, "order", 2, TYPE_SPAN, "terms * 2"), "2mo");
	assert_string_equal(value(*state, "order", 2, TYPE_SPAN, "terms + 1d"), "1mo1d");
	assert_string_equal(value(*state, "order", 4, TYPE_DATE, "date + 2 * terms"), "2026-02-28");
	assert_string_equal(value(*state, "order", 1, TYPE_SPAN, "terms * 0.5"), "14d");
	assert_string_equal(value(*state, "order", 4, TYPE_DATE, "date + 2mo"), "2026-02-28");
	assert_string_equal(value(*state, "order", 1, TYPE_TIME, "opened + 30min"), "2026-01-31T23:00:00Z");
	assert_string_equal(value(*state, "order", 1, TYPE_DATE, "opened"), "2026-01-31");
	assert_string_equal(value(*state, "order", 1, TYPE_TEXT, "customer.name"), "Alfreds");
	assert_string_equal(value(*state, "order", 3, TYPE_MONEY, "total - paid"), "");
}

static void
what_is_too_large_is_empty(void **state)
{
	assert_string_equal(value(*state, "order", 4, TYPE_MONEY, "qty * price"), "");
	assert_string_equal(value(*state, "order", 4, TYPE_QTY, "qty * price"), "9000000000000000000");
	assert_string_equal(value(*state, "order", 4, TYPE_QTY, "qty * price * price"), "");
	assert_string_equal(value(*state, "order", 1, TYPE_DATE, "date + 9000y"), "");
	assert_string_equal(matching(*state, "order", "qty * price * price > 0"), "O1 O2");
}

/* --- derived fields ----------------------------------------------------- */

static void
derived_fields_are_fields(void **state)
{
	static const struct question questions[] = { { "open > 50", "O1" }, { "overdue", "O1" },
		{ "overdue = yes", "O1" }, { "days > 30d", "O2 O4" }, { "expected < due", "O2 O4" },
		{ "worth = 2.67", "O1" }, END };

	check(state, "order", questions);
	assert_string_equal(matching(*state, "loop", "fourfold = 12"), "LP1");
}

static void
a_derived_field_that_needs_itself_is_refused(void **state)
{
	assert_string_equal(refused(*state, "loop", "self > 1"),
	    "column 1: self: column 1: the derived field \"self\" needs itself");
	assert_string_equal(refused(*state, "loop", "base = 1 and there > 1"),
	    "column 14: there: column 8: back: column 1: the derived field \"there\" needs itself");
	assert_string_equal(refused(*state, "loop", "round = 1"),
	    "column 1: round: column 1: the derived field \"round\" needs itself");
	assert_string_equal(refused(*state, "loop", "wrong = 1"),
	    "column 1: wrong: column 1: no such field: \"bse\" (did you mean \"base\"?)");
}

/* --- mistakes ----------------------------------------------------------- */

static void
mistakes_are_named_with_their_column(void **state)
{
	static const struct question questions[] = { { "", "column 1: an empty expression" },
		{ "  ", "column 1: an empty expression" },
		{ "custmer = ALFKI", "column 1: no such field: \"custmer\" (did you mean \"customer\"?)" },
		{ "total and custmer", "column 11: no such field: \"custmer\" (did you mean \"customer\"?)" },
		{ "customer.cuntry = DE",
		    "column 1: no such field of customer: \"cuntry\" (did you mean \"country\"?)" },
		{ "total.name = 1", "column 1: total refers to nothing, so total.name means nothing" },
		{ "1 = 1", "column 1: neither side is a field: \"1\", \"1\"" },
		{ "1 + 1 = 2", "column 3: neither side has a field" },
		{ "today", "column 1: no such field: \"today\"" },
		{ "1 + 1", "column 3: there is no field in it" },
		{ "state = opne", "column 9: not one of draft, open, paid: \"opne\" (did you mean \"open\"?)" },
		{ "due < soon", "column 7: not a date: \"soon\"" },
		{ "due < 30d", "column 7: not a date: \"30d\"" },
		{ "due = 2026-13", "column 7: not a date: \"2026-13\" (YYYY-MM-DD, or in YYYY-MM)" },
		{ "total > abc", "column 9: not a number: \"abc\"" },
		{ "customer.country = Atlantis", "column 20: not a country: \"Atlantis\"" },
		{ "terms > 5", "column 9: not a span of time such as 30d or 1y6mo: \"5\"" },
		{ "due + 5 > today", "column 5: a date and a number can't be added" },
		{ "due * 2 > today", "column 5: a date and a number can't be multiplied" },
		{ "due + date > today", "column 5: a date and a date can't be added" },
		{ "customer + 1 > 2", "column 10: text and a number can't be added" },
		{ "-due > today", "column 1: a date has no negative" },
		{ "total = due", "column 7: a number and a date can't be compared" },
		{ "total > 1 > 2", "column 11: unexpected \">\"" },
		{ "(total > 1) > 2", "column 8: a condition is no value to reckon or compare with" },
		{ "total >", "column 8: something is missing at the end" },
		{ "(total > 1", "column 11: \")\" is missing at the end" },
		{ "total > 1)", "column 10: unexpected \")\"" }, { "total ! 1", "column 7: unexpected \"!\"" },
		{ "state = 'open", "column 9: a quote that is not closed" },
		{ "state in (open", "column 15: \")\" is missing at the end" },
		{ "state in ()", "column 11: unexpected \")\"" }, { "and", "column 1: unexpected \"and\"" },
		{ "x in customer", "column 6: not a field of tags: \"customer\"" },
		{ "customer ~ '('", "column 12: not a pattern: missing closing parenthesis, at character 2" },
		{ "customer ~ total", "column 12: a pattern stands in quotes: ~ \"^A\"" },
		{ "'ö' = 1 and é", "column 1: neither side is a field: \"ö\", \"1\"" },
		{ "total = 1 and é = 2", "column 15: no such field: \"é\"" },
		{ "+total > 1", "column 1: a + stands before a number or a span of time, or between two values" },
		END };

	check_refused(state, "order", questions);
}

static void
depth_and_length_are_limited(void **state)
{
	struct orders *orders = *state;
	struct buffer text = BUFFER_INIT;

	for (int i = 0; i < 1000; i++)
		buffer_add_char(&text, '(');
	assert_string_equal(refused(orders, "order", text.data), "column 101: nested too deeply");
	buffer_clear(&text);
	for (int i = 0; i < 1000; i++)
		buffer_add_text(&text, "not ");
	assert_string_equal(refused(orders, "order", text.data), "column 401: nested too deeply");
	buffer_clear(&text);
	for (int i = 0; i < 3000; i++)
		buffer_add_text(&text, "qty+");
	buffer_add_text(&text, "1");
	assert_non_null(strstr(refused(orders, "order", text.data), "the expression is too long"));
	for (int i = 0; i < 3000; i++)
		buffer_add_text(&text, "+qty");
	assert_string_equal(refused(orders, "order", text.data), "column 1: the expression is too long");
	buffer_release(&text);
}

static void
a_hostile_pattern_gives_up_soon_and_says_so_once(void **state)
{
	struct orders *orders = *state;
	struct expr *expr = compiled(orders, "customer", "note ~ '(x+x+)+[yz]' or id = C3");
	struct log *log = log_of(orders, "customer");
	struct error error = ERROR_INIT;
	int64_t start = clock_monotonic();
	struct record record;

	arena_reset(&orders->arena);
	assert_int_equal(record_read(log, 3, &orders->arena, &record, &error), STATUS_OK);
	assert_false(expr_true(expr, &record, &error));
	assert_true(clock_monotonic() - start < 1000);
	assert_int_equal(error.status, STATUS_REFUSED);
	assert_string_equal(error.faults[0].reason, "a regular expression takes too long on C3");
	error_clear(&error);
	assert_false(expr_true(expr, &record, &error));
	assert_int_equal(error.status, STATUS_OK);
	expr_free(expr);
	error_release(&error);
}

/* What text needs: "number: N-1 N-2; id: O1; ". */
static const char *
needed(struct orders *orders, const char *table, const char *text)
{
	struct expr *expr = compiled(orders, table, text);
	const struct table *of = log_of(orders, table)->table;
	struct expr_need needs[4];
	size_t count = expr_needs(expr, needs, 4), at = 0;

	orders->text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at += (size_t)snprintf(orders->text + at, sizeof(orders->text) - at, "%s%s:", i > 0 ? "; " : "",
		    needs[i].field == SIZE_MAX ? "id" : of->fields[needs[i].field].name);
		for (size_t k = 0; k < needs[i].count; k++)
			at += (size_t)snprintf(orders->text + at, sizeof(orders->text) - at, " %.*s",
			    (int)needs[i].values[k].length, needs[i].values[k].data);
	}
	expr_free(expr);
	return orders->text;
}

static void
what_has_to_be_equal_is_told(void **state)
{
	static const char *const cases[][2] = {
		{ "number = N-1", "number: N-1" },
		{ "N-1 = number", "number: N-1" },
		{ "customer = ALFKI", "customer: C1" },
		{ "id = O3", "id: O3" },
		{ "id in (O3 O1)", "id: O3 O1" },
		{ "due = today", "due: 2026-03-10" },
		{ "due = -1d or due in (2026-01-31, 2026-02-28)", "due: 2026-03-09 2026-01-31 2026-02-28" },
		{ "number in (N-1 N-2) and total > 5", "number: N-1 N-2" },
		{ "total > 5 and (number = N-1 or number = N-2)", "number: N-1 N-2" },
		{ "number = N-1 and customer = C2 and due = 2026-01-01",
		    "number: N-1; customer: C2; due: 2026-01-01" },
		{ "overdue and number = N-1", "number: N-1" },
		{ "number = N-1 and number ~ x", "number: N-1" },
		/* a pattern that is asked first may hit its limits on any record */
		{ "number ~ x and number = N-1", "" },
		{ "not (number ~ x or total > 1) and number = N-1", "" },
		/* others may hold as well, or it is not one spelling */
		{ "number = N-1 or customer = C1", "" },
		{ "number = N-1 or total > 5", "" },
		{ "not number = N-1", "" },
		{ "number != N-1", "" },
		{ "number < N-1", "" },
		{ "number = \"\"", "" },
		{ "number in (N-1 \"\")", "" },
		{ "number in (N-1 state)", "" },
		{ "number = state", "" },
		{ "total = 100", "" },
		{ "count = 3", "" },
		{ "terms = 28d", "" },
		{ "opened = 2026-01-01", "" },
		{ "tx = 1", "" },
		{ "customer.code = ALFKI", "" },
		{ "due in 2026", "" },
		{ "due", "" },
		{ "due + 1d = today", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (strcmp(needed(*state, "order", cases[i][0]), cases[i][1]) != 0)
			fail_msg("%s: \"%s\"", cases[i][0], ((struct orders *)*state)->text);
	}
	/* of five, four */
	assert_string_equal(needed(*state, "order",
				"number = a and number = b and number = c and number = d and number = e"),
	    "number: a; number: b; number: c; number: d");
}

static void
a_month_is_its_days(void **state)
{
	struct expr *expr = compiled(*state, "order", "due in 2026-02");
	struct expr_need need;

	assert_int_equal(expr_needs(expr, &need, 1), 1);
	assert_int_equal(need.count, 28);
	assert_true(slice_is(need.values[27], "2026-02-28"));
	expr_free(expr);
}

static void
patterns_in_derived_fields_are_patterns(void **state)
{
	static const struct {
		const char *text, *needs;
		bool may_fail;
	} cases[] = {
		{ "of = O1", "of: O1", false },
		{ "of = O1 and text ~ x", "of: O1", true },
		{ "of = O1 and loud", "", true },
		{ "of = O1 and kept", "", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct expr *expr = compiled(*state, "remark", cases[i].text);

		assert_int_equal(expr_may_fail(expr), cases[i].may_fail);
		expr_free(expr);
		assert_string_equal(needed(*state, "remark", cases[i].text), cases[i].needs);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_compare_exactly),
		cmocka_unit_test(texts_compare_by_bytes),
		cmocka_unit_test(choices_compare_in_their_order),
		cmocka_unit_test(a_word_that_is_a_field_is_a_literal_next_to_its_choices),
		cmocka_unit_test(dates_compare_with_days_words_and_spans),
		cmocka_unit_test(days_of_instants_begin_at_the_company),
		cmocka_unit_test(a_month_or_a_year_is_a_set_of_days),
		cmocka_unit_test(sets_have_members),
		cmocka_unit_test(references_compare_by_id_or_key),
		cmocka_unit_test(paths_follow_references),
		cmocka_unit_test(patterns_search_anywhere),
		cmocka_unit_test(empty_values_equal_only_what_is_empty),
		cmocka_unit_test(an_empty_bool_is_false),
		cmocka_unit_test(a_bare_field_is_true_when_it_is_not_empty),
		cmocka_unit_test(and_binds_closer_than_or),
		cmocka_unit_test(arithmetic_has_its_usual_order),
		cmocka_unit_test(a_value_has_the_spelling_of_its_type),
		cmocka_unit_test(what_is_too_large_is_empty),
		cmocka_unit_test(derived_fields_are_fields),
		cmocka_unit_test(a_derived_field_that_needs_itself_is_refused),
		cmocka_unit_test(mistakes_are_named_with_their_column),
		cmocka_unit_test(depth_and_length_are_limited),
		cmocka_unit_test(what_has_to_be_equal_is_told),
		cmocka_unit_test(a_month_is_its_days),
		cmocka_unit_test(patterns_in_derived_fields_are_patterns),
		cmocka_unit_test(a_hostile_pattern_gives_up_soon_and_says_so_once),
	};

	return cmocka_run_group_tests(tests, orders_setup, orders_teardown);
}

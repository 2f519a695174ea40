/* test_check: every check finds the fault that it is for, and nothing in a sound store */
#define FIXTURE_OUTSIDE
#include "store_fixture.h"

#include "office/check/check.h"
#include "office/office.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A small business in which everything is well. */
static const char *const sound[][2] = {
	{ "company",
	    "id,tx,name,currency,timezone,fiscal_year,terms,invoice_number,credit_number\n"
	    "CO1,1,Test,EUR,UTC,01-01,30d,INV-{year}-{number:6},CN-{year}-{number:6}\n" },
	{ "customer", "id,tx,seal,code,name\nC1,1," SALT ",ALI,Ali\nC2,1," SALT ",BO,Bo\n" },
	{ "item", "id,tx,sku,name,kind,unit,price,tax_rate\nI1,1,CHAI,Chai,goods,pc,2,19\n" },
	{ "location", "id,tx,code,name\nL1,1,MAIN,Main\n" },
	{ "ticket",
	    "id,tx,seal,subject,customer,status,priority,channel,opened\n"
	    "T1,1," SALT ",tea,C1,new,normal,other,2026-01-01T00:00:00Z\n" },
	{ "invoice",
	    "id,tx,number,customer,status,kind,date,due,currency,terms,rounding,net,tax,total\n"
	    "V1,1,INV-2026-000001,C1,issued,invoice,2026-01-10,2026-02-09,EUR,30d,line,4.00,0.76,4.76\n"
	    "V2,1,,C1,draft,invoice,,,EUR,,line,2.00,0.38,2.38\n" },
	{ "invoice_line",
	    "id,tx,invoice,item,description,qty,unit,price,discount,tax_rate,amount,tax\n"
	    "VL1,1,V1,I1,Chai,2,pc,2,,19,4.00,0.76\n"
	    "VL2,1,V2,I1,Chai,1,pc,2,,19,2.00,0.38\n" },
	{ "series", "id,tx,code,first,last,date\nNS1,1,INV-2026-#,1,1,2026-01-10\n" },
	{ "stock_move",
	    "id,tx,date,kind,item,qty,from,to\n"
	    "SM1,1,2026-01-01,receive,I1,5,,L1\n"
	    "SM2,1,2026-01-05,issue,I1,3,L1,\n" },
};

enum { SOUND = sizeof sound / sizeof sound[0] };

/* What no command would write: appended as it is, by the store's own door. */
static void
write_lines(struct fixture *fixture, struct store *store, const char *const (*logs)[2], size_t count)
{
	struct chunk chunks[SOUND];
	struct transaction transaction = { "test add", "", "", chunks, count };
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	uint64_t tx;

	assert_status(fixture, store_lock(store, clock_monotonic() + 30000, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		struct slice log;

		assert_status(fixture, snapshot_log(snapshot, logs[i][0], &log, &fixture->error), STATUS_OK);
		chunks[i] = (struct chunk){ .table = logs[i][0], .bytes = slice_of(logs[i][1]), .offset = log.length };
		chunk_digest(&chunks[i], slice_cut(&log, '\n'));
	}
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_OK);
	assert_status(fixture, store_settle(store, tx, clock_monotonic() + 30000, &fixture->error), STATUS_OK);
	snapshot_close(snapshot);
}

static void
keep_finding(const struct finding *finding, void *context)
{
	buffer_format(context, "%s %s %.*s %s: %.*s\n", finding->check, finding->table, (int)finding->id.length,
	    finding->id.data, finding->field, (int)finding->text.length, finding->text.data);
}

/* All checks over the sound store and the lines (of transaction 2) that are planted in some tables. */
static void
find(struct fixture *fixture, const char *const (*planted)[2], size_t count, struct buffer *found)
{
	struct store *store = fixture_open(fixture);
	struct view *view;
	size_t findings;

	write_lines(fixture, store, sound, SOUND);
	if (count > 0)
		write_lines(fixture, store, planted, count);
	assert_status(fixture,
	    view_open(store, fixture_snapshot(fixture, store), "share", office_rules, &view, &fixture->error),
	    STATUS_OK);
	assert_status(fixture, check_run(view, NULL, 0, keep_finding, found, &findings, &fixture->error),
	    STATUS_OK);
	view_close(view);
	store_close(store);
}

static void
test_a_sound_store_has_no_findings(void **state)
{
	struct buffer found = BUFFER_INIT;

	find(*state, NULL, 0, &found);
	if (found.length > 0)
		fail_msg("%s", found.data);
}

/* What is planted gives exactly these findings. */
static void
expect(struct fixture *fixture, const char *const (*planted)[2], size_t count, const char *wanted)
{
	struct buffer found = BUFFER_INIT;

	find(fixture, planted, count, &found);
	assert_non_null(found.data);
	assert_string_equal(found.data, wanted);
	buffer_release(&found);
}

/* One test for each fault, under the name of what is wrong. */
#define PLANT(name, table, lines, wanted)                              \
	static void name(void **state)                                 \
	{                                                              \
		const char *const planted[][2] = { { table, lines } }; \
                                                                       \
		expect(*state, planted, 1, wanted);                    \
	}

/* The same in two tables. */
#define PLANT_BOTH(name, table, lines, other, more, wanted)                             \
	static void name(void **state)                                                  \
	{                                                                               \
		const char *const planted[][2] = { { table, lines }, { other, more } }; \
                                                                                        \
		expect(*state, planted, 2, wanted);                                     \
	}

PLANT(test_a_reference_to_nobody, "ticket", "T2,2," SALT ",tea,C9,new,normal,other,2026-01-01T00:00:00Z\n",
    "references ticket T2 customer: no such customer: \"C9\"\n")
PLANT(test_a_reference_to_another_table, "ticket", "T2,2," SALT ",tea,I1,new,normal,other,2026-01-01T00:00:00Z\n",
    "references ticket T2 customer: no such customer: \"I1\"\n")
PLANT(test_a_child_without_its_parent, "invoice_line", "VL3,2,V7,I1,Chai,1,pc,2,,19,2.00,0.38\n",
    "parents invoice_line VL3 invoice: its parent is not there: \"V7\"\n")
PLANT(test_a_child_of_nobody, "invoice_line", "VL3,2,,I1,Chai,1,pc,2,,19,2.00,0.38\n",
    "parents invoice_line VL3 invoice: it has no parent\n"
    "required invoice_line VL3 invoice: missing\n")
PLANT(test_a_key_given_twice, "item", "I2,2,CHAI,More chai,goods,pc,2,19\n",
    "unique item I2 sku: I1 has the same: \"CHAI\"\n")
PLANT(test_a_required_field_left_empty, "item", "I2,2,MUG,,goods,pc,2,19\n", "required item I2 name: missing\n")
PLANT(test_a_value_in_another_spelling, "item", "I2,2,MUG,Mug,goods,pc,2.50,19\n",
    "spelling item I2 price: \"2.50\" is written \"2.5\"\n")
PLANT(test_a_value_that_does_not_fit, "item", "I2,2,MUG,Mug,gods,pc,2,19\n",
    "spelling item I2 kind: not one of goods, service: \"gods\"\n")
PLANT(test_a_transition_that_there_is_not, "invoice",
    "V1,2,INV-2026-000001,C1,void,invoice,2026-01-10,2026-02-09,EUR,30d,line,4.00,0.76,4.76\n",
    "flows invoice V1 status: nothing leads from \"issued\" to \"void\", in transaction 2\n"
    "series invoice V1 number: has one and is not issued\n")
PLANT(test_a_beginning_in_no_state, "ticket", "T2,2," SALT ",tea,C1,,normal,other,2026-01-01T00:00:00Z\n",
    "required ticket T2 status: missing\n"
    "flows ticket T2 status: began as \"\" in transaction 2\n")
PLANT(test_a_fixed_field_that_changed, "stock_move", "SM1,2,2026-01-01,receive,I1,6,,L1\n",
    "fixed stock_move SM1 qty: was \"5\" until transaction 2\n")
PLANT(test_a_total_that_is_not_the_sum, "invoice", "V2,2,,C1,draft,invoice,,,EUR,,line,2.00,0.38,2.39\n",
    "totals invoice V2 total: is \"2.39\", reckoned anew \"2.38\"\n")
PLANT(test_a_line_that_is_reckoned_wrong, "invoice_line", "VL2,2,V2,I1,Chai,1,pc,2,,19,2.01,0.38\n",
    "totals invoice_line VL2 amount: is \"2.01\", reckoned anew \"2.00\"\n")
PLANT(test_a_line_more_than_was_reckoned, "invoice_line", "VL3,2,V2,I1,Chai,1,pc,2,,19,2.00,0.38\n",
    "totals invoice V2 net: is \"2.00\", reckoned anew \"4.00\"\n"
    "totals invoice V2 tax: is \"0.38\", reckoned anew \"0.76\"\n"
    "totals invoice V2 total: is \"2.38\", reckoned anew \"4.76\"\n")
PLANT(test_a_gap_in_a_series, "series", "NS1,2,INV-2026-#,1,2,2026-01-10\n",
    "series series NS1 last: number 2 is missing\n")
PLANT(test_a_number_out_of_thin_air, "invoice",
    "V3,2,INV-2026-000002,C1,issued,invoice,2026-01-11,2026-02-09,EUR,30d,line,0.00,0.00,0.00\n",
    "series invoice V3 number: no series gave it out: \"INV-2026-000002\"\n")
PLANT(test_an_issued_invoice_without_a_number, "invoice",
    "V2,2,,C1,issued,invoice,2026-01-11,2026-02-09,EUR,30d,line,2.00,0.38,2.38\n",
    "series invoice V2 number: issued without one\n")
/* Headers may come again, with more fields. */
#define DEDUCTS "id,tx,invoice,description,qty,price,tax_rate,amount,tax,deducts\n"
#define REMINDERS "id,tx,invoice,date,level,currency,open,fee,interest,due,charge,step\n"

PLANT_BOTH(test_more_taken_off_than_was_paid_ahead, "invoice",
    "V1,2,INV-2026-000001,C1,issued,prepayment,2026-01-10,2026-02-09,EUR,30d,line,4.00,0.76,4.76\n",
    "invoice_line", DEDUCTS "VL3,2,V1,off,-1,5,19,-5.00,-0.95,V1\n",
    "totals invoice V1 net: is \"4.00\", reckoned anew \"-1.00\"\n"
    "totals invoice V1 tax: is \"0.76\", reckoned anew \"-0.19\"\n"
    "totals invoice V1 total: is \"4.76\", reckoned anew \"-1.19\"\n"
    "prepayments invoice V1 : 1 more is taken off than was paid ahead, at 19 percent tax ()\n")
PLANT(test_taken_off_what_is_no_prepayment, "invoice_line", DEDUCTS "VL3,2,V1,off,0,0,19,0.00,0.00,V1\n",
    "prepayments invoice_line VL3 deducts: it is no prepayment\n")
PLANT(test_a_charge_that_is_none, "reminder",
    REMINDERS "RM1,2,V1,2026-03-01,1,EUR,4.76,5.00,0.00,2026-03-15,V1,V1 1\n",
    "reminders reminder RM1 charge: fee and interest are owed by no document\n")
PLANT_BOTH(test_a_charge_over_something_else, "invoice",
    "V1,2,INV-2026-000001,C1,issued,charge,2026-01-10,2026-02-09,EUR,30d,line,4.00,0.76,4.76\n", "reminder",
    REMINDERS "RM1,2,V1,2026-03-01,1,EUR,4.76,5.00,0.00,2026-03-15,V1,V1 1\n",
    "reminders reminder RM1 charge: V1 is not over what the reminder says\n")
PLANT(test_stock_below_nothing, "stock_move", "SM3,2,2026-01-03,issue,I1,4,L1,\n",
    "stock stock_move SM2 qty: stock of CHAI at MAIN is -2 on 2026-01-05\n")

/* Two tables have to agree in it: number 2 is dated before number 1. */
static void
test_dates_that_run_backwards(void **state)
{
	static const char *const planted[][2] = {
		{ "invoice",
		    "V2,2,INV-2026-000002,C1,issued,invoice,2026-01-09,2026-02-09,EUR,30d,line,2.00,0.38,2.38\n" },
		{ "series", "NS1,2,INV-2026-#,1,2,2026-01-10\n" },
	};
	struct fixture *fixture = *state;
	struct buffer found = BUFFER_INIT;
	struct store *store = fixture_open(fixture);
	const char *const names[] = { "series" };
	struct view *view;
	size_t findings;

	write_lines(fixture, store, sound, SOUND);
	write_lines(fixture, store, planted, 2);
	assert_status(fixture,
	    view_open(store, fixture_snapshot(fixture, store), "share", office_rules, &view, &fixture->error),
	    STATUS_OK);
	assert_status(fixture, check_run(view, names, 1, keep_finding, &found, &findings, &fixture->error),
	    STATUS_OK);
	assert_int_equal(findings, 1);
	assert_string_equal(found.data,
	    "series invoice V2 date: before 2026-01-10, the date of the number before it\n");
	buffer_release(&found);
	view_close(view);
	store_close(store);
}

/* One transaction may take several steps, if there is a way. */
static void
test_several_steps_at_once_are_fine(void **state)
{
	const char *const planted[][2] = { { "ticket",
	    "T1,2," SALT ",tea,C1,closed,normal,other,2026-01-01T00:00:00Z\n" } };
	struct buffer found = BUFFER_INIT;

	find(*state, planted, 1, &found);
	assert_int_equal(found.length, 0);
}

static void
test_every_check_has_a_name_of_its_own(void **state)
{
	const char *const names[] = { "sereis" };
	struct fixture *fixture = *state;

	for (size_t i = 0; office_checks[i] != NULL; i++) {
		assert_true(office_checks[i]->help[0] != '\0');
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(office_checks[i]->name, office_checks[k]->name);
	}
	assert_status(fixture, check_names(names, 1, &fixture->error), STATUS_USAGE);
	assert_reason(fixture, "did you mean \"series\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
		TEST(test_a_sound_store_has_no_findings),
		TEST(test_a_reference_to_nobody),
		TEST(test_a_reference_to_another_table),
		TEST(test_a_child_without_its_parent),
		TEST(test_a_child_of_nobody),
		TEST(test_a_key_given_twice),
		TEST(test_a_required_field_left_empty),
		TEST(test_a_value_in_another_spelling),
		TEST(test_a_value_that_does_not_fit),
		TEST(test_a_transition_that_there_is_not),
		TEST(test_a_beginning_in_no_state),
		TEST(test_a_fixed_field_that_changed),
		TEST(test_a_total_that_is_not_the_sum),
		TEST(test_a_line_that_is_reckoned_wrong),
		TEST(test_a_line_more_than_was_reckoned),
		TEST(test_a_gap_in_a_series),
		TEST(test_dates_that_run_backwards),
		TEST(test_a_number_out_of_thin_air),
		TEST(test_an_issued_invoice_without_a_number),
		TEST(test_more_taken_off_than_was_paid_ahead),
		TEST(test_taken_off_what_is_no_prepayment),
		TEST(test_a_charge_that_is_none),
		TEST(test_a_charge_over_something_else),
		TEST(test_stock_below_nothing),
		TEST(test_several_steps_at_once_are_fine),
		TEST(test_every_check_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

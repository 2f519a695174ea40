#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "record/schema.h"
#include "record/suggest.h"

#define SHARE "tests/data/share"

struct fixture {
	struct schema *schema;
	struct error error;
};

static int
setup(void **state)
{
	struct fixture *fixture = memory_new(sizeof(*fixture));

	*state = fixture;
	return schema_open(SHARE, &fixture->schema, &fixture->error) == STATUS_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	schema_close(fixture->schema);
	error_release(&fixture->error);
	free(fixture);
	return 0;
}

static const struct table *
table_of(struct fixture *fixture, const char *name)
{
	const struct table *table = NULL;

	if (schema_table(fixture->schema, name, &table, &fixture->error) != STATUS_OK)
		fail_msg("%s", fixture->error.faults[0].reason);
	return table;
}

static const struct field *
field_of(const struct table *table, const char *name)
{
	size_t index = table_field(table, slice_of(name));

	assert_true(index != SIZE_MAX);
	return &table->fields[index];
}

/* --- what is read ------------------------------------------------------- */

static void
names_come_in_the_order_of_the_file(void **state)
{
	static const char *const wanted[] = { "company", "customer", "order", "order_line", "remark", "loop",
		"table", "field" };
	struct fixture *fixture = *state;
	const char *const *names = schema_names(fixture->schema);

	for (size_t i = 0; i < 8; i++)
		assert_string_equal(names[i], wanted[i]);
	assert_null(names[8]);
}

static void
a_table_is_found_by_command_and_prefix(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(schema_command_table(fixture->schema, slice_of("bo-order")), "order");
	assert_null(schema_command_table(fixture->schema, slice_of("bo-nothing")));
	assert_null(schema_command_table(fixture->schema, slice_of("")));
	assert_string_equal(schema_prefix_table(fixture->schema, slice_of("OL")), "order_line");
	assert_null(schema_prefix_table(fixture->schema, slice_of("X")));
}

static void
children_are_listed_in_order(void **state)
{
	struct fixture *fixture = *state;
	const char *const *children = schema_children(fixture->schema, "order");

	assert_string_equal(children[0], "order_line");
	assert_string_equal(children[1], "remark");
	assert_null(children[2]);
	assert_null(schema_children(fixture->schema, "customer")[0]);
	assert_null(schema_children(fixture->schema, "nothing")[0]);
}

static void
fields_have_types_flags_and_presets(void **state)
{
	const struct table *table = table_of(*state, "order");

	assert_int_equal(table->fields[0].type, TYPE_TEXT);
	assert_int_equal(table->fields[0].flags, FIELD_KEY | FIELD_UNIQUE | FIELD_COMPUTED);
	assert_int_equal(field_of(table, "customer")->type, TYPE_REF);
	assert_string_equal(field_of(table, "customer")->target, "customer");
	assert_string_equal(field_of(table, "state")->preset, "draft");
	assert_string_equal(field_of(table, "state")->choices[2], "paid");
	assert_null(field_of(table, "state")->choices[3]);
	assert_string_equal(field_of(table, "overdue")->preset, "due < today and state = open");
	assert_string_equal(field_of(table, "open")->help, "what is owed");
	assert_int_equal(table_field(table, slice_of("nothing")), SIZE_MAX);
}

static void
a_table_knows_its_special_fields(void **state)
{
	const struct table *order = table_of(*state, "order"), *line = table_of(*state, "order_line");
	const struct table *company = table_of(*state, "company");

	assert_int_equal(order->key, 0);
	assert_int_equal(order->state, 2);
	assert_int_equal(order->parent_field, SIZE_MAX);
	assert_int_equal(order->currency, SIZE_MAX);
	assert_int_equal(company->currency, 1);
	assert_true(company->flags & TABLE_SINGLE);
	assert_int_equal(line->key, SIZE_MAX);
	assert_int_equal(line->state, SIZE_MAX);
}

static void
the_parent_is_the_field_named_so_or_the_first_of_its_type(void **state)
{
	assert_int_equal(table_of(*state, "order_line")->parent_field, 1);
	assert_int_equal(table_of(*state, "remark")->parent_field, 0);
	assert_int_equal(table_of(*state, "remark")->flags, TABLE_CHILD | TABLE_PERSONAL);
}

static void
every_table_ends_with_archived(void **state)
{
	const struct table *table = table_of(*state, "customer");
	const struct field *field = &table->fields[table->field_count - 1];

	assert_int_equal(table->archived, table->field_count - 1);
	assert_string_equal(field->name, "archived");
	assert_int_equal(field->type, TYPE_BOOL);
	assert_int_equal(field->flags, 0);
	assert_string_equal(field->help, "no longer in use: hidden from lists without -a");
}

static void
a_type_is_spelled_as_in_the_file(void **state)
{
	const struct table *table = table_of(*state, "order");
	char out[64], small[8];

	assert_true(slice_is(field_type_text(field_of(table, "customer"), out, sizeof(out)), "ref(customer)"));
	assert_true(
	    slice_is(field_type_text(field_of(table, "state"), out, sizeof(out)), "state(draft open paid)"));
	assert_true(slice_is(field_type_text(field_of(table, "total"), out, sizeof(out)), "money"));
	assert_true(slice_is(field_type_text(field_of(table, "state"), small, sizeof(small)), "state(d"));
}

static void
an_unknown_table_suggests_a_near_one(void **state)
{
	struct fixture *fixture = *state;
	const struct table *table;

	assert_int_equal(schema_table(fixture->schema, "custmer", &table, &fixture->error), STATUS_NO);
	assert_string_equal(fixture->error.faults[0].reason,
	    "no such table: \"custmer\" (did you mean \"customer\"?)");
}

/* --- transitions -------------------------------------------------------- */

static void
a_transition_is_found_by_verb_and_state(void **state)
{
	const struct table *table = table_of(*state, "order");

	assert_int_equal(table->transition_count, 5);
	assert_string_equal(table_transition(table, "confirm", NULL)->to, "open");
	assert_string_equal(table_transition(table, "confirm", NULL)->needs[0], "due");
	assert_string_equal(table_transition(table, "pay", "draft")->help, "in advance");
	assert_string_equal(table_transition(table, "pay", "open")->needs[1], "total");
	assert_null(table_transition(table, "pay", "paid"));
	assert_null(table_transition(table, "nothing", NULL));
}

static void
a_dash_is_a_new_record_and_a_star_any_but_that(void **state)
{
	const struct table *table = table_of(*state, "order");

	assert_true(transition_from(table_transition(table, "quick", "-"), slice_of("")));
	assert_false(transition_from(table_transition(table, "quick", "-"), slice_of("open")));
	assert_true(transition_from(table_transition(table, "reset", NULL), slice_of("paid")));
	assert_false(transition_from(table_transition(table, "reset", NULL), slice_of("")));
	assert_string_equal(table_moves(table, slice_of("open"), slice_of("paid"))->verb, "pay");
	assert_string_equal(table_moves(table, slice_of(""), slice_of("open"))->verb, "quick");
	assert_null(table_moves(table, slice_of(""), slice_of("paid")));
}

/* --- ids ---------------------------------------------------------------- */

static void
ids_are_prefix_and_number(void **state)
{
	const struct table *table = table_of(*state, "order");
	unsigned long long number = 0;
	char out[ID_SIZE];

	assert_true(table_id_parse(table, slice_of("O17"), &number));
	assert_int_equal(number, 17);
	assert_false(table_id_parse(table, slice_of("OL17"), &number));
	assert_false(table_id_parse(table, slice_of("O017"), &number));
	assert_false(table_id_parse(table, slice_of("O"), &number));
	assert_true(slice_is(table_id(table, 18446744073709551615ULL, out), "O18446744073709551615"));
}

static void
what_looks_like_an_id_is_known(void **state)
{
	static const char *const shaped[] = { "C17", "ABCD1" },
				 *const others[] = { "", "C", "C0", "C01", "c17", "ABCDE1", "17", "C17a", "INV-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(shaped) / sizeof(shaped[0]); i++)
		assert_true(id_shaped(slice_of(shaped[i])));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(id_shaped(slice_of(others[i])));
}

/* --- what a store adds -------------------------------------------------- */

static enum status
add_field(struct fixture *fixture, const char *table, const char *field, const char *type, const char *flags)
{
	struct field_text text = { .table = slice_of(table),
		.field = slice_of(field),
		.type = slice_of(type),
		.flags = slice_of(flags),
		.preset = slice_of(""),
		.help = slice_of("added") };

	return schema_add_field(fixture->schema, &text, &fixture->error);
}

static enum status
add_table(struct fixture *fixture, const char *table, const char *prefix, const char *parent, const char *flags)
{
	struct table_text text = { .table = slice_of(table),
		.prefix = slice_of(prefix),
		.parent = slice_of(parent),
		.flags = slice_of(flags),
		.help = slice_of("added") };

	return schema_add_table(fixture->schema, &text, &fixture->error);
}

static void
added_fields_come_before_archived(void **state)
{
	struct fixture *fixture = *state;
	const struct table *table;

	assert_int_equal(add_field(fixture, "customer", "x_region", "enum(north south)", "indexed"), STATUS_OK);
	table = table_of(fixture, "customer");
	assert_int_equal(table_field(table, slice_of("x_region")), table->field_count - 2);
	assert_int_equal(table->archived, table->field_count - 1);
	assert_int_equal(add_field(fixture, "customer", "x_late", "text", ""), STATUS_REFUSED);
}

static void
an_added_table_has_fields_of_any_name(void **state)
{
	struct fixture *fixture = *state;
	const struct table *table;

	assert_int_equal(add_table(fixture, "machine", "MA", "", "personal"), STATUS_OK);
	assert_int_equal(add_field(fixture, "machine", "serial", "text", "key"), STATUS_OK);
	assert_int_equal(add_table(fixture, "repair", "RP", "machine", "child"), STATUS_OK);
	assert_int_equal(add_field(fixture, "repair", "machine", "ref(machine)", "required"), STATUS_OK);
	table = table_of(fixture, "machine");
	assert_int_equal(table->field_count, 2);
	assert_int_equal(table->key, 0);
	assert_int_equal(table->flags, TABLE_PERSONAL);
	assert_int_equal(table_of(fixture, "repair")->parent_field, 0);
	assert_string_equal(schema_children(fixture->schema, "machine")[0], "repair");
	assert_string_equal(schema_names(fixture->schema)[9], "repair");
	assert_string_equal(schema_prefix_table(fixture->schema, slice_of("MA")), "machine");
}

static void
an_added_field_refers_though_tables_csv_does_not_say_so(void **state)
{
	struct fixture *fixture = *state;

	assert_false(schema_refers(fixture->schema, "customer", "order"));
	assert_int_equal(add_field(fixture, "customer", "x_first", "ref(order)", ""), STATUS_OK);
	assert_true(schema_refers(fixture->schema, "customer", "order"));
	assert_true(field_of(table_of(fixture, "customer"), "x_first")->type == TYPE_REF);
	assert_int_equal(add_table(fixture, "machine", "MA", "", ""), STATUS_OK);
	assert_int_equal(add_field(fixture, "machine", "owner", "ref(customer)", ""), STATUS_OK);
	assert_true(schema_refers(fixture->schema, "machine", "customer"));
	assert_false(schema_refers(fixture->schema, "machine", "order"));
}

static void
what_a_store_may_not_add_is_refused(void **state)
{
	static const struct {
		const char *table, *field, *type, *flags, *reason;
	} fields[] = {
		{ "nothing", "x_a", "text", "", "no such table: \"nothing\"" },
		{ "customer", "region", "text", "",
		    "a field added to customer needs a name that begins with x_: \"region\"" },
		{ "customer", "x_A", "text", "", "not a field's name: \"x_A\"" },
		{ "customer", "x_a", "texx", "", "unknown type: \"texx\" (did you mean \"text\"?)" },
		{ "customer", "x_a", "text", "uniqe", "unknown flag: \"uniqe\" (did you mean \"unique\"?)" },
		{ "customer", "x_a", "text", "key",
		    "a field added to a table of bo can be unique, but not its key" },
		{ "customer", "x_a", "state(a b)", "",
		    "states need transitions, which a store can't define: use enum" },
		{ "customer", "x_a", "int", "derived", "a derived field needs an expression as its default" },
		{ "customer", "x_a", "ref(nothing)", "", "no such table: \"nothing\"" },
		{ "customer", "x_a", "enum()", "", "a choice of nothing" },
		{ "customer", "x_a", "enum(a a)", "", "twice the same choice: \"a\"" },
		{ "customer", "x_a", "text(a)", "", "not a type: \"text(a)\"" },
		{ "customer", "x_a", "ref", "", "not a type: \"ref\"" },
		{ "customer", "archived", "bool", "", "every table has \"archived\" by itself" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		assert_int_equal(add_field(fixture, fields[i].table, fields[i].field, fields[i].type,
				     fields[i].flags),
		    STATUS_REFUSED);
		assert_string_equal(fixture->error.faults[0].reason, fields[i].reason);
	}
	assert_int_equal(add_table(fixture, "customer", "X", "", ""), STATUS_REFUSED);
	assert_int_equal(add_table(fixture, "machine", "C", "", ""), STATUS_REFUSED);
	assert_string_equal(fixture->error.faults[0].reason, "the prefix C is taken by customer");
	assert_int_equal(add_table(fixture, "machine", "abc", "", ""), STATUS_REFUSED);
	assert_int_equal(add_table(fixture, "machine", "X", "nothing", "child"), STATUS_REFUSED);
	assert_int_equal(add_table(fixture, "machine", "X", "order", ""), STATUS_REFUSED);
	assert_int_equal(add_table(fixture, "../etc", "X", "", ""), STATUS_REFUSED);
}

static void
a_field_is_added_once(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(add_field(fixture, "customer", "x_a", "text", ""), STATUS_OK);
	assert_int_equal(add_field(fixture, "customer", "x_a", "text", ""), STATUS_REFUSED);
	assert_string_equal(fixture->error.faults[0].reason, "customer has a field \"x_a\" already");
}

/* --- files that are wrong ----------------------------------------------- */

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void
file_put(const char *root, const char *name, const char *text)
{
	char *path = memory_format("%s/%s", root, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

#define TABLES "table,prefix,parent,refers,flags,command,help\n"
#define FIELDS "field,type,flags,default,help\n"
#define VERBS "verb,from,to,needs,help\n"

/* Opens a share of the three files, loads table "a" and gives the reason, behind the directory's name. */
static char *
wrong(const char *tables, const char *fields, const char *flow)
{
	char root[] = "/tmp/bo-schema-XXXXXX", *folder, *reason;
	struct error error = ERROR_INIT;
	const struct table *table;
	struct schema *schema;
	enum status status;

	assert_non_null(mkdtemp(root));
	folder = memory_format("%s/schema", root);
	mkdir(folder, 0700);
	free(folder);
	folder = memory_format("%s/flow", root);
	mkdir(folder, 0700);
	free(folder);
	file_put(root, "tables.csv", tables);
	if (fields != NULL)
		file_put(root, "schema/a.csv", fields);
	if (flow != NULL)
		file_put(root, "flow/a.csv", flow);
	status = schema_open(root, &schema, &error);
	if (status == STATUS_OK)
		status = schema_table(schema, "a", &table, &error);
	assert_int_equal(status, STATUS_SYSTEM);
	reason = error.faults[0].reason;
	assert_memory_equal(reason, root, strlen(root));
	reason = memory_copy(reason + strlen(root) + 1, strlen(reason + strlen(root) + 1));
	schema_close(schema);
	error_release(&error);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return reason;
}

static void
mistakes_in_files_are_named_with_their_line(void **state)
{
	static const struct {
		const char *tables, *fields, *flow, *reason;
	} cases[] = {
		{ "nonsense\n", NULL, NULL,
		    "tables.csv:1: the header is not \"table,prefix,parent,refers,flags,command,help\"" },
		{ "", NULL, NULL,
		    "tables.csv:1: the header is not \"table,prefix,parent,refers,flags,command,help\"" },
		{ TABLES "a,A,,,,,\nb,A,,,,,\n", NULL, NULL, "tables.csv:3: the prefix A is taken by a" },
		{ TABLES "a,A,,,,,\na,B,,,,,\n", NULL, NULL, "tables.csv:3: there is a table \"a\" already" },
		{ TABLES "a,ABCDE,,,,,\n", NULL, NULL,
		    "tables.csv:2: not a prefix of one to four capitals: \"ABCDE\"" },
		{ TABLES "A,A,,,,,\n", NULL, NULL, "tables.csv:2: not a table's name: \"A\"" },
		{ TABLES "a,A,b,,child,,\n", NULL, NULL, "tables.csv:2: no such table: \"b\"" },
		{ TABLES "a,A,a,,child,,\n", NULL, NULL, "tables.csv:2: a table can't be its own parent" },
		{ TABLES "a,A,,,child,,\n", NULL, NULL, "tables.csv:2: a child needs a parent" },
		{ TABLES "a,A,,,chld,,\n", NULL, NULL, "tables.csv:2: unknown flag: \"chld\"" },
		{ TABLES "a,A,,,,\n", NULL, NULL, "tables.csv:2: 6 columns, not 7" },
		{ TABLES "a,A,,,,,\n", NULL, NULL, "schema/a.csv: No such file or directory" },
		{ TABLES "a,A,,,,,\n", FIELDS "x,text,,,\ny,texx,,,\n", NULL,
		    "schema/a.csv:3: unknown type: \"texx\" (did you mean \"text\"?)" },
		{ TABLES "a,A,,,,,\n", FIELDS "x,text,,,\nx,text,,,\n", NULL,
		    "schema/a.csv:3: there is a field \"x\" already" },
		{ TABLES "a,A,,,,,\n", FIELDS "x,text,key,,\ny,text,key,,\n", NULL,
		    "schema/a.csv:3: a table can't have two keys" },
		{ TABLES "a,A,,,,,\n", FIELDS "x,text,derived required,,\n", NULL,
		    "schema/a.csv:2: a derived field is never stored: of the flags it can have hidden alone" },
		{ TABLES "a,A,,,,,\n", FIELDS "x,ref(b),,,\n", NULL, "schema/a.csv:2: no such table: \"b\"" },
		{ TABLES "a,A,,a,,,\nb,B,,,,,\n", FIELDS "x,ref(b),,,\n", NULL,
		    "schema/a.csv:2: tables.csv does not say that a refers to b" },
		{ TABLES "a,A,,,,,\n", FIELDS "id,text,,,\n", NULL,
		    "schema/a.csv:2: every table has \"id\" by itself" },
		{ TABLES "a,A,,,,,\n", FIELDS "x_y,text,,,\n", NULL,
		    "schema/a.csv:2: names that begin with x_ are the stores' own" },
		{ TABLES "a,A,b,,child,,\nb,B,,,,,\n", FIELDS "x,text,,,\n", NULL,
		    "schema/a.csv: a child of b needs a field of type ref(b)" },
		{ TABLES "a,A,,,,,\n", FIELDS "s,state(new old),,,\n", VERBS "go,new,od,,\n",
		    "flow/a.csv:2: no such state: \"od\" (did you mean \"old\"?)" },
		{ TABLES "a,A,,,,,\n", FIELDS "s,state(new old),,,\n", VERBS "go,nwe,old,,\n",
		    "flow/a.csv:2: no such state: \"nwe\" (did you mean \"new\"?)" },
		{ TABLES "a,A,,,,,\n", FIELDS "s,state(new old),,,\n", VERBS "go,- new,old,,\n",
		    "flow/a.csv:2: - stands alone or not at all" },
		{ TABLES "a,A,,,,,\n", FIELDS "s,state(new old),,,\n", VERBS "go,new,old,who,\n",
		    "flow/a.csv:2: no such field: \"who\"" },
		{ TABLES "a,A,,,,,\n", FIELDS "s,state(new old),,,\n",
		    VERBS "go,new,old,,\ngo,old new,new,,\n", "flow/a.csv:3: go from new is there already" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *reason = wrong(cases[i].tables, cases[i].fields, cases[i].flow);

		assert_string_equal(reason, cases[i].reason);
		free(reason);
	}
}

/* --- names that are nearly right ---------------------------------------- */

static void
a_suggestion_is_near_or_absent(void **state)
{
	static const char *const words[] = { "list", "show", "customer", NULL };

	(void)state;
	assert_string_equal(suggest_nearest(slice_of("lsit"), words), "list");
	assert_string_equal(suggest_nearest(slice_of("shwo"), words), "show");
	assert_string_equal(suggest_nearest(slice_of("custoemrs"), words), "customer");
	assert_null(suggest_nearest(slice_of("xyzw"), words));
	assert_null(suggest_nearest(slice_of(""), words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_come_in_the_order_of_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_is_found_by_command_and_prefix, setup, teardown),
		cmocka_unit_test_setup_teardown(children_are_listed_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(fields_have_types_flags_and_presets, setup, teardown),
		cmocka_unit_test_setup_teardown(a_table_knows_its_special_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(the_parent_is_the_field_named_so_or_the_first_of_its_type,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(every_table_ends_with_archived, setup, teardown),
		cmocka_unit_test_setup_teardown(a_type_is_spelled_as_in_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unknown_table_suggests_a_near_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_transition_is_found_by_verb_and_state, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dash_is_a_new_record_and_a_star_any_but_that, setup, teardown),
		cmocka_unit_test_setup_teardown(ids_are_prefix_and_number, setup, teardown),
		cmocka_unit_test(what_looks_like_an_id_is_known),
		cmocka_unit_test_setup_teardown(added_fields_come_before_archived, setup, teardown),
		cmocka_unit_test_setup_teardown(an_added_table_has_fields_of_any_name, setup, teardown),
		cmocka_unit_test_setup_teardown(an_added_field_refers_though_tables_csv_does_not_say_so,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_store_may_not_add_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_field_is_added_once, setup, teardown),
		cmocka_unit_test(mistakes_in_files_are_named_with_their_line),
		cmocka_unit_test(a_suggestion_is_near_or_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_schema_shipped: the tables that come with bo agree with each other */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "record/schema.h"

static void
every_shipped_table_loads(void **state)
{
	struct error error = ERROR_INIT;
	struct schema *schema;
	const struct table *table;

	(void)state;
	assert_int_equal(schema_open("share", &schema, &error), STATUS_OK);
	for (const char *const *name = schema_names(schema); *name != NULL; name++)
		if (schema_table(schema, *name, &table, &error) != STATUS_OK)
			fail_msg("%s", error.faults[0].reason);
	schema_close(schema);
}

static bool
has_reference(const struct table *table, struct slice target)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (table->fields[i].type == TYPE_REF && slice_is(target, table->fields[i].target))
			return true;
	return false;
}

/* That none is missing is checked whenever a table is loaded; here, that none is too many. */
static void
every_shipped_table_refers_to_what_tables_csv_says(void **state)
{
	struct error error = ERROR_INIT;
	struct schema *schema;

	(void)state;
	assert_int_equal(schema_open("share", &schema, &error), STATUS_OK);
	for (const char *const *name = schema_names(schema); *name != NULL; name++) {
		const struct table *table;
		struct slice rest;

		assert_int_equal(schema_table(schema, *name, &table, &error), STATUS_OK);
		for (rest = slice_of(table->refers); rest.length > 0;) {
			struct slice target = slice_cut(&rest, ' ');

			if (!has_reference(table, target) || slice_is(target, table->parent))
				fail_msg("%s: refers: %.*s", *name, (int)target.length, target.data);
		}
	}
	assert_true(schema_refers(schema, "invoice", "customer"));
	assert_true(schema_refers(schema, "invoice_line", "invoice"));
	assert_false(schema_refers(schema, "reminder", "customer"));
	assert_false(schema_refers(schema, "nothing", "customer"));
	schema_close(schema);
}

/* Only a table with a field of type state is looked for one. */
static void
every_shipped_flow_belongs_to_a_table_with_states(void **state)
{
	struct error error = ERROR_INIT;
	struct schema *schema;
	DIR *flows = opendir("share/flow");
	const struct dirent *entry;
	size_t count = 0;

	(void)state;
	assert_non_null(flows);
	assert_int_equal(schema_open("share", &schema, &error), STATUS_OK);
	while ((entry = readdir(flows)) != NULL) {
		const struct table *table;
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		name = memory_copy(entry->d_name, strcspn(entry->d_name, "."));
		if (schema_table(schema, name, &table, &error) != STATUS_OK || table->transition_count == 0)
			fail_msg("share/flow/%s: whose?", entry->d_name);
		free(name);
		count++;
	}
	assert_true(count > 0);
	closedir(flows);
	schema_close(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shipped_table_loads),
		cmocka_unit_test(every_shipped_table_refers_to_what_tables_csv_says),
		cmocka_unit_test(every_shipped_flow_belongs_to_a_table_with_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

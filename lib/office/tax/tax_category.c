#include "office/tax/tax_category.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "stream/csv.h"

enum { FILE_MAX = 1 << 16, COLUMNS = 3 };

static const char *const codes[TAX_CATEGORIES] = {
	[TAX_S] = "S",
	[TAX_Z] = "Z",
	[TAX_E] = "E",
	[TAX_AE] = "AE",
	[TAX_K] = "K",
	[TAX_G] = "G",
	[TAX_O] = "O",
};

const char *
tax_category_code(enum tax_category category)
{
	return codes[category];
}

static bool
find(struct slice code, enum tax_category *category)
{
	for (int i = 0; i < TAX_CATEGORIES; i++)
		if (slice_is(code, codes[i])) {
			*category = (enum tax_category)i;
			return true;
		}
	return false;
}

enum tax_category
tax_category_of(struct slice code, int64_t rate)
{
	enum tax_category category;

	return find(code, &category) ? category : rate != 0 ? TAX_S : TAX_Z;
}

struct rules {
	bool read;
	struct buffer file;
	struct tax_category_rule rules[TAX_CATEGORIES];
};

static void
rules_release(void *memory)
{
	buffer_release(&((struct rules *)memory)->file);
}

static enum status
rules_read(struct rules *rules, const char *path, struct error *error)
{
	struct slice fields[COLUMNS], rest, line;

	if (!file_load(path, &rules->file, FILE_MAX))
		return error_set(error, STATUS_SYSTEM, "%s:", path);
	rest = buffer_slice(&rules->file);
	csv_line(&rest, &line);
	for (size_t number = 2; csv_line(&rest, &line); number++) {
		enum tax_category category;

		if (csv_split(line, fields, COLUMNS) < COLUMNS || !find(fields[0], &category))
			return error_set(error, STATUS_SYSTEM, "%s:%zu: not a category of tax", path, number);
		rules->rules[category] = (struct tax_category_rule){ slice_is(fields[1], "yes"), fields[2] };
	}
	rules->read = true;
	return STATUS_OK;
}

enum status
tax_category_rule(struct view *view, enum tax_category category, const struct tax_category_rule **rule,
    struct error *error)
{
	struct rules *rules = view_memory(view, codes, sizeof *rules, rules_release);
	enum status status = STATUS_OK;

	if (!rules->read) {
		char *path = memory_format("%s/tax/category.csv", schema_share(view_schema(view)));

		status = rules_read(rules, path, error);
		free(path);
	}
	*rule = &rules->rules[category];
	return status;
}

#include "office/tax/tax_form.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "stream/csv.h"

enum { FILE_MAX = 1 << 18, COLUMNS = 9, MILLION = 1000000 };

/* --- the file --------------------------------------------------------------------------- */

/* The first of that name. */
static struct tax_box *
find_box(const struct tax_form *form, struct slice name)
{
	for (size_t i = 0; i < form->count; i++)
		if (slice_equal(form->boxes[i].box, name))
			return &form->boxes[i];
	return NULL;
}

/* Boxes with + or - between them, all of which came before. */
static bool
sum_is_sound(const struct tax_form *form, struct slice sum)
{
	bool box = true;

	for (; sum.length > 0; box = !box) {
		struct slice word = slice_cut(&sum, ' ');

		if (box ? find_box(form, word) == NULL : !slice_is(word, "+") && !slice_is(word, "-"))
			return false;
	}
	return !box;
}

/* Nothing in a form needs quotes but help, which is shown as it stands between them. */
static struct slice
unquoted(struct slice raw)
{
	if (raw.length >= 2 && raw.data[0] == '"')
		return (struct slice){ raw.data + 1, raw.length - 2 };
	return raw;
}

static bool
box_read(const struct tax_form *form, struct slice line, struct tax_box *box)
{
	struct slice fields[COLUMNS];

	if (csv_split(line, fields, COLUMNS) != COLUMNS || fields[0].length == 0)
		return false;
	*box = (struct tax_box){ .box = fields[0],
		.help = unquoted(fields[1]),
		.sales = slice_is(fields[2], "sales"),
		.purchases = slice_is(fields[2], "purchases"),
		.components = fields[3],
		.categories = fields[4],
		.rates = fields[5],
		.base = slice_is(fields[6], "base"),
		.owed = slice_is(fields[6], "owed"),
		.more = find_box(form, fields[0]) != NULL,
		.sum = fields[7],
		.whole = slice_is(fields[8], "whole"),
		.absolute = slice_is(fields[8], "absolute") };
	if (fields[8].length > 0 && !box->whole && !box->absolute)
		return false;
	if (box->sales || box->purchases)
		return (box->base || box->owed || slice_is(fields[6], "tax")) && box->sum.length == 0;
	return !box->more && fields[2].length == 0 && fields[6].length == 0 &&
	    (box->sum.length == 0 || sum_is_sound(form, box->sum));
}

static enum status
form_read(struct tax_form *form, const char *path, struct error *error)
{
	struct slice rest = buffer_slice(&form->file), line;

	csv_line(&rest, &line);
	for (size_t number = 2; csv_line(&rest, &line); number++) {
		struct tax_box box;

		if (!box_read(form, line, &box))
			return error_set(error, STATUS_SYSTEM, "%s:%zu: not a box of a tax return", path, number);
		form->boxes = memory_grow(form->boxes, &form->capacity, form->count, sizeof box);
		form->boxes[form->count++] = box;
	}
	return STATUS_OK;
}

enum status
tax_form_open(struct tax_form *form, const char *share, const char *name, struct error *error)
{
	char *path = memory_format("%s/tax/%s.csv", share, name);
	enum status status;

	*form = (struct tax_form){ .boxes = NULL };
	if (strchr(name, '/') != NULL)
		status = error_set(error, STATUS_NO, "no such form: \"%s\"", name);
	else if (file_load(path, &form->file, FILE_MAX))
		status = form_read(form, path, error);
	else if (errno == ENOENT)
		status = error_set(error, STATUS_NO, "no such form: \"%s\" (%s)", name, path);
	else
		status = error_set(error, STATUS_SYSTEM, "%s:", path);
	free(path);
	return status;
}

void
tax_form_release(struct tax_form *form)
{
	buffer_release(&form->file);
	free(form->boxes);
	form->boxes = NULL;
	form->count = form->capacity = 0;
}

/* --- amounts ------------------------------------------------------------------------------ */

/* Whether word is among words, or these are none. */
static bool
names(struct slice words, struct slice word)
{
	if (words.length == 0)
		return true;
	while (words.length > 0)
		if (slice_equal(slice_cut(&words, ' '), word))
			return true;
	return false;
}

void
tax_form_add(struct tax_form *form, const struct tax_row *row)
{
	for (size_t i = 0; i < form->count; i++) {
		struct tax_box *box = &form->boxes[i];

		if ((row->sales ? box->sales : box->purchases) && names(box->components, row->component) &&
		    names(box->categories, row->category) && names(box->rates, row->rate))
			box->amount += box->base ? row->base : box->owed ? row->owed : row->tax;
	}
}

static int128
sum_of(const struct tax_form *form, struct slice sum)
{
	int128 total = 0;
	int sign = 1;

	while (sum.length > 0) {
		struct slice word = slice_cut(&sum, ' ');

		if (slice_is(word, "-"))
			sign = -1;
		else if (slice_is(word, "+"))
			sign = 1;
		else
			total += sign * find_box(form, word)->amount;
	}
	return total;
}

bool
tax_form_wants_owed(const struct tax_form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->boxes[i].owed)
			return true;
	return false;
}

/* What several lines take becomes one box. */
static void
join(struct tax_form *form)
{
	size_t kept = 0;

	for (size_t i = 0; i < form->count; i++) {
		if (form->boxes[i].more)
			find_box(form, form->boxes[i].box)->amount += form->boxes[i].amount;
		else
			form->boxes[kept++] = form->boxes[i];
	}
	form->count = kept;
}

void
tax_form_total(struct tax_form *form)
{
	join(form);
	for (size_t i = 0; i < form->count; i++) {
		struct tax_box *box = &form->boxes[i];

		if (box->sum.length > 0)
			box->amount = sum_of(form, box->sum);
		if (box->whole)
			box->amount = decimal_divide(box->amount, MILLION) * MILLION;
		if (box->absolute && box->amount < 0)
			box->amount = -box->amount;
	}
}

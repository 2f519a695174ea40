/* check_document: what documents say is what the books say */
#include <stdlib.h>

#include "base/memory.h"
#include "office/check/check.h"
#include "office/document/document.h"
#include "office/help.h"

struct books {
	const struct document_kind *kind;
	struct log *entries, *postings, *documents;
	struct slice control;    /* id of the account that what is owed goes to */
	uint64_t *entry_of;      /* by document: the entry that posted it */
	unsigned char *reversed; /* by entry */
	struct arena kept;
	struct arena arena; /* of the record that is looked at besides */
};

static enum status
mark_reversed(struct checking *checking, const struct record *entry, void *context, struct error *error)
{
	struct books *books = context;
	unsigned long long number;

	(void)checking;
	(void)error;
	if (table_id_parse(entry->log->table, record_named(entry, "reverses"), &number) &&
	    number <= entry->log->count)
		books->reversed[number] = 1;
	return STATUS_OK;
}

/* What an entry puts to the account of what is owed. */
static enum status
owed_by(struct books *books, uint64_t entry, int64_t *units, struct error *error)
{
	size_t count;
	const uint64_t *children = log_children(books->postings, entry, &count);
	enum status status = STATUS_OK;

	*units = 0;
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct record posting;

		arena_reset(&books->arena);
		status = record_read(books->postings, children[i], &books->arena, &posting, error);
		if (status == STATUS_OK && slice_equal(record_named(&posting, "account"), books->control))
			*units += units_or_zero(record_named(&posting, "amount"));
	}
	return status;
}

static enum status
visit_entry(struct checking *checking, const struct record *entry, void *context, struct error *error)
{
	struct books *books = context;
	struct slice source = record_named(entry, "source"), total;
	unsigned long long number;
	struct record document;
	int64_t units;
	enum status status;

	if (!table_id_parse(books->documents->table, source, &number) || number > books->documents->count ||
	    books->reversed[entry->number] || slice_is(record_named(entry, "kind"), "reversal"))
		return STATUS_OK;
	if (books->entry_of[number] != 0)
		check_report(checking, entry->log, entry->number, "source",
		    "%.*s is posted by %s%llu already", (int)source.length, source.data,
		    entry->log->table->prefix, (unsigned long long)books->entry_of[number]);
	books->entry_of[number] = entry->number;
	status = owed_by(books, entry->number, &units, error);
	arena_reset(&books->arena);
	if (status == STATUS_OK)
		status = record_read(books->documents, number, &books->arena, &document, error);
	if (status != STATUS_OK)
		return status;
	total = document_payable(&document);
	if (units != books->kind->sign * units_or_zero(total))
		check_report(checking, entry->log, entry->number, "source",
		    "puts another amount to what is owed than %.*s is about, %.*s", (int)source.length,
		    source.data, (int)total.length, total.data);
	return STATUS_OK;
}

static enum status
check_kind(struct checking *checking, const struct document_kind *kind, struct log *accounts, struct error *error)
{
	struct books books = { .kind = kind };
	uint64_t control = log_find(accounts, table_field(accounts->table, slice_of("use")),
	    slice_of(kind->control));
	char id[ID_SIZE];
	enum status status = view_log(checking->view, "entry", &books.entries, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "posting", &books.postings, error);
	if (status == STATUS_OK)
		status = view_log(checking->view, kind->table, &books.documents, error);
	if (status != STATUS_OK || control == 0)
		return status;
	books.control = arena_copy(&books.kept, table_id(accounts->table, control, id));
	books.entry_of = memory_array(books.documents->count + 1, sizeof *books.entry_of);
	books.reversed = memory_array(books.entries->count + 1, 1);
	status = check_each(checking, books.entries, mark_reversed, &books, error);
	if (status == STATUS_OK)
		status = check_each(checking, books.entries, visit_entry, &books, error);
	free(books.entry_of);
	free(books.reversed);
	arena_release(&books.kept);
	arena_release(&books.arena);
	return status;
}

static enum status
run_documents(struct checking *checking, struct error *error)
{
	struct log *accounts;
	enum status status = view_log(checking->view, "account", &accounts, error);

	if (status == STATUS_OK)
		status = check_kind(checking, &document_invoice, accounts, error);
	return status == STATUS_OK ? check_kind(checking, &document_bill, accounts, error) : status;
}

const struct check check_documents = {
	.name = "documents",
	.help = "an entry puts to receivables or payables what its document comes to, and that once",
	.run = run_documents,
};

/*
 * document: what is owed, from draft to document, by customers and to suppliers.
 *
 * Invoices and bills are the same thing seen from two sides; a document_kind says what
 * differs.  A draft takes what its lines leave open from items, party and company, and its
 * totals follow its lines with every transaction.  Issuing an invoice gives it number, date
 * and due date (see series.h), posting a bill its dates; from then on it stands: no field
 * but `notes` and no line changes, it can't be archived, and a mistake is mended by a
 * credit note.
 *
 * A credit note is a document of kind `credit` that corrects another one.  Its quantities,
 * and so its totals, are negative: sums over documents and what is posted need no cases.
 * All credit notes for a document together never come to more than that.
 *
 * A document that stands carries a copy of whom it is for, or from: name, address, country
 * and tax number (EN 16931: BT-44, BG-8, BT-55, BT-48; BT-27, BG-5, BT-40, BT-31).  It stays
 * when the party is changed or erased, since law demands that the document be kept.  A
 * customer or supplier with documents that stand and are not settled, or drafts, is not
 * erased unless that is forced.
 */
#ifndef OFFICE_DOCUMENT_H
#define OFFICE_DOCUMENT_H

#include "record/rule.h"

struct document_kind {
	const char *table;   /* and the field of its lines that names it */
	const char *lines;   /* their table */
	const char *taxes;   /* that of what tax is on them, see document_tax.h */
	const char *name;    /* as it is called in the books: "invoice" */
	const char *party;   /* the field that names who owes or is owed, and its table */
	const char *price;   /* the field of an item that has the price of a line */
	const char *stands;  /* the state that a draft enters when it becomes a document */
	const char *copies;  /* what the fields begin with that copy the party: "bill_" */
	bool numbered;       /* its numbers are given out here, not by the other side */
	const char *control; /* uses of accounts: what is owed, */
	const char *result;  /* what was sold or bought, where a line names no account, */
	const char *tax;     /* and the tax on it */
	int sign;            /* what is owed is a debit (1) or a credit (-1) */
};

extern const struct document_kind document_invoice, document_bill;
/* The kind whose documents or lines are in table; NULL when it has neither. */
const struct document_kind *document_kind_of(const char *table);

/* Whether what is neither a draft nor void: it counts, and is owed until it is settled. */
bool document_stands(struct slice status);
/*
 * What a bill is called by the other side, and with whom it is, in one value: letters and
 * digits only, so that RE-2026/17 and re 2026 17 are the same.  It lies in arena.
 */
struct slice document_identity(struct slice party, struct slice number, struct arena *arena);
/* Whether draft is one that becomes a document with this revision. */
bool draft_issues(const struct draft *draft);

/* What is to be settled, as a document that stands has it stored (from before there was more: its total). */
struct slice document_payable(const struct record *document);

extern const struct rule rule_invoice, rule_invoice_line, rule_bill, rule_bill_line;

#endif

/*
 * check: what must hold between the records of a store, whoever wrote them.
 *
 * Commands refuse what breaks a rule; checks find it afterwards, in a store that
 * was written by something else, or by a bo that knew less.  Each domain adds its
 * own to office_checks, with a name and one sentence that says what is true.  A
 * check reads every table it is about once, so that its time is linear.
 */
#ifndef OFFICE_CHECK_H
#define OFFICE_CHECK_H

#include "record/view.h"

/* What is wrong, and where.  Lives until the callback returns. */
struct finding {
	const char *check, *table, *field; /* field may be "" */
	struct slice id;
	struct slice text; /* one line, no full stop */
};

typedef void finding_visit(const struct finding *finding, void *context);

/* A run of checks over a view. */
struct checking {
	struct view *view;
	const struct check *check; /* the one that runs */
	finding_visit *visit;
	void *context;
	struct arena arena; /* of the record that is looked at; the check resets it */
};

struct check {
	const char *name;
	const char *help; /* what is true where it finds nothing */
	/* Reports findings; STATUS_OK unless it could not look (STATUS_SYSTEM). */
	enum status (*run)(struct checking *checking, struct error *error);
};

extern const struct check *const office_checks[]; /* NULL-ended */

/* Beside their domains. */
extern const struct check check_references, check_parents, check_unique, check_required, check_spelling;
extern const struct check check_flows, check_fixed;
extern const struct check check_lines, check_blobs;
extern const struct check check_totals, check_series;
extern const struct check check_stock;
extern const struct check check_tax, check_tax_accounts;
extern const struct check check_balance, check_periods, check_documents, check_settlement, check_events;
extern const struct check check_exchange;
extern const struct check check_prepayments, check_reminders;

/* STATUS_USAGE, with a suggestion, for a name that no check has. */
enum status check_names(const char *const *names, size_t count, struct error *error);

/*
 * Runs the checks that are named, or all when there are no names, on all processors; visit
 * gets what they find in their order.  *findings is how many there were.
 */
enum status check_run(struct view *view, const char *const *names, size_t count, finding_visit *visit,
    void *context, size_t *findings, struct error *error);

/* One finding about a record; field may be NULL. */
void check_report(struct checking *checking, const struct log *log, uint64_t number, const char *field,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Calls visit for the newest revision of every record of a log that has not been erased. */
typedef enum status check_visit(struct checking *checking, const struct record *record, void *context,
    struct error *error);
enum status check_each(struct checking *checking, struct log *log, check_visit *visit, void *context,
    struct error *error);

/*
 * Calls visit for the value, empty or not, of every field that concerns the check, record
 * by record through every table that has any.
 */
typedef bool check_concern(const struct table *table, size_t field);
typedef enum status check_value_visit(struct checking *checking, const struct record *record, size_t field,
    struct slice value, void *context, struct error *error);
enum status check_values(struct checking *checking, check_concern *concern, check_value_visit *visit,
    void *context, struct error *error);

#endif

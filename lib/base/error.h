/*
 * error: the one way to fail.
 *
 * A library function returns an enum status and fills in a struct error; only
 * commands print one and exit with its status.  Data faults pile up, so that
 * one run names everything that is wrong with an input; a failure of any other
 * kind stands alone.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>

/* The exit statuses of every command, see bo(7). */
enum status {
	STATUS_OK = 0,         /* done */
	STATUS_NO = 1,         /* the answer is no: no such record, differences, end of input */
	STATUS_USAGE = 2,      /* the command line makes no sense */
	STATUS_REFUSED = 3,    /* bad data, illegal transition, conflict: nothing written */
	STATUS_SYSTEM = 4,     /* the system failed, or the store is damaged: nothing written */
	STATUS_UNKNOWN = 5,    /* it may or may not have been written: run again with the same --key */
	STATUS_UNREPORTED = 6, /* written, but standard output failed */
	STATUS_BUSY = 75       /* somebody else held the store for too long: try again */
};

enum { ERROR_FAULTS_KEPT = 100 }; /* more are counted only */

/* Where a fault lies.  Any part may be absent (NULL, 0). */
struct place {
	const char *source; /* file name, or "-" for standard input */
	uintmax_t line;     /* physical line, from 1 */
	const char *field;  /* column or field name */
};

struct fault {
	char *source; /* owned; NULL when it is not about an input */
	uintmax_t line;
	char *field;  /* owned; NULL when it is not about one field */
	char *reason; /* owned; one line, no full stop */
};

struct error {
	enum status status;
	size_t count; /* faults kept */
	size_t total; /* faults seen */
	struct fault *faults;
};

#define ERROR_INIT { .status = STATUS_OK }

void error_release(struct error *error);

/* Forgets everything, ready to be used again. */
void error_clear(struct error *error);

/*
 * Replaces what was there by a single failure and returns status.  A format
 * that ends in ':' gets a space and strerror(errno) appended.
 */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum status error_vset(struct error *error, enum status status, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/*
 * Adds one data fault at place (which may be NULL) and returns STATUS_REFUSED;
 * where a failure of another kind stands it changes nothing and returns that.
 * Values from outside are quoted in the text by the caller as "…"; control
 * bytes in it are made visible when it is printed, not here.
 */
enum status error_add(struct error *error, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts faults of one source in the order of its lines; what has no line stays where it is. */
void error_sort(struct error *error);

/* Puts "what: " before the reason of the failure that is there; returns its status. */
enum status error_prefix(struct error *error, const char *what);

#endif

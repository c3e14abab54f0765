// What the parts of the guard have in common.
#pragma once
#include <stdbool.h>
#include <stddef.h>

/** Milliseconds since the boot of the machine, time spent suspended included (CLOCK_BOOTTIME). */
long long now_ms(void);
void rest_ms(long long ms);

/** A line for the log. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Carries out instructions until all of them show their effect. Runs in a process of its own and ends it. */
_Noreturn void sever(char *words, size_t size, long long deadline_ms);

// Each looks, acts, and says whether there was nothing to be done. What hangs keeps only the process waiting that severs one service.

/** Visits every process that has the entry `NAME=VALUE` in its environment; false where that cannot be known. */
bool each_process(const char *entry, void (*visit)(int pid, void *with), void *with);
/** No process has the entry `NAME=VALUE` in its environment. */
bool no_process(const char *entry);
/** Nothing is mounted at the point or below it. Never lazily: what is unmounted is no longer written to. */
bool no_mount(const char *point);
/** The interface does not have the address. */
bool no_address(const char *device, const char *ip);
/**
 * No network namespace of a process that has the entry in its environment has the address; the node's own is left alone. It comes before the
 * processes are ended: a namespace may outlive them, as long as the kernel tries to tell the last client that its connection is closed.
 */
bool no_address_inside(const char *entry, const char *ip);
/** No loop device is on the file. */
bool no_loop(const char *file);

/** Is this node all of its machine? A process namespace of its own shares it with others: what resets the machine is not for it. */
bool is_own_machine(void);

// The watchdog. `watchdog_path` is null where none is wanted.

extern const char *watchdog_path;
void set_watchdog_period(long long ms);
bool is_armed(void);
/** Opens it, unless it is open, and feeds it; false with a sentence where that is not possible. */
bool arm(long long now, char *why, size_t size);
/** It may be closed without a reset of the machine. */
void disarm(void);
/** Feeds it where that is due and the end is not reached; answers when to come again, or 0. */
long long feed_until(long long now, long long end_ms);

// What is held. `answer` sends a line to the client.

extern const char *directory;
extern const char *reset_path;
/** `lacks WHAT` on a line each: what this guard has to do without. */
extern char lacks[512];
void answer(const char *text, size_t length);
void extend_lease(long long end_ms);
void set_stop_max(long long ms);
void set_self_fence(const char *word);
/** For how long after the end of the lease the watchdog is fed while anything is still held. */
void set_watchdog_grace(long long ms);
void hold(const char *name);
void release(const char *name);
void tell_status(void);
bool holds_nothing(void);
bool is_severing(void);
/** Children that have ended are looked at. */
void mourn(void);
/** Does what is due; answers when something is due again, or 0. */
long long turn(long long now);

// What is held, until when, and what happens then.
#define _GNU_SOURCE
#include "guard.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELD_MAX = 1024, WORDS_MAX = 1 << 18, NAME_SIZE = 128, AGAIN_MS = 1000, UNARMED_MS = 10000 };

struct held {
  char name[NAME_SIZE];
  char *words;
  size_t size;
  /** The process that ends it; 0 while there is none. */
  pid_t child;
  /** When it was told: where the lease is over already, its time counts from here. */
  long long since_ms;
  /** When it must be over; 0 while it is not being ended. */
  long long deadline_ms;
  /** Not before then is another child begun. */
  long long again_ms;
  bool fenced;
};

static struct held held[HELD_MAX];
static int held_count;
static long long lease_end_ms;
static long long stop_max_ms = 2300;
static long long watchdog_grace_ms;
/** While it cannot be armed, it is tried again then. */
static long long arm_again_ms;
static enum { FENCE_STOP, FENCE_REBOOT, FENCE_WATCHDOG } self_fence;

void extend_lease(long long end_ms) {
  if (end_ms > lease_end_ms) lease_end_ms = end_ms;
}

void set_stop_max(long long ms) { stop_max_ms = ms; }

void set_watchdog_grace(long long ms) { watchdog_grace_ms = ms; }

void set_self_fence(const char *word) {
  bool reboots = strcmp(word, "reboot") == 0;
  self_fence = reboots ? FENCE_REBOOT : strcmp(word, "watchdog") == 0 ? FENCE_WATCHDOG : FENCE_STOP;
}

bool holds_nothing(void) { return held_count == 0; }

static void tell(const char *word, const char *name) {
  char text[NAME_SIZE + 64];
  int length = snprintf(text, sizeof text, "%s %.*s\n", word, NAME_SIZE, name);
  answer(text, (size_t)length);
}

static void refuse(const char *name, const char *why) {
  char text[NAME_SIZE + 512];
  int length = snprintf(text, sizeof text, "refused %.*s %.400s\n", NAME_SIZE, name, why);
  answer(text, (size_t)length);
}

static struct held *find(const char *name) {
  for (int i = 0; i < held_count; i += 1)
    if (strcmp(held[i].name, name) == 0) return &held[i];
  return NULL;
}

static void drop(struct held *one) {
  free(one->words);
  *one = held[--held_count];
}

/** The instructions in RUNDIR/guard/NAME; null where they cannot be read. They are kept in memory: later the disk may hang. */
static char *words_of(const char *name, size_t *size) {
  char path[4096];
  snprintf(path, sizeof path, "%s/guard/%s", directory, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  char *words = file < 0 ? NULL : malloc(WORDS_MAX);
  ssize_t length = words == NULL ? -1 : read(file, words, WORDS_MAX);
  if (file >= 0) close(file);
  bool whole = length == 0 || (length > 1 && length < WORDS_MAX && words[length - 1] == 0 && words[length - 2] == 0);
  if (whole) {
    *size = (size_t)length;
    return realloc(words, (size_t)length + 1);
  }
  free(words);
  return NULL;
}

void hold(const char *name) {
  struct held *one = find(name);
  if (one != NULL && one->deadline_ms != 0) return tell("held", name);
  if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL || strlen(name) >= NAME_SIZE)
    return refuse(name, "that is no name of a service");
  char why[400];
  // What is held already goes on being held.
  if (one == NULL && self_fence == FENCE_WATCHDOG && !arm(now_ms(), why, sizeof why)) return refuse(name, why);
  size_t size = 0;
  char *words = words_of(name, &size);
  if (words == NULL) return refuse(name, "its instructions cannot be read");
  if (one == NULL && held_count == HELD_MAX) {
    free(words);
    return refuse(name, "the guard holds as many services as it can");
  }
  if (one == NULL) {
    one = &held[held_count++];
    *one = (struct held){.since_ms = now_ms()};
    snprintf(one->name, sizeof one->name, "%s", name);
  }
  free(one->words);
  one->words = words;
  one->size = size;
  tell("held", name);
}

void release(const char *name) {
  struct held *one = find(name);
  if (one != NULL) {
    if (one->child != 0) kill(one->child, SIGKILL);
    drop(one);
  }
  tell("released", name);
}

/** `status END reset|watchdog:DEVICE|- NAME NAME …`, after what it lacks: a daemon that does not know that line passes it over. */
void tell_status(void) {
  static char text[HELD_MAX * (NAME_SIZE + 1) + 2048];
  const char *means = reset_path != NULL ? "reset" : watchdog_path != NULL ? "watchdog:" : "-";
  const char *device = reset_path == NULL && watchdog_path != NULL ? watchdog_path : "";
  int length = snprintf(text, sizeof text, "status %lld %s%.1024s", lease_end_ms, means, device);
  for (int i = 0; i < held_count; i += 1)
    length += snprintf(text + length, sizeof text - (size_t)length, " %s", held[i].name);
  text[length++] = '\n';
  if (lacks[0] != '\0') answer(lacks, strlen(lacks));
  answer(text, (size_t)length);
}

bool is_severing(void) {
  for (int i = 0; i < held_count; i += 1)
    if (held[i].deadline_ms != 0) return true;
  return false;
}

static void begin_severing(struct held *one, long long now) {
  if (one->deadline_ms == 0) {
    // A machine that stood still has no more time than the others gave it: from then on they may start what it holds.
    one->deadline_ms = (one->since_ms > lease_end_ms ? one->since_ms : lease_end_ms) + stop_max_ms;
    say("the lease is over: %s is ended by force", one->name);
  }
  one->again_ms = now + AGAIN_MS;
  pid_t child = fork();
  if (child != 0) {
    one->child = child < 0 ? 0 : child;
    return;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  close_range(3, ~0U, 0);
  sever(one->words, one->size, now + stop_max_ms);
}

static void reset_machine(void) {
  if (reset_path == NULL) return say("this node is to be reset, and nothing was named that does it");
  if (strncmp(reset_path, "/proc/", 6) == 0 && !is_own_machine())
    return say("this node is to be reset, and is only part of a machine: %s is left alone", reset_path);
  int file = open(reset_path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, "b", 1) != 1) say("%s could not be written", reset_path);
  if (file >= 0) close(file);
}

/** What was not ended in time is answered as the cluster's configuration says. */
static void fence(struct held *one) {
  one->fenced = true;
  say("%s was not ended in its time after the lease's end", one->name);
  switch (self_fence) {
    case FENCE_STOP:
      return say("%s: trying on each second; another node may start it meanwhile", one->name);
    case FENCE_REBOOT:
      say("%s: this node is reset now", one->name);
      return reset_machine();
    case FENCE_WATCHDOG:
      return say("%s: %s", one->name, is_armed() ? "the watchdog resets this node" : "there is no watchdog that would reset this node");
  }
}

void mourn(void) {
  int status;
  for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    struct held *one = NULL;
    for (int i = 0; i < held_count; i += 1)
      if (held[i].child == child) one = &held[i];
    if (one == NULL) continue;
    one->child = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) continue;
    say("%s is ended", one->name);
    tell("severed", one->name);
    drop(one);
  }
}

/** The watchdog is armed while anything is held, and not fed where that is held for too long. Answers when something is due again, or 0. */
static long long watch_over(long long now) {
  if (self_fence != FENCE_WATCHDOG || holds_nothing()) {
    disarm();
    return 0;
  }
  char why[400];
  if (!is_armed() && now >= arm_again_ms && !arm(now, why, sizeof why)) {
    arm_again_ms = now + UNARMED_MS;
    say("%s", why);
  }
  return is_armed() ? feed_until(now, lease_end_ms + watchdog_grace_ms) : arm_again_ms;
}

long long turn(long long now) {
  long long next = watch_over(now);
  for (int i = 0; i < held_count; i += 1) {
    struct held *one = &held[i];
    bool over = one->deadline_ms != 0 || now >= lease_end_ms;
    if (over && one->child == 0 && now >= one->again_ms) begin_severing(one, now);
    if (one->deadline_ms != 0 && !one->fenced && now >= one->deadline_ms) fence(one);
    long long due = one->deadline_ms == 0 ? lease_end_ms
                    : !one->fenced        ? one->deadline_ms
                    : one->child == 0     ? one->again_ms
                                          : 0;
    if (one->deadline_ms != 0 && one->child == 0 && one->again_ms < due) due = one->again_ms;
    if (due != 0 && (next == 0 || due < next)) next = due;
  }
  return next;
}


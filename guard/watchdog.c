// The watchdog: resets the machine once nobody feeds it any more. It covers what the guard itself cannot: a machine that hangs or is paused
// as a whole, and what does not end by force. It is fed by the guard alone, and only while what is held may be held.
#define _GNU_SOURCE
#include "guard.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FEEDS_A_PERIOD = 3 };

const char *watchdog_path;
static int device = -1;
static long long period_ms = 2000;
static long long feed_again_ms;
static bool starves;

bool is_armed(void) { return device >= 0; }

/** What the device answers as its period, in whole seconds as it counts; what is no device of the kernel counts as it was told. */
static bool takes_period(char *why, size_t size) {
  struct stat kind;
  if (fstat(device, &kind) == 0 && !S_ISCHR(kind.st_mode)) return true;
  int seconds = (int)(period_ms / 1000);
  int counted = 0;
  ioctl(device, WDIOC_SETTIMEOUT, &seconds);
  if (ioctl(device, WDIOC_GETTIMEOUT, &counted) == 0 && counted * 1000LL == period_ms) return true;
  snprintf(why, size, "the watchdog %s counts %d s and does not take %lld s: set node.watchdog_period to what it takes (wdctl tells)",
           watchdog_path, counted, period_ms / 1000);
  return false;
}

void set_watchdog_period(long long ms) {
  if (ms == period_ms) return;
  period_ms = ms;
  char why[400];
  // One that counts on with the former period would come too late, or too soon.
  if (is_armed() && !takes_period(why, sizeof why)) say("%s", why);
}

/** Where it cannot be opened, the reason and the next step. */
static void explain(char *why, size_t size) {
  if (errno == EBUSY)
    snprintf(why, size, "the watchdog %s is held by another process: end what feeds it (fuser -v %s names it), or set node.watchdog_dev",
             watchdog_path, watchdog_path);
  else if (errno == ENOENT)
    snprintf(why, size, "there is no watchdog %s: load its module (softdog where there is no hardware), or set node.watchdog_dev", watchdog_path);
  else
    snprintf(why, size, "the watchdog %s cannot be opened: %s", watchdog_path, strerror(errno));
}

static void feed(long long now) {
  feed_again_ms = now + period_ms / FEEDS_A_PERIOD;
  if (write(device, ".", 1) != 1) say("the watchdog %s could not be fed: %s", watchdog_path, strerror(errno));
}

bool arm(long long now, char *why, size_t size) {
  if (is_armed()) return true;
  if (watchdog_path == NULL) {
    snprintf(why, size, "no watchdog was named to the guard");
    return false;
  }
  if (strncmp(watchdog_path, "/dev/watchdog", 13) == 0 && !is_own_machine()) {
    snprintf(why, size, "this node is only part of a machine: %s is left alone, set node.watchdog_dev to one of its own", watchdog_path);
    return false;
  }
  device = open(watchdog_path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) {
    explain(why, size);
    return false;
  }
  if (!takes_period(why, size)) {
    disarm();
    return false;
  }
  starves = false;
  say("the watchdog %s is armed: it resets this node %lld ms after it was last fed", watchdog_path, period_ms);
  feed(now);
  return true;
}

void disarm(void) {
  if (!is_armed()) return;
  // Only with this as the last word does the end of the device's use disarm it: the end of the guard does not.
  if (write(device, "V", 1) != 1) say("the watchdog %s could not be disarmed: %s", watchdog_path, strerror(errno));
  close(device);
  device = -1;
  say("the watchdog %s is disarmed", watchdog_path);
}

long long feed_until(long long now, long long end_ms) {
  if (!is_armed()) return 0;
  if (now >= end_ms) {
    if (!starves) say("the watchdog %s is not fed any more: this node is reset unless all that is held is ended first", watchdog_path);
    starves = true;
    return 0;
  }
  starves = false;
  if (now >= feed_again_ms) feed(now);
  return feed_again_ms < end_ms ? feed_again_ms : end_ms;
}

// The guard: knows when this node's lease ends, and ends what the node holds by force when that time comes, whether omd lives, hangs or is
// gone. It must never wait for anything: what could hang is done by a child for each service, and the answer to a child that hangs is the
// reset of the machine, where the configuration allows one.
#define _GNU_SOURCE
#include "guard.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 4096 };

const char *directory;
const char *reset_path;
char lacks[512];
static int client = -1;
static char line[LINE_SIZE];
static size_t line_length;

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void rest_ms(long long ms) {
  struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&rest, NULL);
}

void say(const char *format, ...) {
  char text[1024];
  va_list values;
  va_start(values, format);
  vsnprintf(text, sizeof text, format, values);
  va_end(values);
  time_t seconds = time(NULL);
  struct tm utc;
  gmtime_r(&seconds, &utc);
  char date[32];
  strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  dprintf(STDERR_FILENO, "%s guard: %s\n", date, text);
}

static void hang_up(void) {
  if (client >= 0) close(client);
  client = -1;
  line_length = 0;
}

/** A client that does not read is none. */
void answer(const char *text, size_t length) {
  if (client >= 0 && send(client, text, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length) hang_up();
}

/** With anything held, the watchdog goes on counting, and the next guard has to be in time; unless that one has another, or none. */
static _Noreturn void leave(bool disarmed) {
  if (disarmed || holds_nothing()) disarm();
  exit(0);
}

static void obey(char *words) {
  char *value = strchr(words, ' ');
  value = value == NULL ? words + strlen(words) : (*value = '\0', value + 1);
  if (strcmp(words, "lease") == 0) extend_lease(atoll(value));
  if (strcmp(words, "hold") == 0) hold(value);
  if (strcmp(words, "release") == 0) release(value);
  if (strcmp(words, "status") == 0) tell_status();
  if (strcmp(words, "stop-max") == 0) set_stop_max(atoll(value));
  if (strcmp(words, "self-fence") == 0) set_self_fence(value);
  if (strcmp(words, "watchdog-period") == 0) set_watchdog_period(atoll(value));
  if (strcmp(words, "watchdog-grace") == 0) set_watchdog_grace(atoll(value));
  if (strcmp(words, "leave") == 0 && !is_severing()) leave(strcmp(value, "disarmed") == 0);
}

static void listen_to_client(void) {
  ssize_t got = recv(client, line + line_length, sizeof line - line_length, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return hang_up();
  line_length += (size_t)got;
  char *begin = line;
  for (char *end; client >= 0 && (end = memchr(begin, '\n', line_length - (size_t)(begin - line))) != NULL;) {
    *end = '\0';
    obey(begin);
    begin = end + 1;
  }
  if (client < 0) return;
  line_length -= (size_t)(begin - line);
  memmove(line, begin, line_length);
  if (line_length == sizeof line) hang_up();
}

static int listening(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (snprintf(name.sun_path, sizeof name.sun_path, "%s/guard.sock", directory) >= (int)sizeof name.sun_path) return -1;
  int door = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlink(name.sun_path);
  return bind(door, (struct sockaddr *)&name, sizeof name) == 0 && listen(door, 8) == 0 ? door : -1;
}

/** One guard for a directory: the lock lasts as long as its process. */
static bool is_alone(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s/guard.lock", directory);
  int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) return false;
  snprintf(path, sizeof path, "%s/guard.log", directory);
  int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log >= 0) dup2(log, STDERR_FILENO);
  return true;
}

bool is_own_machine(void) {
  char name[64] = {0};
  return readlink("/proc/self/ns/pid", name, sizeof name - 1) > 0 && strcmp(name, "pid:[4026531836]") == 0;
}

/** Goes on without; the daemon is told with each status. */
static void do_without(const char *what) {
  const char *why = strerror(errno);
  say("%s: %s", what, why);
  size_t length = strlen(lacks);
  snprintf(lacks + length, sizeof lacks - length, "lacks %s: %s\n", what, why);
}

/** Memory, processor and the killer of processes: none of them keeps the guard from its work. What is not allowed is done without. */
static void take_precedence(void) {
  setsid();
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) do_without("its memory cannot be locked");
  struct sched_param priority = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &priority) != 0 && setpriority(PRIO_PROCESS, 0, -20) != 0)
    do_without("it does not run before other processes");
  int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0 || write(score, "-1000", 5) != 5) do_without("it may be ended when memory is short");
  if (score >= 0) close(score);
  for (int ignored[] = {SIGHUP, SIGINT, SIGPIPE}, i = 0; i < 3; i += 1) signal(ignored[i], SIG_IGN);
}

static void keep_watch(int door, int timer, int children) {
  for (;;) {
    long long next = turn(now_ms());
    struct itimerspec at = {.it_value = {next / 1000, next % 1000 * 1000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    struct pollfd waits[] = {{door, POLLIN, 0}, {timer, POLLIN, 0}, {children, POLLIN, 0}, {client, POLLIN, 0}};
    poll(waits, 4, -1);
    char spent[sizeof(struct signalfd_siginfo)];
    while (read(timer, spent, 8) > 0) continue;
    while (read(children, spent, sizeof spent) > 0) {
      // Nothing is left alone because somebody asks politely; what holds nothing may go.
      if (((struct signalfd_siginfo *)spent)->ssi_signo == SIGTERM && holds_nothing()) leave(false);
    }
    mourn();
    if (waits[3].revents != 0 && client >= 0) listen_to_client();
    int newer = waits[0].revents == 0 ? -1 : accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (newer < 0) continue;
    hang_up();
    client = newer;
  }
}

int main(int count, char *words[]) {
  for (int i = 1; i + 1 < count; i += 2) {
    if (strcmp(words[i], "--dir") == 0) directory = words[i + 1];
    if (strcmp(words[i], "--reset") == 0) reset_path = words[i + 1];
    if (strcmp(words[i], "--watchdog") == 0) watchdog_path = words[i + 1];
  }
  if (directory == NULL) {
    dprintf(STDERR_FILENO, "usage: longshore-guard --dir RUNDIR [--reset FILE] [--watchdog DEVICE]\n");
    return 2;
  }
  umask(0077);
  if (!is_alone()) return 3;
  take_precedence();
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  sigprocmask(SIG_BLOCK, &watched, NULL);
  int door = listening();
  int timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  int children = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
  if (door < 0 || timer < 0 || children < 0) {
    say("it cannot begin in %s: %s", directory, strerror(errno));
    return 1;
  }
  keep_watch(door, timer, children);
}

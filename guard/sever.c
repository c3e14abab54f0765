// Ends one service by force: carries its instructions out, in rounds, until a whole round found nothing left to do.
#define _GNU_SOURCE
#include "guard.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  WORDS_OF_ONE = 64,
  /** Between two rounds, while there is time, and after it. */
  SOON_MS = 50,
  LATER_MS = 1000,
  /** A command has this long at least. */
  COMMAND_MS = 1000,
  COMMAND_POLL_MS = 2,
  KILLED_POLL_MS = 5,
  /** SIGKILL works within this time, or the process hangs in the kernel. */
  KILLED_MS = 500,
  SAY_EVERY_MS = 10000,
};

static const char PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static _Noreturn void become(char *argv[]) {
  setpgid(0, 0);
  // Released meanwhile, the service may start again: nothing of this may then still be under way.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, 0);
  dup2(nothing, 1);
  setenv("PATH", PATH, 1);
  setenv("LC_ALL", "C", 1);
  execvp(argv[0], argv);
  _exit(127);
}

static bool succeeds(char *argv[], long long until_ms) {
  pid_t pid = fork();
  if (pid == 0) become(argv);
  if (pid < 0) return false;
  int status = 0;
  bool killed = false;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    rest_ms(COMMAND_POLL_MS);
    if (now_ms() < until_ms) continue;
    if (killed) return false;
    kill(-pid, SIGKILL);
    killed = true;
    until_ms = now_ms() + KILLED_MS;
  }
  return !killed && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_there(const char *path) {
  struct stat found;
  return lstat(path, &found) == 0;
}

static bool kills(const char *entry) {
  long long until_ms = now_ms() + KILLED_MS;
  while (!no_process(entry)) {
    if (now_ms() >= until_ms) return false;
    rest_ms(KILLED_POLL_MS);
  }
  return true;
}

/** Carries one instruction out: `@` names what the guard does itself, anything else is a command. */
static bool done(char *argv[], int count, long long deadline_ms) {
  long long until_ms = now_ms() + COMMAND_MS;
  if (until_ms < deadline_ms) until_ms = deadline_ms;
  if (argv[0][0] != '@') return succeeds(argv, until_ms);
  if (strcmp(argv[0], "@kill") == 0 && count == 2) return kills(argv[1]);
  if (strcmp(argv[0], "@umount") == 0 && count == 2) return no_mount(argv[1]);
  if (strcmp(argv[0], "@loop") == 0 && count == 2) return no_loop(argv[1]);
  if (strcmp(argv[0], "@address") == 0 && count == 3) return no_address(argv[1], argv[2]);
  if (strcmp(argv[0], "@address-inside") == 0 && count == 3) return no_address_inside(argv[1], argv[2]);
  if (strcmp(argv[0], "@while") == 0 && count > 2) {
    if (!is_there(argv[1])) return true;
    (void)succeeds(argv + 2, until_ms);
    return !is_there(argv[1]);
  }
  say("there is no instruction %s with %d words", argv[0], count - 1);
  return false;
}

/** One round; the first instruction that showed no effect is named in `failed`. What comes behind it is tried all the same. */
static bool round_of(char *words, size_t size, long long deadline_ms, const char **failed) {
  *failed = NULL;
  for (char *word = words; word < words + size;) {
    char *argv[WORDS_OF_ONE + 1];
    int count = 0;
    for (; *word != '\0'; word += strlen(word) + 1)
      if (count < WORDS_OF_ONE) argv[count++] = word;
    word += 1;
    argv[count] = NULL;
    if (count > 0 && !done(argv, count, deadline_ms) && *failed == NULL) *failed = argv[count - 1];
  }
  return *failed == NULL;
}

void sever(char *words, size_t size, long long deadline_ms) {
  long long say_again_ms = deadline_ms;
  // Twice: what was under way when it was ended may have begun something.
  for (int clean = 0; clean < 2;) {
    const char *failed;
    clean = round_of(words, size, deadline_ms, &failed) ? clean + 1 : 0;
    long long now = now_ms();
    if (failed != NULL && now >= say_again_ms) {
      say("still not released: %s", failed);
      say_again_ms = now + SAY_EVERY_MS;
    }
    if (clean < 2) rest_ms(now < deadline_ms || clean == 1 ? SOON_MS : LATER_MS);
  }
  _exit(0);
}

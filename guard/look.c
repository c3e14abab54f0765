// What holds something, read from the kernel itself, and how it is made to let go.
#define _GNU_SOURCE
#include "guard.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

enum { MOUNTS_MAX = 256 };

static bool has_entry(const char *pid, const char *entry) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.20s/environ", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  char *word = NULL;
  size_t room = 0;
  bool found = false;
  while (!found && getdelim(&word, &room, '\0', file) > 0) found = strcmp(word, entry) == 0;
  free(word);
  fclose(file);
  return found;
}

bool each_process(const char *entry, void (*visit)(int pid, void *with), void *with) {
  DIR *processes = opendir("/proc");
  if (processes == NULL) return false;
  for (struct dirent *one; (one = readdir(processes)) != NULL;) {
    pid_t pid = isdigit((unsigned char)one->d_name[0]) ? atoi(one->d_name) : 0;
    if (pid > 1 && pid != getpid() && pid != getppid() && has_entry(one->d_name, entry)) visit(pid, with);
  }
  closedir(processes);
  return true;
}

static void end(int pid, void *none) {
  kill(pid, SIGKILL);
  *(bool *)none = false;
}

bool no_process(const char *entry) {
  bool none = true;
  return each_process(entry, end, &none) && none;
}

/** The kernel writes a space in a path as \040, and so on. */
static void unescape(char *text) {
  char *to = text;
  for (const char *from = text; *from != '\0'; to += 1) {
    bool octal = from[0] == '\\' && isdigit((unsigned char)from[1]) && from[2] != '\0' && from[3] != '\0';
    *to = octal ? (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0')) : *from;
    from += octal ? 4 : 1;
  }
  *to = '\0';
}

static bool is_below(const char *path, const char *point) {
  size_t length = strlen(point);
  return strncmp(path, point, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/** Mounts at the point and below it, in the order in which they were made. */
static int mounts_below(const char *point, char *found[]) {
  FILE *file = fopen("/proc/self/mountinfo", "re");
  if (file == NULL) return -1;
  char *line = NULL;
  size_t room = 0;
  int count = 0;
  while (getline(&line, &room, file) > 0) {
    char path[PATH_MAX];
    if (sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1) continue;
    unescape(path);
    if (is_below(path, point) && count < MOUNTS_MAX) found[count++] = strdup(path);
  }
  free(line);
  fclose(file);
  return count;
}

bool no_mount(const char *point) {
  char *found[MOUNTS_MAX];
  char real[PATH_MAX];
  int count = mounts_below(point, found);
  // A mounted one is not touched: the server behind it may be gone.
  if (count == 0 && realpath(point, real) != NULL && strcmp(real, point) != 0) count = mounts_below(real, found);
  bool gone = count >= 0;
  for (int i = count - 1; i >= 0; i -= 1) {
    if (umount2(found[i], 0) != 0) gone = false;
    free(found[i]);
  }
  return gone;
}

static bool backs(const char *loop, const char *file) {
  char path[300];
  char line[PATH_MAX + 16] = {0};
  snprintf(path, sizeof path, "/sys/block/%.200s/loop/backing_file", loop);
  FILE *backing = fopen(path, "re");
  if (backing == NULL) return false;
  bool read = fgets(line, sizeof line, backing) != NULL;
  fclose(backing);
  line[strcspn(line, "\n")] = '\0';
  return read && strcmp(line, file) == 0;
}

bool no_loop(const char *file) {
  char real[PATH_MAX];
  if (realpath(file, real) == NULL) snprintf(real, sizeof real, "%s", file);
  DIR *blocks = opendir("/sys/block");
  if (blocks == NULL) return false;
  bool none = true;
  for (struct dirent *one; (one = readdir(blocks)) != NULL;) {
    if (strncmp(one->d_name, "loop", 4) != 0 || (!backs(one->d_name, file) && !backs(one->d_name, real))) continue;
    char path[300];
    snprintf(path, sizeof path, "/dev/%.200s", one->d_name);
    int device = open(path, O_RDONLY | O_CLOEXEC);
    if (device >= 0) ioctl(device, LOOP_CLR_FD, 0);
    if (device >= 0) close(device);
    none = false;
  }
  closedir(blocks);
  return none;
}
